"""Writes the server's list of Finnish public holidays from the `holidays` library: `make holidays`."""

import sys

from holidays.countries.finland import Finland

FIRST, LAST = 2025, 2055

HEAD = '''"""Finnish public holidays: days on which nobody is at work unless a setting says so.

Written by `make holidays` from the library of that name, which takes half a second to load; a test compares the two.
"""

from datetime import date
from functools import cache
from typing import Final

_DATES: Final = """
'''
TAIL = '''"""
"""A line for each year: months and days."""


def is_finnish_holiday(day: date) -> bool:
    """Of a year that is not in the list, no day is."""
    return (day.month, day.day) in _years().get(day.year, ())


@cache
def _years() -> dict[int, frozenset[tuple[int, int]]]:
    years = {}
    for line in _DATES.strip().splitlines():
        year, *days = line.split()
        years[int(year)] = frozenset((int(day[:2]), int(day[2:])) for day in days)
    return years
'''


def module() -> str:
    years = [" ".join([str(year), *(f"{day:%m%d}" for day in sorted(Finland(years=year)))]) for year in span()]
    return HEAD + "\n".join(years) + "\n" + TAIL


def span() -> range:
    return range(FIRST, LAST + 1)


if __name__ == "__main__":
    sys.stdout.write(module())
