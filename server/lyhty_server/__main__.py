"""`lyhty-server COMMAND ...`; without a command it serves."""

import sys
from collections.abc import Sequence

from lyhty_server.operator import commands


def main(arguments: Sequence[str] | None = None, program: str = "lyhty-server") -> int:
    return commands.main(sys.argv[1:] if arguments is None else arguments, program)


if __name__ == "__main__":
    sys.exit(main())
