"""`lyhty-server`, which also counts how many writes each of its transactions had: the bare loop is given the same size.

python tests/bench/counted_server.py FILE --data DIR
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from lyhty_server import __main__ as program
from lyhty_server.store import committer


def main() -> None:
    file = Path(sys.argv.pop(1))
    sizes: list[int] = []
    transact = committer._transact

    def counted(database: Any, connection: Any, group: Sequence[Any]) -> Any:
        sizes.append(len(group))
        return transact(database, connection, group)

    committer._transact = counted
    try:
        program.main()
    finally:
        # A case is opened in one write, so most transactions of a run have reports only. Each report counts once.
        by_report = sorted(size for size in sizes for _ in range(size))
        file.write_text(str(int(median(by_report)) if by_report else 1))


if __name__ == "__main__":
    main()
