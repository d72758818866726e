"""The rooms of the store without a disk."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from lyhty_server.domain.cases import Place, PlaceState
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.rooms import check_may_give, check_may_open, check_may_write, may_read
from lyhty_server.store.interface import EnvelopePage, NewEnvelope, StoredEnvelope
from lyhty_server.store.room_rows import GivenSlip, NewRoom, Reader, RoomChange, RoomCursor, RoomPage, RoomRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, Epoch, QueueId, RoomId
from lyhty_wire.rooms import RoomKind


@dataclass(slots=True)
class _Room:
    number: int
    new: NewRoom
    envelopes: list[NewEnvelope] = field(default_factory=list)
    ended: bool = False

    def row(self, queues: frozenset[QueueId]) -> RoomRow:
        new = self.new
        wraps = tuple(wrap.wrap for wrap in new.wraps if wrap.queue in queues)
        return RoomRow(new.room_id, new.case_id, new.kind, new.roster, wraps, len(self.envelopes), self.ended)


class MemoryRooms(ABC):
    def __init__(self) -> None:
        super().__init__()
        self._rooms: dict[RoomId, _Room] = {}
        self._rooms_opened = 0

    @abstractmethod
    def _places(self, case_id: CaseId) -> Mapping[QueueId, Place]:
        """case-unknown, case-erased."""

    async def open_room(self, new: NewRoom, opener: Reader | None) -> RoomChange:
        places = self._places(new.case_id)
        known = self._rooms.get(new.room_id)
        if known is not None:
            same = (known.new.case_id, known.new.roster, known.envelopes[0]) == (new.case_id, new.roster, new.first)
            if not same:
                raise DomainError(Code.OBJECT_CONFLICT)
            return self._change(known, 1, fresh=False)
        count = len(self._of(new.case_id))
        if opener is None:
            check_may_give(new.queues, places, count)
        else:
            check_may_open(new.kind, new.queues, places, opener.expert_id, count)
        self._rooms_opened += 1
        self._rooms[new.room_id] = _Room(self._rooms_opened, new, [new.first])
        return self._change(self._rooms[new.room_id], 1, fresh=True)

    async def rooms_of(self, case_id: CaseId, reader: Reader) -> tuple[RoomRow, ...]:
        self._places(case_id)
        return tuple(room.row(reader.queues) for room in self._of(case_id) if self._is_for(room, reader))

    async def consultations(self, queue: QueueId, after: RoomCursor | None, limit: int) -> RoomPage:
        start = 0 if after is None else after.room_seq
        found = [
            room
            for room in self._rooms.values()
            if room.number > start
            and room.new.kind is RoomKind.CONSULTATION
            and not room.ended
            and queue in room.new.queues
            and any(place.state is not PlaceState.CLOSED for place in self._places(room.new.case_id).values())
        ]
        page = found[:limit]
        rows = tuple(room.row(frozenset({queue})) for room in page)
        return RoomPage(rows, RoomCursor(page[-1].number) if len(found) > limit else None)

    async def append_to_room(self, room_id: RoomId, envelope: NewEnvelope, reader: Reader) -> RoomChange:
        room = self._read_by(room_id, reader)
        for seq, stored in enumerate(room.envelopes, start=1):
            if stored.object_id == envelope.object_id:
                if stored.body != envelope.body:
                    raise DomainError(Code.OBJECT_CONFLICT)
                return self._change(room, seq, fresh=False)
        if any((each.author, each.counter) == (envelope.author, envelope.counter) for each in room.envelopes):
            raise DomainError(Code.COUNTER_CONFLICT)
        check_may_write(room.new.kind, is_ended=room.ended)
        room.envelopes.append(envelope)
        return self._change(room, len(room.envelopes), fresh=True)

    async def room_envelopes(self, room_id: RoomId, after: int, limit: int, reader: Reader) -> EnvelopePage:
        room = self._read_by(room_id, reader)
        found = [StoredEnvelope(seq, each.body) for seq, each in enumerate(room.envelopes, start=1) if seq > after]
        return EnvelopePage(tuple(found[:limit]), more=len(found) > limit)

    async def end_room(self, room_id: RoomId, reader: Reader) -> RoomChange:
        room = self._read_by(room_id, reader)
        holders = {place.holder for place in self._places(room.new.case_id).values()}
        if room.new.kind is not RoomKind.CONSULTATION or reader.expert_id not in holders:
            raise DomainError(Code.CASE_NOT_HELD)
        fresh, room.ended = not room.ended, True
        return self._change(room, len(room.envelopes), fresh=fresh)

    async def slips(self, case_id: CaseId) -> tuple[GivenSlip, ...]:
        self._places(case_id)
        return tuple(
            GivenSlip(room.new.roster, room.new.self_wrap, room.envelopes[0].body)
            for room in self._of(case_id)
            if room.new.self_wrap is not None
        )

    async def take_back(self, case_id: CaseId, room_id: RoomId) -> RoomChange | None:
        self._places(case_id)
        room = self._rooms.get(room_id)
        if room is None or room.new.case_id != case_id or room.new.kind is not RoomKind.SLIP:
            return None
        change = self._change(room, len(room.envelopes), fresh=True)
        del self._rooms[room_id]
        return change

    def _epochs_of_rooms(self) -> set[tuple[QueueId, Epoch]]:
        return {(wrap.queue, wrap.epoch) for room in self._rooms.values() for wrap in room.new.wraps}

    def _erase_rooms(self, case_id: CaseId) -> None:
        for room in self._of(case_id):
            del self._rooms[room.new.room_id]

    def _of(self, case_id: CaseId) -> list[_Room]:
        return [room for room in self._rooms.values() if room.new.case_id == case_id]

    def _is_for(self, room: _Room, reader: Reader) -> bool:
        places = self._places(room.new.case_id)
        return may_read(room.new.kind, room.new.queues, places, reader.expert_id, reader.queues)

    def _read_by(self, room_id: RoomId, reader: Reader) -> _Room:
        room = self._rooms.get(room_id)
        if room is None:
            raise DomainError(Code.ROOM_UNKNOWN)
        if not self._is_for(room, reader):
            raise DomainError(Code.CASE_NOT_HELD)
        return room

    def _change(self, room: _Room, seq: int, *, fresh: bool) -> RoomChange:
        new = room.new
        held = [
            place.holder
            for queue, place in sorted(self._places(new.case_id).items())
            if queue in new.queues and place.holder is not None
        ]
        return RoomChange(new.room_id, new.case_id, new.kind, seq, fresh, new.queues, tuple(dict.fromkeys(held)))
