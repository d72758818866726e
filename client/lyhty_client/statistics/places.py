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


def places_of(schools: Sequence[School]) -> tuple[Place, ...]:
    """Of one municipality: each large school alone, the small ones together, with larger ones up to 300 pupils.

    A municipality in which even all together are fewer has one place: its figure is the municipality's.
    """
    by_size = sorted(schools, key=lambda school: (school.pupils, school.id))
    together: list[School] = []
    while by_size and (by_size[0].pupils < OWN_FIGURES_FROM or (together and _pupils(together) < TOGETHER_FROM)):
        together.append(by_size.pop(0))
    alone = [Place((school.id,)) for school in by_size]
    return tuple(sorted([*alone, *([Place(tuple(sorted(s.id for s in together)))] if together else [])]))


def _pupils(schools: Sequence[School]) -> int:
    return sum(school.pupils for school in schools)
