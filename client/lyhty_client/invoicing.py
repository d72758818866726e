"""What a period is invoiced by: for each funding body its schools, their pupils, its share and the days (SPEC 12.1).

Agreements and pupil counts are all there is to it. How many cases a school had, nobody can read from an invoice.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from lyhty_client.errors import ClientError
from lyhty_wire.figures.periods import Month, Period
from lyhty_wire.organisations import Agreement, Kind, Organisation, Tree

HEADER: Final = (
    "period", "funder", "funder_name", "school", "school_name", "first_day", "last_day", "days", "pupils", "percent",
    "pupil_days",
)  # fmt: skip


class Line(NamedTuple):
    """A school, while one body pays one share of it."""

    funder: str
    school: str
    begins: date
    ends: date
    """The day after the last."""
    pupils: int
    percent: int

    @property
    def days(self) -> int:
        return (self.ends - self.begins).days

    @property
    def pupil_days(self) -> Fraction:
        """Its share of them."""
        return Fraction(self.pupils * self.days * self.percent, 100)


def basis(tree: Tree, period: Period) -> tuple[Line, ...]:
    """Sorted by funder and school.

    Raises:
        ClientError: `pupils-unknown`, for a school that somebody pays for.
    """
    first, after = _first_day(period.months[0]), _first_day(period.months[-1].following)
    schools = [each for each in tree.organisations.values() if each.kind is Kind.SCHOOL]
    lines = [line for school in schools for line in _of_school(tree, school, first, after)]
    unknown = sorted({tree.organisations[line.school].name for line in lines if not line.pupils})
    if unknown:
        raise ClientError("pupils-unknown", ", ".join(unknown))
    return tuple(sorted(lines))


def as_csv(tree: Tree, period: Period, lines: Iterable[Line]) -> str:
    """As spreadsheets of Finland read it: semicolons, and a comma before decimals."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in lines:
        names = [_harmless(tree.organisations[each].name) for each in (line.funder, line.school)]
        last = line.ends - timedelta(days=1)
        writer.writerow(
            [
                period.name, line.funder, names[0], line.school, names[1], line.begins, last, line.days, line.pupils,
                line.percent, f"{float(line.pupil_days):.2f}".replace(".", ","),
            ]
        )  # fmt: skip
    return written.getvalue()


def _of_school(tree: Tree, school: Organisation, first: date, after: date) -> list[Line]:
    first, after = max(first, school.joined or first), min(after, school.left or after)
    levels = [[each for each in tree.agreements if each.organisation == body] for body in _upwards(tree, school)]
    found: list[Line] = []
    for begins, ends in pairwise(_days(levels, first, after)):
        for agreement in _paying(levels, begins):
            line = Line(agreement.funder, school.id, begins, ends, school.pupils or 0, agreement.percent)
            before = next((each for each in found if each._replace(begins=begins, ends=ends) == line), None)
            if before is not None and before.ends == begins:
                found[found.index(before)] = before._replace(ends=ends)
            else:
                found.append(line)
    return found


def _upwards(tree: Tree, school: Organisation) -> Iterator[str]:
    above: str | None = school.id
    while above is not None:
        yield above
        above = tree.organisations[above].parent


def _days(levels: list[list[Agreement]], first: date, after: date) -> list[date]:
    """On which something may change, the ends included; none when there is no day at all."""
    if after <= first:
        return []
    changes = {day for level in levels for each in level for day in (each.begins, each.ends) if day is not None}
    return sorted({first, after, *(day for day in changes if first < day < after)})


def _paying(levels: list[list[Agreement]], day: date) -> list[Agreement]:
    """The nearest agreement counts: a school's own, else its municipality's, else its county's."""
    return next((holding for level in levels if (holding := [each for each in level if each.holds(day)])), [])


def _first_day(month: Month) -> date:
    return date(month.year, month.month, 1)


def _harmless(name: str) -> str:
    """A spreadsheet would take it for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name
