"""The months, terms and school years that figures are published for, by the clock of Helsinki.

Finnish schools have two terms: 1 August - 31 December and 1 January - 31 July (Basic Education Act 628/1998, 23 and 24
section). A case belongs to the month in which it was opened.
"""

import re
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from lyhty_wire.errors import MalformedError

HELSINKI: Final = ZoneInfo("Europe/Helsinki")
FIRST_MONTH: Final = 8
SPRING_FROM: Final = 1
_NAME: Final = re.compile(r"(?P<year>2[0-9]{3})-(?:(?P<month>0[1-9]|1[0-2])|(?P<term>autumn|spring)|2[0-9]{3})")
REST_DAYS: Final = 14
"""Between the end of a period and its figures: whoever wrote on its last day is not the newest news."""


class Span(Enum):
    MONTH = "month"
    TERM = "term"
    YEAR = "year"

    __hash__ = object.__hash__  # that of Enum is slow, and sums look up thousands


class Month(NamedTuple):
    year: int
    month: int

    @property
    def following(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)


class Period(NamedTuple):
    """A run of whole months; `first` decides which of its span it is."""

    span: Span
    first: Month

    @property
    def months(self) -> tuple[Month, ...]:
        return _months_of(self)

    @property
    def name(self) -> str:
        """2026-11, 2026-autumn, 2027-spring, 2026-2027."""
        year, month = self.first
        if self.span is Span.MONTH:
            return f"{year}-{month:02}"
        if self.span is Span.TERM:
            return f"{year}-{'autumn' if month == FIRST_MONTH else 'spring'}"
        return f"{year}-{year + 1}"

    @classmethod
    def parse(cls, name: str) -> "Period":
        """Raises MalformedError."""
        match = _NAME.fullmatch(name)
        if match is not None:
            year = int(match["year"])
            if match["month"]:
                period = cls(Span.MONTH, Month(year, int(match["month"])))
            elif match["term"]:
                period = cls(Span.TERM, Month(year, FIRST_MONTH if match["term"] == "autumn" else SPRING_FROM))
            else:
                period = cls(Span.YEAR, Month(year, FIRST_MONTH))
            if period.name == name:
                return period
        raise MalformedError("operation-malformed", "not a period")

    @property
    def published(self) -> date:
        """The first day on which its figures may go out."""
        after = self.months[-1].following
        return date(after.year, after.month, 1) + timedelta(days=REST_DAYS)


@lru_cache(maxsize=1_024)
def _months_of(period: Period) -> tuple[Month, ...]:
    span, found = period.span, [period.first]
    count = {Span.MONTH: 1, Span.TERM: 5 if period.first.month == FIRST_MONTH else 7, Span.YEAR: 12}[span]
    while len(found) < count:
        found.append(found[-1].following)
    return tuple(found)


def month_of(at_s: int) -> Month:
    """Of a moment in seconds since 1970."""
    when = datetime.fromtimestamp(at_s, HELSINKI)
    return Month(when.year, when.month)


def term_of(month: Month) -> Period:
    return Period(Span.TERM, Month(month.year, FIRST_MONTH if month.month >= FIRST_MONTH else SPRING_FROM))


def year_of(month: Month) -> Period:
    return Period(Span.YEAR, Month(month.year if month.month >= FIRST_MONTH else month.year - 1, FIRST_MONTH))


def terms_of(year: Period) -> tuple[Period, Period]:
    return term_of(year.months[0]), term_of(year.months[-1])


def month_periods(period: Period) -> tuple[Period, ...]:
    return tuple(Period(Span.MONTH, month) for month in period.months)
