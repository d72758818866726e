"""Many rows in one statement, written and looked up straight through the driver.

SQLite gives up the interpreter's lock at every step, and then waits for it behind the event loop. A statement with 256
rows makes one step, `executemany` makes 256. SQLAlchemy writes each statement, once; run through it as well, a
statement costs twice as much. PostgreSQL takes a column of rows as one array: a third of what COPY costs, and one
statement for any number of rows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, repeat
from typing import Any, Final

from sqlalchemy import Column, CompoundSelect, Connection, Dialect, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from lyhty_server.domain.errors import LyhtyServerError
from lyhty_server.store.sqlite import raw_of

Value = bytes | int | str | None
Row = tuple[Value, ...]
_Shape = tuple[Table, tuple[str, ...]]

_SQLITE: Final = sqlite.dialect(paramstyle="qmark")
_POSTGRESQL: Final[Dialect] = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
_LARGEST: Final = 256  # rows; the widest table has seven columns and SQLite takes 32,766 parameters
_GATHERED: Final = "lyhty inserts"
"""In a connection's `info`: what is inserted `in_one_statement`."""
_EXPANDING: Final = re.compile(r"IN \(__\[POSTCOMPILE_(\w+)\]\)")


class OvertakenError(LyhtyServerError):
    """Another process did something between this one's look and its write: both are to be done again."""


def is_shared(connection: Connection) -> bool:
    """Whether others may write at the same time."""
    return connection.dialect.name == "postgresql"


@contextmanager
def in_one_statement(connection: Connection) -> Iterator[None]:
    """All that is inserted meanwhile: PostgreSQL is asked once, not once for each table."""
    if not is_shared(connection):
        yield
        return
    gathered = connection.info[_GATHERED] = dict[_Shape, list[Row]]()
    try:
        yield
    finally:
        del connection.info[_GATHERED]
    rows = {shape: rows for shape, rows in gathered.items() if rows}
    if rows:
        _insert_arrays(connection, rows)


def insert_rows(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert rows whose values stand in the order of `columns`. A conflict is an error: the caller has looked."""
    if is_shared(connection):
        gathered: dict[_Shape, list[Row]] | None = connection.info.get(_GATHERED)
        if gathered is not None:
            gathered.setdefault((table, columns), []).extend(rows)
        elif rows:
            _insert_arrays(connection, {(table, columns): rows})
        return
    raw = raw_of(connection)
    for part in _parts(rows):
        raw.execute(_inserting(table, columns, len(part)), tuple(chain.from_iterable(part)))


def _insert_arrays(connection: Connection, rows: Mapping[_Shape, Sequence[Row]]) -> None:
    arrays = tuple(list(values) for some in rows.values() for values in zip(*some, strict=True))
    connection.exec_driver_sql(_inserting_arrays(tuple(rows)), arrays)


def look_up(
    connection: Connection, query: CompoundSelect[Any], keys: Mapping[str, Sequence[bytes]]
) -> Iterable[Sequence[Any]]:
    """The rows of a query whose expanding parameters are lists of keys, all of one length."""
    if is_shared(connection):
        return connection.exec_driver_sql(_looking_up_arrays(query), {name: list(keys[name]) for name in keys})
    size = 1 << (max(map(len, keys.values())) - 1).bit_length()
    text, names = _looking_up(query, size)
    return raw_of(connection).execute(text, tuple(chain.from_iterable(_filled(keys[name], size) for name in names)))


def next_numbers(connection: Connection, column: Column[int], count: int) -> list[int]:
    """From PostgreSQL's sequence. A number that is not used then is never used."""
    asked = (f"{column.table.name}_{column.name}_seq", count)
    found = connection.exec_driver_sql("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", asked)
    return [number for (number,) in found]


def _filled(keys: Sequence[bytes], size: int) -> Iterator[bytes]:
    """Powers of two, so that few different statements have to be prepared: the last key is asked for again."""
    return chain(keys, repeat(keys[-1], size - len(keys)))


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """As `_filled`, but a row cannot come twice: parts whose sizes are powers of two."""
    start = 0
    while start < len(rows):
        size = min(_LARGEST, 1 << ((len(rows) - start).bit_length() - 1))
        yield rows[start : start + size]
        start += size


@cache
def _inserting(table: Table, columns: tuple[str, ...], rows: int) -> str:
    one = str(insert(table).compile(dialect=_SQLITE, column_keys=list(columns)))
    head, values = one.split(" VALUES ")
    _check_order(table, columns)
    return f"{head} VALUES {', '.join([values] * rows)}"


@cache
def _inserting_arrays(shapes: tuple[_Shape, ...]) -> str:
    *first, last = [_inserting_array(*shape) for shape in shapes]
    others = ", ".join(f"insert_{nth} AS ({each})" for nth, each in enumerate(first))
    return f"WITH {others} {last}" if first else last


def _inserting_array(table: Table, columns: tuple[str, ...]) -> str:
    _check_order(table, columns)
    one = str(insert(table).compile(dialect=_POSTGRESQL, column_keys=list(columns)))
    arrays = [f"%b::{table.c[name].type.compile(dialect=_POSTGRESQL)}[]" for name in columns]
    return f"{one.split(' VALUES ')[0]} SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608 - from the tables


def _check_order(table: Table, columns: tuple[str, ...]) -> None:
    """Core writes the columns in the table's order."""
    if [column.name for column in table.columns if column.name in columns] != list(columns):
        raise ValueError(f"name the columns of {table.name} in the table's order, each once")


@cache
def _looking_up(query: CompoundSelect[Any], size: int) -> tuple[str, tuple[str, ...]]:
    """The text, and the parameters' names in the order of their lists."""
    names = list(query.compile(dialect=_SQLITE).positiontup or ())
    whole = query.params({name: [b""] * size for name in names})
    return str(whole.compile(dialect=_SQLITE, compile_kwargs={"render_postcompile": True})), tuple(names)


@cache
def _looking_up_arrays(query: CompoundSelect[Any]) -> str:
    return _EXPANDING.sub(r"= ANY(%(\1)b::bytea[])", str(query.compile(dialect=_POSTGRESQL)))
