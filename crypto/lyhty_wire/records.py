"""What travels in frames: operations and their results, errors and events (SPEC 6.3, 6.4, 6.5)."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import Final, TypeVar

from msgspec import Struct

from lyhty_wire.codes import Code
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import OPERATION_ID_BYTES, CaseId, OperationId, QueueId, RoomId, SignKey
from lyhty_wire.reader import Reader, bytes16, bytes32, u16, u32, u64
from lyhty_wire.work import Terms, Work
from lyhty_wire.wraps import LINK_BYTES, NO_LINK, SELF_WRAP_BYTES, WRAP_BYTES

_VERSION: Final = 1
_CARD_BYTES: Final = 1_024
NO_OPERATION: Final = OperationId(bytes(OPERATION_ID_BYTES))
T = TypeVar("T")


class Operation(IntEnum):
    """What a client asks for."""

    OPEN = 1
    RESUME = 2
    PUT = 3
    FETCH = 4
    ERASE = 5
    TURN = 6
    TRUST = 7
    GIVE = 8
    TAKE_BACK = 9
    SLIPS = 10
    HAND_OVER = 11
    PUT_LATE = 12


class Kind(IntEnum):
    """What a down record is."""

    RESULT = 0
    ERROR = 1
    EVENT = 2


class Event(IntEnum):
    """What the server says unasked. FAULT travels as an error without operation id."""

    HELLO = 1
    ENVELOPE = 2
    STATE = 3
    PRESENCE = 5
    WORK = 6


class State(IntEnum):
    """Of a place, and of a case; the last of a place alone."""

    WAITING = 1
    HELD = 2
    CLOSED = 3
    WAITING_AGAIN = 4  # whoever held it let it lie; nobody holds it now


def _malformed(reason: str) -> MalformedError:
    return MalformedError("operation-malformed", reason)


def _reader(body: bytes) -> Reader:
    return Reader(body, "operation-malformed")


def _state(number: int) -> State:
    if not State.WAITING <= number <= State.CLOSED:
        raise _malformed("no such state")
    return State(number)


def _place_state(number: int) -> State:
    return State.WAITING_AGAIN if number == State.WAITING_AGAIN else _state(number)


def _list(items: Sequence[bytes]) -> bytes:
    return bytes((len(items),)) + b"".join(items)


def _read_list(reader: Reader, read: Callable[[], T]) -> tuple[T, ...]:
    return tuple([read() for _ in range(reader.u8())])


class UpRecord(Struct, frozen=True):
    """One operation as it travels; `body` is decoded by the class of its operation."""

    operation: Operation
    operation_id: OperationId
    body: bytes

    def encode(self) -> bytes:
        return bytes((_VERSION, self.operation)) + self.operation_id + self.body

    @classmethod
    def decode(cls, data: bytes) -> "UpRecord":
        if len(data) < 18 or data[0] != _VERSION:
            raise _malformed("length or version of an operation")
        if not Operation.OPEN <= data[1] <= Operation.PUT_LATE or data[2:18] == NO_OPERATION:
            raise _malformed("no such operation")
        return cls(Operation(data[1]), OperationId(data[2:18]), data[18:])


class DownRecord(Struct, frozen=True):
    """A result, an error or an event as it travels; `code` is an Operation, a Code or an Event."""

    kind: Kind
    operation_id: OperationId
    code: int
    body: bytes

    def encode(self) -> bytes:
        return bytes((_VERSION, self.kind)) + self.operation_id + u16(self.code) + self.body

    @classmethod
    def result(cls, operation: Operation, operation_id: OperationId, body: bytes = b"") -> "DownRecord":
        return cls(Kind.RESULT, operation_id, operation, body)

    @classmethod
    def error(cls, operation_id: OperationId, code: Code) -> "DownRecord":
        return cls(Kind.ERROR, operation_id, code, b"")

    @classmethod
    def event(cls, event: Event, body: bytes) -> "DownRecord":
        return cls(Kind.EVENT, NO_OPERATION, event, body)

    @classmethod
    def fault(cls, code: Code) -> "DownRecord":
        return cls.error(NO_OPERATION, code)

    @property
    def is_fault(self) -> bool:
        return self.kind == Kind.ERROR and self.operation_id == NO_OPERATION

    @classmethod
    def decode(cls, data: bytes) -> "DownRecord":
        reader = _reader(data)
        version, kind, operation_id, code = reader.u8(), reader.u8(), reader.take(16), reader.u16()
        if version != _VERSION or kind > Kind.EVENT:
            raise _malformed("version or kind of a record")
        no_operation = operation_id == NO_OPERATION
        if kind == Kind.ERROR:
            Code.from_number(code)
            reader.end()
        elif kind == Kind.RESULT:
            if no_operation or not Operation.OPEN <= code <= Operation.PUT_LATE:
                raise _malformed("a result of no operation")
        elif not no_operation or code not in tuple(Event):
            raise _malformed("no such event")
        return cls(Kind(kind), OperationId(operation_id), code, reader.rest())


# --- operations


class Open(Struct, frozen=True):
    """OPEN: makes a case. Roster, wraps and envelopes are still as they came; each has its own decoder."""

    work: Work  # neither proved nor part of what tells a retry from a conflict: a retry may bring more of it
    auth_pk: SignKey
    proof: bytes
    case_salt: bytes  # 32 bytes; what the reporter's keys but `auth` are derived with, beside the phrase
    roster: bytes
    self_wrap: bytes
    case_wraps: tuple[bytes, ...]
    card_wraps: tuple[bytes, ...]
    card: bytes
    report: bytes

    def after_proof(self) -> bytes:
        """What the proof covers."""
        return b"".join(
            (
                self.case_salt,
                bytes16(self.roster),
                self.self_wrap,
                _list(self.case_wraps),
                _list(self.card_wraps),
                self.card,
                bytes32(self.report),
            )
        )

    def encode(self) -> bytes:
        return self.work.encode() + self.auth_pk + self.proof + self.after_proof()

    @classmethod
    def decode(cls, body: bytes) -> "Open":
        reader = _reader(body)
        opened = cls(
            work=Work.read(reader),
            auth_pk=SignKey(reader.take(32)),
            proof=reader.take(64),
            case_salt=reader.take(32),
            roster=reader.bytes16(),
            self_wrap=reader.take(SELF_WRAP_BYTES),
            case_wraps=_read_list(reader, lambda: reader.take(WRAP_BYTES)),
            card_wraps=_read_list(reader, lambda: reader.take(WRAP_BYTES)),
            card=reader.take(_CARD_BYTES),
            report=reader.bytes32(),
        )
        reader.end()
        return opened


class Resume(Struct, frozen=True):
    """RESUME: binds the channel to the case of a mailbox."""

    auth_pk: SignKey
    proof: bytes

    def encode(self) -> bytes:
        return self.auth_pk + self.proof

    @classmethod
    def decode(cls, body: bytes) -> "Resume":
        reader = _reader(body)
        resume = cls(SignKey(reader.take(32)), reader.take(64))
        reader.end()
        return resume


class Put(Struct, frozen=True):
    """PUT, PUT_LATE: one more envelope of the reporter; the latter into a closed case too."""

    envelope: bytes

    def encode(self) -> bytes:
        return bytes32(self.envelope)

    @classmethod
    def decode(cls, body: bytes) -> "Put":
        reader = _reader(body)
        put = cls(reader.bytes32())
        reader.end()
        return put


class Fetch(Struct, frozen=True):
    """FETCH: envelopes with after < seq < before, newest first; before 0 means from the newest."""

    before: int
    after: int
    max_bytes: int

    def encode(self) -> bytes:
        return u32(self.before) + u32(self.after) + u32(self.max_bytes)

    @classmethod
    def decode(cls, body: bytes) -> "Fetch":
        reader = _reader(body)
        fetch = cls(reader.u32(), reader.u32(), reader.u32())
        reader.end()
        return fetch


class Erase(Struct, frozen=True):
    """ERASE: the case is gone for good."""

    proof: bytes

    def encode(self) -> bytes:
        return self.proof

    @classmethod
    def decode(cls, body: bytes) -> "Erase":
        if len(body) != 64:
            raise _malformed("length of a proof")
        return cls(body)


class TurnKey(Struct, frozen=True):
    """TURN: the case's next key, and the first message under it (SPEC 3.4)."""

    last_seq: int  # of the newest message that the turn message knows of
    roster: bytes
    own_wrap: bytes
    link: bytes
    wraps: tuple[bytes, ...]
    envelope: bytes

    def encode(self) -> bytes:
        return b"".join(
            (
                u32(self.last_seq),
                bytes16(self.roster),
                self.own_wrap,
                self.link,
                _list(self.wraps),
                bytes32(self.envelope),
            )
        )

    @classmethod
    def decode(cls, body: bytes) -> "TurnKey":
        reader = _reader(body)
        turn = cls.read(reader)
        reader.end()
        return turn

    @classmethod
    def read(cls, reader: Reader) -> "TurnKey":
        return cls(
            last_seq=reader.u32(),
            roster=reader.bytes16(),
            own_wrap=reader.take(WRAP_BYTES),
            link=reader.take(LINK_BYTES),
            wraps=_read_list(reader, lambda: reader.take(WRAP_BYTES)),
            envelope=reader.bytes32(),
        )


