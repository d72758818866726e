"""The shape of a school day, squeezed into as many seconds as one asks for."""

import random
from statistics import median
from typing import Final

HOURS: Final = 24
SHARES: Final = (0, 0, 0, 0, 0, 0, 1, 4, 5, 5, 6, 7, 5, 6, 8, 8, 7, 7, 8, 9, 9, 8, 5, 2)
"""Of a day's reports, by the hour they come: breaks and the way home, most in the evening, nobody towards morning.

From the order of magnitude that helplines for children publish; what matters here is that it swells and falls silent.
"""
MORNING_HOUR: Final = 5
"""When everybody has gone and nobody has come yet: what is in memory then is what stays."""


def arrivals(people: int, days: int, day_s: float, chance: random.Random) -> list[float]:
    """Moments from the beginning of the first day, in seconds, in their order."""
    hours = chance.choices(range(HOURS), SHARES, k=people * days)
    return sorted((nth % days + (hour + chance.random()) / HOURS) * day_s for nth, hour in enumerate(hours))


def mornings(days: int, day_s: float) -> list[float]:
    """After each of the days, in seconds from the beginning of the first."""
    return [(day + 1 + MORNING_HOUR / HOURS) * day_s for day in range(days)]


def slope(points: list[tuple[float, float]]) -> float:
    """The median of all pairs' slopes, which one odd point does not move; Theil and Sen."""
    return median((later - before) / (t - s) for n, (s, before) in enumerate(points) for t, later in points[n + 1 :])
