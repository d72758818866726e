"""For whoever watches or sends visitors here: whether the process lives, and whether it can serve. Nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web

from lyhty_server.domain.errors import DomainError

ANSWERS_WITHIN_S: Final = 2.0  # a proxy that asks every few seconds wants an answer before it asks again

Check = Callable[[], Awaitable[object]]


class Health:
    def __init__(self, checks: Sequence[Check], hears: Callable[[], bool | None] = lambda: None) -> None:
        """Each raises DomainError where what it looks at does not answer. `hears`: False while the bus is away."""
        self._checks = checks
        self._hears = hears
        self._is_leaving = False

    def leave(self) -> None:
        """From now on nobody is to be sent here."""
        self._is_leaving = True

    async def alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(self, _request: web.Request) -> web.Response:
        if self._is_leaving or not await self._can_serve():
            return web.Response(status=503, text="not ready\n")
        # Still the best there is to send people to: all that comes is late by five seconds.
        return web.Response(text="ready, without the bus\n" if self._hears() is False else "ready\n")

    async def _can_serve(self) -> bool:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                for check in self._checks:
                    await check()
        except (DomainError, TimeoutError):
            return False
        return True
