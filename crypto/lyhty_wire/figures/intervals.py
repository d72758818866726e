"""Of which draws a published figure is made, and so how wide its interval is."""

from fractions import Fraction
from functools import lru_cache

from lyhty_wire.figures.certainty import Part, half_width
from lyhty_wire.figures.periods import terms_of
from lyhty_wire.figures.register import Cell, Municipality, Register
from lyhty_wire.figures.tables import Table

Parts = tuple[Part, ...]


def interval_of(cell: Cell, register: Register) -> int:
    """How many more or fewer it may truly be, with 95 % probability."""
    return half_width(parts_of(cell, register))


def parts_of(cell: Cell, register: Register) -> Parts:
    period, table = cell.period, cell.table
    months = len(period.months)
    match table:
        case Table.MONTHS | Table.IMPACT | Table.LATER:
            return _alone(table)
        case Table.TERMS:
            return _of_row(table, len(_municipality_of(cell.place, register).places), months)
        case Table.TOPICS:
            return _of_row(table, len(register.categories["topic"]), months)
        case Table.PROMISE:
            return _of_row(table, len(register.categories["promise"]), months * len(register.municipalities))
        case Table.SERVICES | Table.ROLES:
            assert table.value.by is not None, table
            members = sum(each.county == cell.place for each in register.municipalities)
            return _of_row(table, len(register.categories[table.value.by]), months * members)
        case Table.SCHOOL_TOPICS:
            rows = len(_municipality_of(cell.place, register).places)
            return _of_table(rows, len(register.categories["topic"]), len(terms_of(period)), months)


# One object for all cells that are made alike, so that sums of thousands tell them apart by identity.
@lru_cache
def _alone(table: Table) -> Parts:
    return (Part(table.epsilon),)


@lru_cache(maxsize=1_024)
def _of_row(table: Table, cells: int, months: int) -> Parts:
    """One of `cells` that were fitted to a total: every cell takes an equal part of what is too much or too little."""
    share = Fraction(1, cells)
    total = (Part(Table.MONTHS.epsilon, times=months),)
    own = (Part(table.epsilon, 1 - share), Part(table.epsilon, share, cells - 1))
    return _without_nothing((*own, *(Part(each.epsilon, each.weight * share, each.times) for each in total)))


@lru_cache(maxsize=1_024)
def _of_table(rows: int, columns: int, terms: int, months: int) -> Parts:
    """One cell of a table whose rows and columns were published, both of them fitted to the same months."""
    row, column = Fraction(1, rows), Fraction(1, columns)
    own, by_row, by_column = Table.SCHOOL_TOPICS.epsilon, Table.TERMS.epsilon, Table.TOPICS.epsilon
    return _without_nothing(
        (
            Part(own, (1 - row) * (1 - column)),
            Part(own, (1 - row) * column, columns - 1),
            Part(own, row * (1 - column), rows - 1),
            Part(own, row * column, (rows - 1) * (columns - 1)),
            Part(by_row, (1 - row) * column, terms),
            Part(by_row, row * column, terms * (rows - 1)),
            Part(by_column, (1 - column) * row, terms),
            Part(by_column, row * column, terms * (columns - 1)),
            Part(Table.MONTHS.epsilon, row * column, months),
        )
    )


def _without_nothing(parts: Parts) -> Parts:
    return tuple(part for part in parts if part.weight and part.times)


def _municipality_of(place: str, register: Register) -> Municipality:
    return next(each for each in register.municipalities if any(own.id == place for own in each.places))
