"""A reporter's connection: fixed-size frames in a fixed rhythm, whatever is said (SPEC 6).

The reading side answers operations one after another; the clock side sends one frame a slot. With `slot_ms` 0
(load tests) frames leave as soon as there is something in them.
"""

import asyncio
import contextlib
from typing import Final

from aiohttp import WSMessage, WSMsgType, web

from lyhty_server.api.context import Server
from lyhty_server.api.operations import Binding, Operations
from lyhty_server.api.problems import code_of
from lyhty_wire.codes import Code
from lyhty_wire.errors import WireError
from lyhty_wire.frames import FIRST_EVENT_STREAM, UP_BYTES, Direction, decode_frame
from lyhty_wire.multiplex import Incoming, Outgoing
from lyhty_wire.records import DownRecord, Event, Hello, Sequenced, UpRecord

MAX_UNANSWERED: Final = 30  # SPEC 6.2
MAX_WAITING_BYTES: Final = 1_048_576  # of records for one slow reader: 256 frames, four minutes of slots
# A client's frame has 2,048 bytes. What is a little larger is told so in a FAULT; the library cuts off the rest.
MAX_MESSAGE_BYTES: Final = 8 * UP_BYTES
MAX_BUFFERED_BYTES: Final = 32_768  # unread by the network: below aiohttp's own limit, so that a send never waits


