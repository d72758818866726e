"""Long reports are printed before anybody waits for them, one after another, and lie ready in the store (SPEC 12.5).

They lie there by what they are printed from: of a figure, a share, a name or a program that has changed since there is
no report, and one is printed. All processes have the same store.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from math import ceil
from time import monotonic
from typing import Final

from lyhty_server.paper.press import Press
from lyhty_server.store.report_rows import ReportStore

SECONDS_EACH: Final = 0.45
"""For one organisation; measured on 20 of them."""
TIMEOUT_S: Final = 300.0
"""Nobody need wait before a page; beside much else a report has taken a minute."""
_PRINTED_BY: Final = f"weasyprint {version('weasyprint')}\n".encode()


def report_digest(html: bytes) -> bytes:
    return sha256(_PRINTED_BY + html).digest()


@dataclass(frozen=True, slots=True)
class Order:
    digest: bytes
    html: Callable[[], Awaitable[bytes]]
    organisations: int


@dataclass(slots=True)
class _Making:
    work: asyncio.Task[bytes]
    takes_s: float
    is_awaited: bool = False
    """By somebody who asks again and again: who must hear of it when it fails."""


class PreparedReports:
    def __init__(self, store: ReportStore, press: Press, seconds: Callable[[], float] = monotonic) -> None:
        """`press`: of its own. Who prints a page must not wait for a report."""
        self._store = store
        self._press = press
        self._seconds = seconds
        self._making: dict[bytes, _Making] = {}
        self._first_since_s = 0.0

    async def pdf(self, order: Order) -> bytes:
        """Raises DomainError, as `Press` does."""
        ready = await self._store.prepared_report(order.digest)
        return await asyncio.shield(self._begun(order).work) if ready is None else ready

    async def left_s(self, order: Order) -> int:
        """About how many seconds until it lies ready: 0, it does. Begins to print it.

        Raises:
            DomainError: it was waited for, and could not be printed.
        """
        made = self._making.get(order.digest)
        if made is not None and made.work.done():
            del self._making[order.digest]
            await made.work
        if await self._store.prepared_report(order.digest) is not None:
            return 0
        self._begun(order).is_awaited = True
        before = list(self._making)[: list(self._making).index(order.digest) + 1]
        together = sum(self._making[each].takes_s for each in before)
        return max(1, ceil(together - (self._seconds() - self._first_since_s)))

    async def close(self) -> None:
        for each in self._making.values():
            each.work.cancel()
        await asyncio.gather(*(each.work for each in self._making.values()), return_exceptions=True)
        await self._press.close()

    def _begun(self, order: Order) -> _Making:
        made = self._making.get(order.digest)
        if made is None or made.work.done():
            if not self._making:
                self._first_since_s = self._seconds()
            made = _Making(asyncio.create_task(self._make(order)), SECONDS_EACH * order.organisations)
            made.work.add_done_callback(lambda work: self._end(order.digest, work))
            self._making[order.digest] = made
        return made

    async def _make(self, order: Order) -> bytes:
        pdf = await self._press.pdf((await order.html()).decode())
        await self._store.put_prepared_report(order.digest, pdf)
        return pdf

    def _end(self, digest: bytes, work: asyncio.Task[bytes]) -> None:
        self._first_since_s = self._seconds()
        # Else an error that nobody had asked for would be told to whoever asks next.
        failed = work.cancelled() or work.exception() is not None
        made = self._making.get(digest)
        if made is not None and made.work is work and not (failed and made.is_awaited):
            del self._making[digest]
