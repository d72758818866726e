"""A release: every figure of a period, what it was fitted from, how sure it is, signed by a coordinator (SPEC 12)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Final, NamedTuple

from lyhty_wire.encoding import b64encode, canonical_json, parse_canonical_json
from lyhty_wire.errors import MalformedError
from lyhty_wire.fields import Fields
from lyhty_wire.figures.periods import Period
from lyhty_wire.figures.register import ALL, Cell, Municipality, Place, Register
from lyhty_wire.figures.tables import Table
from lyhty_wire.ids import HASH_BYTES, InstanceId

MAX_RELEASE_BYTES: Final = 4_194_304
"""A year of 2,000 schools with 6 topics takes about a quarter of it."""

_CODE: Final = "operation-malformed"
_RELEASE: Final = frozenset(("categories", "cells", "directory", "instance", "municipalities", "period"))
_MUNICIPALITY: Final = frozenset(("county", "id", "places"))
_CATEGORIES: Final = frozenset(table.value.by for table in Table if table.value.by)
_MAX_U32: Final = 0xFFFF_FFFF
_NAME: Final = re.compile("[a-z0-9-]{1,32}")


class Figure(NamedTuple):
    """One published count."""

    unfitted: int
    """With its noise, before anything was kept from falling below zero, rounded up; may be below zero."""
    published: int
    """Fitted, so that it adds up with all the others."""
    width: int
    """The true count is within `published` +- `width` in 95 of 100 cases."""

    @property
    def low(self) -> int:
        return max(0, self.published - self.width)

    @property
    def high(self) -> int:
        return self.published + self.width


@dataclass(frozen=True, slots=True)
class Release:
    """Has exactly one figure for each cell that its period and register ask for."""

    instance: InstanceId
    directory_version: int
    """The directory by which its author is a coordinator."""
    period: Period
    register: Register
    figures: Mapping[Cell, Figure]

    def __post_init__(self) -> None:
        if self.register.categories.keys() != _CATEGORIES:
            raise MalformedError(_CODE, "the categories of other tables")
        if set(self.figures) != set(cells_of(self.period, self.register)):
            raise MalformedError(_CODE, "other cells than the period and the register ask for")

    def encode(self) -> bytes:
        """The body of the document."""
        return canonical_json(
            {
                "categories": [[name, values] for name, values in sorted(self.register.categories.items())],
                "cells": [
                    [cell.table.name, cell.place, cell.category, *figure]
                    for cell, figure in sorted(self.figures.items(), key=lambda each: _order(each[0]))
                ],
                "directory": self.directory_version,
                "instance": b64encode(self.instance),
                "municipalities": [
                    {"county": each.county, "id": each.id, "places": [place.id for place in each.places]}
                    for each in self.register.municipalities
                ],
                "period": self.period.name,
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> "Release":
        """Raises MalformedError; also for bytes that `encode` would not have written."""
        fields = Fields(parse_canonical_json(body, code=_CODE), _RELEASE, _CODE)
        period = Period.parse(fields.line("period"))
        figures = dict(_cell(each, period) for each in fields.items("cells"))
        release = cls(
            instance=InstanceId(fields.binary("instance", HASH_BYTES)),
            directory_version=fields.integer("directory", 1, _MAX_U32),
            period=period,
            register=Register(_municipalities(fields), dict(_category(each) for each in fields.items("categories"))),
            figures=figures,
        )
        if release.encode() != body:
            raise MalformedError(_CODE, "not the one way of writing this release")
        return release


def cells_of(period: Period, register: Register) -> Iterator[Cell]:
    for table in (each for each in Table if each.value.span is period.span):
        for place in register.of_level(table.value.level):
            for category in register.categories[table.value.by] if table.value.by else (ALL,):
                yield Cell(table, period, place, category)


def _order(cell: Cell) -> tuple[str, str, str]:
    return cell.table.name, cell.place, cell.category


def _cell(value: object, period: Period) -> tuple[Cell, Figure]:
    match value:
        case [str(table), str(place), str(category), int(unfitted), int(published), int(width)] if (
            table in Table.__members__
            and published >= 0
            and width >= 0
            # A truth value is an int to Python, and would be a second way of writing 0 and 1.
            and bool not in map(type, (unfitted, published, width))
        ):
            # The same few thousand names stand in every release.
            return Cell(Table[table], period, intern(place), intern(category)), Figure(unfitted, published, width)
        case _:
            raise MalformedError(_CODE, "not a cell")


def _municipalities(fields: Fields) -> tuple[Municipality, ...]:
    municipalities = tuple(_municipality(each) for each in fields.items("municipalities"))
    ids = [each.id for each in municipalities]
    if ids != sorted(set(ids)):
        raise MalformedError(_CODE, "municipalities are sorted and distinct")
    return municipalities


def _category(value: object) -> tuple[str, tuple[str, ...]]:
    match value:
        case [str(name), values] if name in _CATEGORIES:
            return name, _names(values)
        case _:
            raise MalformedError(_CODE, "a category of no table")


def _municipality(value: object) -> Municipality:
    fields = Fields(value, _MUNICIPALITY, _CODE)
    places = tuple(Place(_names(each.split("+"))) for each in fields.items("places") if isinstance(each, str))
    return Municipality(fields.identifier("id"), fields.identifier("county"), places)


def _names(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not values:
        raise MalformedError(_CODE, "a list with something in it")
    for each in values:
        if not isinstance(each, str) or not _NAME.fullmatch(each):
            raise MalformedError(_CODE, "names of lower-case letters, digits and hyphens")
    return tuple(map(intern, values))