class HandOver(Struct, frozen=True):
    """HAND_OVER: a turn that lets one more queue in, and the card that it finds (SPEC 3.4, 4.7)."""

    turn: TurnKey
    card_wraps: tuple[bytes, ...]
    card: bytes

    def encode(self) -> bytes:
        return self.turn.encode() + _list(self.card_wraps) + self.card

    @classmethod
    def decode(cls, body: bytes) -> "HandOver":
        reader = _reader(body)
        turn = TurnKey.read(reader)
        handed = cls(turn, _read_list(reader, lambda: reader.take(WRAP_BYTES)), reader.take(_CARD_BYTES))
        reader.end()
        return handed


class Give(Struct, frozen=True):
    """GIVE: a slip for one queue (SPEC 3.5)."""

    roster: bytes
    self_wrap: bytes
    wrap: bytes
    envelope: bytes

    def encode(self) -> bytes:
        return bytes16(self.roster) + self.self_wrap + self.wrap + bytes32(self.envelope)

    @classmethod
    def decode(cls, body: bytes) -> "Give":
        reader = _reader(body)
        give = cls(reader.bytes16(), reader.take(SELF_WRAP_BYTES), reader.take(WRAP_BYTES), reader.bytes32())
        reader.end()
        return give


class TakeBack(Struct, frozen=True):
    """TAKE_BACK: a slip and its key are gone for good."""

    room: RoomId
    proof: bytes

    def encode(self) -> bytes:
        return self.room + self.proof

    @classmethod
    def decode(cls, body: bytes) -> "TakeBack":
        reader = _reader(body)
        back = cls(RoomId(CaseId(reader.take(32))), reader.take(64))
        reader.end()
        return back


