"""The database below a store: a file of SQLite or a server of PostgreSQL, with one small face."""

from enum import Enum
from pathlib import Path
from typing import NewType, Protocol

from sqlalchemy import URL, Connection, Engine

from lyhty_server.store.holds import Holds
from lyhty_server.store.schema import bring_up_to_date

Ticket = NewType("Ticket", str)
"""Names a transaction to the database that ran it."""


class Fault(Enum):
    """What an error of a database means to whoever asked for a write or a read."""

    OUTAGE = "the disk, the server or the way to it failed: come again"
    LINE = "the line was already dead, or died before COMMIT: once more on a new one"
    CONFLICT = "another process was faster: try again"
    BUG = "a statement is wrong"


class Database(Protocol):
    writer: Engine
    """For one connection, which the committer's thread has."""
    readers: Engine
    single_reads: Engine
    """The same connections, for reads of one statement: that sees one snapshot without a transaction around it."""
    reading_threads: int
    is_shared: bool
    """Whether other processes may write to it."""

    def fault(self, error: Exception) -> Fault: ...

    def hold(self, connection: Connection, holds: Holds) -> Ticket | None:
        """At the start of a transaction: what it holds until its end."""
        ...

    def was_committed(self, connection: Connection, ticket: Ticket | None) -> bool:
        """Asked when COMMIT itself failed. False also if nobody can tell."""
        ...

    def begin(self, connection: Connection) -> None:
        """Before the first group: finish what a crash interrupted."""
        ...

    def owe(self, connection: Connection) -> None:
        """In a transaction that erased something: what stays in the files is written down with it."""
        ...

    def forget(self, connection: Connection, *, erased: bool) -> None:
        """After a group, before its erasures are answered: what they erased leaves the disk."""
        ...

    def scrub(self) -> bool:
        """Of a job: what `forget` has left in the files leaves them. False: somebody was in the way."""
        ...

    def tidy(self, connection: Connection) -> None:
        """After a group: what the database should not do during one."""
        ...

    def close(self) -> None: ...


def open_database(where: Path | URL) -> Database:
    """Its tables are as this version of the server has them.

    Raises:
        DatabaseUnavailableError: it is in use, does not answer or has tables that this version cannot work with.
    """
    database = _database(where)
    try:
        with database.writer.connect() as connection:
            bring_up_to_date(connection)
    except BaseException:
        database.close()
        raise
    return database


def _database(where: Path | URL) -> Database:
    # Each is imported only if it is the one.
    if isinstance(where, URL):
        from lyhty_server.store import postgres

        return postgres.Database(where)
    from lyhty_server.store import sqlite

    return sqlite.Database(where)
