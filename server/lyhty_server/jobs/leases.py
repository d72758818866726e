"""Returns places whose lease has passed to their queues (SPEC 9)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from lyhty_server.clock import Clock
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import PlaceRow, Store

EVERY_S: Final = 60.0  # against leases of whole hours


async def lapse_leases_forever(
    store: Store,
    clock: Clock,
    notify: Callable[[tuple[PlaceRow, ...]], Awaitable[None]],
    every_s: float = EVERY_S,
) -> None:
    """Until cancelled. An outage of the store is waited out: the next round returns what this one could not."""
    while True:
        try:
            returned = await store.lapse_leases(clock())
            if returned:
                await notify(returned)
        except DomainError:
            pass
        await asyncio.sleep(every_s)
