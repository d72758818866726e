"""What was erased leaves PostgreSQL's files and its log too, at the latest with the next look of a job.

An erased row stays readable in its table until that is written anew, and what was written stays in the log until its
file is removed. So the small tables of what opens something are written anew, and the log behind them is let go.
"""

from typing import Final

import psycopg
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.exc import DBAPIError

from lyhty_server.store.tables import WIPED, leftovers

TABLES: Final = tuple(table.name for table in WIPED)
LOCK_MS: Final = 2_000
"""Others wait in line behind whoever waits for a table."""

# A row that somebody's snapshot may show is carried over into the new file. A number above all is another server's.
_IS_SEEN: Final = (
    "age(CAST(CAST(CAST({xact} AS text) AS xid8) AS xid)) BETWEEN 1 AND (SELECT coalesce(max(age(oldest)), 0) FROM ("
    "SELECT backend_xmin AS oldest FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND (datname IS NULL OR datname = current_database())"
    " UNION ALL SELECT xmin FROM pg_replication_slots UNION ALL SELECT transaction FROM pg_prepared_xacts) AS readers)"
)
_OWED: Final = select(leftovers.c.xact)
_SEEN_BY_NOBODY: Final = _OWED.where(text(f"NOT ({_IS_SEEN.format(xact='xact')})"))
_SEES: Final = text(f"SELECT {_IS_SEEN.format(xact=':xact')}")


def scrub(connection: Connection) -> bool:
    """On a connection without transactions. False: something is still owed, for somebody was in the way."""
    owed = set(connection.execute(_OWED).scalars())
    now = owed & set(connection.execute(_SEEN_BY_NOBODY).scalars())
    if now:
        try:
            write_anew(connection, TABLES, LOCK_MS)
        except DBAPIError as error:
            if isinstance(error.orig, psycopg.errors.LockNotAvailable):
                return False
            raise
        let_log_go(connection)
        connection.execute(delete(leftovers).where(leftovers.c.xact.in_(now)))
    return now == owed


def is_seen(connection: Connection, xact: str) -> bool:
    """Whether somebody may see yet what this transaction has erased."""
    return bool(connection.execute(_SEES, {"xact": xact}).scalar_one())


def write_anew(connection: Connection, tables: tuple[str, ...], lock_ms: int) -> None:
    connection.exec_driver_sql(f"SET lock_timeout = {lock_ms:d}")
    for table in tables:
        connection.exec_driver_sql(f"VACUUM (FULL) {table}")


def let_log_go(connection: Connection) -> None:
    """All up to now. An account that may not do so leaves it to the server's own rhythm (`doctor` says so)."""
    for statement in ("SELECT pg_switch_wal()", "CHECKPOINT"):
        try:
            connection.exec_driver_sql(statement)
        except DBAPIError as error:
            if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise
