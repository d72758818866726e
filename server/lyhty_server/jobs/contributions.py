"""So that nothing on disk tells for longer than a day in which order contributions came (SPEC 12.3)."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.figure_rows import FigureStore

EVERY_S: Final = 86_400.0


async def mix_forever(store: FigureStore, every_s: float = EVERY_S, done: Callable[[], None] = lambda: None) -> None:
    """At once, and then until cancelled. An outage of the store is waited out."""
    while True:
        with contextlib.suppress(DomainError):
            await store.mix_contributions()
            done()
        await asyncio.sleep(every_s)
