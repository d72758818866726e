"""The only reader of the clock. Everything else gets `now` as an argument."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Seconds since 1970, UTC."""


def system_clock() -> int:
    return int(time.time())


def hour_of(now_s: int) -> int:
    """Hours since 1970: all that is kept of the time of a reporter's event (SPEC 8)."""
    return now_s // 3600
