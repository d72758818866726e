"""The states of a case's places and who may change them (SPEC 6.4, 9).

A place is one case in one queue. Each rule takes a place and gives the place that follows, or raises `DomainError`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.leases import has_lapsed
from lyhty_wire.codes import Code
from lyhty_wire.envelopes import SIZES
from lyhty_wire.ids import ExpertId

# Longer than a school's summer holiday is nobody's plan for a case; it goes back to the queue instead.
LONGEST_SNOOZE_S: Final = 31 * 24 * 3600
# SPEC 9. A full week of one expert, at 15 new cases and some that go on; a setting of the server.
CAPACITY: Final = 20
# SPEC 6.4. Twice whether it helped, each time with the case's next key before it.
MOST_AFTER_CLOSING: Final = 4


class PlaceState(IntEnum):
    """The numbers of SPEC 6.4. A case uses the same."""

    WAITING = 1
    HELD = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Snooze:
    """The holder looks at the case again at this time, or when a message comes after the ones they had seen."""

    until_s: int
    seq: int
    """Of the newest envelope the holder had seen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Only legal places can be made: there is a holder with a deadline exactly while the place is held."""

    state: PlaceState
    holder: ExpertId | None = None
    lease_until_s: int | None = None
    snooze: Snooze | None = None
    closer: ExpertId | None = None
    """Who closed it, and may read and reopen it."""
    lapses: int = 0
    """How often it came back to its queue because its holder let the lease pass."""

    def __post_init__(self) -> None:
        held = self.state is PlaceState.HELD
        if (self.holder is not None) is not held or (self.lease_until_s is not None) is not held:
            raise ValueError("a place has a holder and a deadline exactly while it is held")
        if self.snooze is not None and not held:
            raise ValueError("only what is held can be snoozed")
        if self.closer is not None and self.state is not PlaceState.CLOSED:
            raise ValueError("only what is closed has somebody who closed it")


WAITING: Final = Place(PlaceState.WAITING)
CLOSED: Final = Place(PlaceState.CLOSED)


def claim(place: Place, expert: ExpertId, now_s: int, until_s: int) -> Place:
    """The place in the expert's hands. Claiming what one holds renews the lease, so a repeated claim does no harm."""
    if place.state is PlaceState.CLOSED:
        raise DomainError(Code.CASE_CLOSED)
    if place.holder == expert:
        return replace(place, lease_until_s=until_s)
    came_back = lapse(place, now_s)
    if came_back.state is PlaceState.HELD:
        raise DomainError(Code.CASE_ALREADY_CLAIMED)
    return _held(came_back, expert, until_s)


def reopen(place: Place, expert: ExpertId, now_s: int, until_s: int) -> Place:
    """By whoever closed it. Reopening what one holds renews the lease, so a repeated call does no harm."""
    if place.state is PlaceState.CLOSED and place.closer == expert:
        return _held(place, expert, until_s)
    check_holder(place, expert)
    return claim(place, expert, now_s, until_s)


def _held(place: Place, expert: ExpertId, until_s: int) -> Place:
    return Place(PlaceState.HELD, expert, until_s, lapses=place.lapses)


def release(place: Place, expert: ExpertId) -> Place:
    check_holder(place, expert)
    return Place(PlaceState.WAITING, lapses=place.lapses)


def close(place: Place, expert: ExpertId) -> Place:
    check_holder(place, expert)
    return Place(PlaceState.CLOSED, closer=expert, lapses=place.lapses)


def snooze(place: Place, expert: ExpertId, asked: Snooze | None, now_s: int, until_s: int) -> Place:
    """None wakes it. `until_s`: a whole lease from when it wakes, so that it does not go back to the queue asleep."""
    check_holder(place, expert)
    if asked is None:
        return replace(place, snooze=None)
    if not now_s < asked.until_s <= now_s + LONGEST_SNOOZE_S:
        raise DomainError(Code.OPERATION_MALFORMED)
    return renew(replace(place, snooze=asked), expert, until_s)


def wake(place: Place, now_s: int) -> Place:
    """Awake if its time has come; else as it was."""
    if place.snooze is not None and place.snooze.until_s <= now_s:
        return replace(place, snooze=None)
    return place


def is_snoozed(place: Place, now_s: int) -> bool:
    return wake(place, now_s).snooze is not None


def check_capacity(awake: int, capacity: int) -> None:
    """`awake`: places the expert holds, but for those snoozed. Who has enough to answer takes no more."""
    if awake >= capacity:
        raise DomainError(Code.CAPACITY_REACHED)


def check_reader(place: Place, expert: ExpertId) -> None:
    """Its holder reads a place; and once it is closed, whoever closed it."""
    if place.state is not PlaceState.CLOSED or place.closer != expert:
        check_holder(place, expert)


def check_holder(place: Place, expert: ExpertId) -> None:
    if place.state is PlaceState.CLOSED:
        raise DomainError(Code.CASE_CLOSED)
    if place.holder != expert:
        raise DomainError(Code.CASE_NOT_HELD)


def renew(place: Place, expert: ExpertId, until_s: int) -> Place:
    """After a write of the expert: the deadline of a place that is theirs moves, but never back."""
    if place.holder != expert or place.lease_until_s is None:
        return place
    return replace(place, lease_until_s=max(place.lease_until_s, until_s))


def lapse(place: Place, now_s: int) -> Place:
    """Back to the queue if its lease has passed; else as it was."""
    if place.lease_until_s is not None and has_lapsed(place.lease_until_s, now_s):
        return Place(PlaceState.WAITING, lapses=place.lapses + 1)
    return place


def case_state(places: Iterable[PlaceState]) -> PlaceState:
    """A case is closed when all its places are, held when any is, and else waits."""
    states = set(places)
    if PlaceState.HELD in states:
        return PlaceState.HELD
    # SPEC 6.4: closed when all its places are.
    return PlaceState.CLOSED if states == {PlaceState.CLOSED} else PlaceState.WAITING


def check_may_answer(place: Place | None, expert: ExpertId) -> None:
    """Only who holds the very place can answer from it."""
    if place is None or place.holder != expert:
        raise DomainError(Code.CASE_NOT_HELD)


def check_may_write(places: Iterable[Place], expert: ExpertId | None) -> None:
    """Whether an expert (or the reporter: None) may add to a case with these places."""
    seen = tuple(places)
    if _is_closed(seen):
        raise DomainError(Code.CASE_CLOSED)
    if expert is not None and not any(place.holder == expert for place in seen):
        raise DomainError(Code.CASE_NOT_HELD)


def check_may_write_late(places: Iterable[Place], size: int, last_seq: int, closed_seq: int | None) -> None:
    """What a reporter may add knowing that the case is closed (SPEC 6.4). `closed_seq`: its newest envelope then."""
    seen = tuple(places)
    if not _is_closed(seen):
        return
    has_room = closed_seq is not None and last_seq - closed_seq < MOST_AFTER_CLOSING
    if size != SIZES[0] or not has_room or not closers_told(seen):
        raise DomainError(Code.CASE_CLOSED)


def closers_told(places: Iterable[Place]) -> tuple[ExpertId, ...]:
    """Of a closed case, who may read what has come: each once, by queue."""
    seen = tuple(places)
    return tuple(dict.fromkeys(place.closer for place in seen if place.closer)) if _is_closed(seen) else ()


def _is_closed(places: Iterable[Place]) -> bool:
    return case_state(place.state for place in places) is PlaceState.CLOSED
