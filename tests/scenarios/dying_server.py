"""`lyhty-server`, killed while it takes a root change: `python tests/scenarios/dying_server.py MOMENT --data DIR`."""

import os
import signal
import sys
from typing import Any

from lyhty_server import app, root_change
from lyhty_server.__main__ import main
from lyhty_server.store import key_acts


def die(*_given: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def take_and_die(*given: Any) -> None:
    await root_change.take_change(*given)
    die()


if __name__ == "__main__":
    moment = sys.argv.pop(1)
    if moment == "inside":  # the transaction has written directory, seeds and accounts
        key_acts.keep_to = die
    else:  # all of it is on disk, and nobody knows yet
        app.take_change = take_and_die
    main()
