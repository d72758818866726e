"""A bus within one process: alone on it, a server says nothing to anybody, at no cost."""

import asyncio
from collections.abc import Callable

from lyhty_server.bus.port import Hear


class MemoryBus:
    """Those made with the same `ends` hear each other."""

    def __init__(self, ends: "list[MemoryBus] | None" = None) -> None:
        self.is_shared = ends is not None
        self._ends = [] if ends is None else ends
        self._hear: Hear | None = None

    async def start(self, hear: Hear, changed: Callable[[bool], None]) -> None:
        self._hear = hear
        self._ends.append(self)
        changed(True)

    async def close(self) -> None:
        self._hear = None
        self._ends.remove(self)

    def say(self, news: bytes) -> None:
        for end in self._ends:
            if end is not self:
                asyncio.get_running_loop().call_soon(end._take, news)

    def _take(self, news: bytes) -> None:
        if self._hear is not None:
            self._hear(news)
