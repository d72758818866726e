"""Noisy figures are made to add up, and stay as near as they can."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyhty_client.statistics.fitting import fit_margins, fit_total

drawn = st.integers(min_value=-40, max_value=60)


@given(st.lists(drawn, min_size=1, max_size=12), st.integers(min_value=0, max_value=200))
def test_fitted_cells_are_whole_not_negative_and_sum_to_the_total(cells: list[int], total: int) -> None:
    fitted = fit_total(cells, total)
    assert sum(fitted) == total
    assert min(fitted) >= 0
    assert len(fitted) == len(cells)


@given(st.lists(st.integers(min_value=-6, max_value=6), min_size=3, max_size=3), st.integers(min_value=0, max_value=8))
def test_no_other_cells_with_that_total_are_nearer(cells: list[int], total: int) -> None:
    def distance(values: tuple[int, ...] | list[int]) -> int:
        return sum((value - cell) ** 2 for value, cell in zip(values, cells, strict=True))

    others = (values for values in product(range(total + 1), repeat=3) if sum(values) == total)
    assert distance(fit_total(cells, total)) == min(map(distance, others))


def test_what_adds_up_already_stays() -> None:
    assert fit_total([3, 0, 5], 8) == [3, 0, 5]


def test_a_total_without_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="without cells"):
        fit_total([], 1)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[int]], list[int], list[int]]:
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    true = [[draw(st.integers(0, 9)) for _ in range(columns)] for _ in range(rows)]
    noisy = [[draw(st.integers(-15, 25)) for _ in range(columns)] for _ in range(rows)]
    return noisy, [sum(row) for row in true], [sum(column) for column in zip(*true, strict=True)]


@settings(max_examples=60, deadline=None)
@given(tables())
def test_a_fitted_table_has_both_margins_and_nothing_below_zero(
    table: tuple[list[list[int]], list[int], list[int]],
) -> None:
    noisy, rows, columns = table
    fitted = fit_margins(noisy, rows, columns)
    assert [sum(row) for row in fitted] == rows
    assert [sum(column) for column in zip(*fitted, strict=True)] == columns
    assert min(map(min, fitted)) >= 0


def test_a_table_that_adds_up_already_stays() -> None:
    assert fit_margins([[1, 2], [3, 4]], [3, 7], [4, 6]) == [[1, 2], [3, 4]]


def test_margins_of_two_totals_are_refused() -> None:
    with pytest.raises(ValueError, match="two different totals"):
        fit_margins([[1]], [1], [2])
