"""`serve --data DIR`: reads the settings, opens the database, listens."""

import argparse
import asyncio
import gc
import os
import resource
import signal
import socket
import ssl
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvloop
from aiohttp import web

from lyhty_server.api.limits import LIMITS, Limits
from lyhty_server.api.listener import listen, port_of
from lyhty_server.app import DIRECTORY_VERSION, HEALTH, build_app
from lyhty_server.clock import system_clock
from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.crowd import Crowd, most_channels, most_connections
from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.journal import Journal, quiet_libraries
from lyhty_server.operator.workers import look_after
from lyhty_server.randomness import draw
from lyhty_server.store.sql import SqlStore

# What was acknowledged is on disk already; whose request is still arriving sends it again. With the goodbye to open
# sockets, a stop takes less than a second.
SHUTDOWN_S: Final = 0.4
# Each connection takes one; enough for the most LYHTY_CHANNELS may say. The usual limit is 1,024.
FILES: Final = 65_536
YOUNG_OBJECTS: Final = 10_000  # before the garbage collector looks at them; Python's own number is 700
MOST_WORKERS: Final = 64  # more than any one machine has use for
# SQLite drops the interpreter lock at each step and waits up to this long behind the loop; 5 ms is Python's own.
SWITCH_INTERVAL_S: Final = 0.0005


def main(arguments: Sequence[str], program: str, limits: Limits = LIMITS) -> int:
    parser = argparse.ArgumentParser(prog=program, description="Serve Lyhty from one data folder.", allow_abbrev=False)
    parser.add_argument("--data", type=Path, required=True, help="the folder `lyhty init` made")
    parser.add_argument("--workers", metavar="N", type=_count, help="so many processes, looked after by this one")
    parser.add_argument("--ports", action="store_true", help="one port each, from LYHTY_PORT on; else all on one")
    parser.add_argument("--socket", metavar="FD", type=_socket, help=argparse.SUPPRESS)  # of a worker: opened already
    parser.add_argument("--figures", metavar="FD", type=_socket, help=argparse.SUPPRESS)  # the same, of its figures
    asked = parser.parse_args(arguments)
    try:
        config = Config.from_environ(os.environ, asked.data)
        if asked.workers is not None:
            return asyncio.run(look_after(config, asked.workers, one_port_each=asked.ports))
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        uvloop.run(serve(config, limits, asked.socket, asked.figures))
    except (ConfigError, DatabaseUnavailableError) as error:
        sys.exit(f"lyhty-server: {error}")
    except OSError as error:
        sys.exit(f"lyhty-server: cannot listen or store: {error.strerror or error}")
    return 0


async def serve(
    config: Config,
    limits: Limits = LIMITS,
    opened: socket.socket | None = None,
    figures_on: socket.socket | None = None,
) -> None:
    """Until SIGTERM or SIGINT. Prints one line when it listens, so that a script can wait for it."""
    journal = Journal()
    quiet_libraries(journal)
    config = _within(_allow_many_files(), config, journal)
    store = SqlStore(config.database_url or config.data / "lyhty.db")
    await store.start()
    try:
        app = await build_app(config, store, system_clock, draw, journal, limits, figures_on=figures_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        crowd = Crowd(most_connections(config.max_channels))
        listener = await listen(runner, config.host, config.port, crowd, _tls(config), limits, opened)
        journal.write("started", slot_ms=config.slot_ms, directory_version=app[DIRECTORY_VERSION])
        scheme = "https" if config.tls_cert else "http"
        # What is here now stays: without this the collector looks at all 76,000 objects of it again and again, and the
        # clock of the slots stands still for 20 ms and more each time. What comes after is looked at less often than
        # usual: by then most of it is gone.
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        print(f"Lyhty listens on {scheme}://{config.host}:{port_of(listener)}", flush=True)
        await _stopped()
        app[HEALTH].leave()
        listener.close()
        await runner.cleanup()
    finally:
        await store.close()
    journal.write("stopped")


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_WORKERS}")
    return count


def _socket(number: str) -> socket.socket:
    return socket.socket(fileno=int(number))


def _allow_many_files() -> int:
    """As far as whoever started this permits; how many those are."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _within(files: int, config: Config, journal: Journal) -> Config:
    """With no more channels than that many files carry.

    Raises:
        ConfigError: they carry none.
    """
    most = most_channels(files)
    if config.max_channels <= most:
        return config
    if most < 1:
        raise ConfigError(f"Only {files} files may be open here, which is too few for one visitor. Allow more.")
    journal.write("channels-limited-by-files", channels=most)
    return replace(config, max_channels=most)


async def _stopped() -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _tls(config: Config) -> ssl.SSLContext | None:
    if config.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(config.tls_cert, config.tls_key)
    return context
