"""What a clock that jumps by a year may do: nothing to a case (SPEC 9)."""


def within_life(now_s: int, issued_s: int, expires_s: int) -> int:
    """The time that is stored of an event, in place of the clock's own: never outside the directory's life.

    The directory's times are those of the people who sign it. Without this, a case opened under a clock that is a
    year slow would look a year old as soon as the clock is set right.
    """
    return min(max(now_s, issued_s), expires_s)
