"""`lyhty-server`, which waits two seconds for a question: `python tests/scenarios/impatient_server.py --data DIR`."""

import sys

from lyhty_server.api.limits import Limits
from lyhty_server.operator.serve import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], "lyhty-server", Limits(asked_within_s=2.0)))
