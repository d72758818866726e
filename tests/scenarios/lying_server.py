"""A malicious server: a real one, and in front of it somebody who changes what it says and answers in its stead.

It stands where an operator stands who has the machine, the database and the TLS key: it sees every operation whole, and
may drop, change, add and repeat whatever it likes, in both directions. It has no secret of a reporter or an expert. The
clients talk to it as to any server, from the first page on; so does a browser.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeAlias

import aiohttp
from aiohttp import WSMsgType, web

from lyhty_wire.codes import Code
from lyhty_wire.frames import DOWN_BYTES, FIRST_EVENT_STREAM, UP_BYTES, Direction, Frame, decode_frame
from lyhty_wire.multiplex import Incoming, Outgoing
from lyhty_wire.records import DownRecord, Event, Kind, Operation, UpRecord

# Reading is not sharing: these say who is there and what they want to read, in bytes that hold nothing else.
READING: Final = frozenset({Operation.RESUME, Operation.FETCH, Operation.TRUST, Operation.SLIPS})
_OWN_EVENTS: Final = FIRST_EVENT_STREAM + (1 << 30)  # streams of events that the real server never said
_PASSED_ON: Final = ("Authorization", "Content-Type", "Accept")
_NOT_PASSED_BACK: Final = frozenset(
    {"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Date", "Server"}
)

Json: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[bytes], bytes]
Hear: TypeAlias = Callable[[UpRecord], DownRecord | None]
"""What is answered in the server's stead, which then never hears of the operation; None lets it through."""
Say: TypeAlias = Callable[[DownRecord], list[DownRecord]]
"""What the client hears instead of an event."""


@dataclass(frozen=True)
class HttpAsked:
    method: str
    path: str
    body: bytes


@dataclass
class LyingServer:
    """Tells the truth until it is told what to lie about."""

    truth: str
    url: str = ""
    asked: list[HttpAsked] = field(default_factory=list)
    operations: list[UpRecord] = field(default_factory=list)
    content_bytes: int = 0
    """Of everything that came up so far and is not cover, reading, or signing in: pieces of OPEN, PUT, TURN and ERASE
    (whether or not the rest of the record ever came), and bodies of HTTP calls that change a case."""
    mistakes: list[Exception] = field(default_factory=list)
    """The liar's own, which no test may take for a client's refusal."""
    _answers: list[tuple[str, re.Pattern[str], Change]] = field(default_factory=list)
    _inventions: list[tuple[str, re.Pattern[str], Json]] = field(default_factory=list)
    _results: dict[Operation, Change] = field(default_factory=dict)
    _heard: dict[Operation, Hear] = field(default_factory=dict)
    _said: dict[Event, Say] = field(default_factory=dict)
    _feed: Callable[[Json], list[Json]] | None = None
    _lines: set["_Line"] = field(default_factory=set)

    # --- What to lie about

    def answers(self, method: str, path: str, change: Change) -> Self:
        """The body of an HTTP answer; `path` is a pattern of the whole path, without the query."""
        self._answers.insert(0, (method, re.compile(path), change))
        return self

    def answers_json(self, method: str, path: str, change: Callable[[Json], Json]) -> Self:
        return self.answers(method, path, lambda body: json.dumps(change(json.loads(body))).encode())

    def invents(self, method: str, path: str, answer: Json) -> Self:
        """The whole answer; the real server never hears of the question."""
        self._inventions.insert(0, (method, re.compile(path), answer))
        return self

    def results(self, operation: Operation, change: Change) -> Self:
        """The body of a result on the channel."""
        self._results[operation] = change
        return self

    def refuses(self, operation: Operation, code: Code, times: int = 1 << 30) -> Self:
        """Without ever asking the real server."""
        left = [times]

        def refuse(record: UpRecord) -> DownRecord | None:
            left[0] -= 1
            return DownRecord.error(record.operation_id, code) if left[0] >= 0 else None

        return self.hears(operation, refuse)

    def hears(self, operation: Operation, hear: Hear) -> Self:
        self._heard[operation] = hear
        return self

    def says(self, event: Event, say: Say) -> Self:
        self._said[event] = say
        return self

    def feeds(self, change: Callable[[Json], list[Json]]) -> Self:
        self._feed = change
        return self

    def tells_the_truth(self) -> Self:
        for lies in (self._answers, self._inventions, self._results, self._heard, self._said):
            lies.clear()
        self._feed = None
        return self

    async def breaks_every_line(self) -> None:
        """Clients come back by themselves."""
        for line in tuple(self._lines):
            await line.end()

    def tells_everybody(self, record: DownRecord) -> None:
        """An event of its own making, on every channel."""
        for line in self._lines:
            line.invent(record)

    def count(self, operation: Operation) -> int:
        return sum(record.operation is operation for record in self.operations)

    # --- What it does

    async def http(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(HttpAsked(request.method, request.path, body))
        if request.method == "PUT" or (request.method == "POST" and "/sign-" not in request.path):
            self.content_bytes += len(body)
        for method, path, answer in self._inventions:
            if method == request.method and path.fullmatch(request.path):
                return web.json_response(answer)
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                self.truth + request.path_qs,
                data=body or None,
                headers={name: request.headers[name] for name in _PASSED_ON if name in request.headers}
                | {"Accept-Encoding": "identity"},  # to be read and changed
                allow_redirects=False,
            ) as answer,
        ):
            raw = await answer.read()
            if answer.status == 200:
                for method, path, change in self._answers:
                    if method == request.method and path.fullmatch(request.path):
                        raw = self._changed(change, raw)
            headers = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED_BACK}
            return web.Response(status=answer.status, body=raw, headers=headers)

    def _changed(self, change: Change, raw: bytes) -> bytes:
        try:
            return change(raw)
        except Exception as mistake:
            self.mistakes.append(mistake)
            raise

    async def feed(self, request: web.Request) -> web.WebSocketResponse:
        return await self._socket(request, "/feed", _FeedLine)

    async def channel(self, request: web.Request) -> web.WebSocketResponse:
        return await self._socket(request, "/channel", _ChannelLine)

    async def _socket(self, request: web.Request, path: str, kind: Callable[..., "_Line"]) -> web.WebSocketResponse:
        client = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await client.prepare(request)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(self.truth + path, compress=0, max_msg_size=1 << 20) as server,
        ):
            line = kind(self, client, server)
            self._lines.add(line)
            try:
                await line.run()
            finally:
                self._lines.discard(line)
        return client

    def _heard_up(self, record: UpRecord) -> DownRecord | None:
        self.operations.append(record)
        hear = self._heard.get(record.operation)
        return None if hear is None else hear(record)

    def _said_down(self, record: DownRecord) -> list[DownRecord]:
        if record.kind is Kind.EVENT:
            say = self._said.get(Event(record.code))
            return [record] if say is None else say(record)
        change = self._results.get(Operation(record.code)) if record.kind is Kind.RESULT else None
        if change is None:
            return [record]
        return [DownRecord(record.kind, record.operation_id, record.code, change(record.body))]

    def _fed(self, event: Json) -> list[Json]:
        return [event] if self._feed is None else self._feed(event)


