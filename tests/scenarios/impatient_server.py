"""`lyhty-server`, which waits two seconds for a question: `python tests/scenarios/impatient_server.py --data DIR`."""

from lyhty_server.__main__ import main
from lyhty_server.api.limits import Limits

if __name__ == "__main__":
    main(Limits(asked_within_s=2.0))
