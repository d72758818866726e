"""Looks through all cases once a day, and erases those whose time is over (SPEC 8.1)."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from lyhty_server.clock import Clock
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import Erased, Store
from lyhty_wire.ids import CaseId

AT_ONCE: Final = 500
"""Cases in one look: a few milliseconds of one reader. So many at most are erased in one group."""

Gone = Callable[[tuple[tuple[CaseId, Erased], ...]], None]


async def expire(store: Store, now_s: int, keep_days: int, tell: Gone, at_once: int = AT_ONCE) -> None:
    """One look through all cases. `tell` hears of what is gone from the disk."""
    after = 0
    while page := await store.kept_page(after, at_once):
        after = page[-1].case_seq
        news = ((case.case_seq, case.notice(now_s)) for case in page)
        await store.notice(tuple((number, found) for number, found in news if found is not None))
        over = [case for case in page if case.has_expired(now_s, keep_days)]
        erased = zip(over, await asyncio.gather(*map(store.expire, over)), strict=True)
        gone = tuple((case.case_id, each) for case, each in erased if each is not None)
        if gone:
            tell(gone)


async def expire_forever(
    store: Store, clock: Clock, keep_days: int, tell: Gone, every_s: float, done: Callable[[], None] = lambda: None
) -> None:
    """At once, and then until cancelled. An outage of the store is waited out."""
    while True:
        with contextlib.suppress(DomainError):
            await expire(store, clock(), keep_days, tell)
            done()
        await asyncio.sleep(every_s)
