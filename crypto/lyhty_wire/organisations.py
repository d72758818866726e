"""Counties, municipalities and schools, and who pays for whom (SPEC 12.1). Names and numbers that anybody may know."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Final

from msgspec import Struct

MOST_GRADES: Final = 13
"""Preschool is 0, upper secondary ends with 13."""


class Kind(Enum):
    COUNTY = "county"
    MUNICIPALITY = "municipality"
    SCHOOL = "school"


PARENTS: Final = {Kind.COUNTY: None, Kind.MUNICIPALITY: Kind.COUNTY, Kind.SCHOOL: Kind.MUNICIPALITY}


class Organisation(Struct, frozen=True):
    """One body of the tree. `id` is an identifier: the official number, where there is one."""

    id: str
    kind: Kind
    name: str
    parent: str | None = None
    pupils: int | None = None
    """Of a school."""
    grades: tuple[int, int] | None = None
    """Of a school: the first and the last."""
    joined: date | None = None
    """From which day its cases are counted as its own; None: always."""
    left: date | None = None


class Agreement(Struct, frozen=True):
    """`funder` pays `percent` of what `organisation` costs, from the day `begins` to before the day `ends`."""

    funder: str
    organisation: str
    percent: int
    begins: date
    ends: date | None = None

    def holds(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day < self.ends)


class Tree:
    """All organisations, whole and without a fault: `check` in the server's rules makes sure of it."""

    def __init__(self, organisations: Iterable[Organisation], agreements: Iterable[Agreement] = ()) -> None:
        self.organisations: Mapping[str, Organisation] = {each.id: each for each in organisations}
        self.agreements = tuple(agreements)
        self._children: dict[str | None, list[Organisation]] = {}
        for each in sorted(self.organisations.values(), key=lambda one: one.id):
            self._children.setdefault(each.parent, []).append(each)

    def children(self, parent: str | None) -> tuple[Organisation, ...]:
        """Sorted by id; of None the counties."""
        return tuple(self._children.get(parent, ()))

    def below(self, top: str) -> tuple[Organisation, ...]:
        """`top` itself first, then all under it."""
        found = [self.organisations[top]]
        for each in found:
            found.extend(self.children(each.id))
        return tuple(found)

    def paid_by(self, funder: str, day: date) -> tuple[Agreement, ...]:
        return tuple(each for each in self.agreements if each.funder == funder and each.holds(day))

    def seen_by(self, viewer: str, day: date) -> frozenset[str]:
        """Of whom a viewer may see figures: what is below, and what is paid for with all below that."""
        tops = [viewer, *(each.organisation for each in self.paid_by(viewer, day))]
        return frozenset(each.id for top in tops for each in self.below(top))