class _Line:
    """One client's WebSocket and the real server's behind it."""

    def __init__(
        self, lying: LyingServer, client: web.WebSocketResponse, server: aiohttp.ClientWebSocketResponse
    ) -> None:
        self.lying, self.client, self.server = lying, client, server

    async def run(self) -> None:
        both = [asyncio.create_task(self._pass_up()), asyncio.create_task(self._pass_down())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
            outcomes = await asyncio.gather(*both, return_exceptions=True)
            await self.end()
            for outcome in outcomes:
                if isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
                    self.lying.mistakes.append(outcome)

    async def end(self) -> None:
        for socket in (self.client, self.server):
            with contextlib.suppress(ConnectionError):
                await socket.close()

    def invent(self, record: DownRecord) -> None:
        pass

    async def _pass_up(self) -> None:
        async for message in self.client:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                await self.up(message.data)

    async def _pass_down(self) -> None:
        async for message in self.server:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                await self.down(message.data)

    up: Callable[[Any], Awaitable[None]]
    down: Callable[[Any], Awaitable[None]]


class _FeedLine(_Line):
    async def up(self, text: str) -> None:
        await self.server.send_str(text)

    async def down(self, text: str) -> None:
        for event in self.lying._fed(json.loads(text)):
            await self.client.send_str(json.dumps(event))


class _ChannelLine(_Line):
    """Takes records out of frames and puts others in; a frame for a frame, as the real server's clock says."""

    def __init__(self, *of_line: Any) -> None:
        super().__init__(*of_line)
        self._up_in, self._up_out = Incoming(), Outgoing(Direction.UP)
        self._down_in, self._down_out = Incoming(), Outgoing(Direction.DOWN)
        self._invented = 0
        self._counted: dict[int, bool] = {}

    async def up(self, raw: bytes) -> None:
        assert len(raw) == UP_BYTES
        frame = decode_frame(Direction.UP, raw)
        self._count_content(frame)
        for stream, encoded in self._up_in.accept(frame):
            record = UpRecord.decode(encoded)
            answer = self.lying._heard_up(record)
            if answer is None:
                self._up_out.add(stream, encoded)
            else:
                self._down_out.add(stream, answer.encode())
        await self.server.send_bytes(self._up_out.next_frame(frame.slot))

    async def down(self, raw: bytes) -> None:
        assert len(raw) == DOWN_BYTES
        frame = decode_frame(Direction.DOWN, raw)
        for stream, encoded in self._down_in.accept(frame):
            first, *more = self.lying._said_down(DownRecord.decode(encoded)) or (None,)
            if first is not None:
                self._down_out.add(stream, first.encode())
            for record in more:
                self.invent(record)
        await self.client.send_bytes(self._down_out.next_frame(frame.slot))

    def invent(self, record: DownRecord) -> None:
        self._invented += 1
        self._down_out.add(_OWN_EVENTS + self._invented, record.encode())

    def _count_content(self, frame: Frame) -> None:
        for piece in frame.pieces:
            if piece.offset == 0:  # SPEC 6.3: version, operation
                self._counted[piece.stream] = len(piece.data) < 2 or piece.data[1] not in READING
            if self._counted[piece.stream]:
                self.lying.content_bytes += len(piece.data)


@asynccontextmanager
async def lying_server(truth: str) -> AsyncIterator[LyingServer]:
    """`truth`: the address of the real one."""
    lying = LyingServer(truth)
    app = web.Application(client_max_size=1 << 20)
    app.router.add_get("/channel", lying.channel)
    app.router.add_get("/feed", lying.feed)
    app.router.add_route("*", "/{path:.*}", lying.http)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    lying.url = f"http://{host}:{port}"
    try:
        yield lying
    finally:
        await lying.breaks_every_line()
        await runner.cleanup()
    assert lying.mistakes == []


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
