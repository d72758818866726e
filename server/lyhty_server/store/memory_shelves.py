"""The shelves of the store without a disk."""

from collections import defaultdict
from dataclasses import dataclass, field

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.shelves import check_follows, check_key
from lyhty_server.store.interface import EnvelopePage, NewEnvelope, StoredEnvelope
from lyhty_server.store.shelf_rows import NewShelfRoom, ShelfAppended, ShelfRoomRow, ShelfRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import Epoch, QueueId


@dataclass(frozen=True, slots=True)
class _Room:
    new: NewShelfRoom
    first_seq: int


@dataclass(slots=True)
class _Shelf:
    rooms: list[_Room] = field(default_factory=list)
    envelopes: list[NewEnvelope] = field(default_factory=list)

    def stored_already(self, envelope: NewEnvelope) -> ShelfAppended | None:
        for seq, stored in enumerate(self.envelopes, start=1):
            if stored.object_id == envelope.object_id:
                if stored.body != envelope.body:
                    raise DomainError(Code.OBJECT_CONFLICT)
                return ShelfAppended(seq, fresh=False)
        return None

    def append(self, envelope: NewEnvelope) -> ShelfAppended:
        self.envelopes.append(envelope)
        return ShelfAppended(len(self.envelopes), fresh=True)


class MemoryShelves:
    def __init__(self) -> None:
        super().__init__()
        self._shelves: defaultdict[QueueId, _Shelf] = defaultdict(_Shelf)

    async def open_shelf_room(self, new: NewShelfRoom, after: int) -> ShelfAppended:
        shelf = self._shelves[new.queue]
        stored = shelf.stored_already(new.first)
        if stored is not None:
            return stored
        check_follows(len(shelf.envelopes), after)
        if any(room.new.room_id == new.room_id for each in self._shelves.values() for room in each.rooms):
            raise DomainError(Code.OBJECT_CONFLICT)
        shelf.rooms.append(_Room(new, after + 1))
        return shelf.append(new.first)

    async def append_to_shelf(self, queue: QueueId, envelope: NewEnvelope, after: int, current: Epoch) -> ShelfAppended:
        shelf = self._shelves[queue]
        stored = shelf.stored_already(envelope)
        if stored is not None:
            return stored
        if not shelf.rooms:
            raise DomainError(Code.ROOM_UNKNOWN)
        check_follows(len(shelf.envelopes), after)
        newest = shelf.rooms[-1]
        check_key(newest.new.epoch, current)
        of_room = shelf.envelopes[newest.first_seq - 1 :]
        if any((each.author, each.counter) == (envelope.author, envelope.counter) for each in of_room):
            raise DomainError(Code.COUNTER_CONFLICT)
        return shelf.append(envelope)

    async def shelf(self, queue: QueueId) -> ShelfRow:
        shelf = self._shelves[queue]
        rows = tuple(
            ShelfRoomRow(
                room.new.room_id, room.new.roster, room.new.wrap if room is shelf.rooms[-1] else None, room.first_seq
            )
            for room in shelf.rooms
        )
        return ShelfRow(rows, len(shelf.envelopes))

    async def shelf_envelopes(self, queue: QueueId, after: int, limit: int) -> EnvelopePage:
        stored = enumerate(self._shelves[queue].envelopes, start=1)
        found = [StoredEnvelope(seq, each.body) for seq, each in stored if seq > after]
        return EnvelopePage(tuple(found[:limit]), more=len(found) > limit)

    def _epochs_of_shelves(self) -> set[tuple[QueueId, Epoch]]:
        return {(queue, shelf.rooms[-1].new.epoch) for queue, shelf in self._shelves.items() if shelf.rooms}
