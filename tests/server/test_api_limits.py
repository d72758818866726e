"""Whoever never asks, asks too slowly or does not read is let go; and one more than there is room for stays outside."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from lyhty_server.api.limits import Limits
from lyhty_wire.codes import Code
from lyhty_wire.frames import DOWN_BYTES, Direction, Piece, encode_frame
from lyhty_wire.records import Operation
from tests.provider import Provider
from tests.raw_channel import RawChannel, raw_channel
from tests.server.api_server import ApiServer, api_server
from tests.server.deaf import KERNEL_BYTES, deaf_line

SOON_S = 0.1
PROMPT_S = 10  # less than what Limits say
ASKED = b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
GOODBYE = b"\x88\x02\x03\xe8"  # a frame that closes, code 1000
LARGE, SMALL = "large-1a2b3c4d.js", "small-1a2b3c4d.js"  # more, and less, than a loop keeps without waiting

MakeServer = Callable[..., AbstractAsyncContextManager[ApiServer]]


@pytest.fixture
def server(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeServer:
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (assets / LARGE).write_bytes(bytes(300_000))
    (assets / SMALL).write_bytes(bytes(60_000))
    return lambda **settings: api_server(provider, tmp_path, monkeypatch, **settings)


class Line:
    """A bare connection. Hearing waits, and fails when it has to wait for long."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def say(self, words: bytes) -> None:
        self._writer.write(words)

    async def hear(self) -> bytes:
        """What comes first; nothing, if the server closes."""
        async with asyncio.timeout(PROMPT_S):
            return await self._reader.read(65_536)

    async def hear_to_the_end(self) -> bytes:
        """All that comes before the server closes."""
        async with asyncio.timeout(PROMPT_S):
            return await self._reader.read()

    def leave(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def line(api: ApiServer) -> AsyncIterator[Line]:
    opened = Line(*await asyncio.open_connection("127.0.0.1", api.port))
    try:
        yield opened
    finally:
        opened.leave()


async def is_let_in(api: ApiServer) -> bool:
    async with line(api) as visitor:
        with contextlib.suppress(ConnectionError):
            visitor.say(ASKED)
            return bool(await visitor.hear())
        return False


async def comes_in(api: ApiServer) -> None:
    """Tries until there is room."""
    async with asyncio.timeout(PROMPT_S):
        while not await is_let_in(api):
            pass


# --- Time


@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half a question"])
async def test_who_does_not_ask_in_time_is_let_go(server: MakeServer, words: bytes) -> None:
    async with server(limits=Limits(asked_within_s=SOON_S)) as api, line(api) as silent:
        silent.say(words)
        assert await silent.hear_to_the_end() == b""


async def test_who_has_asked_once_is_not_held_to_that_time_again(server: MakeServer) -> None:
    async with server(limits=Limits(asked_within_s=SOON_S)) as api, line(api) as asking, line(api) as silent:
        asking.say(ASKED)
        await asking.hear()
        await silent.hear_to_the_end()  # it came later: now the time of both has passed
        asking.say(ASKED)
        assert b"route-unknown" in await asking.hear()


async def test_who_does_not_ask_again_in_time_is_let_go(server: MakeServer) -> None:
    async with server(limits=Limits(idle_s=SOON_S)) as api, line(api) as idle:
        idle.say(ASKED)
        assert b"route-unknown" in await idle.hear_to_the_end()


async def test_who_does_not_finish_asking_in_time_is_told_so_and_let_go(server: MakeServer) -> None:
    async with server(limits=Limits(body_within_s=SOON_S, lingering_s=0)) as api, line(api) as slow:
        slow.say(b"POST /api/sign-in/start HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{")
        assert b"operation-malformed" in await slow.hear_to_the_end()


@pytest.mark.parametrize("name", [LARGE, SMALL])
async def test_who_does_not_read_an_answer_in_time_is_let_go(server: MakeServer, name: str) -> None:
    asked = f"GET /assets/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    settings = {"most_connections": 1, "send_buffer_bytes": KERNEL_BYTES}
    async with server(limits=Limits(read_within_s=SOON_S), **settings) as api, deaf_line(api.port, asked):
        await comes_in(api)


async def test_who_reads_slowly_gets_the_whole_answer_however_long_it_takes(server: MakeServer) -> None:
    asked = f"GET /assets/{LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    async with (
        server(limits=Limits(read_within_s=2 * SOON_S), slot_ms=5, send_buffer_bytes=KERNEL_BYTES) as api,
        deaf_line(api.port, asked) as reader,
        raw_channel(api.url) as in_time,
    ):
        heard = b""
        while some := await reader.read(10_000):
            heard += some
            await in_time.beat()
    assert len(heard.partition(b"\r\n\r\n")[2]) == 300_000


# --- Room


async def test_one_connection_more_than_there_is_room_for_is_closed_at_once(server: MakeServer) -> None:
    async with server(most_connections=2) as api, line(api), line(api), line(api) as third:
        assert await third.hear_to_the_end() == b""


async def test_who_leaves_makes_room(server: MakeServer) -> None:
    async with server(most_connections=1) as api:
        async with line(api):
            assert not await is_let_in(api)
        await comes_in(api)


async def half_a_record(channel: RawChannel, held_bytes: int) -> None:
    """So many bytes of a record that is never finished."""
    for offset in range(0, held_bytes, 1_000):
        await channel.send_frame(encode_frame(Direction.UP, 0, [Piece(1_000, offset, 98_304, bytes(1_000))]))


async def test_when_all_channels_together_hold_too_much_the_one_that_grows_is_told_busy(server: MakeServer) -> None:
    async with server(limits=Limits(held_bytes=40_000)) as api, raw_channel(api.url) as channel:
        await half_a_record(channel, 50_000)
        async with asyncio.timeout(PROMPT_S):
            assert await channel.fault() is Code.BUSY


async def test_what_a_channel_held_is_free_again_when_it_is_gone(server: MakeServer) -> None:
    async with server(limits=Limits(held_bytes=40_000)) as api, asyncio.timeout(PROMPT_S):
        for _ in range(2):
            async with raw_channel(api.url) as channel:
                await half_a_record(channel, 25_000)
                assert await channel.perform(Operation.TRUST, b"")


async def test_a_channel_that_is_not_read_is_cut_off_before_its_thirty_frames_wait_in_memory(
    server: MakeServer,
) -> None:
    upgrade = (
        b"GET /channel HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    async with (
        server(slot_ms=10, send_buffer_bytes=KERNEL_BYTES) as api,
        deaf_line(api.port, upgrade) as reader,
        raw_channel(api.url) as in_time,
    ):
        for _ in range(40):
            await in_time.beat()
        async with asyncio.timeout(PROMPT_S):
            heard = await reader.read()
        assert len(heard) < 20 * DOWN_BYTES
        assert not heard.endswith(GOODBYE)  # which would have waited for what is unread to leave
