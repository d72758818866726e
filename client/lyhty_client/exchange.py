"""Operations on their way: which are unanswered, on which stream they travel, what is sent again (SPEC 6.1, 6.3).

Knows nothing of cases. Bytes in, bytes out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.errors import MalformedError
from lyhty_wire.frames import Direction, decode_frame
from lyhty_wire.ids import OPERATION_ID_BYTES, OperationId
from lyhty_wire.multiplex import Incoming, Outgoing
from lyhty_wire.records import DownRecord, Event, Hello, Kind, Operation, UpRecord


class Ready(IntEnum):
    """How far a channel has come. An operation leaves when the channel has come as far as it needs."""

    CONNECTED = 0  # the socket is open
    GREETED = 1  # HELLO has come: there is a nonce to prove with
    TRUSTED = 2  # the directory has been verified: before that nothing but TRUST is asked
    BOUND = 3  # OPEN or RESUME was answered: the server knows which case is meant


_NEEDS: Final = {
    Operation.TRUST: Ready.GREETED,
    Operation.OPEN: Ready.TRUSTED,
    Operation.RESUME: Ready.TRUSTED,
}


@dataclass(eq=False, slots=True)
class Asked:
    """An operation without an answer yet. `body` is made for the nonce of the channel that it leaves on."""

    operation: Operation
    operation_id: OperationId
    body: Callable[[bytes], bytes] = field(repr=False)
    stream: int = 0  # 0: not sent on this channel
    times_sent: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to an operation."""

    asked: Asked
    record: DownRecord


class Exchange:
    def __init__(self, randomness: Randomness = draw) -> None:
        self._randomness = randomness
        self._unanswered: dict[OperationId, Asked] = {}
        self.slot_ms: int | None = None
        self.slot = 0
        self.connected()

    def connected(self) -> None:
        """A new channel: nothing of the old one counts, and everything unanswered is sent again."""
        self._outgoing = Outgoing(Direction.UP)
        self._incoming = Incoming()
        self._streams = 0
        self._dropped: set[OperationId] = set()
        self._nonce = b""
        self.ready = Ready.CONNECTED
        for asked in self._unanswered.values():
            asked.stream = 0

    def ask(self, operation: Operation, body: Callable[[bytes], bytes]) -> Asked:
        asked = Asked(operation, OperationId(self._randomness(OPERATION_ID_BYTES)), body)
        self._unanswered[asked.operation_id] = asked
        self._send()
        return asked

    def drop(self, *operations: Operation) -> None:
        """Not sent again after a reconnect. An answer that still comes is not heard."""
        for asked in tuple(self._unanswered.values()):
            if asked.operation in operations:
                del self._unanswered[asked.operation_id]
                if asked.stream:
                    self._dropped.add(asked.operation_id)

    def is_unanswered(self, operation: Operation) -> bool:
        return any(asked.operation is operation for asked in self._unanswered.values())

    def came_to(self, ready: Ready) -> None:
        """The channel has come further: what waited for that leaves."""
        self.ready = max(self.ready, ready)
        self._send()

    def receive(self, frame: bytes) -> list[Answer | DownRecord]:
        """The answers and the events (or a fault) that this frame completes.

        Raises:
            MalformedError: nothing a server writes. The channel is of no more use.
        """
        decoded = decode_frame(Direction.DOWN, frame)
        self.slot = decoded.slot
        heard = [self._sorted(stream, DownRecord.decode(data)) for stream, data in self._incoming.accept(decoded)]
        return [each for each in heard if each is not None]

    def next_frame(self, slot: int) -> bytes:
        """A cover frame when there is nothing to say."""
        return self._outgoing.next_frame(slot)

    @property
    def has_frames(self) -> bool:
        return len(self._outgoing) > 0

    @property
    def pending_bytes(self) -> int:
        return self._outgoing.pending_bytes

    def _send(self) -> None:
        for asked in self._unanswered.values():
            if asked.stream == 0 and self.ready >= _NEEDS.get(asked.operation, Ready.BOUND):
                self._streams += 1
                asked.stream = self._streams
                asked.times_sent += 1
                record = UpRecord(asked.operation, asked.operation_id, asked.body(self._nonce))
                self._outgoing.add(asked.stream, record.encode())

    def _sorted(self, stream: int, record: DownRecord) -> Answer | DownRecord | None:
        if record.is_fault:
            return record
        is_hello = record.kind is Kind.EVENT and record.code == Event.HELLO
        if is_hello != (self.ready is Ready.CONNECTED):
            raise _malformed("HELLO is the first record of a channel and no other")
        if is_hello:
            hello = Hello.decode(record.body)
            self._nonce, self.slot_ms = hello.nonce, hello.slot_ms
            self.came_to(Ready.GREETED)
        if record.kind is Kind.EVENT:
            return record
        if record.operation_id in self._dropped:
            self._dropped.discard(record.operation_id)
            return None
        asked = self._unanswered.get(record.operation_id)
        # SPEC 6.3: an answer uses the stream of its operation.
        if asked is None or asked.stream != stream:
            raise _malformed("an answer to nothing that was asked")
        if record.kind is Kind.RESULT and record.code != asked.operation:
            raise _malformed("the result of another operation")
        del self._unanswered[asked.operation_id]
        return Answer(asked, record)


def _malformed(reason: str) -> MalformedError:
    return MalformedError("frame-malformed", reason)
