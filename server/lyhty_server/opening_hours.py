"""The calendar as the settings say it: `mon-fri 8-16, sat 10-12:30`, with days of one's own (OPERATIONS.md)."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from lyhty_server.domain.calendar import MINUTES_OF_DAY, USUAL_WEEK, Calendar, DayHours
from lyhty_server.domain.finnish_holidays import is_finnish_holiday

# All of Finland.
ZONE: Final = "Europe/Helsinki"
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RULE: Final = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? +([0-9:]+)-([0-9:]+)")
_OWN_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2}) +([0-9:]+)-([0-9:]+)")
_CLOCK: Final = re.compile(r"(\d{1,2})(?::([0-5]\d))?")


class HoursError(ValueError):
    """A text says no opening hours; the sentence says which."""


def usual_calendar() -> Calendar:
    return Calendar(ZoneInfo(ZONE), USUAL_WEEK, {}, is_finnish_holiday)


def read_calendar(*, week: str | None, open_days: str, closed_days: str, keeps_holidays: bool) -> Calendar:
    """Raises HoursError."""
    try:
        return Calendar(
            zone=ZoneInfo(ZONE),
            week=USUAL_WEEK if week is None else _week(week),
            own_days={**_own_days(open_days), **{_date(text): () for text in _listed(closed_days)}},
            is_holiday=is_finnish_holiday if keeps_holidays else _never,
        )
    except HoursError:
        raise
    except ValueError as error:
        raise HoursError(str(error)) from None


def _never(_day: date) -> bool:
    return False


def _week(text: str) -> tuple[DayHours, ...]:
    days: dict[int, list[tuple[int, int]]] = {}
    for rule in _listed(text):
        found = _RULE.fullmatch(rule)
        if found is None:
            raise HoursError(f"{rule!r} is not like `mon-fri 8-16`")
        first, last, opens, closes = found.groups()
        for weekday in range(_weekday(first), _weekday(last or first) + 1):
            days.setdefault(weekday, []).append(_span(rule, opens, closes))
    return tuple(_in_order(text, days.get(weekday, [])) for weekday in range(7))


def _own_days(text: str) -> Mapping[date, DayHours]:
    days: dict[date, list[tuple[int, int]]] = {}
    for rule in _listed(text):
        found = _OWN_DAY.fullmatch(rule)
        if found is None:
            raise HoursError(f"{rule!r} is not like `2027-01-02 10-14`")
        days.setdefault(_date(found[1]), []).append(_span(rule, found[2], found[3]))
    return {day: _in_order(text, hours) for day, hours in days.items()}


def _listed(text: str) -> list[str]:
    return [part.strip().lower() for part in text.split(",") if part.strip()]


def _weekday(name: str) -> int:
    if name not in _WEEKDAYS:
        raise HoursError(f"{name!r} is none of {', '.join(_WEEKDAYS)}")
    return _WEEKDAYS.index(name)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HoursError(f"{text!r} is not a day like 2027-01-02") from None


def _span(rule: str, opens: str, closes: str) -> tuple[int, int]:
    start, end = _minutes(rule, opens), _minutes(rule, closes)
    if not start < end <= MINUTES_OF_DAY:
        raise HoursError(f"{rule!r} ends before it begins, or after midnight")
    return start, end


def _minutes(rule: str, text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise HoursError(f"{rule!r} has no time like 8 or 8:30")
    return int(found[1]) * 60 + int(found[2] or 0)


def _in_order(text: str, hours: list[tuple[int, int]]) -> DayHours:
    ordered = tuple(sorted(hours))
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise HoursError(f"{text!r} has hours of one day that overlap")
    return ordered
