"""Brings a database's tables up to date. Alembic costs half a second: imported only if there is something to do."""

from typing import Final

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, func, insert, inspect, select

from lyhty_server.store.holds import SCHEMA
from lyhty_server.store.tables import HEAD, metadata

# As Alembic makes it.
_VERSION: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def bring_up_to_date(connection: Connection) -> None:
    """In one transaction that nobody else can be inside of."""
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(SCHEMA)))
        head = head_of(connection)
        if head is None:
            _create(connection)
        elif head != HEAD:
            from lyhty_server.store.migrations.run import upgrade  # costs half a second

            upgrade(connection)


def head_of(connection: Connection) -> str | None:
    """Of a new database: None."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none() or "before the first"


def _create(connection: Connection) -> None:
    """What all migrations in a row would give; a test compares the two."""
    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection, checkfirst=False)
    connection.execute(insert(_VERSION), {"version_num": HEAD})
