"""What somebody could find out who knows every case but one."""

from math import exp
from random import Random

import pytest

from lyhty_client.statistics.release import Contribution, draw
from lyhty_wire.figures.periods import Month, Period, Span, term_of
from lyhty_wire.figures.register import Cell, Figures
from lyhty_wire.figures.tables import EPSILON, Table
from tests.client.statistics import worlds

WORLDS = 2_000
MONTH = Month(2026, 11)
PERIODS = (Period(Span.MONTH, MONTH), term_of(MONTH), worlds.YEAR)
ONE_CLASS = (25, 320)
"""A school with one class, beside a larger one."""


def _cells_of(case: Contribution) -> list[Cell]:
    return list(worlds.truth(AREA, [case]))


AREA = worlds.register((ONE_CLASS,))


def _favors_presence(drawn: Figures, true: dict[Cell, int], cells: list[Cell]) -> float:
    """The logarithm of the likelihood ratio: no test tells better (Neyman and Pearson)."""
    return sum(
        float(cell.table.epsilon) * (abs(drawn[cell] - true.get(cell, 0)) - abs(drawn[cell] - true.get(cell, 0) - 1))
        for cell in cells
    )


@pytest.mark.parametrize("tables", [tuple(Table), (Table.TERMS,)], ids=["all tables", "one table"])
def test_whether_a_case_is_among_the_figures_is_told_no_better_than_epsilon_allows(tables: tuple[Table, ...]) -> None:
    chance = Random(f"membership {len(tables)}")
    others = worlds.cases(chance, (ONE_CLASS,))
    one = worlds.a_case(chance, "school-0-0", MONTH)
    true = worlds.truth(AREA, others)
    cells = [cell for cell in _cells_of(one) if cell.table in tables]
    found = falsely = 0
    for _ in range(WORLDS):
        for is_there in (True, False):
            key = chance.randbytes(32)
            drawn: dict[Cell, int] = {}
            for period in PERIODS:
                drawn |= draw(period, AREA, [*others, one] if is_there else others, [], key)
            says = _favors_presence(drawn, true, cells) > 0
            found += says and is_there
            falsely += says and not is_there
    epsilon = float(sum(table.epsilon for table in tables))
    bound = (exp(epsilon) - 1) / (exp(epsilon) + 1)
    advantage = (found - falsely) / WORLDS
    # Three standard errors of a difference of two shares.
    assert advantage <= bound + 3 * (0.5 / WORLDS) ** 0.5
    assert advantage > bound / 3, "an attack that finds nothing proves nothing"


def test_the_whole_costs_what_is_promised() -> None:
    assert sum(table.epsilon for table in Table) == EPSILON
