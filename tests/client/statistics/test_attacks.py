"""What somebody could find out who knows every case but one, and reads everything that is ever published."""

from collections.abc import Iterable, Iterator, Mapping
from math import exp
from random import Random
from statistics import fmean, pvariance
from typing import Final

import pytest

from lyhty_client.statistics.release import Contribution, Reply, count, draw, figures_of
from lyhty_wire.figures.periods import Month, Period, month_periods, term_of, terms_of, year_of
from lyhty_wire.figures.register import Cell, Register
from lyhty_wire.figures.releases import Figure
from lyhty_wire.figures.tables import EPSILON, REPLIES, Table
from tests.client.statistics import worlds

WORLDS: Final = 2_000
FIRST: Final = Month(2026, 11)
YEARS: Final = (year_of(FIRST), year_of(Month(2027, 11)))
# A school with one class, beside a larger one: a municipality of one place. And a village with that class alone.
AREA: Final = worlds.register(((25, 320), (25,)))
TERM: Final = (*month_periods(term_of(FIRST)), term_of(FIRST))
FEW: Final = Register(AREA.municipalities, {name: values[:2] for name, values in worlds.CATEGORIES.items()})
"""Fewer categories, so that two thousand times two years are soon drawn: what is drawn elsewhere says nothing."""


def _a_case(chance: Random, school: str, month: Month) -> Contribution:
    case = worlds.a_case(chance, school, month)
    return case._replace(topic="bullying", service="discord")


def _periods(years: Iterable[Period]) -> Iterator[Period]:
    for year in years:
        yield from month_periods(year)
        yield from terms_of(year)
        yield year


CHANCE: Final = Random("membership")
OTHERS: Final = [
    _a_case(CHANCE, CHANCE.choice(("school-0-0", "school-0-1", "school-1-0")), CHANCE.choice(YEARS[each % 2].months))
    for each in range(12)
]


def _truth(periods: Iterable[Period], cases: Iterable[Contribution], replies: Iterable[Reply]) -> dict[Cell, int]:
    known, said = list(cases), list(replies)
    true: dict[Cell, int] = {}
    for period in periods:
        true |= count(period, FEW, known, said)
    return true


class _Attack:
    """By the logarithm of the likelihood ratio of all draws: no test tells better (Neyman and Pearson).

    Draws of cells that the cases are not in are as likely with them as without, so that they are left out of it.
    """

    def __init__(self, periods: tuple[Period, ...], cases: list[Contribution], replies: list[Reply]) -> None:
        self._cases, self._replies = cases, replies
        self._without = _truth(periods, OTHERS, [])
        self._with_them = _truth(periods, [*OTHERS, *cases], replies)
        self._cells = [cell for cell in self._with_them if self._with_them[cell] != self._without.get(cell, 0)]
        touched = {cell.period for cell in self._cells}
        self.periods = tuple(period for period in periods if period in touched)

    def draws(self, is_there: bool, key: bytes, periods: Iterable[Period] = ()) -> dict[Cell, int]:
        drawn: dict[Cell, int] = {}
        for period in periods or self.periods:
            drawn |= draw(
                period, FEW, [*OTHERS, *self._cases] if is_there else OTHERS, self._replies if is_there else [], key
            )
        return drawn

    def loss(self, tables: Iterable[Table]) -> float:
        among = set(tables)
        return sum(
            float(cell.table.epsilon) * (self._with_them[cell] - self._without.get(cell, 0))
            for cell in self._cells
            if cell.table in among
        )

    def favors(self, drawn: Mapping[Cell, int], tables: Iterable[Table]) -> float:
        among = set(tables)
        return sum(
            float(cell.table.epsilon)
            * (abs(drawn[cell] - self._without.get(cell, 0)) - abs(drawn[cell] - self._with_them[cell]))
            for cell in self._cells
            if cell.table in among
        )


def _holds(found: int, falsely: int, epsilon: float, worlds_of_each: int, least: float = 1 / 3) -> None:
    bound = (exp(epsilon) - 1) / (exp(epsilon) + 1)
    advantage = (found - falsely) / worlds_of_each
    # Three standard errors of a difference of two shares.
    assert advantage <= bound + 3 * (0.5 / worlds_of_each) ** 0.5
    assert advantage > bound * least, "an attack that finds nothing proves nothing"


