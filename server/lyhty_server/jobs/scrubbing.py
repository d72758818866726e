"""What was erased leaves the database's files where it does not at once (SPEC 8.1)."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import Store

EVERY_S: Final = 600.0
SOON_S: Final = 15.0
"""When somebody was in the way."""


async def scrub_forever(
    store: Store, done: Callable[[], None] = lambda: None, every_s: float = EVERY_S, soon_s: float = SOON_S
) -> None:
    """At once, and then until cancelled. An outage of the store is waited out."""
    while True:
        is_done = False
        with contextlib.suppress(DomainError):
            is_done = await store.scrub()
        if is_done:
            done()
        await asyncio.sleep(every_s if is_done else soon_s)
