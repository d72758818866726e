"""What has been drawn, and what it has cost of the privacy of one case.

A case stands in one cell of a table in one of its periods (SPEC 12.7): so a table costs its epsilon once for each of
its periods that a case's month is in, which is one, and tables add up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from lyhty_client.errors import ClientError
from lyhty_wire.figures.periods import Month, Period
from lyhty_wire.figures.register import Cell
from lyhty_wire.figures.tables import EPSILON, Table


class DrawnTwiceError(ClientError):
    """Figures of that table and period have been drawn: whoever has two draws of a count knows it better."""

    def __init__(self, reason: str) -> None:
        super().__init__("figures-drawn-already", reason)


class Entry(NamedTuple):
    """One table of one period, all of whose cells were drawn together."""

    period: Period
    table: Table
    cells: int

    @property
    def epsilon(self) -> Fraction:
        return self.table.epsilon


@dataclass(frozen=True, slots=True)
class Ledger:
    entries: tuple[Entry, ...] = ()

    def with_release(self, drawn: Iterable[Cell]) -> "Ledger":
        """After one release: all its cells. Under another register too, a table of a period is drawn once.

        Raises:
            DrawnTwiceError: for anything that has been drawn; nothing is entered then.
        """
        counts: dict[tuple[Period, Table], int] = {}
        for cell in set(drawn):
            if cell.table.value.span is not cell.period.span:
                raise ValueError(f"{cell.table.name} is not a table of a {cell.period.span.value}")
            counts[cell.period, cell.table] = counts.get((cell.period, cell.table), 0) + 1
        for entry in self.entries:
            if (entry.period, entry.table) in counts:
                raise DrawnTwiceError(f"{entry.table.name} of {entry.period.name} has been drawn")
        added = sorted(
            (Entry(*each, cells) for each, cells in counts.items()),
            key=lambda entry: (entry.period.name, entry.table.name),
        )
        return Ledger((*self.entries, *added))

    def spent(self, month: Month) -> Fraction:
        """Of the privacy of one case of that month, whatever it is about; never more than `EPSILON`."""
        return sum((entry.epsilon for entry in self.of_month(month)), start=Fraction(0))

    def left(self, month: Month) -> Fraction:
        return EPSILON - self.spent(month)

    def of_month(self, month: Month) -> Iterator[Entry]:
        return (entry for entry in self.entries if month in entry.period.months)
