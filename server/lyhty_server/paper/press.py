"""The server's side of paper: one worker process, started at the first need and let go when nobody needs it.

WeasyPrint takes 100 MB and a second of somebody's processor: neither may be the server's, whose clock sets the slots.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_server.paper.html import document, element
from lyhty_server.paper.orders import (
    LENGTH_BYTES,
    MOST_BYTES,
    Failed,
    Made,
    Order,
    Outcome,
    Pdf,
    Png,
    framed,
    read_outcome,
)
from lyhty_wire.codes import Code

# -P: what lies in the folder the server was started in is no module.
COMMAND: Final = (sys.executable, "-P", "-m", "lyhty_server.paper.worker")
TIMEOUT_S: Final = 60.0
"""Many times what a page takes."""
IDLE_S: Final = 60.0
MOST_WAITING: Final = 16
# Of the server's environment, which may hold passwords, only where programs, libraries and fonts are.
HANDED_ON: Final = (
    "PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "XDG_DATA_DIRS", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
)  # fmt: skip

# Of everything that a worker reads once only, something.
_FIRST: Final = Pdf(
    document(element("h1", "Lyhty"), title="Lyhty", language="fi", style='h1 { font-family: "Noto Sans" }')
)


@dataclass(frozen=True, slots=True)
class _Job:
    order: Order
    outcome: asyncio.Future[Outcome]


class Press:
    """Orders are done one after another; `DomainError` says why one was not: `busy` (too many wait), `paper-failed`
    (the page cannot be made, or the worker died or took too long), `paper-unavailable` (this computer lacks Pango)."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        timeout_s: float = TIMEOUT_S,
        idle_s: float = IDLE_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._command = command
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue(most_waiting)
        self._working: asyncio.Task[None] | None = None
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the worker, while there is one."""
        return None if self._process is None else self._process.pid

    async def pdf(self, html: str) -> bytes:
        """A page of `html.document` as PDF/UA-1."""
        return await self._made(Pdf(html))

    async def png(self, pdf: bytes, page: int = 0, dpi: int = 150) -> bytes:
        """One page of a PDF as a picture; pages count from 0."""
        return await self._made(Png(pdf, page, dpi))

    def warm_up(self) -> None:
        """Begins the worker, where somebody sees what they may have printed: to begin takes as long as a page."""
        if self._process is None and self._jobs.empty():
            self._order(_FIRST)

    async def close(self) -> None:
        """What is still waited for has failed."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        while not self._jobs.empty():
            _settle(self._jobs.get_nowait(), Failed())

    async def _made(self, order: Order) -> bytes:
        match await self._order(order):
            case Made(body):
                return body
            case Failed(lacks):
                raise DomainError(Code.PAPER_UNAVAILABLE if lacks else Code.PAPER_FAILED)

    def _order(self, order: Order) -> asyncio.Future[Outcome]:
        job = _Job(order, asyncio.get_running_loop().create_future())
        try:
            self._jobs.put_nowait(job)
        except asyncio.QueueFull:
            raise DomainError(Code.BUSY) from None
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work_until_idle())
        return job.outcome

    async def _work_until_idle(self) -> None:
        try:
            while (job := await self._next()) is not None:
                # Whoever asked may have gone away meanwhile.
                if not job.outcome.done():
                    await self._do(job)
        finally:
            await self._stop()

    async def _next(self) -> _Job | None:
        """The next order; None when none came for a while, and the worker has ended."""
        while True:
            try:
                async with asyncio.timeout(self._idle_s):
                    return await self._jobs.get()
            except TimeoutError:
                await self._stop()
            if self._jobs.empty():
                return None

    async def _do(self, job: _Job) -> None:
        outcome: Outcome = Failed()
        try:
            async with asyncio.timeout(self._timeout_s):
                outcome = await self._exchange(job.order)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError):
            await self._stop()
        finally:
            _settle(job, outcome)

    async def _exchange(self, order: Order) -> Outcome:
        process = self._process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(framed(order))
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
        if length > MOST_BYTES:
            raise ValueError("an outcome is too long")
        return read_outcome(await process.stdout.readexactly(length))

    async def _start(self) -> Process:
        environ = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            start_new_session=True,
            env={**environ, "PYTHONHASHSEED": "0"},
        )

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        # Reads to the end of its pipes too, so that they close.
        await process.communicate()


def _settle(job: _Job, outcome: Outcome) -> None:
    if not job.outcome.done():
        job.outcome.set_result(outcome)
