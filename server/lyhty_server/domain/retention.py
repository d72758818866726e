"""When a case expires (SPEC 8.1): so long after the last thing that happened in it, whatever its state.

What happens is that somebody writes, or that the case is closed or opened again. Only the day is known in which a job
noticed it.
"""

from typing import Final

from msgspec import Struct

from lyhty_wire.ids import CaseId

DAY_S: Final = 86_400
KEEP_DAYS: Final = 90
# A child whom nobody has answered is not made to disappear: the place has been missed for a year by then, and stands in
# its queue as such.
UNANSWERED_DAYS: Final = 365
SPREAD_DAYS: Final = 7
_SPREADS: Final = 2 * SPREAD_DAYS + 1


class Noticed(Struct, frozen=True):
    """How the job found a case when something was new in it, and on which day (since 1970)."""

    last_seq: int
    is_closed: bool
    day: int


class Kept(Struct, frozen=True):
    """A case as it stands now, and as it was noticed."""

    case_seq: int
    case_id: CaseId
    last_seq: int
    is_closed: bool
    is_answered: bool
    """No open place of it waits for its first answer."""
    is_asleep: bool
    """A holder has put it aside for a while."""
    noticed: Noticed | None

    def notice(self, now_s: int) -> Noticed | None:
        """What to keep of it if something is new; else None."""
        if self.noticed is not None and (self.noticed.last_seq, self.noticed.is_closed) == (
            self.last_seq,
            self.is_closed,
        ):
            return None
        return Noticed(self.last_seq, self.is_closed, now_s // DAY_S)

    def has_expired(self, now_s: int, keep_days: int) -> bool:
        if self.noticed is None or self.is_asleep or self.notice(now_s) is not None:
            return False
        days = keep_days if self.is_answered else max(keep_days, UNANSWERED_DAYS)
        return now_s // DAY_S >= self.noticed.day + days + spread_days(self.case_id)


def spread_days(case_id: CaseId) -> int:
    """A week less to a week more, the same for a case at all times: its last day tells nothing of its closing."""
    return int.from_bytes(case_id, "big") % _SPREADS - SPREAD_DAYS  # a case id is a hash
