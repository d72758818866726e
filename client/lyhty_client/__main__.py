"""`python -m lyhty_client` is `lyhty`."""

import sys

from lyhty_client.cli import main

if __name__ == "__main__":
    sys.exit(main())
