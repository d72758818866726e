"""By when an answer is promised, and whether the promise has been kept (SPEC 9.5).

Of when a case came only the hour is known; the promise counts from its beginning, so that it is rather kept early.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from lyhty_server.domain.calendar import Calendar
from lyhty_wire.hours import HOUR_S, Hours

# A working day; and for who says to be in danger, half a morning.
USUAL_WORKING_S: Final = 8 * HOUR_S
URGENT_WORKING_S: Final = 2 * HOUR_S

# What the public document shows. Back far enough that a promise of a thousand hours ago is not taken for a new one;
# ahead far enough for any holiday, and for a page that stays open.
PAST: Final = timedelta(days=30)
SHOWN_DAYS: Final = 96
# No promise is looked for among cases older than this: theirs has been missed and marked long ago.
_OLDEST_HOURS: Final = 400 * 24


@dataclass(frozen=True, slots=True)
class Promises:
    usual_s: int = USUAL_WORKING_S
    urgent_s: int = URGENT_WORKING_S

    def until(self, calendar: Calendar, opened_hour: int, *, urgent: bool) -> int:
        return calendar.after(opened_hour * HOUR_S, self.urgent_s if urgent else self.usual_s)

    def newest_missed(self, calendar: Calendar, now_s: int, *, urgent: bool) -> int:
        """The newest hour of opening whose promise has passed: it has for all before, too."""
        passed, open_still = now_s // HOUR_S - _OLDEST_HOURS, now_s // HOUR_S + 1
        while open_still - passed > 1:
            hour = (passed + open_still) // 2
            if self.until(calendar, hour, urgent=urgent) <= now_s:
                passed = hour
            else:
                open_still = hour
        return passed


def public_hours(calendar: Calendar, promises: Promises, keep_days: int, now_s: int) -> Hours:
    """The same for everybody, and from midnight to midnight."""
    return Hours(
        openings=calendar.window(calendar.day(now_s) - PAST, SHOWN_DAYS),
        promise_s=promises.usual_s,
        urgent_s=promises.urgent_s,
        zone=calendar.zone.key,
        keep_days=keep_days,
    )
