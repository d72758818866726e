"""Answers that come as late whatever they say, so that the time tells nothing (SPEC 9.4)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# Longer than looking somebody up takes, found or not: without it the time told the two apart (AUC 0.62 in 400 of each).
ANSWER_AFTER_S = 0.01


@asynccontextmanager
async def in_even_time() -> AsyncIterator[None]:
    """Nobody notices beside Argon2id, or beside a finger."""
    loop = asyncio.get_running_loop()
    due = loop.time() + ANSWER_AFTER_S
    try:
        yield
    finally:
        await asyncio.sleep(due - loop.time())
