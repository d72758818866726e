"""Brings a database's tables up to date. Alembic costs half a second: imported only if there is something to do.

While a newer server is brought in, older ones go on: a migration adds, and what it takes away no server of the release
before may have used. Which servers may go on stands in the database itself (`oldest_server`).
"""

from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)

from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.store.holds import SCHEMA
from lyhty_server.store.tables import HEAD, OLDEST, SEALING, metadata, oldest_server

# As Alembic makes it.
_VERSION: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def bring_up_to_date(connection: Connection) -> None:
    """In one transaction that nobody else can be inside of.

    Raises:
        DatabaseUnavailableError: a newer server has made tables that this one cannot work with.
    """
    with connection.begin():
        if connection.dialect.name == "postgresql":
            # Whoever starts meanwhile waits for as long as it takes.
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.execute(select(func.pg_advisory_xact_lock(SCHEMA)))
        head = head_of(connection)
        if head is None:
            create_tables(connection)
        elif head > HEAD and head[0].isdigit():
            _check_may_go_on(connection, head)
        elif head != HEAD:
            from lyhty_server.store.migrations.run import upgrade  # costs half a second

            upgrade(connection)


def head_of(connection: Connection) -> str | None:
    """Of a new database: None."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none() or "before the first"


def create_tables(connection: Connection) -> None:
    """What all migrations in a row would give; a test compares the two."""
    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection, checkfirst=False)
    connection.execute(insert(_VERSION), {"version_num": HEAD})
    oldest = SEALING if connection.dialect.name == "postgresql" else OLDEST
    connection.execute(insert(oldest_server), {"head": oldest})


def _check_may_go_on(connection: Connection, head: str) -> None:
    oldest = connection.execute(select(oldest_server.c.head)).scalar_one()
    if oldest > HEAD:
        raise DatabaseUnavailableError(
            f"The database has tables of a newer Lyhty ({head}), for servers from {oldest} on; this one is {HEAD}. "
            "Install the newer release, or put back a backup from before it."
        )
