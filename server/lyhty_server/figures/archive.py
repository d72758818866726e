"""All published releases, looked up by what is asked of them."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

from lyhty_server.figures.counts import Count, total
from lyhty_wire.figures.certainty import Part
from lyhty_wire.figures.intervals import parts_of
from lyhty_wire.figures.periods import Period, Span, month_periods, term_of, terms_of, year_of
from lyhty_wire.figures.register import ALL, UNKNOWN, Cell, Municipality, Place, Register
from lyhty_wire.figures.releases import Release
from lyhty_wire.figures.tables import REPLIES, Level, Table

KNOWN: Final = "known"
"""As an area: the whole service without the municipality of cases whose school nobody knows."""


class _Row(NamedTuple):
    parts: tuple[Part, ...]
    rounded_up: int | Fraction


class Archive:
    """Counts are None as long as a release that they need is not there."""

    def __init__(self, releases: Iterable[Release]) -> None:
        self.releases: Mapping[Period, Release] = {each.period: each for each in releases}
        by_register = {id(each.register): each.register for each in self.releases.values()}
        places = {key: _places(each) for key, each in by_register.items()}
        self._places = {period: places[id(each.register)] for period, each in self.releases.items()}
        self._registers: dict[Period, Register | None] = {}
        self._rows: dict[tuple[Table, Period, str], _Row] = {}
        self._sums: dict[tuple[Table, Period, str, str], Count | None] = {}

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The terms and years of which anything is published, newest first; a year after its terms."""
        found = {term_of(each.first) for each in self.releases if each.span is Span.MONTH}
        found |= {year_of(each.first) for each in self.releases}
        found |= {each for each in self.releases if each.span is not Span.MONTH}
        return tuple(sorted(found, key=lambda each: (each.months[-1], each.span is Span.TERM), reverse=True))

    @cached_property
    def terms(self) -> tuple[Period, ...]:
        """Oldest first."""
        return tuple(sorted((each for each in self.releases if each.span is Span.TERM), key=lambda each: each.first))

    def register(self, period: Period) -> Register | None:
        """Whom a period's figures are about; while it has none, whom the newest within it is about."""
        if period not in self._registers:
            months = set(period.months)
            within = [each for each in self.releases if months.issuperset(each.months)]
            newest = max(within, key=lambda each: (each == period, each.months[-1]), default=None)
            self._registers[period] = None if newest is None else self.releases[newest].register
        return self._registers[period]

    def count(self, table: Table, period: Period, place: str, category: str = ALL) -> Count | None:
        """One published figure."""
        release = self.releases.get(period)
        cell = Cell(table, period, place, category)
        if release is None or cell not in release.figures:
            return None
        figure = release.figures[cell]
        row = self._row(cell, release)
        return Count(figure.published, figure.unfitted + row.rounded_up, row.parts, figure.width)

    def _row(self, cell: Cell, release: Release) -> _Row:
        """What all cells that were fitted to one total have in common: remembered, a sum has thousands of them."""
        table, period, place, _ = cell
        owner = self._places[period][Place.parse(place).schools[0]][0].id if table.value.level is Level.PLACE else place
        if (table, period, owner) not in self._rows:
            rounded_up = self._rounded_up(table, owner, release)
            self._rows[table, period, owner] = _Row(parts_of(cell, release.register), rounded_up)
        return self._rows[table, period, owner]

    def _rounded_up(self, table: Table, owner: str, release: Release) -> int | Fraction:
        """What has to be taken from each cell of a row, so that it adds up to its months again, as intervals were
        reckoned. Topics of schools stand in no sum: their signed intervals serve."""
        by = table.value.by
        if table in (Table.MONTHS, Table.SCHOOL_TOPICS, *REPLIES):
            return 0
        period, register = release.period, release.register
        area = [each for each in register.municipalities if owner in (each.id, each.county, ALL)]
        row = (
            [Cell(table, period, owner, each) for each in register.categories[by]]
            if by is not None
            else [Cell(table, period, each.id) for each in area[0].places]
        )
        months = [Cell(Table.MONTHS, month, each.id) for month in month_periods(period) for each in area]
        total = sum(self.releases[each.period].figures[each].unfitted for each in months if self._has(each))
        return Fraction(total - sum(release.figures[each].unfitted for each in row), len(row))

    def _has(self, cell: Cell) -> bool:
        """Before it joined, a municipality had no months."""
        return cell.period in self.releases and cell in self.releases[cell.period].figures

    def place_of(self, period: Period, school: str) -> tuple[Municipality, Place] | None:
        return self._places.get(period, {}).get(school)

    def members(self, period: Period, area: str) -> tuple[Municipality, ...]:
        """Of a municipality, a county or the whole service (ALL, KNOWN), as a release of that period has them."""
        register = self.register(period)
        every = () if register is None else register.municipalities
        return tuple(
            each for each in every if area in (each.id, each.county, ALL) or (area == KNOWN and each.id != UNKNOWN)
        )

    # --- Sums, each of figures that share no draw

    def months(self, area: str, period: Period) -> Count | None:
        """All cases of an area. Who joined in the middle counts from then on."""
        return self._sum(Table.MONTHS, period, area)

    def months_so_far(self, area: str, period: Period) -> Count | None:
        known = (self.months(area, month) for month in month_periods(period) if month in self.releases)
        return _all(each for each in known if each is not None)

    def place(self, place: Place, period: Period) -> Count | None:
        """In a year, what joined this place in spring counts with it in autumn too (as when it was fitted)."""
        if period.span is Span.TERM:
            return self.count(Table.TERMS, period, place.id)
        terms = terms_of(period)
        if not all(term in self.releases for term in terms):
            return None
        return _all(self.count(Table.TERMS, term, own) for term in terms for own in self._within(place, term))

    def _within(self, place: Place, term: Period) -> tuple[str, ...]:
        known = (self.place_of(term, each) for each in place.schools)
        return tuple(sorted({own.id for _, own in filter(None, known) if set(own.schools) <= set(place.schools)}))

    def topic(self, area: str, period: Period, topic: str) -> Count | None:
        return self._sum(Table.TOPICS, period, area, topic)

    def promise(self, period: Period, category: str) -> Count | None:
        return _all(self.count(Table.PROMISE, term, ALL, category) for term in _terms(period))

    def of_counties(self, table: Table, period: Period, area: str, category: str) -> Count | None:
        """`area`: a county, or the whole service."""
        counties = sorted({each.county for each in self.members(period, area)})
        return _all(self.count(table, period, county, category) for county in counties)

    def _sum(self, table: Table, period: Period, area: str, category: str = ALL) -> Count | None:
        """Each of its months or terms is summed once, whatever asks for it later."""
        asked = table, period, area, category
        if asked not in self._sums:
            if period.span is table.value.span:
                found = _all(self.count(table, period, one.id, category) for one in self.members(period, area))
            else:
                within = month_periods(period) if table is Table.MONTHS else terms_of(period)
                # Who had not joined yet has nothing to add.
                found = (
                    _all(self._sum(table, each, area, category) for each in within if self.members(each, area))
                    if all(each in self.releases for each in within)
                    else None
                )
            self._sums[asked] = found
        return self._sums[asked]

    def categories(self, period: Period, by: str) -> tuple[str, ...]:
        register = self.register(period)
        return () if register is None else register.categories[by]


def _all(counts: Iterable[Count | None]) -> Count | None:
    found: list[Count] = []
    for each in counts:
        if each is None:
            return None
        found.append(each)
    return total(found) if found else None


def _terms(period: Period) -> tuple[Period, ...]:
    return terms_of(period) if period.span is Span.YEAR else (period,)


def _places(register: Register) -> Mapping[str, tuple[Municipality, Place]]:
    return {
        school: (each, place) for each in register.municipalities for place in each.places for school in place.schools
    }
