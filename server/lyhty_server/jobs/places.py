"""What time alone does to places: a lease that has passed ends, and a snooze whose time has come (SPEC 9)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from lyhty_server.clock import Clock
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import PlaceRow, Store

EVERY_S: Final = 60.0  # against a lease of 72 hours


async def let_time_pass_forever(
    store: Store,
    clock: Clock,
    notify: Callable[[tuple[PlaceRow, ...], tuple[PlaceRow, ...]], Awaitable[None]],
    every_s: float = EVERY_S,
    done: Callable[[], None] = lambda: None,
) -> None:
    """Until cancelled. `notify` hears of the places that came back, and of those that woke.

    An outage of the store is waited out: the next round does what this one could not.
    """
    while True:
        try:
            lapsed, awake = await store.lapse_leases(clock()), await store.wake_snoozed(clock())
            if lapsed or awake:
                await notify(lapsed, awake)
            done()
        except DomainError:
            pass
        await asyncio.sleep(every_s)
