"""How far off the figures are, table by table, for areas of usual sizes: for those who want to know the method."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from lyhty_wire.figures.certainty import half_width, mean_error
from lyhty_wire.figures.intervals import parts_of
from lyhty_wire.figures.periods import FIRST_MONTH, Month, Period, Span
from lyhty_wire.figures.register import Municipality, Place, Register
from lyhty_wire.figures.releases import cells_of
from lyhty_wire.figures.tables import Level, Table

# Spring has the most months, and so the widest intervals.
_FIRST: Final = {Span.MONTH: FIRST_MONTH, Span.TERM: 1, Span.YEAR: FIRST_MONTH}
_PLACES: Final = (1, 2, 5, 10)
_MUNICIPALITIES: Final = {Level.COUNTY: (1, 5, 15), Level.SERVICE: (10, 100)}


class Precision(NamedTuple):
    table: Table
    places: int
    """Of the municipality, where its number matters; else 1."""
    municipalities: int
    """Of the county or of all, where their number matters; else 1."""
    epsilon: Fraction
    mean_error: float
    half_width: int
    """For 95 %."""


def error_table(categories: Mapping[str, tuple[str, ...]]) -> tuple[Precision, ...]:
    """In large counts: not falling below zero only brings figures nearer. `categories`: a register's."""
    return tuple(
        _precision(table, places, municipalities, categories)
        for table in Table
        for places, municipalities in _sizes(table)
    )


def _sizes(table: Table) -> Iterator[tuple[int, int]]:
    level, by = table.value.level, table.value.by
    if level is Level.PLACE:
        return ((places, 1) for places in _PLACES)
    if level in _MUNICIPALITIES and by not in ("impact", "later"):
        return ((1, municipalities) for municipalities in _MUNICIPALITIES[level])
    return iter([(1, 1)])


def _precision(table: Table, places: int, municipalities: int, categories: Mapping[str, tuple[str, ...]]) -> Precision:
    schools = tuple(Place((f"{nth}",)) for nth in range(places))
    register = Register(tuple(Municipality(f"{nth}", "0", schools) for nth in range(municipalities)), categories)
    span = table.value.span
    period = Period(span, Month(2027, _FIRST[span]))
    parts = parts_of(next(cell for cell in cells_of(period, register) if cell.table is table), register)
    return Precision(table, places, municipalities, table.epsilon, mean_error(parts), half_width(parts))
