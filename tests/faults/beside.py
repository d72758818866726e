"""PostgreSQL and a Lyhty server as one tree of processes, so that one `strace` sees both in one order.

`python -m tests.faults.beside SERVER --data DIR`: the pickled PostgreSQL server is started, then the other takes over.
"""

import os
import pickle
import sys
import time
from pathlib import Path

from tests.scenarios.server_process import SERVER
from tests.servers.postgres import PostgresServer


def beside(postgres: PostgresServer) -> tuple[str, ...]:
    """To be put before a server's arguments."""
    place = postgres.folder / "pickled"
    place.write_bytes(pickle.dumps(postgres))
    return ("-m", "tests.faults.beside", str(place))


if __name__ == "__main__":
    postgres: PostgresServer = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - written above
    postgres.launch()
    state = postgres.data / "postmaster.pid"
    while not state.exists() or "ready" not in state.read_text():
        time.sleep(0.01)
    os.execv(sys.executable, [sys.executable, *SERVER, *sys.argv[2:]])  # noqa: S606 - a fixed program
