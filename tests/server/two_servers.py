"""Two servers on one store, as two processes are on one database: they know of each other by the bus alone."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from lyhty_server.bus.address import BusAddress
from lyhty_server.bus.memory import MemoryBus
from lyhty_server.bus.nats import NatsBus
from lyhty_server.bus.port import Bus
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER
from lyhty_wire.records import Event, Presence, Sequenced
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider
from tests.raw_channel import RawChannel
from tests.server.api_server import ApiServer, api_server
from tests.writing import Written

MakeBus = Callable[[], Bus]


@dataclass(frozen=True)
class Two:
    a: ApiServer
    b: ApiServer

    def __iter__(self) -> Any:
        return iter((self.a, self.b))

    async def journal(self, event: str, times: int = 1) -> None:
        """Until both have written it down so often."""
        for each in (self.a, self.b):
            await each.journaled.says(event, times)


def over_nats(url: str) -> MakeBus:
    subject = f"test.{os.urandom(8).hex()}"
    return lambda: NatsBus(BusAddress.parse(url), subject, b"k" * 32, os.urandom, stale_s=60)


def over_memory() -> MakeBus:
    ends: list[MemoryBus] = []
    return lambda: MemoryBus(ends)


@asynccontextmanager
async def two_servers(
    provider: Provider, folder: Path, monkeypatch: pytest.MonkeyPatch, make_bus: MakeBus
) -> AsyncIterator[Two]:
    async with (
        api_server(provider, folder, monkeypatch, bus=make_bus()) as a,
        api_server(provider, folder, monkeypatch, bus=make_bus(), beside=a) as b,
    ):
        two = Two(a, b)
        await two.journal("bus-found")
        yield two


class Desk:
    """An expert's open console at one process."""

    def __init__(self, api: ApiServer, token: str, socket: ClientWebSocketResponse) -> None:
        self.api, self.token, self.socket = api, token, socket
        self.heard: list[dict[str, Any]] = []

    async def hears(self, kind: str, **fields: object) -> dict[str, Any]:
        """The next event of this kind, whatever comes before it."""
        while True:
            event: dict[str, Any] = await self.socket.receive_json(timeout=PATIENCE_S)
            self.heard.append(event)
            if event["type"] == kind:
                assert {name: event[name] for name in fields} == fields
                return event

    async def claims(self, written: Written) -> None:
        case = b64encode(written.id)
        answer = await self.api.post(f"/api/cases/{case}/places/{LAWYER}/claim", token=self.token)
        assert answer.status == 200, answer.json

    async def releases(self, written: Written) -> None:
        case = b64encode(written.id)
        assert (await self.api.post(f"/api/cases/{case}/places/{LAWYER}/release", token=self.token)).status == 200

    async def answers(self, written: Written, counter: int = 1, text: str = "You did right.") -> int:
        envelope = written.chat(text, counter, author=self.api.provider.lawyer.keys.sign).envelope
        path = f"/api/cases/{b64encode(written.id)}/envelopes"
        answer = await self.api.ask("PUT", path, token=self.token, data=envelope)
        assert answer.status == 200, answer.json
        return int(answer.json["seq"])


def desk(api: ApiServer, account: Account | None = None) -> "_Opening":
    return _Opening(api, account or api.provider.lawyer)


class _Opening:
    def __init__(self, api: ApiServer, account: Account) -> None:
        self._api, self._account = api, account

    async def __aenter__(self) -> Desk:
        token = await self._api.sign_in(self._account)
        self._feed = self._api.feed(token)
        return Desk(self._api, token, await self._feed.__aenter__())

    async def __aexit__(self, *error: Any) -> None:
        await self._feed.__aexit__(*error)


def envelopes(channel: RawChannel) -> list[int]:
    return [Sequenced.decode(each.body).seq for each in channel.events if each.code == Event.ENVELOPE]


def presences(channel: RawChannel) -> list[tuple[int, ...]]:
    return [Presence.decode(each.body).here for each in channel.events if each.code == Event.PRESENCE]


async def until_heard(channel: RawChannel, seq: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while seq not in envelopes(channel):
            await channel.beat()


async def until_present(channel: RawChannel, *here: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not presences(channel) or presences(channel)[-1] != here:
            await channel.beat()
