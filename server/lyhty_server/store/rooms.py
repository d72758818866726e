"""The sealed rooms beside a case, as SQL. A refusal comes before the first change (`writes.singly`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from lyhty_server.domain.cases import Place, PlaceState
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.rooms import check_may_give, check_may_open, check_may_write, may_read
from lyhty_server.store.interface import EnvelopePage, NewEnvelope, StoredEnvelope
from lyhty_server.store.openings import envelope_digest
from lyhty_server.store.reads import find_case
from lyhty_server.store.room_rows import GivenSlip, NewRoom, Reader, RoomChange, RoomCursor, RoomPage, RoomRow
from lyhty_server.store.tables import STILL_OPEN, cases, places, room_envelopes, room_wraps, rooms, wrap_keys
from lyhty_server.store.wrap_keys import keep_keys, new_keys, seal, unseal
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, ExpertId, QueueId, RoomId
from lyhty_wire.rooms import RoomKind

FIRST: Final = 1

Open = tuple[NewRoom, Reader | None]
Append = tuple[RoomId, NewEnvelope, Reader]
End = tuple[RoomId, Reader]
TakeBack = tuple[CaseId, RoomId]

_ROOM = (
    select(
        rooms.c.room_seq,
        rooms.c.room_id,
        rooms.c.case_seq,
        cases.c.case_id,
        rooms.c.kind,
        rooms.c.roster,
        rooms.c.last_seq,
        rooms.c.ended,
    )
    .join_from(rooms, cases)
    .order_by(rooms.c.room_seq)
)
_BY_ID = _ROOM.where(rooms.c.room_id == bindparam("room_id"))
_OF_CASE = _ROOM.where(rooms.c.case_seq == bindparam("case_seq"))
_ASKING = (
    _ROOM.join(room_wraps, room_wraps.c.room_seq == rooms.c.room_seq)
    .where(
        room_wraps.c.queue == bindparam("queue"),
        room_wraps.c.room_seq > bindparam("after"),
        rooms.c.kind == int(RoomKind.CONSULTATION),
        rooms.c.ended == 0,
        exists().where(places.c.case_seq == rooms.c.case_seq, STILL_OPEN),
    )
    .limit(bindparam("limit"))
)
_PLACES = select(places.c.queue, places.c.state, places.c.holder, places.c.lease_until_s).where(
    places.c.case_seq == bindparam("case_seq")
)
_OF_ROOM = (wrap_keys.c.case_seq == rooms.c.case_seq) & (wrap_keys.c.room_seq == rooms.c.room_seq)
_WRAPS = (
    select(room_wraps.c.queue, room_wraps.c.wrap, wrap_keys.c.key)
    .join_from(room_wraps, rooms)
    .outerjoin(wrap_keys, _OF_ROOM)
    .where(room_wraps.c.room_seq == bindparam("room_seq"))
    .order_by(room_wraps.c.queue, room_wraps.c.epoch)
)
_ENVELOPES = select(room_envelopes.c.seq, room_envelopes.c.body).where(
    room_envelopes.c.room_seq == bindparam("room_seq")
)
_AFTER = (
    _ENVELOPES.where(room_envelopes.c.seq > bindparam("after")).order_by(room_envelopes.c.seq).limit(bindparam("limit"))
)
_SAME = select(
    room_envelopes.c.object_id, room_envelopes.c.author, room_envelopes.c.counter, room_envelopes.c.seq,
    room_envelopes.c.digest,
).where(
    room_envelopes.c.room_seq == bindparam("room_seq"),
    (room_envelopes.c.object_id == bindparam("object_id"))
    | ((room_envelopes.c.author == bindparam("author")) & (room_envelopes.c.counter == bindparam("counter"))),
)  # fmt: skip
_SLIPS = (
    select(rooms.c.roster, rooms.c.self_wrap, room_envelopes.c.body, wrap_keys.c.key)
    .join_from(rooms, room_envelopes)
    .outerjoin(wrap_keys, _OF_ROOM)
    .where(rooms.c.case_seq == bindparam("case_seq"), rooms.c.kind == int(RoomKind.SLIP))
    .order_by(rooms.c.room_seq)
)


@dataclass(frozen=True, slots=True)
class _Room:
    room_seq: int
    room_id: RoomId
    case_seq: int
    case_id: CaseId
    kind: RoomKind
    roster: bytes
    last_seq: int
    ended: bool
    wraps: tuple[tuple[QueueId, bytes], ...]
    places: Mapping[QueueId, Place]

    @property
    def queues(self) -> frozenset[QueueId]:
        return frozenset(queue for queue, _ in self.wraps)

    def is_for(self, reader: Reader) -> bool:
        return may_read(self.kind, self.queues, self.places, reader.expert_id, reader.queues)

    def row(self, queues: frozenset[QueueId]) -> RoomRow:
        wraps = tuple(wrap for queue, wrap in self.wraps if queue in queues)
        return RoomRow(self.room_id, self.case_id, self.kind, self.roster, wraps, self.last_seq, self.ended)

    def change(self, seq: int, *, fresh: bool) -> RoomChange:
        return RoomChange(
            self.room_id, self.case_id, self.kind, seq, fresh, self.queues, holders_in(self.places, self.queues)
        )


def holders_in(of: Mapping[QueueId, Place], queues: frozenset[QueueId]) -> tuple[ExpertId, ...]:
    held = (place.holder for queue, place in sorted(of.items()) if queue in queues and place.holder is not None)
    return tuple(dict.fromkeys(held))


# --- Reading


def rooms_of(connection: Connection, case_id: CaseId, reader: Reader) -> tuple[RoomRow, ...]:
    case_seq, _, _ = find_case(connection, case_id)
    found = _rooms(connection, connection.execute(_OF_CASE, {"case_seq": case_seq}).all())
    return tuple(room.row(reader.queues) for room in found if room.is_for(reader))


def consultations(connection: Connection, queue: QueueId, after: RoomCursor | None, limit: int) -> RoomPage:
    values = {"queue": queue, "after": 0 if after is None else after.room_seq, "limit": limit + 1}
    found = _rooms(connection, connection.execute(_ASKING, values).all())
    page = found[:limit]
    rows = tuple(room.row(frozenset({queue})) for room in page)
    return RoomPage(rows, RoomCursor(page[-1].room_seq) if len(found) > limit else None)


def envelopes(connection: Connection, room_id: RoomId, after: int, limit: int, reader: Reader) -> EnvelopePage:
    room = _read_by(connection, room_id, reader)
    values = {"room_seq": room.room_seq, "after": after, "limit": limit + 1}
    found = connection.execute(_AFTER, values).all()
    return EnvelopePage(tuple(StoredEnvelope(*row) for row in found[:limit]), more=len(found) > limit)


def slips(connection: Connection, case_id: CaseId) -> tuple[GivenSlip, ...]:
    case_seq, _, _ = find_case(connection, case_id)
    return tuple(
        GivenSlip(roster, unseal(key, self_wrap), body)
        for roster, self_wrap, body, key in connection.execute(_SLIPS, {"case_seq": case_seq})
    )


# --- Writing


def open_room(connection: Connection, asked: Open) -> RoomChange:
    new, opener = asked
    case_seq, _, _ = find_case(connection, new.case_id)
    known = _find(connection, new.room_id)
    if known is not None:
        return _same(connection, known, new)
    of_case = _places(connection, case_seq)
    count = connection.execute(select(func.count()).where(rooms.c.case_seq == case_seq)).scalar_one()
    if opener is None:
        check_may_give(new.queues, of_case, count)
    else:
        check_may_open(new.kind, new.queues, of_case, opener.expert_id, count)
    [key] = new_keys(connection, 1)
    room_seq = connection.execute(
        insert(rooms).returning(rooms.c.room_seq),
        {
            "room_id": new.room_id,
            "case_seq": case_seq,
            "kind": int(new.kind),
            "roster": new.roster,
            "self_wrap": None if new.self_wrap is None else seal(key, new.self_wrap),
            "last_seq": FIRST,
            "ended": 0,
        },
    ).scalar_one()
    keep_keys(connection, [(case_seq, room_seq, key)])
    connection.execute(
        insert(room_wraps),
        [
            {"room_seq": room_seq, "queue": wrap.queue, "epoch": wrap.epoch, "wrap": seal(key, wrap.wrap)}
            for wrap in new.wraps
        ],
    )
    _insert(connection, room_seq, FIRST, new.first)
    return RoomChange(new.room_id, new.case_id, new.kind, FIRST, True, new.queues, holders_in(of_case, new.queues))


def append(connection: Connection, asked: Append) -> RoomChange:
    room_id, envelope, reader = asked
    room = _read_by(connection, room_id, reader)
    seq = _seq_of(connection, room.room_seq, envelope)
    if seq is not None:
        return room.change(seq, fresh=False)
    check_may_write(room.kind, is_ended=room.ended)
    _insert(connection, room.room_seq, room.last_seq + 1, envelope)
    connection.execute(update(rooms).where(rooms.c.room_seq == room.room_seq).values(last_seq=room.last_seq + 1))
    return room.change(room.last_seq + 1, fresh=True)


def end(connection: Connection, asked: End) -> RoomChange:
    room_id, reader = asked
    room = _read_by(connection, room_id, reader)
    if room.kind is not RoomKind.CONSULTATION or reader.expert_id not in {p.holder for p in room.places.values()}:
        raise DomainError(Code.CASE_NOT_HELD)
    connection.execute(update(rooms).where(rooms.c.room_seq == room.room_seq).values(ended=1))
    return room.change(room.last_seq, fresh=not room.ended)


def take_back(connection: Connection, asked: TakeBack) -> RoomChange | None:
    case_id, room_id = asked
    case_seq, _, _ = find_case(connection, case_id)
    room = _find(connection, room_id)
    if room is None or room.case_seq != case_seq or room.kind is not RoomKind.SLIP:
        return None
    connection.execute(delete(wrap_keys).where(wrap_keys.c.case_seq == case_seq, wrap_keys.c.room_seq == room.room_seq))
    for table in (room_envelopes, room_wraps, rooms):
        connection.execute(delete(table).where(table.c.room_seq == room.room_seq))
    return room.change(room.last_seq, fresh=True)


def erase_rooms(connection: Connection, case_seq: int) -> None:
    of_case = select(rooms.c.room_seq).where(rooms.c.case_seq == case_seq)
    for table in (room_envelopes, room_wraps):
        connection.execute(delete(table).where(table.c.room_seq.in_(of_case)))
    connection.execute(delete(rooms).where(rooms.c.case_seq == case_seq))


def _insert(connection: Connection, room_seq: int, seq: int, envelope: NewEnvelope) -> None:
    connection.execute(
        insert(room_envelopes),
        {
            "room_seq": room_seq,
            "seq": seq,
            "object_id": envelope.object_id,
            "author": envelope.author,
            "counter": envelope.counter,
            "digest": envelope_digest(envelope.body),
            "body": envelope.body,
        },
    )


def _same(connection: Connection, known: _Room, new: NewRoom) -> RoomChange:
    """A retry, or other bytes under the same id."""
    is_stored = _seq_of(connection, known.room_seq, new.first) == FIRST
    if known.case_id != new.case_id or known.roster != new.roster or not is_stored:
        raise DomainError(Code.OBJECT_CONFLICT)
    return known.change(FIRST, fresh=False)


def _seq_of(connection: Connection, room_seq: int, envelope: NewEnvelope) -> int | None:
    """Of a retry. object-conflict, counter-conflict."""
    values = {
        "room_seq": room_seq,
        "object_id": envelope.object_id,
        "author": envelope.author,
        "counter": envelope.counter,
    }
    for object_id, _, _, seq, digest in connection.execute(_SAME, values).all():
        if object_id != envelope.object_id:
            continue
        if digest != envelope_digest(envelope.body):
            raise DomainError(Code.OBJECT_CONFLICT)
        return int(seq)
    if connection.execute(_SAME, values).first() is not None:
        raise DomainError(Code.COUNTER_CONFLICT)
    return None


def _read_by(connection: Connection, room_id: RoomId, reader: Reader) -> _Room:
    room = _find(connection, room_id)
    if room is None:
        raise DomainError(Code.ROOM_UNKNOWN)
    if not room.is_for(reader):
        raise DomainError(Code.CASE_NOT_HELD)
    return room


def _find(connection: Connection, room_id: RoomId) -> _Room | None:
    found = _rooms(connection, connection.execute(_BY_ID, {"room_id": room_id}).all())
    return found[0] if found else None


def _rooms(connection: Connection, rows: Sequence[Any]) -> list[_Room]:
    return [
        _Room(
            room_seq, room_id, case_seq, case_id, RoomKind(kind), roster, last_seq, bool(ended),
            tuple(
                (queue, unseal(key, wrap))
                for queue, wrap, key in connection.execute(_WRAPS, {"room_seq": room_seq})
            ),
            _places(connection, case_seq),
        )
        for room_seq, room_id, case_seq, case_id, kind, roster, last_seq, ended in rows
    ]  # fmt: skip


def _places(connection: Connection, case_seq: int) -> dict[QueueId, Place]:
    return {
        queue: Place(PlaceState(state), holder, lease_until_s)
        for queue, state, holder, lease_until_s in connection.execute(_PLACES, {"case_seq": case_seq})
    }
