"""One publication: counts what was contributed, draws the noise of each cell once, and makes everything add up.

The noise of a cell comes from a secret key, the cell's name, the register and all that was contributed for the period.
So a release that is made twice, after a crash for instance, is the same to the last figure: nobody gets a second draw.
Were one contribution or one school another, all noise would be another: two attempts never differ by a count alone.

A case counts in those releases of its month that come after its contribution. One that comes late is missing where
figures have gone out, and nothing that has gone out is revised, not even when a contribution turns out to be wrong.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import ceil
from typing import Final, Generic, NamedTuple, TypeVar

from lyhty_client.statistics.fitting import even_margins, even_total, fit_margins, fit_total
from lyhty_client.statistics.noise import discrete_laplace
from lyhty_crypto.randomness import Randomness
from lyhty_wire.encoding import canonical_json
from lyhty_wire.figures.certainty import width_of
from lyhty_wire.figures.intervals import parts_of
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of
from lyhty_wire.figures.register import ALL, OTHER, UNKNOWN, Cell, Figures, Municipality, Place, Register
from lyhty_wire.figures.releases import Figure, cells_of
from lyhty_wire.figures.tables import REPLIES, Level, Table


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


_Number = TypeVar("_Number", int, Fraction)


@dataclass(frozen=True, slots=True)
class _Fitting(Generic[_Number]):
    kept: Callable[[int], _Number]
    """Of a count that adds up to nothing else."""
    total: Callable[[Sequence[int] | Sequence[_Number], _Number], Sequence[_Number]]
    margins: Callable[[Sequence[Sequence[int]], Sequence[_Number], Sequence[_Number]], Sequence[Sequence[_Number]]]


_PUBLISHED: Final = _Fitting(lambda count: max(0, count), fit_total, fit_margins)
_UNFITTED: Final = _Fitting(Fraction, even_total, even_margins)
"""Adds up just the same, but is not kept from falling below zero: what the intervals are reckoned from."""


def draw(
    period: Period, register: Register, contributed: Iterable[Contribution], replies: Iterable[Reply], key: bytes
) -> Figures:
    """A noisy count for every cell of the period, also for those in which nothing happened. `key`: 32 secret bytes.

    Whose school is not in the register counts as `unknown`, which has to be in it then.
    """
    months = set(period.months)
    cases = sorted(each for each in contributed if each.month in months)
    answers = sorted(each for each in replies if each.month in months)
    digest = _digest(register, (*cases, *answers))
    counts = count(period, register, cases, answers)
    return {
        cell: counts[cell] + discrete_laplace(cell.table.epsilon, _stream(key, cell, digest))
        for cell in cells_of(period, register)
    }


def count(
    period: Period, register: Register, contributed: Iterable[Contribution], replies: Iterable[Reply]
) -> Counter[Cell]:
    """The truth, which nobody is told. Each case stands in one cell of every table but `REPLIES`, each reply in one."""
    where = register.of_school()
    months = set(period.months)
    cases = [each for each in contributed if each.month in months]
    answers = [each for each in replies if each.month in months]
    counts: Counter[Cell] = Counter()
    for table in (each for each in Table if each.value.span is period.span):
        _, level, by, _ = table.value
        for school, category in _within(table, cases, answers):
            place = (where.get(school) or where[UNKNOWN])[level]
            counts[Cell(table, period, place, _known(category, register.categories[by]) if by else ALL)] += 1
    return counts


def _known(category: str, categories: Sequence[str]) -> str:
    """What the register has not got is `other`; where it has no such category either, the last."""
    if category in categories:
        return category
    return OTHER if OTHER in categories else categories[-1]


def _within(table: Table, cases: Iterable[Contribution], answers: Iterable[Reply]) -> Iterator[tuple[str, str]]:
    """The school and the category of all that this table counts."""
    by = table.value.by
    if table in REPLIES:
        return ((each.school, each.answer) for each in answers if each.asked == by)
    return ((each.school, getattr(each, by) if by else ALL) for each in cases)


def figures_of(
    period: Period, register: Register, drawn: Figures, earlier: Mapping[Cell, Figure]
) -> Mapping[Cell, Figure]:
    """What goes out: fitted, and each with its interval. `earlier`: of the periods within this one.

    Moving all draws of a row or a column by one number changes nothing: what they say together of their total, which
    adds up to something else, stays with who has drawn them. Else a small count would be known better than by its
    figure.
    """
    before = {cell: Fraction(figure.unfitted) for cell, figure in earlier.items()}
    exact = _fit(period, register, drawn, before, _UNFITTED)
    unfitted = {cell: ceil(value) for cell, value in exact.items()}
    published = fit(period, register, unfitted, {cell: figure.published for cell, figure in earlier.items()})
    return {
        cell: Figure(unfitted[cell], value, width_of(parts_of(cell, register), exact[cell], value))
        for cell, value in published.items()
    }


def fit(period: Period, register: Register, drawn: Figures, published: Figures) -> Figures:
    """What is published: nothing below zero, and everything adds up to what `published` says of the periods within.

    Raises:
        ValueError: a place of a term is in no place of the year.
    """
    return _fit(period, register, drawn, published, _PUBLISHED)


def _fit(
    period: Period,
    register: Register,
    drawn: Figures,
    published: Mapping[Cell, _Number],
    how: _Fitting[_Number],
) -> dict[Cell, _Number]:
    match period.span:
        case Span.MONTH:
            return _fit_month(period, register, drawn, how)
        case Span.TERM:
            return _fit_term(period, register, drawn, published, how)
        case Span.YEAR:
            return _fit_year(period, register, drawn, published, how)


def _fit_month(period: Period, register: Register, drawn: Figures, how: _Fitting[_Number]) -> dict[Cell, _Number]:
    """From the top down: what small municipalities gain by not falling below zero is taken from their county again.

    Without that the sum of many quiet municipalities would grow by more than one for each of them. Nobody else has to
    give for those of whom nobody knows the school.
    """
    members: dict[str, list[Cell]] = {}
    for each in register.municipalities:
        members.setdefault(each.county, []).append(Cell(Table.MONTHS, period, each.id))
    figures = {cell: how.kept(drawn[cell]) for cell in members.pop(UNKNOWN, ())}
    sums = [sum(drawn[cell] for cell in cells) for cells in members.values()]
    for cells, total in zip(members.values(), how.total(sums, how.kept(sum(sums))), strict=True):
        figures |= zip(cells, how.total([drawn[cell] for cell in cells], total), strict=True)
    return figures


def _fit_term(
    period: Period, register: Register, drawn: Figures, published: Mapping[Cell, _Number], how: _Fitting[_Number]
) -> dict[Cell, _Number]:
    figures: dict[Cell, _Number] = {}
    for municipality in register.municipalities:
        total = _of_months(period, [municipality], published, how)
        cells = [Cell(Table.TERMS, period, place.id) for place in municipality.places]
        figures |= zip(cells, how.total([drawn[cell] for cell in cells], total), strict=True)
        figures |= _row(drawn, Table.TOPICS, period, municipality.id, register, total, how)
    everybody = _of_months(period, register.municipalities, published, how)
    return figures | _row(drawn, Table.PROMISE, period, ALL, register, everybody, how)


def _fit_year(
    period: Period, register: Register, drawn: Figures, published: Mapping[Cell, _Number], how: _Fitting[_Number]
) -> dict[Cell, _Number]:
    figures: dict[Cell, _Number] = {}
    topics = register.categories["topic"]
    terms = _of_terms(period, register, published)
    for municipality in register.municipalities:
        total = _of_months(period, [municipality], published, how)
        rows = how.total([_sum(terms.get(place.id, ()), how) for place in municipality.places], total)
        columns = [
            _sum(
                _found(published, (Cell(Table.TOPICS, term, municipality.id, topic) for term in terms_of(period))), how
            )
            for topic in topics
        ]
        # Terms have been rounded up: what that was goes off again.
        columns = list(how.total(columns, total))
        cells = [
            [Cell(Table.SCHOOL_TOPICS, period, place.id, topic) for topic in topics] for place in municipality.places
        ]
        fitted = how.margins([[drawn[cell] for cell in row] for row in cells], rows, columns)
        for row, values in zip(cells, fitted, strict=True):
            figures |= zip(row, values, strict=True)
    for county in register.of_level(Level.COUNTY):
        members = [each for each in register.municipalities if each.county == county]
        total = _of_months(period, members, published, how)
        for table in (Table.SERVICES, Table.ROLES):
            figures |= _row(drawn, table, period, county, register, total, how)
    # Not everybody answers, so that it adds up to nothing that was published.
    return figures | {cell: how.kept(count) for cell, count in drawn.items() if cell.table in REPLIES}


def _of_months(
    period: Period,
    municipalities: Iterable[Municipality],
    published: Mapping[Cell, _Number],
    how: _Fitting[_Number],
) -> _Number:
    """Before it joined, a municipality had no months."""
    months = month_periods(period)
    return _sum(
        _found(published, (Cell(Table.MONTHS, month, each.id) for each in municipalities for month in months)), how
    )


def _of_terms(period: Period, register: Register, published: Mapping[Cell, _Number]) -> dict[str, list[_Number]]:
    """By the year's places. A school that came in spring has joined one or is one; in autumn the place was smaller."""
    place_of = {school: levels[Level.PLACE] for school, levels in register.of_school().items()}
    terms = terms_of(period)
    found: dict[str, list[_Number]] = {}
    for cell, figure in published.items():
        if cell.table is Table.TERMS and cell.period in terms:
            places = {place_of.get(school) for school in Place.parse(cell.place).schools}
            place = places.pop()
            if places or place is None:
                raise ValueError(f"{cell.place} was a place in {cell.period.name} and is in none of the year")
            found.setdefault(place, []).append(figure)
    return found


def _found(published: Mapping[Cell, _Number], cells: Iterable[Cell]) -> list[_Number]:
    return [published[cell] for cell in cells if cell in published]


def _sum(figures: Iterable[_Number], how: _Fitting[_Number]) -> _Number:
    return sum(figures, start=how.kept(0))


def _row(
    drawn: Figures,
    table: Table,
    period: Period,
    place: str,
    register: Register,
    total: _Number,
    how: _Fitting[_Number],
) -> dict[Cell, _Number]:
    """The cells of one place, which together are everybody in it."""
    by = table.value.by
    assert by is not None, table
    cells = [Cell(table, period, place, category) for category in register.categories[by]]
    return dict(zip(cells, how.total([drawn[cell] for cell in cells], total), strict=True))


def _digest(register: Register, everything: Iterable[Contribution | Reply]) -> bytes:
    municipalities = [[each.id, each.county, [place.id for place in each.places]] for each in register.municipalities]
    categories = [[name, list(values)] for name, values in sorted(register.categories.items())]
    contributed = [list(map(str, each)) for each in everything]
    return sha256(canonical_json([municipalities, categories, contributed])).digest()


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
