"""The socket of a session, against a peer on the loopback (SPEC 6.1, 6.2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.server import ServerConnection, serve

from lyhty_client.channel import ReporterChannel
from lyhty_client.errors import ConnectionLostError, UntrustedError
from lyhty_client.session import ReporterSession
from lyhty_client.trust import Site
from lyhty_wire.frames import FIRST_EVENT_STREAM, Direction, decode_frame
from lyhty_wire.ids import InstanceId
from lyhty_wire.multiplex import Incoming, Outgoing
from lyhty_wire.records import DownRecord, Event, Hello, Operation, UpRecord
from lyhty_wire.work import Terms
from tests.client.conftest import NOW, Instance


@dataclass
class Told:
    """What a server saw of its clients."""

    headers: list[dict[str, str]] = field(default_factory=list)
    answered_slots: list[int] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    close_codes: list[int | None] = field(default_factory=list)
    another: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def listening(
    instance: Instance,
    told: Told,
    *,
    slot_ms: int = 5,
    frames: int = 10_000,
    answers: bool = True,
    spoiled: bool = False,
) -> AsyncIterator[Site]:
    """Greets, sends a frame a slot, answers TRUST, and closes after so many frames."""

    async def channel(socket: ServerConnection) -> None:
        assert socket.request is not None
        told.headers.append(dict(socket.request.headers.raw_items()))
        outgoing, incoming = Outgoing(Direction.DOWN), Incoming()
        hello = Hello(b"n" * 32, NOW, slot_ms, 1, Terms(bytes(16), 1)).encode()
        outgoing.add(FIRST_EVENT_STREAM, DownRecord.event(Event.HELLO, hello).encode())
        if len(told.headers) > 1:
            told.another.set()
        for slot in range(1, frames + 1):
            down = outgoing.next_frame(slot)
            await socket.send(down[::-1] if spoiled else down)
            up = await socket.recv()
            assert isinstance(up, bytes)
            frame = decode_frame(Direction.UP, up)
            told.answered_slots.append(frame.slot)
            for stream, data in incoming.accept(frame):
                record = UpRecord.decode(data)
                told.operations.append(record.operation)
                if answers:
                    result = DownRecord.result(record.operation, record.operation_id, instance.bundle.encode())
                    outgoing.add(stream, result.encode())

    async def handle(socket: ServerConnection) -> None:
        try:
            await channel(socket)
        finally:
            await socket.close()
            told.close_codes.append(socket.close_code)
            told.closed.set()

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Site.parse(f"http://127.0.0.1:{port}")


def reporter(site: Site, anchor: InstanceId) -> ReporterChannel:
    return ReporterChannel(site, ReporterSession(anchor), clock=lambda: NOW, first_retry_s=0.01)


async def test_each_frame_down_is_answered_by_one_frame_up_with_its_slot(instance: Instance) -> None:
    told = Told()
    async with listening(instance, told) as site, reporter(site, instance.provider.instance) as channel:
        await channel.trusted()
    assert told.answered_slots == list(range(1, len(told.answered_slots) + 1))
    assert told.operations == [Operation.TRUST]


async def test_the_upgrade_says_nothing_about_the_program_or_the_person(instance: Instance) -> None:
    told = Told()
    async with listening(instance, told) as site, reporter(site, instance.provider.instance) as channel:
        await channel.trusted()
    names = {name.lower() for name in told.headers[0]}
    assert names == {"host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version"}


async def test_a_lost_connection_is_made_again_and_what_was_unanswered_is_asked_again(instance: Instance) -> None:
    told = Told()
    async with (
        listening(instance, told, frames=3, answers=False) as site,
        reporter(site, instance.provider.instance),
    ):
        await told.another.wait()
        while len(told.operations) < 2:
            told.another.clear()
            await told.another.wait()
    assert set(told.operations) == {Operation.TRUST}


async def test_leaving_closes_with_code_1000(instance: Instance) -> None:
    told = Told()
    async with listening(instance, told) as site, reporter(site, instance.provider.instance) as channel:
        await channel.trusted()
    assert told.close_codes == [1000]


async def test_a_frame_nobody_should_send_ends_the_channel_with_code_1000_too(instance: Instance) -> None:
    told = Told()
    async with (
        listening(instance, told, spoiled=True) as site,
        reporter(site, instance.provider.instance),
    ):
        await told.closed.wait()
    assert told.close_codes[0] == 1000


async def test_a_strange_server_is_told_apart_by_the_anchor(instance: Instance) -> None:
    async with listening(instance, Told()) as site, reporter(site, InstanceId(b"x" * 32)) as channel:
        with pytest.raises(UntrustedError) as refusal:
            await channel.trusted()
    assert refusal.value.code == "directory-forged"


async def test_a_server_that_is_not_there_is_told_at_once(instance: Instance) -> None:
    async with listening(instance, Told()) as site:
        pass
    with pytest.raises(ConnectionLostError):
        async with reporter(site, instance.provider.instance):
            pass
