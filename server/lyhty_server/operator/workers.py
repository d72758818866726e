"""`serve --workers N`: a parent that starts server processes on one port, or on one each, and looks after them.

It opens the ports and serves nobody itself. A port stays open whatever becomes of a worker: who connects while none is
there waits for the next one instead of being refused.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.crowd import BACKLOG

# A worker that dies at once is started again after a second, two, four, ... at most this often; one that lived for as
# long had another reason to die.
LONGEST_REST_S: Final = 30.0
LISTENS: Final = b"Lyhty listens on "
SHARED: Final = ("LYHTY_DATABASE_URL", "LYHTY_BUS_URL")


class Worker:
    """One place in the row: there is a process on it, or there soon is again."""

    def __init__(self, data: Path, opened: socket.socket, figures_on: socket.socket | None) -> None:
        self._sockets = {"--socket": opened.fileno()}
        if figures_on is not None:
            self._sockets["--figures"] = figures_on.fileno()
        handed = (str(each) for pair in self._sockets.items() for each in pair)
        self._command = (sys.executable, "-m", "lyhty_server", "serve", "--data", str(data), *handed)
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> int | None:
        """None when it listens, otherwise the status it left with; it has said why."""
        self._process = await self._spawn()
        if not await _listens(self._process):
            return await self._process.wait()
        self._keeping = asyncio.create_task(self._keep(self._process))
        return None

    async def replace(self, *, beside: bool) -> None:
        """`beside`: the next one listens before this one leaves; where only one may have the database, after."""
        await self._stop_keeping()
        old = self._process
        assert old is not None
        if not beside:
            await _end(old)
        try:
            await self._raise(rest_s=0)
        finally:
            await _end(old)

    async def stop(self) -> None:
        await self._stop_keeping()
        if self._process is not None:
            await _end(self._process)

    async def _stop_keeping(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        """Until cancelled, or until another takes this one's place."""
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        status = await process.wait()
        sys.stderr.write(f"lyhty-server: a worker has ended (status {status}); another is started.\n")
        await self._raise(rest_s=0 if loop.time() - begun_s > LONGEST_REST_S else 1)

    async def _raise(self, rest_s: float) -> None:
        """Returns when there is one that listens."""
        while True:
            await asyncio.sleep(rest_s)
            self._process = await self._spawn()
            if await _listens(self._process):
                break
            rest_s = min(LONGEST_REST_S, 2 * rest_s or 1)
        self._keeping = asyncio.create_task(self._keep(self._process))

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            pass_fds=tuple(self._sockets.values()),
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl+C is the parent's
        )


async def look_after(config: Config, count: int, *, one_port_each: bool) -> int:
    """Until SIGTERM or SIGINT; SIGHUP replaces the workers one after another. The exit status.

    Raises:
        ConfigError: more than one process, and nothing that they could share.
    """
    check_shared(os.environ, count)
    ports = [config.port + each if config.port else 0 for each in range(count)] if one_port_each else [config.port]
    opened = [_open(config.host, port) for port in ports]
    # Whoever watches asks each of them: one port each, whatever the pages' is.
    figures = (
        [_open(config.metrics_host, config.metrics_port + each) for each in range(count)] if config.metrics_port else []
    )
    workers = [
        Worker(config.data, opened[each % len(opened)], figures[each] if figures else None) for each in range(count)
    ]
    loop, stop, again = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    try:
        for status in await asyncio.gather(*(worker.start() for worker in workers)):
            if status is not None:
                return status or 1
        scheme = "https" if config.tls_cert else "http"
        for each in opened:
            print(f"Lyhty listens on {scheme}://{config.host}:{each.getsockname()[1]}", flush=True)
        await _rounds(workers, stop, again)
    finally:
        await asyncio.gather(*(worker.stop() for worker in workers))
        for each in (*opened, *figures):
            each.close()
    return 0


def check_shared(environ: Mapping[str, str], count: int) -> None:
    missing = [name for name in SHARED if not environ.get(name)]
    if count > 1 and missing:
        raise ConfigError(
            f"{count} workers need a database and a bus that they share: set {' and '.join(missing)}, or ask for one."
        )


async def _rounds(workers: Sequence[Worker], stop: asyncio.Event, again: asyncio.Event) -> None:
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        asked = asyncio.create_task(again.wait())
        await asyncio.wait([stopping, asked], return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        again.clear()
        for worker in () if stop.is_set() else workers:
            replacing = asyncio.create_task(worker.replace(beside=len(workers) > 1))
            await asyncio.wait([stopping, replacing], return_when=asyncio.FIRST_COMPLETED)
            if not replacing.done():
                replacing.cancel()
                await asyncio.wait([replacing])
                return


async def _listens(process: asyncio.subprocess.Process) -> bool:
    """False: it left instead."""
    assert process.stdout is not None
    while line := await process.stdout.readline():
        if line.startswith(LISTENS):
            return True
    return False


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await process.wait()


def _open(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((host, port))
    opened.listen(BACKLOG)
    return opened
