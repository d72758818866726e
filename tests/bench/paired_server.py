"""Two servers in one process, on one database, that know of each other over NATS alone.

python tests/bench/paired_server.py DIR NATS_URL   prints both addresses, and serves until it is stopped.
"""

import asyncio
import gc
import signal
import sys
from pathlib import Path

import uvloop
from aiohttp import web

from lyhty_server.api.listener import listen, port_of
from lyhty_server.app import build_app
from lyhty_server.bus.address import BusAddress
from lyhty_server.clock import system_clock
from lyhty_server.config import Config
from lyhty_server.domain.crowd import Crowd
from lyhty_server.journal import Journal, quiet_libraries
from lyhty_server.randomness import draw
from lyhty_server.store.sql import SqlStore


async def main(folder: Path, nats_url: str) -> None:
    journal = Journal()
    quiet_libraries(journal)
    sys.setswitchinterval(0.0005)
    config = Config(folder, port=0, slot_ms=0, usual_effort=1, bus=BusAddress.parse(nats_url))
    store = SqlStore(folder / "lyhty.db")
    await store.start()
    runners, urls = [], []
    for _ in range(2):
        runners.append(web.AppRunner(await build_app(config, store, system_clock, draw, journal), access_log=None))
        await runners[-1].setup()
        urls.append(f"http://127.0.0.1:{port_of(await listen(runners[-1], '127.0.0.1', 0, Crowd(1_000)))}")
    gc.freeze()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(*urls, flush=True)
    await stopped.wait()
    for runner in runners:
        await runner.cleanup()
    await store.close()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2]))
