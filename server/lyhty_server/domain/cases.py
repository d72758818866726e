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
from lyhty_wire.ids import ExpertId


class PlaceState(IntEnum):
    """The numbers of SPEC 6.4. A case uses the same."""

    WAITING = 1
    HELD = 2
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Only legal places can be made: there is a holder with a deadline exactly while the place is held."""

    state: PlaceState
    holder: ExpertId | None = None
    lease_until_s: int | None = None

    def __post_init__(self) -> None:
        held = self.state is PlaceState.HELD
        if (self.holder is not None) is not held or (self.lease_until_s is not None) is not held:
            raise ValueError("a place has a holder and a deadline exactly while it is held")


WAITING: Final = Place(PlaceState.WAITING)
CLOSED: Final = Place(PlaceState.CLOSED)


def claim(place: Place, expert: ExpertId, now_s: int, until_s: int) -> Place:
    """The place in the expert's hands. Claiming what one holds renews the lease, so a repeated claim does no harm."""
    if place.state is PlaceState.CLOSED:
        raise DomainError(Code.CASE_CLOSED)
    if place.lease_until_s is not None and place.holder != expert and not has_lapsed(place.lease_until_s, now_s):
        raise DomainError(Code.CASE_ALREADY_CLAIMED)
    return Place(PlaceState.HELD, expert, until_s)


def release(place: Place, expert: ExpertId) -> Place:
    check_holder(place, expert)
    return WAITING


def close(place: Place, expert: ExpertId) -> Place:
    check_holder(place, expert)
    return CLOSED


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
        return WAITING
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
    if case_state(place.state for place in seen) is PlaceState.CLOSED:
        raise DomainError(Code.CASE_CLOSED)
    if expert is not None and not any(place.holder == expert for place in seen):
        raise DomainError(Code.CASE_NOT_HELD)
