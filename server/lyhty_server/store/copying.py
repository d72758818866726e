"""All rows of a database as plain records, and back: the same for every kind of database.

The tables are read from the database itself, so that a copy of an older schema can be put back as it was, and then
brought up to date.
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Connection,
    Date,
    Engine,
    MetaData,
    Select,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.pool import NullPool

from lyhty_server.store.schema import bring_up_to_date
from lyhty_server.store.tables import HEAD
from lyhty_wire.ids import CaseId, tombstone

ROWS_AT_ONCE: Final = 100  # of at most 64 kB each
_OF_SCHEMA: Final = frozenset({"alembic_version", "oldest_server", "leftovers"})
"""What the tables say of themselves: made with them; and of the files they are in."""
IsErased = Callable[[str, dict[str, Any]], bool]
"""Whether this row of `cases` or `mailboxes` is of a case that was erased after the copy was made."""


class Part(msgspec.Struct, frozen=True, tag_field="is", array_like=True):
    pass


class Start(Part, frozen=True, tag="start"):
    format: int
    schema: str
    made_s: int


class File(Part, frozen=True, tag="file"):
    name: str
    data: bytes


class Rows(Part, frozen=True, tag="rows"):
    table: str
    columns: tuple[str, ...]
    rows: list[list[Any]]
    """Of bytes, int, str and None; a day as text."""


class Numbers(Part, frozen=True, tag="numbers"):
    """The highest that was given in a table whose numbers are never used twice."""

    last: dict[str, int]


class End(Part, frozen=True, tag="end"):
    tables: dict[str, tuple[int, bytes]]
    """Of each table, how many rows and their digest."""


AnyPart = Start | File | Rows | Numbers | End


def reading(path: Path) -> Engine:
    """SQLite beside whoever serves from it: reads one moment, and is in nobody's way but of the log's emptying."""
    engine = create_engine(f"sqlite+pysqlite:///{path}", poolclass=NullPool, connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _only_read(raw: sqlite3.Connection, _record: object) -> None:
        raw.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def dump(connection: Connection) -> Iterator[AnyPart]:
    """Everything, as it was when the transaction began."""
    tables: dict[str, tuple[int, bytes]] = {}
    for table in _tables(connection):
        count, digest = 0, hashlib.sha256()
        name, columns = f"{table.name}", tuple(f"{column.name}" for column in table.columns)
        options = {"yield_per": ROWS_AT_ONCE}
        with connection.execute(_in_order(connection, table), execution_options=options) as found:
            for part in found.partitions():
                rows = [[_plain(value) for value in row] for row in part]
                count += len(rows)
                for row in rows:
                    digest.update(msgspec.msgpack.encode(row))
                yield Rows(name, columns, rows)
        tables[name] = count, digest.digest()
    yield Numbers(_numbers(connection))
    yield End(tables)


def is_empty(connection: Connection) -> bool:
    return all(connection.execute(select(table).limit(1)).first() is None for table in _tables(connection))


class Loader:
    """Takes what `dump` gave into a database that has only empty tables of that schema."""

    def __init__(self, connection: Connection, is_erased: IsErased) -> None:
        self._connection = connection
        self._is_erased = is_erased
        self._tables = {table.name: table for table in _tables(connection)}
        self._gone: defaultdict[str, set[Any]] = defaultdict(set)
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self.erased: list[CaseId] = []

    def rows(self, part: Rows) -> None:
        table = self._tables[part.table]
        dates = {column.name for column in table.columns if isinstance(column.type, Date)}
        rows: list[dict[str, Any]] = [dict(zip(part.columns, row, strict=True)) for row in part.rows]
        for row in rows:
            row.update({name: date.fromisoformat(row[name]) for name in dates if row[name] is not None})
        kept = [row for row in rows if not self._goes(table, row)]
        if _parent(table) is None:
            self._insert(table, kept)
        else:
            self._waiting.setdefault(table.name, []).extend(kept)
            self._insert_waiting(table)

    def finish(self, numbers: Numbers) -> None:
        if any(self._waiting.values()):
            raise ValueError("rows whose parents are missing")
        tombstones = self._tables.get("tombstones")
        if tombstones is not None:
            self._insert(tombstones, [{"tombstone": tombstone(case)} for case in self.erased])
        _set_numbers(self._connection, numbers.last)

    def _goes(self, table: Table, row: dict[str, Any]) -> bool:
        """With a case go all rows that point at it, and those that point at them."""
        refers = {column.name: key.column.table.name for column in table.columns for key in column.foreign_keys}
        if table.name != "cases" and "case_seq" in row:
            refers["case_seq"] = "cases"
        gone = any(row[name] in self._gone[target] for name, target in refers.items())
        if not gone and table.name in {"cases", "mailboxes"} and self._is_erased(table.name, row):
            gone = True
            if table.name == "cases":
                self.erased.append(CaseId(row["case_id"]))
        keys = list(table.primary_key.columns)
        if gone and len(keys) == 1:
            self._gone[table.name].add(row[keys[0].name])
        return gone

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _insert_waiting(self, table: Table) -> None:
        """Of a tree, parents first."""
        waiting, own, parent = self._waiting[table.name], *_parent_columns(table)
        here = {value for (value,) in self._connection.execute(select(table.c[own]))}
        while ready := [row for row in waiting if row[parent] is None or row[parent] in here]:
            self._insert(table, ready)
            here |= {row[own] for row in ready}
            waiting = [row for row in waiting if row[own] not in here]
        self._waiting[table.name] = waiting


def make_tables(connection: Connection, schema: str) -> None:
    """Of the schema of a copy.

    Raises:
        ValueError: this release does not know it.
    """
    if schema == HEAD:
        bring_up_to_date(connection)
        return
    from alembic.util import CommandError  # costs half a second

    from lyhty_server.store.migrations.run import upgrade

    try:
        with connection.begin():
            upgrade(connection, schema)
    except CommandError:
        raise ValueError(schema) from None


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in _OF_SCHEMA]


def _in_order(connection: Connection, table: Table) -> Select[Any]:
    """By primary key, which every database must sort alike."""
    bytewise = "BINARY" if connection.dialect.name == "sqlite" else "C"
    keys = table.primary_key.columns
    return select(table).order_by(
        *(column.collate(bytewise) if isinstance(column.type, String) else column for column in keys)
    )


def _plain(value: Any) -> bytes | int | str | None:
    return value.isoformat() if isinstance(value, date) else value


def _parent(table: Table) -> str | None:
    """The column in which a row names another of its own table."""
    return next(
        (column.name for column in table.columns for key in column.foreign_keys if key.column.table is table), None
    )


def _parent_columns(table: Table) -> tuple[str, str]:
    parent = _parent(table)
    assert parent is not None
    return next(iter(table.c[parent].foreign_keys)).column.name, parent


def _numbers(connection: Connection) -> dict[str, int]:
    if connection.dialect.name == "sqlite":
        return {row.name: row.seq for row in connection.execute(text("SELECT name, seq FROM sqlite_sequence"))}
    return {table: last for table, last in connection.execute(text(_SERIALS)) if last is not None}


_SERIALS: Final = """
SELECT classes.relname, sequences.last_value FROM pg_sequences AS sequences
JOIN pg_depend AS depends ON depends.objid = format('%I.%I', sequences.schemaname, sequences.sequencename)::regclass
AND depends.deptype IN ('a', 'i') JOIN pg_class AS classes ON classes.oid = depends.refobjid
WHERE sequences.schemaname = current_schema()
"""


def _set_numbers(connection: Connection, last: dict[str, int]) -> None:
    if connection.dialect.name == "sqlite":
        for name, number in last.items():
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            values = {"name": name, "number": number}
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), values)
        return
    for table in _tables(connection):
        for column in table.primary_key.columns:
            if table.name in last:
                values = {"table": table.name, "column": column.name, "number": max(1, last[table.name])}
                statement = "SELECT setval(pg_get_serial_sequence(:table, :column), :number)"
                connection.execute(text(statement), values)
