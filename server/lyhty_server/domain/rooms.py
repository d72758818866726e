"""Who may open a room beside a case, read in it and write (SPEC 3.5, 9). The server sees readers, no words."""

from collections.abc import Collection, Mapping
from typing import Final

from lyhty_server.domain.cases import Place, PlaceState
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId, QueueId
from lyhty_wire.rooms import RoomKind

# Notes need a new room when a queue's key changes, a consultation one for each question; a slip each time one is given.
MAX_ROOMS: Final = 64

Places = Mapping[QueueId, Place]


def check_may_open(kind: RoomKind, queues: Collection[QueueId], places: Places, expert: ExpertId, rooms: int) -> None:
    """An expert who holds a place of the case: notes for that queue, a consultation with whom they like."""
    held = _held(places, expert)
    if kind is RoomKind.SLIP or not held.intersection(queues):
        raise DomainError(Code.CASE_NOT_HELD)
    _check_room_left(rooms)


def check_may_give(queues: Collection[QueueId], places: Places, rooms: int) -> None:
    """The reporter gives a slip to one queue that has the case and goes on with it."""
    for queue in queues:
        if queue not in places:
            raise DomainError(Code.QUEUE_UNKNOWN)
        if places[queue].state is PlaceState.CLOSED:
            raise DomainError(Code.CASE_CLOSED)
    _check_room_left(rooms)


def may_read(
    kind: RoomKind, queues: Collection[QueueId], places: Places, expert: ExpertId, own: Collection[QueueId]
) -> bool:
    """Whoever holds the case for a queue of the room; in a consultation all of its queues while the case is open."""
    if _held(places, expert).intersection(queues):
        return True
    is_open = any(place.state is not PlaceState.CLOSED for place in places.values())
    return kind is RoomKind.CONSULTATION and is_open and bool(set(own).intersection(queues))


def check_may_write(kind: RoomKind, *, is_ended: bool) -> None:
    """Of somebody who may read: a slip is the reporter's word alone, and what has ended has ended."""
    if kind is RoomKind.SLIP:
        raise DomainError(Code.CASE_NOT_HELD)
    if is_ended:
        raise DomainError(Code.CASE_CLOSED)


def _held(places: Places, expert: ExpertId) -> set[QueueId]:
    return {queue for queue, place in places.items() if place.holder == expert}


def _check_room_left(rooms: int) -> None:
    if rooms >= MAX_ROOMS:
        raise DomainError(Code.TOO_MANY_ROOMS)
