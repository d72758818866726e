"""Which expert is told of work by e-mail, and when: never what it is about, and never more than is bearable."""

from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum
from typing import Final

from msgspec import Struct

from lyhty_wire.ids import ExpertId

# At most one for each expert in this time; what comes meanwhile is told of at its end, unless they have looked by then.
QUIET_S: Final = 15 * 60
# A mail server that does not answer is asked again after one minute, two, four, ... and then in every quarter.
FIRST_RETRY_S: Final = 60


class Kind(IntEnum):
    """Of several, the last one says most."""

    NEW_CASE = 1
    WROTE = 2
    MISSED = 3


class Shift(Struct, frozen=True):
    """When an expert is on call, by the service's clock, every week."""

    expert_id: ExpertId
    weekday: int
    """0: Monday."""
    from_min: int
    """Of the day."""
    to_min: int


class NoticeWish(Struct, frozen=True):
    """Where an expert wants to be told of work, and of what."""

    expert_id: ExpertId
    address: str
    new_case: bool
    wrote: bool
    missed: bool

    def wants(self, kind: Kind) -> bool:
        return {Kind.NEW_CASE: self.new_case, Kind.WROTE: self.wrote, Kind.MISSED: self.missed}[kind]


def on_call(shifts: Iterable[Shift], weekday: int, minute: int) -> frozenset[ExpertId]:
    return frozenset(
        shift.expert_id for shift in shifts if shift.weekday == weekday and shift.from_min <= minute < shift.to_min
    )


def told(kind: Kind, candidates: Sequence[Collection[ExpertId]], wishes: Iterable[NoticeWish]) -> frozenset[ExpertId]:
    """Of the first group in which anybody can be told: who is on call, say, or else the coordinators."""
    willing = {wish.expert_id for wish in wishes if wish.wants(kind)}
    return next((frozenset(willing & set(group)) for group in candidates if willing & set(group)), frozenset())


class Owed:
    """Who is owed a notice, and from when on it may go out."""

    def __init__(self) -> None:
        self._kinds: dict[ExpertId, Kind] = {}
        self._quiet_until_s: dict[ExpertId, int] = {}
        self._failures = 0
        self._retry_s = 0

    def owe(self, expert: ExpertId, kind: Kind) -> None:
        self._kinds[expert] = max(kind, self._kinds.get(expert, kind))

    def looked(self, expert: ExpertId) -> None:
        """They have the console open, and see for themselves."""
        self._kinds.pop(expert, None)

    def experts(self) -> tuple[ExpertId, ...]:
        return tuple(self._kinds)

    def take(self, now_s: int) -> dict[ExpertId, Kind]:
        """Those that may go out now. Each is `sent`, `failed` or dropped afterwards."""
        if now_s < self._retry_s:
            return {}
        due = {who: kind for who, kind in self._kinds.items() if self._quiet_until_s.get(who, 0) <= now_s}
        for expert in due:
            del self._kinds[expert]
        return due

    def sent(self, expert: ExpertId, now_s: int) -> None:
        self._quiet_until_s[expert] = now_s + QUIET_S
        self._failures, self._retry_s = 0, 0

    def failed(self, unsent: dict[ExpertId, Kind], now_s: int) -> None:
        """The mail server could not be reached, or not now: everybody is owed what they were."""
        for expert, kind in unsent.items():
            self.owe(expert, kind)
        self._retry_s = now_s + min(QUIET_S, FIRST_RETRY_S * 2 ** min(self._failures, 10))
        self._failures += 1

    def next_s(self) -> int | None:
        """When there may be something to take; None while nobody is owed anything."""
        if not self._kinds:
            return None
        return max(self._retry_s, min(self._quiet_until_s.get(expert, 0) for expert in self._kinds))
