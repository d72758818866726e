"""The other end of a session's channel: says what a test tells it to and shows what came up. It decides nothing."""

from dataclasses import dataclass, field

from lyhty_client.happenings import Happening
from lyhty_client.session import ReporterSession
from lyhty_wire.codes import Code
from lyhty_wire.frames import FIRST_EVENT_STREAM, Direction, decode_frame
from lyhty_wire.multiplex import Incoming, Outgoing
from lyhty_wire.records import DownRecord, Event, Hello, Operation, UpRecord
from lyhty_wire.work import Terms

NO_EFFORT = Terms(bytes(16), 1)


@dataclass(frozen=True)
class Heard:
    """An operation that came up, and its stream."""

    stream: int
    record: UpRecord

    @property
    def operation(self) -> Operation:
        return self.record.operation


@dataclass
class Peer:
    session: ReporterSession
    now: int
    slot: int = 0
    up_frames: list[bytes] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    nonce: bytes = bytes(32)
    terms: Terms = NO_EFFORT
    works: bool = True
    """Whether somebody runs the session's searches."""

    def connect(self, nonce: bytes = b"n" * 32, *, version: int = 1, server_time: int | None = None) -> list[Heard]:
        """A new socket and its HELLO."""
        self.nonce = nonce
        self._outgoing = Outgoing(Direction.DOWN)
        self._incoming = Incoming()
        self._events = FIRST_EVENT_STREAM
        self.session.connected()
        time = self.now if server_time is None else server_time
        return self.say(Event.HELLO, Hello(nonce, time, 1000, version, self.terms).encode())

    def say(self, event: Event, body: bytes) -> list[Heard]:
        self._events += 1
        return self.send(self._events, DownRecord.event(event, body))

    def answer(self, heard: Heard, body: bytes = b"") -> list[Heard]:
        return self.send(heard.stream, DownRecord.result(heard.operation, heard.record.operation_id, body))

    def refuse(self, heard: Heard, code: Code) -> list[Heard]:
        return self.send(heard.stream, DownRecord.error(heard.record.operation_id, code))

    def send(self, stream: int, record: DownRecord) -> list[Heard]:
        """In as many slots as it takes, and as many more as the session needs to say its own."""
        self._outgoing.add(stream, record.encode())
        return self.tick()

    def tick(self) -> list[Heard]:
        heard: list[Heard] = []
        is_first = True
        self.work()
        while is_first or len(self._outgoing) or self.session.has_frames:
            is_first = False
            self.slot += 1
            self.happened += self.session.receive(self._outgoing.next_frame(self.slot), self.now)
            self.work()
            up = self.session.next_frame()
            self.up_frames.append(up)
            frame = decode_frame(Direction.UP, up)
            assert frame.slot == self.slot
            heard += [Heard(stream, UpRecord.decode(data)) for stream, data in self._incoming.accept(frame)]
        return heard

    def work(self) -> None:
        while self.works and (search := self.session.searching) is not None:
            self.session.searched(search, search.run(2**40))


def only(heard: list[Heard], operation: Operation) -> Heard:
    """The one operation that came up."""
    assert [each.operation for each in heard] == [operation]
    return heard[0]
