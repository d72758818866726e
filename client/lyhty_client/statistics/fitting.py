"""Makes noisy figures add up: the whole numbers, none below zero, that are nearest to what was drawn.

What is drawn is public by then, so that nothing here costs privacy. Floating point serves for finding the nearest;
what is returned always adds up exactly.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Final

Table = list[list[int]]

_ROUNDS: Final = 200


def fit_total(drawn: Sequence[float], total: int) -> list[int]:
    """The non-negative whole numbers nearest to `drawn` (least squares) that sum to `total` >= 0.

    Raises:
        ValueError: there is nothing to give the total to.
    """
    if not drawn and total:
        raise ValueError("a total without cells")
    return _rounded(_nearest(drawn, total), total)


def fit_margins(drawn: Sequence[Sequence[float]], rows: Sequence[int], columns: Sequence[int]) -> Table:
    """The same for a table whose rows and columns have been published: `rows` and `columns` have one sum.

    Raises:
        ValueError: they have not.
    """
    if sum(rows) != sum(columns):
        raise ValueError("margins of two different totals")
    return _rounded_table(_nearest_table(drawn, rows, columns), rows, columns)


def even_total(drawn: Sequence[int] | Sequence[Fraction], total: Fraction) -> list[Fraction]:
    """The nearest that sum to `total`, also below zero and between whole numbers: all move by the same amount."""
    shift = (total - sum(drawn)) / len(drawn)
    return [value + shift for value in drawn]


def even_margins(
    drawn: Sequence[Sequence[int]], rows: Sequence[Fraction], columns: Sequence[Fraction]
) -> list[list[Fraction]]:
    """The same for a table."""
    by_row = [(total - sum(row)) / len(columns) for total, row in zip(rows, drawn, strict=True)]
    by_column = [
        (total - sum(column)) / len(rows) for total, column in zip(columns, zip(*drawn, strict=True), strict=True)
    ]
    both = sum(by_row) / len(rows)
    return [
        [value + of_row + of_column - both for value, of_column in zip(row, by_column, strict=True)]
        for row, of_row in zip(drawn, by_row, strict=True)
    ]


def _nearest(drawn: Sequence[float], total: float) -> list[float]:
    """Projection on the simplex: all cells move by the same amount, and what would fall below zero stays there."""
    highest_first = sorted(drawn, reverse=True)
    running, shift = 0.0, 0.0
    for count, value in enumerate(highest_first, start=1):
        running += value
        candidate = (running - total) / count
        if value < candidate:
            break
        shift = candidate
    return [max(0.0, value - shift) for value in drawn]


def _nearest_table(drawn: Sequence[Sequence[float]], rows: Sequence[int], columns: Sequence[int]) -> list[list[float]]:
    """Dykstra's alternating projections, on the rows' totals and on the columns'."""
    table = [list(row) for row in drawn]
    by_rows = [[0.0] * len(columns) for _ in rows]
    by_columns = [[0.0] * len(columns) for _ in rows]
    for _ in range(_ROUNDS):
        for nth, total in enumerate(rows):
            before = [value + owed for value, owed in zip(table[nth], by_rows[nth], strict=True)]
            table[nth] = _nearest(before, total)
            by_rows[nth] = [one - other for one, other in zip(before, table[nth], strict=True)]
        for nth, total in enumerate(columns):
            column = [row[nth] + owed[nth] for row, owed in zip(table, by_columns, strict=True)]
            for row, owed, before_one, value in zip(table, by_columns, column, _nearest(column, total), strict=True):
                row[nth], owed[nth] = value, before_one - value
    return table


def _rounded(values: Sequence[float], total: int) -> list[int]:
    """Largest remainders; the first of equals."""
    whole = [floor(value) for value in values]
    by_rest = sorted(range(len(values)), key=lambda nth: (whole[nth] - values[nth], nth))
    for nth in by_rest[: total - sum(whole)]:
        whole[nth] += 1
    return whole


def _rounded_table(values: Sequence[Sequence[float]], rows: Sequence[int], columns: Sequence[int]) -> Table:
    """Down to what no margin is exceeded by, and up again one by one, each time by the cheapest path."""
    table = [[floor(value) for value in row] for row in values]
    for nth, row in enumerate(table):
        _lower(row, rows[nth])
    for nth, total in enumerate(columns):
        column = [row[nth] for row in table]
        _lower(column, total)
        for row, value in zip(table, column, strict=True):
            row[nth] = value
    floors = [list(row) for row in table]
    while short := [nth for nth, total in enumerate(rows) if sum(table[nth]) < total]:
        lacking = [nth for nth, total in enumerate(columns) if sum(row[nth] for row in table) < total]
        for step, (at_row, at_column) in enumerate(_cheapest(table, floors, values, short, lacking)):
            table[at_row][at_column] += 1 if step % 2 == 0 else -1
    return table


def _lower(cells: list[int], total: int) -> None:
    """Only where the projections had not come near enough yet."""
    for _ in range(sum(cells) - total):
        cells[cells.index(max(cells))] -= 1


def _cheapest(
    table: Table,
    floors: Table,
    values: Sequence[Sequence[float]],
    short_rows: Sequence[int],
    lacking_columns: Sequence[int],
) -> list[tuple[int, int]]:
    """The cells to raise and lower by turns, from a row that is short to a column that lacks (Bellman and Ford)."""

    def raising(row: int, column: int) -> float:
        return 2 * (table[row][column] - values[row][column]) + 1

    def lowering(row: int, column: int) -> float:
        return 2 * (values[row][column] - table[row][column]) + 1

    paths_to_rows: dict[int, _Path] = {row: (0.0, []) for row in short_rows}
    paths_to_columns: dict[int, _Path] = {}
    is_better = True
    while is_better:
        is_better = False
        for row, (cost, path) in list(paths_to_rows.items()):
            for column in range(len(values[row])):
                is_better |= _offer(paths_to_columns, column, cost + raising(row, column), path, (row, column))
        for column, (cost, path) in list(paths_to_columns.items()):
            for row in range(len(values)):
                if table[row][column] > floors[row][column]:
                    is_better |= _offer(paths_to_rows, row, cost + lowering(row, column), path, (row, column))
    return min(paths_to_columns[column] for column in lacking_columns)[1]


_Path = tuple[float, list[tuple[int, int]]]
_NEARLY: Final = 1e-9


def _offer(paths: dict[int, _Path], end: int, cost: float, path: list[tuple[int, int]], cell: tuple[int, int]) -> bool:
    if end in paths and cost >= paths[end][0] - _NEARLY:
        return False
    paths[end] = (cost, [*path, cell])
    return True
