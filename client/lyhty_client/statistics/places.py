"""Which schools have figures of their own, and which only together. Decided by what everybody may know: pupils."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from lyhty_wire.figures.register import Place

OWN_FIGURES_FROM: Final = 100
"""Pupils. In a smaller school everybody knows whom a figure is about."""
TOGETHER_FROM: Final = 300


class School(NamedTuple):
    id: str
    pupils: int


def places_of(schools: Sequence[School], earlier: Sequence[Place] = ()) -> tuple[Place, ...]:
    """Of one municipality: each large school alone, the small ones together, with larger ones up to 300 pupils.

    A municipality in which even all together are fewer has one place: its figure is the municipality's. Within a school
    year places may join and never part, because terms add up to the year: `earlier` are those of its terms so far. A
    school that has left stays in its place until the year is over.
    """
    pupils = {school.id: school.pupils for school in schools}
    taken = {school for place in earlier for school in place.schools}
    units = [*earlier, *(Place((school.id,)) for school in schools if school.id not in taken)]

    def size(place: Place) -> int:
        return sum(pupils.get(school, 0) for school in place.schools)

    by_size = sorted(units, key=lambda place: (size(place), place))
    together: list[Place] = []
    while by_size and (size(by_size[0]) < OWN_FIGURES_FROM or (together and sum(map(size, together)) < TOGETHER_FROM)):
        together.append(by_size.pop(0))
    joined = [Place(tuple(sorted(school for place in together for school in place.schools)))] if together else []
    return tuple(sorted([*by_size, *joined]))
