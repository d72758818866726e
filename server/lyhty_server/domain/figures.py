"""Which release may be stored: by whom, when, after which, and of whom (SPEC 12.4). What it counts nobody can check."""

from collections.abc import Iterable
from datetime import datetime

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.figures.periods import HELSINKI, Period, Span, month_periods, terms_of, year_of
from lyhty_wire.figures.register import Register
from lyhty_wire.figures.releases import Release


def needed_for(period: Period) -> tuple[Period, ...]:
    """What it adds up to, and must have been released before it."""
    match period.span:
        case Span.MONTH:
            return ()
        case Span.TERM:
            return month_periods(period)
        case Span.YEAR:
            return terms_of(period)


def of_same_year(period: Period) -> tuple[Period, ...]:
    """The others of its school year."""
    year = year_of(period.first)
    every = (*month_periods(year), *terms_of(year), year)
    return tuple(each for each in every if each != period)


def has_report(period: Period) -> bool:
    return period.span is not Span.MONTH


def check_due(period: Period, now_s: int) -> None:
    if datetime.fromtimestamp(now_s, HELSINKI).date() < period.published:
        raise DomainError(Code.OPERATION_MALFORMED)


def check_follows(release: Release, others: Iterable[Release]) -> None:
    """`others`: what is stored of the same school year."""
    stored = {other.period: other for other in others}
    if not stored.keys() >= set(needed_for(release.period)):
        raise DomainError(Code.OPERATION_MALFORMED)
    for other in stored.values():
        earlier, later = sorted((other, release), key=lambda one: one.period.months[-1])
        if not _goes_on(earlier.register, later.register):
            raise DomainError(Code.OPERATION_MALFORMED)


def _goes_on(before: Register, after: Register) -> bool:
    """Within a school year nothing is told apart in another way, and places only grow: figures of a place never come
    to be the difference of two others."""
    if before.categories != after.categories:
        return False
    now = {each.id: each for each in after.municipalities}
    for each in before.municipalities:
        same = now.get(each.id)
        if same is None or same.county != each.county:
            return False
        grown = [set(place.schools) for place in same.places]
        if not all(any(schools.issuperset(place.schools) for schools in grown) for place in each.places):
            return False
    return True