class Empty(Struct, frozen=True):
    """The body of TRUST and SLIPS, and the result of ERASE, GIVE and TAKE_BACK."""

    def encode(self) -> bytes:
        return b""

    @classmethod
    def decode(cls, body: bytes) -> "Empty":
        _reader(body).end()
        return cls()


# --- results


class PlaceState(Struct, frozen=True):
    """How a queue stands to the case."""

    queue: QueueId
    state: State

    def encode(self) -> bytes:
        return u16(self.queue) + bytes((self.state,))


def _read_places(reader: Reader) -> tuple[PlaceState, ...]:
    return _read_list(reader, lambda: PlaceState(QueueId(reader.u16()), _place_state(reader.u8())))


class Stored(Struct, frozen=True):
    """The result of OPEN, PUT, TURN, HAND_OVER and PUT_LATE."""

    seq: int

    def encode(self) -> bytes:
        return u32(self.seq)

    @classmethod
    def decode(cls, body: bytes) -> "Stored":
        reader = _reader(body)
        stored = cls(reader.u32())
        reader.end()
        return stored


class ResumedGeneration(Struct, frozen=True):
    """A roster, the reporter's own copy of its key (a self-wrap in generation 1, a wrap in later ones), and the link to
    the key before."""

    roster: bytes
    own_wrap: bytes
    link: bytes = NO_LINK

    def encode(self) -> bytes:
        return bytes16(self.roster) + bytes16(self.own_wrap) + self.link


