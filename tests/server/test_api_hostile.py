"""What a hostile or unlucky client, a slow line or a bad moment must not be able to do to the server."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMessage, WSMsgType
from websockets.asyncio.client import ClientConnection, connect

from lyhty_crypto.keys import KemKeyPair
from lyhty_server.api.channel import MAX_WAITING_BYTES, Channel
from lyhty_server.api.context import Server
from lyhty_server.api.gate import Gate
from lyhty_server.api.hub import Hub
from lyhty_server.api.limits import Limits
from lyhty_server.api.operations import Operations
from lyhty_server.api.room import Room
from lyhty_server.api.sign_in import _NOBODY
from lyhty_server.api.slots import SlotClock
from lyhty_server.clock import system_clock
from lyhty_server.randomness import draw
from lyhty_server.store.sql import SqlStore
from lyhty_server.trust import Trust, TrustKeeper
from lyhty_wire.directories import QueueEpoch
from lyhty_wire.encoding import b64encode
from lyhty_wire.envelopes import SIZES
from lyhty_wire.frames import Direction
from lyhty_wire.ids import LAWYER, Epoch, OperationId
from lyhty_wire.multiplex import Outgoing
from lyhty_wire.records import Operation, UpRecord
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.raw_channel import RefusedByServerError, raw_channel
from tests.server.api_server import ApiServer, api_server
from tests.server.deaf import KERNEL_BYTES, deaf_socket
from tests.writing import write_report

# --- Envelopes of experts


async def test_an_envelope_that_arrives_in_pieces_is_stored_whole(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    token = await api.sign_in(api.provider.lawyer)
    case = b64encode(written.id)
    await api.post(f"/api/cases/{case}/places/{LAWYER}/claim", token=token)
    envelope = written.chat("You did right. " * 500, 1, author=api.provider.lawyer.keys.sign).envelope
    head = f"PUT /api/cases/{case}/envelopes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(f"{head}Content-Length: {len(envelope)}\r\nConnection: close\r\n\r\n".encode())
    writer.write(envelope[:5_000])
    await writer.drain()
    # Once the server has answered another question, it has seen the first piece by itself.
    await api.get("/api/trust")
    writer.write(envelope[5_000:])
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("size", [SIZES[-1] + 1, 80_000])
async def test_an_envelope_with_too_many_bytes_is_told_so(api: ApiServer, size: int) -> None:
    token = await api.sign_in(api.provider.lawyer)
    path = f"/api/cases/{b64encode(bytes(32))}/envelopes"
    assert (await api.ask("PUT", path, token=token, data=bytes(size))).code == (413, "too-large")


@pytest.mark.parametrize("path", [f"/api/queues/{LAWYER}", f"/api/cases/{b64encode(bytes(32))}/envelopes"])
async def test_a_page_of_nothing_is_refused(api: ApiServer, path: str) -> None:
    await api.receive(write_report(api.provider.directory))
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.get(f"{path}?limit=0", token)).code == (400, "operation-malformed")


# --- Signing in


def test_a_proof_for_an_unknown_name_is_checked_against_a_point_of_the_curve() -> None:
    """Other bytes are refused before the costly part, and the time of the answer would tell which names exist."""
    p = 2**255 - 19
    d = -121_665 * pow(121_666, -1, p) % p
    y = int.from_bytes(_NOBODY, "little") & (2**255 - 1)
    x_squared = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    assert y < p
    assert pow(x_squared, (p - 1) // 2, p) == 1


async def test_who_has_left_the_directory_cannot_sign_in_any_more(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving = provider.lawyer
    staying = tuple(each for each in provider.directory_body.experts if each.id != leaving.id)
    async with api_server(provider.reissued(experts=staying), tmp_path, monkeypatch) as api:
        challenge = (await api.start_sign_in(leaving.name))["challenge"]
        assert (await api.finish_sign_in(leaving, challenge)).code == (403, "sign-in-failed")


@pytest.mark.parametrize("token", ["!" * 43, "A" * 42 + "B", "ä" * 43])
async def test_a_token_that_cannot_be_one_is_not_signed_in(api: ApiServer, token: str) -> None:
    assert (await api.get(f"/api/queues/{LAWYER}", token)).code == (401, "not-signed-in")


# --- Feeds


async def test_who_leaves_a_feed_before_saying_who_they_are_is_no_error_of_the_server(api: ApiServer) -> None:
    socket = await api.session.ws_connect(api.url + "/feed")
    await socket.close()
    await api.get("/api/trust")
    assert "internal-error" not in api.journaled.getvalue()


async def test_a_desk_that_does_not_read_is_closed_and_can_come_back(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"limits": Limits(feed_events=10), "send_buffer_bytes": KERNEL_BYTES}
    async with api_server(provider, tmp_path, monkeypatch, **settings) as api:
        place = f"/api/cases/{b64encode((await api.receive(write_report(provider.directory))).id)}/places/{LAWYER}"
        token = await api.sign_in(provider.lawyer)
        async with slow_desk(api, token) as desk, asyncio.timeout(PATIENCE_S):
            for _ in range(80):
                await api.post(f"{place}/claim", token=token)
                await api.post(f"{place}/release", token=token)
            assert len([event async for event in desk]) < 160
        async with api.feed(token):
            pass


@asynccontextmanager
async def slow_desk(api: ApiServer, token: str) -> AsyncIterator[ClientConnection]:
    """Its feed is ready, and is not read."""
    address, line = api.url.replace("http", "ws", 1) + "/feed", deaf_socket(api.port)
    async with connect(address, sock=line, compression=None, ping_interval=None, max_queue=1) as socket:
        await socket.send(json.dumps({"token": token}))
        assert await socket.recv() == '{"type":"ready"}'
        yield socket


# --- Channels


class DeafSocket:
    """Takes every frame and says nothing; whoever asks too often whether it is closed goes round in circles."""

    def __init__(self) -> None:
        self.frames = 0
        self.is_closed = False
        self._asked = 0

    @property
    def closed(self) -> bool:
        self._asked += 1
        assert self._asked < 10_000, "going round in circles"
        return self.is_closed

    async def send_bytes(self, _frame: bytes) -> None:
        self.frames += 1

    async def close(self) -> None:
        self.is_closed = True

    def get_write_buffer_size(self) -> int:
        return 0


def channel_to(socket: DeafSocket, provider: Provider, *, slot_ms: int, bundle_bytes: int = 0) -> Channel:
    """A channel whose TRUST answers are as large as the test wants."""
    trust = Trust.check(provider.bundle, provider.instance)

    def spawn(work: Coroutine[object, object, object]) -> None:
        asyncio.get_running_loop().create_task(work)

    anything: Any = None
    deaf: Any = socket
    server = Server(
        instance=provider.instance, store=anything,
        founding=None, keeper=TrustKeeper(replace(trust, bundle=bytes(bundle_bytes))), pepper=anything,
        gate=Gate(provider.instance, lambda _period: bytes(16), system_clock, 1), room=Room(1),
        hub=Hub(), presence=anything, lookout=anything, sessions=anything, viewer_sessions=anything,
        municipal=None, challenges=anything, guesses=anything, verifier=anything,
        needs_second_factor=False,
        slots=SlotClock(slot_ms, anything), capacity=1,
        clock=system_clock, calendar=anything, lease_working_s=1, draw=draw, journal=anything,
        notices=anything, report_notices=anything,
        spawn=spawn, press=anything, site=None,
    )  # fmt: skip
    return Channel(server, Operations(server), deaf, deaf)


async def test_held_back_frames_that_come_at_once_are_answered_only_up_to_a_limit(provider: Provider) -> None:
    socket = DeafSocket()
    channel = channel_to(socket, provider, slot_ms=1_000, bundle_bytes=262_144)
    for _ in range(29):
        await channel.tick()
    outgoing = Outgoing(Direction.UP)
    for number in range(1, 117):
        outgoing.add(number, UpRecord(Operation.TRUST, OperationId(number.to_bytes(16, "big")), b"").encode())
    for slot in range(1, 30):
        await channel._receive(WSMessage(WSMsgType.BINARY, outgoing.next_frame(slot), None))
    assert channel._outgoing.pending_bytes < 2 * MAX_WAITING_BYTES


async def test_a_channel_without_slots_that_is_cut_off_does_not_hold_up_the_server(provider: Provider) -> None:
    socket = DeafSocket()
    channel = channel_to(socket, provider, slot_ms=0)
    for seq in range(1, 20):
        channel.hear_envelope(seq, bytes(SIZES[-1]))
    await channel._flush()
    await asyncio.sleep(0)
    assert socket.is_closed


# --- Opening again


async def test_an_opening_that_was_stored_is_answered_again_after_the_queues_have_newer_keys(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write_report(provider.directory)
    async with api_server(provider, tmp_path, monkeypatch) as api:
        await api.receive(written)
    async with api_server(with_newer_keys(provider), tmp_path, monkeypatch) as api, raw_channel(api.url) as channel:
        assert await channel.open(written.case, written.keys.auth) == 1


async def test_an_opening_that_was_not_stored_is_refused_after_the_queues_have_newer_keys(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write_report(provider.directory)
    async with api_server(with_newer_keys(provider), tmp_path, monkeypatch) as api, raw_channel(api.url) as channel:
        with pytest.raises(RefusedByServerError, match="epoch-stale"):
            await channel.open(written.case, written.keys.auth)


async def test_an_opening_is_not_a_retry_for_another_mailbox(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    stranger = write_report(api.provider.directory).keys.auth
    async with raw_channel(api.url) as channel:
        with pytest.raises(RefusedByServerError, match="object-conflict"):
            await channel.open(written.case, stranger)


def with_newer_keys(provider: Provider) -> Provider:
    """The same root, and a second epoch of every queue."""
    queues = tuple(
        replace(queue, epochs=(*queue.epochs, QueueEpoch(Epoch(2), KemKeyPair(draw(32)).public)))
        for queue in provider.directory_body.queues
    )
    return provider.reissued(queues=queues)


# --- News that nobody can hear


async def test_a_claim_is_answered_although_the_reporter_erases_the_case_in_that_moment(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write_report(api.provider.directory)
    token = await api.sign_in(api.provider.lawyer)
    async with raw_channel(api.url) as channel:
        await channel.open(written.case, written.keys.auth)
        claim = api.store.claim

        async def claim_then_erase(*asked: Any, **named: Any) -> Any:
            held = await claim(*asked, **named)
            await api.store.erase(written.id, bytes(32))
            return held

        monkeypatch.setattr(SqlStore, "claim", lambda _store, *asked, **named: claim_then_erase(*asked, **named))
        answer = await api.post(f"/api/cases/{b64encode(written.id)}/places/{LAWYER}/claim", token=token)
    assert answer.status == 200
