"""Whom published figures are about, and the cells they stand in."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lyhty_wire.figures.periods import Period
from lyhty_wire.figures.tables import Level, Table

ALL: Final = "all"
OTHER: Final = "other"
"""The category of what is in none of the register's."""
UNKNOWN: Final = "unknown"
"""The school, place, municipality and county of a case whose school nobody knows or the register has not got."""


class Place(NamedTuple):
    """Whose cases stand in one cell: a school, or several of a municipality."""

    schools: tuple[str, ...]

    @property
    def id(self) -> str:
        return "+".join(self.schools)

    @classmethod
    def parse(cls, place_id: str) -> "Place":
        return cls(tuple(place_id.split("+")))


class Cell(NamedTuple):
    table: Table
    period: Period
    place: str
    category: str = ALL


Figures = Mapping[Cell, int]


class Municipality(NamedTuple):
    id: str
    county: str
    places: tuple[Place, ...]


class Register(NamedTuple):
    """Whom the figures of a period are about, and what they are told apart by. Public, and settled before it begins."""

    municipalities: tuple[Municipality, ...]
    categories: Mapping[str, tuple[str, ...]]

    def of_level(self, level: Level) -> tuple[str, ...]:
        names = {
            Level.PLACE: [place.id for each in self.municipalities for place in each.places],
            Level.MUNICIPALITY: [each.id for each in self.municipalities],
            Level.COUNTY: [each.county for each in self.municipalities],
            Level.SERVICE: [ALL],
        }[level]
        return tuple(sorted(set(names)))

    def of_school(self) -> Mapping[str, Mapping[Level, str]]:
        return {
            school: {
                Level.PLACE: place.id,
                Level.MUNICIPALITY: each.id,
                Level.COUNTY: each.county,
                Level.SERVICE: ALL,
            }
            for each in self.municipalities
            for place in each.places
            for school in place.schools
        }