class Resumed(Struct, frozen=True):
    """The result of RESUME."""

    case: CaseId
    case_salt: bytes
    state: State
    urgent: bool
    opened_hour: int
    """Hours since 1970: with `urgent`, by when an answer is promised (9.5)."""
    last_seq: int
    places: tuple[PlaceState, ...]
    generations: tuple[ResumedGeneration, ...]

    def encode(self) -> bytes:
        return b"".join(
            (
                self.case,
                self.case_salt,
                bytes((self.state, self.urgent)),
                u32(self.opened_hour),
                u32(self.last_seq),
                _list([place.encode() for place in self.places]),
                _list([generation.encode() for generation in self.generations]),
            )
        )

    @classmethod
    def decode(cls, body: bytes) -> "Resumed":
        reader = _reader(body)
        resumed = cls(
            case=CaseId(reader.take(32)),
            case_salt=reader.take(32),
            state=_state(reader.u8()),
            urgent=reader.flag(),
            opened_hour=reader.u32(),
            last_seq=reader.u32(),
            places=_read_places(reader),
            generations=_read_list(
                reader, lambda: ResumedGeneration(reader.bytes16(), reader.bytes16(), reader.take(LINK_BYTES))
            ),
        )
        reader.end()
        return resumed


class Sequenced(Struct, frozen=True):
    """An envelope and its place in the case's order; also the event ENVELOPE."""

    seq: int
    envelope: bytes

    def encode(self) -> bytes:
        return u32(self.seq) + bytes32(self.envelope)

    @classmethod
    def decode(cls, body: bytes) -> "Sequenced":
        reader = _reader(body)
        sequenced = cls(reader.u32(), reader.bytes32())
        reader.end()
        return sequenced


class Fetched(Struct, frozen=True):
    """The result of FETCH; `more`: older ones exist."""

    more: bool
    envelopes: tuple[Sequenced, ...]

    def encode(self) -> bytes:
        count = len(self.envelopes)
        return b"".join((bytes((self.more,)), u16(count), *[envelope.encode() for envelope in self.envelopes]))

    @classmethod
    def decode(cls, body: bytes) -> "Fetched":
        reader = _reader(body)
        more, count = reader.flag(), reader.u16()
        envelopes = tuple([Sequenced(reader.u32(), reader.bytes32()) for _ in range(count)])
        reader.end()
        if any(after.seq >= before.seq for before, after in pairwise(envelopes)):
            raise _malformed("envelopes come newest first")
        return cls(more, envelopes)


class Slip(Struct, frozen=True):
    """A slip as its reporter finds it again."""

    roster: bytes
    self_wrap: bytes
    envelope: bytes

    def encode(self) -> bytes:
        return bytes16(self.roster) + self.self_wrap + bytes32(self.envelope)


class Slips(Struct, frozen=True):
    """The result of SLIPS: those not taken back, first to last."""

    slips: tuple[Slip, ...]

    def encode(self) -> bytes:
        return _list([slip.encode() for slip in self.slips])

    @classmethod
    def decode(cls, body: bytes) -> "Slips":
        reader = _reader(body)
        slips = cls(_read_list(reader, lambda: Slip(reader.bytes16(), reader.take(SELF_WRAP_BYTES), reader.bytes32())))
        reader.end()
        return slips


# --- events


class Hello(Struct, frozen=True):
    """HELLO: the first record of every channel."""

    nonce: bytes
    server_time: int  # seconds since 1970
    slot_ms: int
    directory_version: int
    terms: Terms

    def encode(self) -> bytes:
        numbers = u64(self.server_time) + u32(self.slot_ms) + u32(self.directory_version)
        return self.nonce + numbers + self.terms.encode()

    @classmethod
    def decode(cls, body: bytes) -> "Hello":
        reader = _reader(body)
        hello = cls(reader.take(32), reader.u64(), reader.u32(), reader.u32(), Terms.read(reader))
        reader.end()
        return hello


class CaseState(Struct, frozen=True):
    """STATE: something about who holds the case has changed."""

    state: State
    places: tuple[PlaceState, ...]

    def encode(self) -> bytes:
        return bytes((self.state,)) + _list([place.encode() for place in self.places])

    @classmethod
    def decode(cls, body: bytes) -> "CaseState":
        reader = _reader(body)
        state = cls(_state(reader.u8()), _read_places(reader))
        reader.end()
        return state


class Presence(Struct, frozen=True):
    """PRESENCE: the queues whose holder of this case is at a desk now."""

    here: tuple[QueueId, ...]

    def encode(self) -> bytes:
        return _list([u16(queue) for queue in self.here])

    @classmethod
    def decode(cls, body: bytes) -> "Presence":
        reader = _reader(body)
        here = _read_list(reader, lambda: QueueId(reader.u16()))
        reader.end()
        if any(after <= before for before, after in pairwise(here)):
            raise _malformed("queues are sorted and distinct")
        return cls(here)
