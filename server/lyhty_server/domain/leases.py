"""How long a claim lasts (SPEC 9): working hours, because nobody can answer while the service is closed.

A lease past its deadline may be taken away: by the next claim, or by the job that looks for lapsed ones. Until then its
holder still holds it, so that no answer is lost for having been finished a minute late.
"""

from typing import Final

from lyhty_server.domain.calendar import Calendar

# SPEC 9. A working day: who claims and falls ill leaves a child waiting until the same hour of the next one.
LEASE_WORKING_S: Final = 8 * 3600


def lease_until(calendar: Calendar, now_s: int, working_s: int = LEASE_WORKING_S) -> int:
    return calendar.after(now_s, working_s)


def has_lapsed(lease_until_s: int, now_s: int) -> bool:
    return lease_until_s <= now_s