ONE: Final = _a_case(Random(1), "school-0-0", FIRST)
REPLIED: Final = [Reply(ONE.school, FIRST, "impact", "helped"), Reply(ONE.school, FIRST, "later", "helped")]


@pytest.fixture(scope="module")
def drawn() -> tuple[_Attack, list[tuple[bool, dict[Cell, int]]]]:
    """One year with the case and its replies, and without; all that costs what is promised for one case."""
    attack = _Attack(tuple(_periods(YEARS[:1])), [ONE], REPLIED)
    chance = Random("keys")
    return attack, [
        (there, attack.draws(there, chance.randbytes(32))) for _ in range(WORLDS) for there in (True, False)
    ]


@pytest.mark.parametrize(
    "tables",
    [tuple(Table), tuple(table for table in Table if table not in REPLIES), (Table.TERMS,)],
    ids=["all tables", "all but replies", "one table"],
)
def test_whether_a_case_is_among_the_figures_is_told_no_better_than_epsilon_allows(
    drawn: tuple[_Attack, list[tuple[bool, dict[Cell, int]]]], tables: tuple[Table, ...]
) -> None:
    attack, seen = drawn
    says = [(there, attack.favors(each, tables) > 0) for there, each in seen]
    epsilon = float(sum(table.epsilon for table in tables))
    assert attack.loss(tables) == pytest.approx(epsilon)
    _holds(sum(said for there, said in says if there), sum(said for there, said in says if not there), epsilon, WORLDS)


def test_one_case_has_cost_all_of_epsilon_and_no_more(
    drawn: tuple[_Attack, list[tuple[bool, dict[Cell, int]]]],
) -> None:
    attack, _ = drawn
    assert attack.loss(Table) == pytest.approx(float(EPSILON))


def test_a_child_who_asks_once_a_year_has_the_promise_for_each_time() -> None:
    """Over two years: what is published of the one case says nothing of the other."""
    second = ONE._replace(month=Month(2027, 11))
    attack = _Attack(tuple(_periods(YEARS)), [ONE, second], [])
    once = float(EPSILON - sum(table.epsilon for table in REPLIES))
    assert attack.loss(Table) == pytest.approx(2 * once)
    chance, few = Random("twice"), 300
    found = sum(attack.favors(attack.draws(True, chance.randbytes(32)), Table) > 0 for _ in range(few))
    falsely = sum(attack.favors(attack.draws(False, chance.randbytes(32)), Table) > 0 for _ in range(few))
    _holds(found, falsely, 2 * once, few)


def test_the_whole_release_as_it_is_read_tells_no_more_than_its_draws() -> None:
    """Figures, draws and widths of a term, learned by heart: by how much each is larger with the case."""
    attack = _Attack(TERM, [ONE], [])
    chance, few = Random("document"), 300

    def read(is_there: bool) -> list[list[float]]:
        return [_read(attack.draws(is_there, chance.randbytes(32), TERM)) for _ in range(few)]

    with_it, without = (list(zip(*read(there), strict=True)) for there in (True, False))
    weights = [
        (fmean(one) - fmean(other)) / (pvariance(one) + pvariance(other) + 1e-9)
        for one, other in zip(with_it, without, strict=True)
    ]
    middle = [(fmean(one) + fmean(other)) / 2 for one, other in zip(with_it, without, strict=True)]
    found, falsely = (
        sum(_score(weights, each) > _score(weights, middle) for each in read(there)) for there in (True, False)
    )
    _holds(found, falsely, attack.loss(Table), few, least=0.1)


def _read(drawn: Mapping[Cell, int]) -> list[float]:
    figures: dict[Cell, Figure] = {}
    for period in TERM:
        of_period = {cell: number for cell, number in drawn.items() if cell.period == period}
        figures |= figures_of(period, FEW, of_period, figures)
    return [float(number) for figure in figures.values() for number in figure]


def _score(weights: list[float], read: list[float]) -> float:
    return sum(weight * number for weight, number in zip(weights, read, strict=True))
