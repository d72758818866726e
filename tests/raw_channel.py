"""A channel without a client's scruples: sends what a test tells it to, and reads whatever comes (SPEC 6)."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from lyhty_crypto.cases import PreparedCase
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.passphrase import ReporterKeys
from lyhty_wire.codes import Code
from lyhty_wire.frames import Direction, Frame, decode_frame, encode_frame
from lyhty_wire.ids import InstanceId, OperationId
from lyhty_wire.multiplex import Incoming, Outgoing
from lyhty_wire.proofs import to_prove_resume
from lyhty_wire.records import DownRecord, Event, Hello, Kind, Open, Operation, Put, Resume, Resumed, Stored, UpRecord
from lyhty_wire.work import Search, Terms, Work
from tests.patience import PATIENCE_S


class RefusedByServerError(Exception):
    """The server answered with an error; `str()` is its stable code."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.text)
        self.code = code


class ChannelClosedError(Exception):
    """The server closed the channel."""


class RawChannel:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.hello = Hello(b"", 0, 0, 0, Terms(b"", 1))
        self.events: list[DownRecord] = []
        self.frames: list[Frame] = []
        self.frames_said = 0
        """How many of the frames up were not cover."""
        self.incoming, self.outgoing = Incoming(), Outgoing(Direction.UP)
        self._answers: dict[OperationId, DownRecord] = {}
        self._stream = 0

    async def read(self) -> Frame:
        """The next down frame, taken in."""
        try:
            raw = await self.socket.recv()
        except ConnectionClosed:
            raise ChannelClosedError from None
        assert isinstance(raw, bytes)
        frame = decode_frame(Direction.DOWN, raw)
        self.frames.append(frame)
        for _, encoded in self.incoming.accept(frame):
            record = DownRecord.decode(encoded)
            if record.kind is Kind.EVENT:
                self.events.append(record)
                if record.code == Event.HELLO:
                    self.hello = Hello.decode(record.body)
            else:
                self._answers[record.operation_id] = record
        return frame

    async def beat(self) -> Frame:
        """One slot: reads a frame and answers it as the SPEC says."""
        frame = await self.read()
        if self.hello.slot_ms:
            self.frames_said += bool(len(self.outgoing))
            await self._send(self.outgoing.next_frame(frame.slot))
        return frame

    async def read_to_the_end(self) -> int:
        """How many frames came before the server closed the channel."""
        count = 0
        with contextlib.suppress(ChannelClosedError):
            while True:
                await self.read()
                count += 1
        return count

    async def send_frame(self, frame: bytes | str) -> None:
        await self._send(frame)

    async def fault(self) -> Code:
        """Reads until the server says why it closes, and closes."""
        while True:
            await self.read()
            for operation_id, record in self._answers.items():
                if record.is_fault:
                    del self._answers[operation_id]
                    await self._expect_close()
                    return Code.from_number(record.code)

    async def perform(self, operation: Operation, body: bytes, operation_id: bytes | None = None) -> bytes:
        """The result's body.

        Raises:
            RefusedByServerError: with the code.
        """
        name = OperationId(operation_id or os.urandom(16))
        await self.start(operation, body, name)
        return await self.answer(name)

    async def start(self, operation: Operation, body: bytes, name: OperationId) -> None:
        self._stream += 1
        self.outgoing.add(self._stream, UpRecord(operation, name, body).encode())
        if not self.hello.slot_ms:
            while len(self.outgoing):
                await self._send(self.outgoing.next_frame(0))

    async def answer(self, name: OperationId) -> bytes:
        while name not in self._answers:
            await self.beat()
        record = self._answers.pop(name)
        if record.kind is Kind.ERROR:
            raise RefusedByServerError(Code.from_number(record.code))
        return record.body

    async def event(self, event: Event) -> bytes:
        """The body of the first such event, waited for."""
        while True:
            for record in self.events:
                if record.code == event:
                    return record.body
            await self.beat()

    async def open(self, case: PreparedCase, auth: SigningKey) -> int:
        body = await self.perform(Operation.OPEN, self.proved(case, auth).encode())
        return Stored.decode(body).seq

    def proved(self, case: PreparedCase, auth: SigningKey) -> Open:
        """For this channel, with the work it asked for when it was opened."""
        instance = case.roster.instance
        return case.prove(auth, self.hello.nonce, found(Search(instance, case.case, self.hello.terms)))

    async def resume(self, keys: ReporterKeys, instance: InstanceId) -> Resumed:
        proof = keys.auth.sign(to_prove_resume(instance, self.hello.nonce))
        return Resumed.decode(await self.perform(Operation.RESUME, Resume(keys.auth.public, proof).encode()))

    async def put(self, envelope: bytes) -> int:
        return Stored.decode(await self.perform(Operation.PUT, Put(envelope).encode())).seq

    async def _send(self, frame: bytes | str) -> None:
        try:
            await self.socket.send(frame)
        except ConnectionClosed:
            raise ChannelClosedError from None

    async def _expect_close(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.socket.recv()
        # SPEC 6.2: closing says nothing.
        assert (self.socket.close_code, self.socket.close_reason) == (1000, "")


def found(search: Search) -> Work:
    """However long it takes: tests ask for little."""
    work = search.run(2**40)
    assert work is not None
    return work


def cover_frame(slot: int) -> bytes:
    return encode_frame(Direction.UP, slot)


@asynccontextmanager
async def raw_channel(url: str, *, greeted: bool = True) -> AsyncIterator[RawChannel]:
    """`url` is the server's, http://... `greeted`: the first frame has been read and answered."""
    address = url.replace("http", "ws", 1) + "/channel"
    async with connect(
        address, compression=None, ping_interval=None, user_agent_header=None, close_timeout=1, max_size=8192
    ) as socket:
        channel = RawChannel(socket)
        async with asyncio.timeout(PATIENCE_S):
            if greeted:
                await channel.beat()
        yield channel
