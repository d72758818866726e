"""When somebody works: opening hours by weekday, public holidays, and days of one's own that win over both.

Moments are seconds since 1970; only which of them are open hangs on a clock on a wall. An opening across the change of
the clocks in spring or autumn is an hour shorter or longer, as that clock would show.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from lyhty_wire.hours import Opening, deadline, working_between

MINUTES_OF_DAY: Final = 24 * 60
_DAY: Final = timedelta(days=1)

DayHours = tuple[Opening, ...]
"""From and to in minutes since midnight, in order; none: closed."""

USUAL_WEEK: Final[tuple[DayHours, ...]] = (((8 * 60, 16 * 60),),) * 5 + ((), ())
"""Monday to Sunday."""


@dataclass(frozen=True, slots=True)
class Calendar:
    zone: ZoneInfo
    week: tuple[DayHours, ...]
    own_days: Mapping[date, DayHours]
    is_holiday: Callable[[date], bool]

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("a week has seven days, and somebody works on one of them")

    def day(self, at_s: int) -> date:
        return datetime.fromtimestamp(at_s, self.zone).date()

    def hours_of(self, day: date) -> DayHours:
        if day in self.own_days:
            return self.own_days[day]
        return () if self.is_holiday(day) else self.week[day.weekday()]

    def openings_of(self, day: date) -> Iterator[Opening]:
        over_s = 0
        for opens_min, closes_min in self.hours_of(day):
            # In a night in spring an hour on the wall is none: what begins in it begins where it ends.
            start, end = max(over_s, self._moment(day, opens_min)), self._moment(day, closes_min)
            if start < end:
                yield start, end
                over_s = end

    def openings(self, from_s: int) -> Iterator[Opening]:
        """Those that are not over yet, in order, without end. One may begin where another ends."""
        first = self.day(from_s)
        for days in count():
            for start, end in self.openings_of(first + days * _DAY):
                if end > from_s:
                    yield start, end

    def is_open(self, at_s: int) -> bool:
        return any(start <= at_s < end for start, end in self.openings_of(self.day(at_s)))

    def next_opening(self, at_s: int) -> int:
        """Now, if it is open."""
        return max(at_s, next(self.openings(at_s))[0])

    def after(self, from_s: int, working_s: int) -> int:
        """The first moment by which so much working time has passed."""
        at_s = deadline(self.openings(from_s), from_s, working_s)
        assert at_s is not None  # the openings have no end
        return at_s

    def between(self, from_s: int, to_s: int) -> int:
        """Working seconds."""
        return working_between(self.openings(from_s), from_s, to_s)

    def window(self, from_day: date, days: int) -> tuple[Opening, ...]:
        """The openings of some days; what touches is one."""
        joined: list[Opening] = []
        for ahead in range(days):
            for start, end in self.openings_of(from_day + ahead * _DAY):
                if joined and joined[-1][1] == start:
                    start, _ = joined.pop()
                joined.append((start, end))
        return tuple(joined)

    def wall_clock(self, at_s: int) -> tuple[int, int]:
        """Weekday (Monday is 0) and minute of the day."""
        there = datetime.fromtimestamp(at_s, self.zone)
        return there.weekday(), there.hour * 60 + there.minute

    def _moment(self, day: date, minutes: int) -> int:
        on_the_wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return int(on_the_wall.replace(tzinfo=self.zone).astimezone(UTC).timestamp())
