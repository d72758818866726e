"""What was erased leaves the database's files where it does not at once (SPEC 8.1)."""

import asyncio
import contextlib
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import Store

EVERY_S: Final = 600.0


async def scrub_forever(store: Store, every_s: float = EVERY_S) -> None:
    """At once, and then until cancelled. What somebody was in the way of is done the next time."""
    while True:
        with contextlib.suppress(DomainError):
            await store.scrub()
        await asyncio.sleep(every_s)
