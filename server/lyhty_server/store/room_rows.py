"""What the server keeps of the sealed rooms beside a case, and what may be asked of it (SPEC 3.5, 9)."""

from typing import Protocol

from msgspec import Struct

from lyhty_server.store.figure_rows import FigureStore
from lyhty_server.store.interface import EnvelopePage, NewEnvelope, NewWrap, Store
from lyhty_server.store.organisation_rows import OrganisationStore
from lyhty_server.store.people_rows import PeopleStore
from lyhty_server.store.recovery_rows import RecoveryStore
from lyhty_server.store.report_rows import ReportStore
from lyhty_server.store.session_rows import SessionStore
from lyhty_server.store.shelf_rows import ShelfStore
from lyhty_server.store.viewer_rows import ViewerStore
from lyhty_wire.ids import CaseId, ExpertId, QueueId, RoomId
from lyhty_wire.rooms import RoomKind


class Reader(Struct, frozen=True):
    """An expert, with the queues the directory gives them at this moment."""

    expert_id: ExpertId
    queues: frozenset[QueueId]


class NewRoom(Struct, frozen=True):
    room_id: RoomId
    case_id: CaseId
    kind: RoomKind
    roster: bytes
    self_wrap: bytes | None
    """The reporter's own copy of the key: of a slip, and of nothing else."""
    wraps: tuple[NewWrap, ...]
    first: NewEnvelope

    @property
    def queues(self) -> frozenset[QueueId]:
        return frozenset(wrap.queue for wrap in self.wraps)


class RoomRow(Struct, frozen=True):
    room_id: RoomId
    case_id: CaseId
    kind: RoomKind
    roster: bytes
    wraps: tuple[bytes, ...]
    """To the queues of the one who asks."""
    last_seq: int
    ended: bool


class RoomChange(Struct, frozen=True):
    """What was added or has ended, and who may hear of it."""

    room_id: RoomId
    case_id: CaseId
    kind: RoomKind
    seq: int
    fresh: bool
    queues: frozenset[QueueId]
    holders: tuple[ExpertId, ...]
    """Of the case's places in these queues."""


class RoomCursor(Struct, frozen=True):
    room_seq: int


class RoomPage(Struct, frozen=True):
    rooms: tuple[RoomRow, ...]
    next: RoomCursor | None


class GivenSlip(Struct, frozen=True):
    """A slip as its reporter finds it again."""

    roster: bytes
    self_wrap: bytes
    envelope: bytes


class RoomStore(Protocol):
    async def open_room(self, new: NewRoom, opener: Reader | None) -> RoomChange:
        """By an expert, or for a slip by the reporter (None). Again with the same bytes: the same answer.

        case-unknown, case-erased, case-not-held, case-closed, queue-unknown, too-many-rooms; object-conflict: other
        bytes under this room id.
        """

    async def rooms_of(self, case_id: CaseId, reader: Reader) -> tuple[RoomRow, ...]:
        """Those that the reader may read, first to last. case-unknown, case-erased."""

    async def consultations(self, queue: QueueId, after: RoomCursor | None, limit: int) -> RoomPage:
        """Those of open cases that have not ended, oldest first, with their wraps to this queue."""

    async def append_to_room(self, room_id: RoomId, envelope: NewEnvelope, reader: Reader) -> RoomChange:
        """room-unknown, case-not-held, case-closed, object-conflict, counter-conflict."""

    async def room_envelopes(self, room_id: RoomId, after: int, limit: int, reader: Reader) -> EnvelopePage:
        """Oldest first. room-unknown, case-not-held."""

    async def end_room(self, room_id: RoomId, reader: Reader) -> RoomChange:
        """A consultation, by a holder of the case; again: the same answer. room-unknown, case-not-held."""

    async def slips(self, case_id: CaseId) -> tuple[GivenSlip, ...]:
        """The reporter's own, first to last. case-unknown, case-erased."""

    async def take_back(self, case_id: CaseId, room_id: RoomId) -> RoomChange | None:
        """Remove a slip and its key, on disk too; None when it is not there (any more). case-unknown, case-erased."""


class WholeStore(
    Store,
    PeopleStore,
    RoomStore,
    RecoveryStore,
    ShelfStore,
    FigureStore,
    OrganisationStore,
    ViewerStore,
    ReportStore,
    SessionStore,
    Protocol,
):
    """What a server stands on."""
