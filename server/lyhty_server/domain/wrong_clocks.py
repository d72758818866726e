"""What a clock that jumps by a year may do: keep a case a little longer, never erase one early (SPEC 9)."""

from typing import Final

# So that a server which was off for a month has caught up after a month, and a clock that is a year ahead for a week,
# which is long enough to be noticed, makes cases expire one week early at most.
FASTEST: Final = 2


def next_tick(last_hour: int, now_hour: int, ran_hours: int) -> int:
    """The hour by which cases expire, in place of the clock's own.

    It is stored, and never runs more than twice as fast as `ran_hours`, which a steady clock has counted since
    `last_hour` was stored and which is 0 after a start. It goes back with the clock at once: then nothing expires.
    """
    return min(now_hour, last_hour + FASTEST * ran_hours)


def within_life(now_s: int, issued_s: int, expires_s: int) -> int:
    """The time that is stored of an event, in place of the clock's own: never outside the directory's life.

    The directory's times are those of the people who sign it. Without this, a case opened under a clock that is a
    year slow would be a year old, and expire, as soon as the clock is set right.
    """
    return min(max(now_s, issued_s), expires_s)
