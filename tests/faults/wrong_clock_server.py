"""`lyhty-server`, its clock as wrong as a file says: `python tests/faults/wrong_clock_server.py FILE --data DIR`."""

import sys
import time
from pathlib import Path

from lyhty_server import clock

SWEEP_S = 0.2
"""What time does to cases is looked for often, so that a jump has every chance to do harm."""

if __name__ == "__main__":
    wrong_by_s = Path(sys.argv.pop(1))
    clock.system_clock = lambda: int(time.time()) + int(wrong_by_s.read_text())

    from lyhty_server import app
    from lyhty_server.__main__ import main

    app.PLACE_SWEEP_S = app.PROMISE_WATCH_S = app.EXPIRY_S = SWEEP_S
    main()
