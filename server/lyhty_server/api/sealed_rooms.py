"""The sealed rooms beside cases, as desks ask for them (SPEC 3.5, 9)."""

from typing import Final, Literal

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InCase, InConsultations, InRoom, InRoomFrom
from lyhty_server.api.shapes import feed_text
from lyhty_server.domain.admission import check_message
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import NewEnvelope, NewWrap
from lyhty_server.store.room_rows import NewRoom, Reader, RoomChange, RoomCursor, RoomRow
from lyhty_wire.codes import Code
from lyhty_wire.desk import (
    Appended,
    ConsultationPage,
    Done,
    EnvelopePage,
    FeedRoom,
    NewSealedRoom,
    SealedRoom,
    SealedRooms,
    StoredEnvelope,
)
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import CaseId, ExpertId, Generation, QueueId, RoomId
from lyhty_wire.proofs import verify
from lyhty_wire.rooms import FIRST, RoomKind, check_room, check_room_wraps
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import Wrap

_KINDS: Final[dict[RoomKind, Literal["notes", "consultation", "slip"]]] = {
    RoomKind.NOTES: "notes",
    RoomKind.CONSULTATION: "consultation",
    RoomKind.SLIP: "slip",
}
_NUMBERS: Final = {text: kind for kind, text in _KINDS.items()}


class SealedRoomsDesk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def open(self, asked: AskedByExpert[InCase, NewSealedRoom]) -> Appended:
        server, opener = self._server, self._reader(asked.expert)
        new = self._new_room(CaseId(b64decode(asked.params.case, 32)), asked.body, asked.expert)
        change = await server.store.open_room(new, opener)
        tell_readers(server, change)
        return Appended(change.seq)

    async def of_case(self, asked: AskedByExpert[InCase, None]) -> SealedRooms:
        case = CaseId(b64decode(asked.params.case, 32))
        rows = await self._server.store.rooms_of(case, self._reader(asked.expert))
        return SealedRooms([_json(row) for row in rows])

    async def consultations(self, asked: AskedByExpert[InConsultations, None]) -> ConsultationPage:
        params, reader = asked.params, self._reader(asked.expert)
        if params.queue not in reader.queues:  # to others it does not exist
            raise DomainError(Code.QUEUE_UNKNOWN)
        page = await self._server.store.consultations(QueueId(params.queue), RoomCursor(params.after), params.limit)
        return ConsultationPage(
            [_json(row) for row in page.rooms], None if page.next is None else str(page.next.room_seq)
        )

    async def envelopes(self, asked: AskedByExpert[InRoomFrom, None]) -> EnvelopePage:
        params = asked.params
        page = await self._server.store.room_envelopes(
            _room(params.room), params.after, params.limit, self._reader(asked.expert)
        )
        return EnvelopePage([StoredEnvelope(each.seq, b64encode(each.body)) for each in page.envelopes], page.more)

    async def put(self, asked: AskedByExpert[InRoom, bytes]) -> Appended:
        server = self._server
        envelope = self._envelope(asked.body, asked.expert)
        change = await server.store.append_to_room(_room(asked.params.room), envelope, self._reader(asked.expert))
        tell_readers(server, change)
        return Appended(change.seq)

    async def end(self, asked: AskedByExpert[InRoom, None]) -> Done:
        change = await self._server.store.end_room(_room(asked.params.room), self._reader(asked.expert))
        tell_readers(self._server, change)
        return Done()

    def _new_room(self, case: CaseId, body: NewSealedRoom, expert: ExpertId) -> NewRoom:
        server, kind = self._server, _NUMBERS[body.kind]
        roster = UntrustedRoster.decode(encoded := b64decode(body.roster))
        room = check_room(roster, server.instance, case, kind)
        if roster.signer != server.trust.expert(expert).sign:
            raise DomainError(Code.SIGNATURE_INVALID)
        verify(roster.signer, roster.signature, roster.to_sign())
        wraps = [Wrap.decode(b64decode(wrap)) for wrap in body.wraps]
        check_room_wraps(roster, wraps)
        if not {(wrap.queue, wrap.epoch) for wrap in wraps} <= server.trust.current_epochs:
            raise DomainError(Code.EPOCH_STALE)
        first = self._envelope(b64decode(body.envelope), expert)
        if first.counter != 1:
            raise DomainError(Code.ENVELOPE_MALFORMED)
        return NewRoom(
            room, case, kind, encoded, None,
            tuple(NewWrap(wrap.queue, wrap.epoch, wrap.encode()) for wrap in wraps),
            first,
        )  # fmt: skip

    def _envelope(self, body: bytes, expert: ExpertId) -> NewEnvelope:
        header = decode_header(body)
        check_message(header, self._server.trust.expert(expert).sign)
        check_generation(header.generation)
        return NewEnvelope(header.object_id, header.author, header.generation, header.counter, body)

    def _reader(self, expert: ExpertId) -> Reader:
        return Reader(expert, frozenset(self._server.trust.expert(expert).queues))


def check_generation(generation: Generation) -> None:
    """SPEC 3.5: a room has one key for all of its life."""
    if generation != FIRST:
        raise MalformedError("envelope-malformed", "a room has one generation")


def tell_readers(server: Server, change: RoomChange) -> None:
    """Whoever may read it and is at a desk."""
    if not change.fresh:
        return
    text = feed_text(FeedRoom(b64encode(change.room_id), b64encode(change.case_id), _KINDS[change.kind], change.seq))
    if change.kind is RoomKind.CONSULTATION:
        server.hub.tell_queues(change.queues, text)
    else:
        for holder in change.holders:
            server.hub.tell_expert(holder, text)


def _json(row: RoomRow) -> SealedRoom:
    return SealedRoom(
        room=b64encode(row.room_id),
        case=b64encode(row.case_id),
        kind=_KINDS[row.kind],
        roster=b64encode(row.roster),
        wraps=[b64encode(wrap) for wrap in row.wraps],
        last_seq=row.last_seq,
        ended=row.ended,
    )


def _room(text: str) -> RoomId:
    return RoomId(CaseId(b64decode(text, 32)))
