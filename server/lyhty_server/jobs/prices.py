"""Ends each second for the gate: prices fall and challenges turn while nobody opens anything (SPEC 6.7)."""

import asyncio
from collections.abc import Callable
from typing import Final

EVERY_S: Final = 1.0


async def price_forever(end_second: Callable[[], None]) -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        end_second()
