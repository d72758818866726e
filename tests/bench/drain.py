"""How long a server takes to leave, with two thousand pages open."""

import asyncio
import time
from pathlib import Path
from typing import Final

import uvloop

from tests.bench.servers import demo_server, make_demo
from tests.many_sockets import ManySockets
from tests.scenarios.server_process import ServerProcess

SOCKETS: Final = 2_000
SLOT_MS: Final = 1_000


def measure(scratch: Path) -> dict[str, float]:
    with demo_server(make_demo(scratch / "drain"), SLOT_MS) as server:
        taken_s, told = uvloop.run(drained(server, SOCKETS))
    return {"drain_2000_s": round(taken_s, 2), "drain_2000_goodbyes": told}


async def drained(server: ServerProcess, count: int) -> tuple[float, int]:
    """From SIGTERM to the end of the process, and how many clients were told goodbye."""
    sockets = ManySockets(server.url)
    await sockets.open(count)
    begun = time.monotonic()
    status = await asyncio.to_thread(server.stop)
    taken_s = time.monotonic() - begun
    assert status == 0
    return taken_s, await sockets.closed()
