"""One publication: counts what was contributed, draws the noise of each cell once, and makes everything add up.

The noise of a cell comes from a secret key, the cell's name and all that was contributed for the period. So a
release that is made twice, after a crash for instance, is the same to the last figure: nobody gets a second draw.
"""

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from lyhty_client.statistics.fitting import fit_margins, fit_total
from lyhty_client.statistics.noise import discrete_laplace
from lyhty_crypto.randomness import Randomness
from lyhty_wire.encoding import canonical_json
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of
from lyhty_wire.figures.register import ALL, Cell, Figures, Place, Register
from lyhty_wire.figures.tables import REPLIES, Table


class Contribution(NamedTuple):
    """What an expert's client says of one case, once."""

    school: str
    month: Month
    topic: str
    service: str
    role: str
    promise: str


class Reply(NamedTuple):
    """Whether it helped, as one reporter said when asked; once for each time of asking."""

    school: str
    month: Month
    asked: str
    """`impact`: with the answer; `later`: two weeks after it."""
    answer: str


def draw(
    period: Period, register: Register, contributed: Iterable[Contribution], replies: Iterable[Reply], key: bytes
) -> Figures:
    """A noisy count for every cell of the period, also for those in which nothing happened. `key`: 32 secret bytes."""
    months = set(period.months)
    cases = sorted(each for each in contributed if each.month in months)
    answers = sorted(each for each in replies if each.month in months)
    where = register.of_school()
    digest = sha256(canonical_json([list(map(str, each)) for each in (*cases, *answers)])).digest()
    drawn: dict[Cell, int] = {}
    for table in (each for each in Table if each.value.span is period.span):
        _, level, by, epsilon = table.value
        counts = Counter((where[school][level], category) for school, category in _within(table, cases, answers))
        for place in register.of_level(level):
            for category in register.categories[by] if by else (ALL,):
                cell = Cell(table, period, place, category)
                drawn[cell] = counts[place, category] + discrete_laplace(epsilon, _stream(key, cell, digest))
    return drawn


def _within(table: Table, cases: Iterable[Contribution], answers: Iterable[Reply]) -> Iterator[tuple[str, str]]:
    """The school and the category of all that this table counts."""
    by = table.value.by
    if table in REPLIES:
        return ((each.school, each.answer) for each in answers if each.asked == by)
    return ((each.school, getattr(each, by) if by else ALL) for each in cases)


def fit(period: Period, register: Register, drawn: Figures, published: Figures) -> Figures:
    """What is published: nothing below zero, and everything adds up to what `published` says of the periods within."""
    make = {Span.MONTH: _fit_month, Span.TERM: _fit_term, Span.YEAR: _fit_year}[period.span]
    return make(period, register, drawn, published)


def _fit_month(_period: Period, _register: Register, drawn: Figures, _published: Figures) -> Figures:
    return {cell: max(0, count) for cell, count in drawn.items()}


def _fit_term(period: Period, register: Register, drawn: Figures, published: Figures) -> Figures:
    figures: dict[Cell, int] = {}
    everybody = 0
    for municipality in register.municipalities:
        total = sum(published[Cell(Table.MONTHS, month, municipality.id)] for month in month_periods(period))
        cells = [Cell(Table.TERMS, period, place.id) for place in municipality.places]
        figures |= zip(cells, fit_total([drawn[cell] for cell in cells], total), strict=True)
        figures |= _row(drawn, Table.TOPICS, period, municipality.id, register, total)
        everybody += total
    return figures | _row(drawn, Table.PROMISE, period, ALL, register, everybody)


def _fit_year(period: Period, register: Register, drawn: Figures, published: Figures) -> Figures:
    figures: dict[Cell, int] = {}
    totals: Counter[str] = Counter()
    for municipality in register.municipalities:
        rows = [_of_terms(period, place, published) for place in municipality.places]
        topics = register.categories["topic"]
        columns = [
            sum(published[Cell(Table.TOPICS, term, municipality.id, topic)] for term in terms_of(period))
            for topic in topics
        ]
        cells = [
            [Cell(Table.SCHOOL_TOPICS, period, place.id, topic) for topic in topics] for place in municipality.places
        ]
        fitted = fit_margins([[drawn[cell] for cell in row] for row in cells], rows, columns)
        for row, values in zip(cells, fitted, strict=True):
            figures |= zip(row, values, strict=True)
        totals[municipality.county] += sum(rows)
    for county, total in totals.items():
        for table in (Table.SERVICES, Table.ROLES):
            figures |= _row(drawn, table, period, county, register, total)
    # Not everybody answers, so that it adds up to nothing that was published.
    return figures | {cell: max(0, count) for cell, count in drawn.items() if cell.table in REPLIES}


def _of_terms(period: Period, place: Place, published: Figures) -> int:
    """A school that came in spring has joined this place or is it; in autumn the place was smaller."""
    terms, schools = terms_of(period), set(place.schools)
    return sum(
        count
        for cell, count in published.items()
        if cell.table is Table.TERMS and cell.period in terms and schools.issuperset(Place.parse(cell.place).schools)
    )


def _row(drawn: Figures, table: Table, period: Period, place: str, register: Register, total: int) -> dict[Cell, int]:
    """The cells of one place, which together are everybody in it."""
    by = table.value.by
    assert by is not None, table
    cells = [Cell(table, period, place, category) for category in register.categories[by]]
    return dict(zip(cells, fit_total([drawn[cell] for cell in cells], total), strict=True))


def _stream(key: bytes, cell: Cell, digest: bytes) -> Randomness:
    name = canonical_json([cell.table.name, cell.period.name, cell.place, cell.category])
    seed = hmac.digest(key, digest + name, "sha256")
    blocks = 0
    left = b""

    def more(length: int) -> bytes:
        nonlocal blocks, left
        while len(left) < length:
            left += hmac.digest(seed, blocks.to_bytes(8, "big"), "sha256")
            blocks += 1
        taken, left = left[:length], left[length:]
        return taken

    return more
