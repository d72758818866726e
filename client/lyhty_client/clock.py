"""The only reader of the clock. Everything else gets `now` as an argument."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Seconds since 1970, UTC."""


def system_clock() -> int:
    return int(time.time())
