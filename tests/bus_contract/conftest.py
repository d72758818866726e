"""Every test here runs on every bus."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import pytest

from lyhty_server.bus.address import BusAddress
from lyhty_server.bus.memory import MemoryBus
from lyhty_server.bus.nats import NatsBus
from lyhty_server.bus.port import Bus
from tests.patience import PATIENCE_S
from tests.servers.nats import nats_url

SECRET = b"s" * 32


@dataclass
class End:
    """One process on a bus, and what it has heard."""

    bus: Bus
    heard: list[bytes] = field(default_factory=list)
    is_up: bool = False
    changes: list[bool] = field(default_factory=list)
    _happened: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> "End":
        await self.bus.start(self._hear, self._changed)
        await self.until(lambda: self.is_up)
        return self

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._happened.clear()
                await self._happened.wait()

    async def hears(self, *news: bytes) -> None:
        await self.until(lambda: len(self.heard) >= len(news))
        assert self.heard == list(news)

    def _hear(self, news: bytes) -> None:
        self.heard.append(news)
        self._happened.set()

    def _changed(self, is_up: bool) -> None:
        self.is_up = is_up
        self.changes.append(is_up)
        self._happened.set()


Join = Callable[[], Awaitable[End]]


@pytest.fixture(scope="session")
def nats() -> Iterator[str]:
    with nats_url() as url:
        yield url


@pytest.fixture(params=["memory", "nats"])
async def join(request: pytest.FixtureRequest) -> AsyncIterator[Join]:
    """Another process joins."""
    made: list[End] = []
    shared: list[MemoryBus] = []
    subject = f"test.{os.urandom(8).hex()}"

    async def join() -> End:
        bus: Bus
        if request.param == "memory":
            bus = MemoryBus(shared)
        else:
            bus = NatsBus(BusAddress.parse(request.getfixturevalue("nats")), subject, SECRET, os.urandom, stale_s=60)
        made.append(End(bus))
        return await made[-1].start()

    yield join
    for end in made:
        await end.bus.close()
