"""Finds promises that were missed, marks each once, and tells whoever must know (SPEC 9.5)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from lyhty_server.clock import Clock
from lyhty_server.domain.calendar import Calendar
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.promises import Promises
from lyhty_server.store.interface import PlaceRow, Store

EVERY_S: Final = 60.0  # against promises of whole hours
AT_ONCE: Final = 100


async def watch_promises_forever(
    store: Store,
    clock: Clock,
    calendar: Calendar,
    promises: Promises,
    notify: Callable[[tuple[PlaceRow, ...]], Awaitable[None]],
    every_s: float = EVERY_S,
    done: Callable[[], None] = lambda: None,
) -> None:
    """Until cancelled. An outage of the store is waited out: the next round marks what this one could not."""
    while True:
        try:
            now_s = clock()
            usual = promises.newest_missed(calendar, now_s, urgent=False)
            urgent = promises.newest_missed(calendar, now_s, urgent=True)
            while missed := await store.mark_missed(usual, urgent, AT_ONCE):
                await notify(missed)
            done()
        except DomainError:
            pass
        await asyncio.sleep(every_s)