class Channel:
    """One open channel. It is a `Ticking` of the slot clock and a `Listener` of the hub."""

    __slots__ = (
        "_answered", "_binding", "_closing", "_event_stream", "_faulted", "_held_bytes", "_incoming", "_operations",
        "_outgoing",
        "_server", "_slot", "_socket", "_terms", "_transport",
    )  # fmt: skip

    def __init__(
        self,
        server: Server,
        operations: Operations,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
    ) -> None:
        self._server = server
        self._transport = transport
        self._operations = operations
        self._socket = socket
        self._binding = Binding(server.draw(32))
        self._incoming = Incoming()
        self._outgoing = Outgoing(Direction.DOWN)
        self._event_stream = FIRST_EVENT_STREAM
        self._terms = server.gate.terms
        self._slot = 0
        self._answered = 0
        self._faulted = False
        self._closing = False
        self._held_bytes = 0

    @property
    def _is_slotted(self) -> bool:
        return self._server.slots.slot_ms > 0

    @property
    def _is_overfull(self) -> bool:
        return self._outgoing.pending_bytes > MAX_WAITING_BYTES

    async def serve(self) -> None:
        """Until it closes. One for which there is no room is told so, and comes again later."""
        server = self._server
        if not server.room.enter():
            self._fault(Code.BUSY)
            await self._send(self._outgoing.next_frame(0))
            await self._socket.close()
            return
        hello = Hello(self._binding.nonce, server.clock(), server.slots.slot_ms, server.trust.version, self._terms)
        self._say(Event.HELLO, hello.encode())
        position = self._server.slots.join(self) if self._is_slotted else None
        try:
            await self.tick()
            async for message in self._socket:
                await self._receive(message)
                self._weigh()
                if not self._is_slotted:
                    await self._flush()
        finally:
            if position is not None:
                self._server.slots.leave(self, position)
            server.room.leave(self._held_bytes)
            if self._binding.case is not None:
                self._server.hub.unbind(self._binding.case, self)
                self._server.presence.reporter_left(self._binding.case)

    async def tick(self) -> None:
        """The frame of this slot. SPEC 6.2: exactly one, a cover frame when nothing waits."""
        if self._closing:
            return
        if self._slot - self._answered >= MAX_UNANSWERED or self._is_overfull:
            self._close()
            return
        self._say_terms()
        if self._is_slotted:
            self._slot += 1
        await self._send(self._outgoing.next_frame(self._slot))
        if self._faulted and not len(self._outgoing):
            self._close()

    def hear_envelope(self, seq: int, envelope: bytes) -> None:
        self._say(Event.ENVELOPE, Sequenced(seq, envelope).encode())
        self._flush_later()

    def hear_state(self, state: bytes) -> None:
        self._say(Event.STATE, state)
        self._flush_later()

    def hear_presence(self, presence: bytes) -> None:
        self._say(Event.PRESENCE, presence)
        self._flush_later()

    async def _receive(self, message: WSMessage) -> None:
        if self._faulted or self._closing:
            return
        try:
            if message.type is not WSMsgType.BINARY:
                raise WireError(Code.FRAME_MALFORMED.text)  # noqa: TRY301 - SPEC 6.1: a text frame is one of many
            frame = decode_frame(Direction.UP, message.data)
            self._check_answer(frame.slot)
            records = self._incoming.accept(frame)
        except WireError:
            self._fault(Code.FRAME_MALFORMED)
            return
        for stream, record in records:
            # Thirty held-back frames may come at once, with a hundred records that each ask for 256 kB.
            if self._is_overfull:
                self._close()
                return
            await self._perform(stream, record)

    def _check_answer(self, slot: int) -> None:
        """SPEC 6.2: one answer to each frame, in order."""
        due = self._answered + 1 if self._is_slotted else 0
        if slot != due or slot > self._slot:
            raise WireError(Code.FRAME_MALFORMED.text)
        self._answered = slot

    async def _perform(self, stream: int, encoded: bytes) -> None:
        try:
            record = UpRecord.decode(encoded)
        except WireError as error:
            self._fault(Code.from_text(error.code))
            return
        try:
            result = await self._operations.perform(record, self._binding, self)
            answer = DownRecord.result(record.operation, record.operation_id, result)
        except Exception as error:  # noqa: BLE001 - the table decides, and journals what it does not know
            answer = DownRecord.error(record.operation_id, code_of(error, self._server.journal))
        self._outgoing.add(stream, answer.encode())

    def _say(self, event: Event, body: bytes) -> None:
        self._outgoing.add(self._event_stream, DownRecord.event(event, body).encode())
        self._event_stream += 1

    def _weigh(self) -> None:
        held_bytes = self._incoming.pending_bytes + self._outgoing.pending_bytes
        has_room = self._server.room.hold(self._held_bytes, held_bytes)
        self._held_bytes = held_bytes
        if not has_room and not self._faulted:
            self._incoming, self._outgoing = Incoming(), Outgoing(Direction.DOWN)
            self._fault(Code.BUSY)

    def _say_terms(self) -> None:
        # SPEC 6.7: on every channel, whatever its page is for.
        if self._terms is not self._server.gate.terms and not self._faulted:
            self._terms = self._server.gate.terms
            self._say(Event.WORK, self._terms.encode())

    def _fault(self, code: Code) -> None:
        self._faulted = True
        self._outgoing.add(self._event_stream, DownRecord.fault(code).encode())

    async def _flush(self) -> None:
        while len(self._outgoing) and not (self._closing or self._socket.closed):
            await self.tick()

    def _flush_later(self) -> None:
        if not self._is_slotted:
            self._server.spawn(self._flush())

    async def _send(self, frame: bytes) -> None:
        if self._socket.closed:
            return
        if self._transport.get_write_buffer_size() > MAX_BUFFERED_BYTES and self._is_slotted:
            self._transport.abort()  # it does not read: nothing said politely would arrive
            return
        with contextlib.suppress(ConnectionError):  # gone; the reading side finds out by itself
            await self._socket.send_bytes(frame)

    def _close(self) -> None:
        """Not awaited: the goodbye of one channel must not hold up the clock of the others."""
        if not self._closing:
            self._closing = True
            self._server.spawn(self._socket.close())


class ChannelHandler:
    def __init__(self, server: Server, sockets: set[web.WebSocketResponse]) -> None:
        self._server = server
        self._operations = Operations(server)
        self._sockets = sockets

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        # SPEC 6.1: no compression (it leaks lengths and costs 100 kB), no heartbeat (it breaks the rhythm).
        socket = web.WebSocketResponse(compress=False, max_msg_size=MAX_MESSAGE_BYTES, timeout=2.0)
        try:
            await socket.prepare(request)
        except ConnectionError:  # gone before it was let in; a socket that was not cannot be ended
            return web.Response()
        transport = request.transport
        if transport is None:  # gone already (not isinstance: uvloop has transports of its own)
            return socket
        self._sockets.add(socket)
        try:
            await Channel(self._server, self._operations, socket, transport).serve()
        finally:
            self._sockets.discard(socket)
        return socket
