"""Whom a release is about, made from the organisations, and which releases are due (SPEC 12.4). No I/O."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from lyhty_client.statistics.places import School, places_of
from lyhty_wire.figures.categories import CATEGORIES
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of, year_of
from lyhty_wire.figures.register import UNKNOWN, Municipality, Place, Register
from lyhty_wire.figures.releases import Release
from lyhty_wire.organisations import Kind, Organisation, Tree

NOBODY_KNOWS: Final = Municipality(UNKNOWN, UNKNOWN, (Place((UNKNOWN,)),))
_ORDER: Final = (Span.MONTH, Span.TERM, Span.YEAR)


def due(tree: Tree, released: Collection[Period], today: date) -> tuple[Period, ...]:
    """What may go out and has not, in the order in which it must: months before their term, terms before their year.

    From the school year on in which the first agreement begins, whatever was contributed: whether there are figures
    says nothing about whether somebody asked for help.
    """
    begins = min((agreement.begins for agreement in tree.agreements), default=None)
    if begins is None or begins > today:
        return ()
    year = year_of(Month(begins.year, begins.month))
    found: list[Period] = []
    while year.months[0] <= Month(today.year, today.month):
        every = [*month_periods(year), *terms_of(year), year]
        found += [each for each in every if each.published <= today and each not in released]
        year = year_of(year.months[-1].following)
    return tuple(sorted(found, key=order_of))


def order_of(period: Period) -> tuple[Month, int]:
    return period.months[-1], _ORDER.index(period.span)


def earlier_of_year(period: Period, releases: Mapping[Period, Release]) -> list[Release]:
    """Those that this one goes on from, the newest last."""
    year = year_of(period.first)
    same = [each for each in releases if year_of(each.first) == year and order_of(each) < order_of(period)]
    return [releases[each] for each in sorted(same, key=order_of)]


def register_of(tree: Tree, period: Period, earlier: Register | None) -> Register:
    """`earlier`: of the newest release of the same school year. What is in it stays until the year is over."""
    year = year_of(period.first)
    begins = _first_day(year.months[0])
    ends = _first_day(period.months[-1].following)
    before = {} if earlier is None else {each.id: each for each in earlier.municipalities}
    settled = {school for each in before.values() for place in each.places for school in place.schools}
    made = []
    for county in tree.children(None):
        for each in tree.children(county.id):
            known = before.pop(each.id, None)
            own = set() if known is None else {school for place in known.places for school in place.schools}
            schools = [
                School(school.id, school.pupils or 0)
                for school in tree.children(each.id)
                if school.kind is Kind.SCHOOL
                and (school.id in own or (school.id not in settled and _counts(school, begins, ends)))
            ]
            places = places_of(schools, () if known is None else known.places)
            if places:
                made.append(Municipality(each.id, county.id if known is None else known.county, places))
    others = [each for each in before.values() if each != NOBODY_KNOWS]
    categories = CATEGORIES if earlier is None else earlier.categories
    return Register(tuple(sorted([*made, *others, NOBODY_KNOWS])), categories)


def _counts(school: Organisation, begins: date, ends: date) -> bool:
    has_joined = school.joined is None or school.joined < ends
    return has_joined and (school.left is None or school.left > begins)


def _first_day(month: Month) -> date:
    return date(month.year, month.month, 1)
