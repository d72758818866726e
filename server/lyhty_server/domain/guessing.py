"""What a sign-in costs after others have failed for the same name (SPEC 9.4): work, never a closed door.

The right password always gets in once the work is done. Time lowers the price, and a sign-in that succeeds does not:
a price that falls when somebody signs in would tell strangers which names are somebody's.
"""

from dataclasses import dataclass
from typing import Final

from lyhty_wire.work import MAX_SIGN_IN_EFFORT

# A mistyped password, the other keyboard, and the old password.
FREE_FAILURES: Final = 3
# The first price, a blink of a computer, doubles up to about three seconds of it.
FIRST_EFFORT: Final = 1_024
_MOST: Final = FREE_FAILURES + (MAX_SIGN_IN_EFFORT // FIRST_EFFORT).bit_length() - 1
# From the dearest to nothing in under an hour.
FORGET_S: Final = 300


@dataclass(frozen=True, slots=True)
class Failures:
    count: int = 0
    since_s: int = 0
    """When the last one was forgotten, or the first one came."""

    def left(self, now_s: int) -> "Failures":
        forgotten = max(0, (now_s - self.since_s) // FORGET_S)
        if forgotten >= self.count:
            return Failures(0, now_s)
        return Failures(self.count - forgotten, self.since_s + forgotten * FORGET_S)

    def one_more(self, now_s: int) -> "Failures":
        left = self.left(now_s)
        return Failures(min(left.count + 1, _MOST), left.since_s)

    def one_less(self, now_s: int) -> "Failures":
        left = self.left(now_s)
        return Failures(max(left.count - 1, 0), left.since_s)

    def effort(self, now_s: int) -> int:
        """Of the next try; 0: none."""
        count = self.left(now_s).count
        return 0 if count < FREE_FAILURES else FIRST_EFFORT << (count - FREE_FAILURES)
