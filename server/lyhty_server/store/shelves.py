"""The queues' shelves of answer templates, as SQL. A refusal comes before the first change (`writes.singly`)."""

from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.shelves import check_follows, check_key
from lyhty_server.store.interface import EnvelopePage, NewEnvelope, StoredEnvelope
from lyhty_server.store.openings import envelope_digest
from lyhty_server.store.shelf_rows import NewShelfRoom, ShelfAppended, ShelfRoomRow, ShelfRow
from lyhty_server.store.tables import shelf_envelopes, shelf_rooms
from lyhty_wire.codes import Code
from lyhty_wire.ids import Epoch, QueueId

OpenRoom = tuple[NewShelfRoom, int]
Append = tuple[QueueId, NewEnvelope, int, Epoch]

_ROOMS: Final = (
    select(
        shelf_rooms.c.room_id, shelf_rooms.c.roster, shelf_rooms.c.wrap, shelf_rooms.c.first_seq,
        shelf_rooms.c.room_seq, shelf_rooms.c.epoch,
    )
    .where(shelf_rooms.c.queue == bindparam("queue"))
    .order_by(shelf_rooms.c.room_seq)
)  # fmt: skip
_LAST: Final = select(func.coalesce(func.max(shelf_envelopes.c.seq), 0)).where(
    shelf_envelopes.c.queue == bindparam("queue")
)
_AFTER: Final = (
    select(shelf_envelopes.c.seq, shelf_envelopes.c.body)
    .where(shelf_envelopes.c.queue == bindparam("queue"), shelf_envelopes.c.seq > bindparam("after"))
    .order_by(shelf_envelopes.c.seq)
    .limit(bindparam("limit"))
)
_SAME: Final = select(shelf_envelopes.c.seq, shelf_envelopes.c.digest).where(
    shelf_envelopes.c.queue == bindparam("queue"), shelf_envelopes.c.object_id == bindparam("object_id")
)
_COUNTER: Final = select(shelf_envelopes.c.seq).where(
    shelf_envelopes.c.room_seq == bindparam("room_seq"),
    shelf_envelopes.c.author == bindparam("author"),
    shelf_envelopes.c.counter == bindparam("counter"),
)


def shelf(connection: Connection, queue: QueueId) -> ShelfRow:
    rows = connection.execute(_ROOMS, {"queue": queue}).all()
    return ShelfRow(tuple(ShelfRoomRow(*row[:4]) for row in rows), _last_seq(connection, queue))


def envelopes(connection: Connection, queue: QueueId, after: int, limit: int) -> EnvelopePage:
    found = connection.execute(_AFTER, {"queue": queue, "after": after, "limit": limit + 1}).all()
    return EnvelopePage(tuple(StoredEnvelope(*row) for row in found[:limit]), more=len(found) > limit)


def open_room(connection: Connection, asked: OpenRoom) -> ShelfAppended:
    new, after = asked
    stored = _stored_already(connection, new.queue, new.first)
    if stored is not None:
        return stored
    check_follows(_last_seq(connection, new.queue), after)
    if connection.execute(select(shelf_rooms.c.room_seq).where(shelf_rooms.c.room_id == new.room_id)).first():
        raise DomainError(Code.OBJECT_CONFLICT)
    connection.execute(update(shelf_rooms).where(shelf_rooms.c.queue == new.queue).values(wrap=None))
    room_seq = connection.execute(
        insert(shelf_rooms).returning(shelf_rooms.c.room_seq),
        {
            "room_id": new.room_id,
            "queue": new.queue,
            "epoch": new.epoch,
            "roster": new.roster,
            "wrap": new.wrap,
            "first_seq": after + 1,
        },
    ).scalar_one()
    return _insert(connection, new.queue, room_seq, after + 1, new.first)


def append(connection: Connection, asked: Append) -> ShelfAppended:
    queue, envelope, after, current = asked
    stored = _stored_already(connection, queue, envelope)
    if stored is not None:
        return stored
    rooms = connection.execute(_ROOMS, {"queue": queue}).all()
    if not rooms:
        raise DomainError(Code.ROOM_UNKNOWN)
    check_follows(_last_seq(connection, queue), after)
    check_key(rooms[-1].epoch, current)
    number = {"room_seq": rooms[-1].room_seq, "author": envelope.author, "counter": envelope.counter}
    if connection.execute(_COUNTER, number).first() is not None:
        raise DomainError(Code.COUNTER_CONFLICT)
    return _insert(connection, queue, rooms[-1].room_seq, after + 1, envelope)


def _last_seq(connection: Connection, queue: QueueId) -> int:
    return int(connection.execute(_LAST, {"queue": queue}).scalar_one())


def _stored_already(connection: Connection, queue: QueueId, envelope: NewEnvelope) -> ShelfAppended | None:
    """Of a retry. object-conflict."""
    row = connection.execute(_SAME, {"queue": queue, "object_id": envelope.object_id}).first()
    if row is None:
        return None
    if row.digest != envelope_digest(envelope.body):
        raise DomainError(Code.OBJECT_CONFLICT)
    return ShelfAppended(row.seq, fresh=False)


def _insert(connection: Connection, queue: QueueId, room_seq: int, seq: int, envelope: NewEnvelope) -> ShelfAppended:
    connection.execute(
        insert(shelf_envelopes),
        {
            "queue": queue,
            "seq": seq,
            "room_seq": room_seq,
            "object_id": envelope.object_id,
            "author": envelope.author,
            "counter": envelope.counter,
            "digest": envelope_digest(envelope.body),
            "body": envelope.body,
        },
    )
    return ShelfAppended(seq, fresh=True)
