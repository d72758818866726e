"""Many rows in one statement.

SQLite gives up the interpreter's lock at every step, and then waits for it behind the event loop. A statement with 256
rows makes one step, `executemany` makes 256.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Final

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite

Value = bytes | int | str | None
Row = tuple[Value, ...]

_DIALECT: Final = sqlite.dialect(paramstyle="qmark")
_LARGEST: Final = 256  # rows; the widest table has seven columns and SQLite takes 32,766 parameters


def insert_rows(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert rows whose values stand in the order of `columns`. A conflict is an error: the caller has looked."""
    for part in _parts(rows):
        connection.exec_driver_sql(_text(table, columns, len(part)), tuple(chain.from_iterable(part)))


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Parts whose sizes are powers of two, so that few different statements have to be prepared."""
    start = 0
    while start < len(rows):
        size = min(_LARGEST, 1 << ((len(rows) - start).bit_length() - 1))
        yield rows[start : start + size]
        start += size


@cache
def _text(table: Table, columns: tuple[str, ...], rows: int) -> str:
    one = str(insert(table).compile(dialect=_DIALECT, column_keys=list(columns)))
    head, values = one.split(" VALUES ")
    # Core writes the columns in the table's order.
    if [column.name for column in table.columns if column.name in columns] != list(columns):
        raise ValueError(f"name the columns of {table.name} in the table's order, each once")
    return f"{head} VALUES {', '.join([values] * rows)}"
