"""What a database's tables are, in words that can be compared: by name, how the database itself would make it.

Two things follow from that. `db check` compares what is there with what this version would make beside it. And a
migration is compared with what was there before: an older server may go on beside a newer one only if nothing that it
reads or writes was taken away, and nothing is asked of it that it does not know.
"""

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, create_engine

from lyhty_server.store.schema import create_tables

Described = Mapping[str, str]

_BESIDE: Final = "lyhty_beside"
_COLUMNS: Final = """
SELECT 'column ' || c.relname || '.' || a.attname,
    format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attcollation <> t.typcollation THEN ' collate ' || l.collname ELSE '' END
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS: Final = """
SELECT 'rule ' || c.relname || '.' || r.conname, pg_get_constraintdef(r.oid)
FROM pg_constraint r JOIN pg_class c ON c.oid = r.conrelid
WHERE r.connamespace = current_schema()::regnamespace AND r.contype <> 'n'
"""
_INDEXES: Final = """
SELECT 'index ' || tablename || '.' || indexname, replace(indexdef, ' ON ' || schemaname || '.', ' ON ')
FROM pg_indexes WHERE schemaname = current_schema()
"""
_SQLITE: Final = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"


def described(connection: Connection) -> Described:
    """What is there."""
    queries = (_SQLITE,) if connection.dialect.name == "sqlite" else (_COLUMNS, _CONSTRAINTS, _INDEXES)
    found = [row for query in queries for row in connection.exec_driver_sql(query)]
    return {name: text for name, text in found}  # noqa: C416 - rows are no pairs to the type checker


def expected(connection: Connection) -> Described:
    """What this version would make in such a database. In PostgreSQL it is made beside, and undone."""
    if connection.dialect.name == "sqlite":
        with create_engine("sqlite://").connect() as memory, memory.begin():
            create_tables(memory)
            return described(memory)
    with connection.begin_nested() as made:
        connection.exec_driver_sql(f"CREATE SCHEMA {_BESIDE}")
        connection.exec_driver_sql(f"SET LOCAL search_path TO {_BESIDE}")
        create_tables(connection)
        found = described(connection)
        made.rollback()
    return found


def differences(found: Described, wanted: Described, *, newer: bool = False) -> list[str]:
    """One line each. `newer`: what was added is no difference."""
    return [
        *(f"missing: {name}" for name in sorted(wanted.keys() - found.keys())),
        *(f"unknown: {name}" for name in sorted(found.keys() - wanted.keys()) if not newer),
        *(f"different: {name}" for name in sorted(found.keys() & wanted.keys()) if found[name] != wanted[name]),
    ]


def breaks_older(before: Described, after: Described) -> list[str]:
    """What of a migration an older server could not work with, as PostgreSQL describes it."""
    tables = {_table(name) for name in before}
    added = [name for name in sorted(after.keys() - before.keys()) if _table(name) in tables]
    return [
        *differences(after, before, newer=True),
        *(f"must be filled: {name}" for name in added if "not null" in after[name] and "default" not in after[name]),
        *(f"a new rule: {name}" for name in added if name.startswith("rule ") or "UNIQUE" in after[name]),
    ]


def _table(name: str) -> str:
    return re.sub(r"^\w+ (\w+)\..*", r"\1", name)
