"""What was erased leaves PostgreSQL's files and its log too, at the latest with the next look of a job.

An erased row stays readable in its table until that is written anew, and what was written stays in the log until its
file is removed. So the small tables of what opens something are written anew, and the log behind them is let go.
"""

import time
from typing import Final

import psycopg
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.exc import DBAPIError

from lyhty_server.store.tables import leftovers

TABLES: Final = (
    "wrap_keys",
    "mailboxes",
    "experts",
    "renewals",
    "passkeys",
    "recovery_shares",
    "statistics_keys",
    "earlier_wraps",
    "viewers",
    "report_wishes",
)
"""Of all that is erased, what opens something or names somebody; the rest is sealed, and opens with none of it."""
LOCK_MS: Final = 2_000
"""Others wait in line behind whoever waits for a table."""
READERS_S: Final = 20.0
"""How long those are waited for who may see a row still; a standby says every 10 s up to where it reads."""
_LOOK_S: Final = 0.1

_NOW: Final = text("SELECT pg_current_xact_id()::text")
# A row that somebody's snapshot may show is carried over into the new file.
_MAY_SEE: Final = text(
    "SELECT count(*) FROM (SELECT backend_xmin AS oldest FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND (datname IS NULL OR datname = current_database())"
    " UNION ALL SELECT xmin FROM pg_replication_slots UNION ALL SELECT transaction FROM pg_prepared_xacts) AS readers"
    " WHERE age(oldest) > age(CAST(CAST(:now AS xid8) AS xid))"
)


def scrub(connection: Connection) -> bool:
    """On a connection without transactions. False: somebody was in the way, and all of it is still owed."""
    owed = connection.execute(select(leftovers.c.xact)).scalars().all()
    if not owed:
        return True
    if not is_seen_by_nobody(connection):
        return False
    try:
        write_anew(connection, TABLES)
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            return False
        raise
    let_log_go(connection)
    connection.execute(delete(leftovers).where(leftovers.c.xact.in_(owed)))
    return True


def write_anew(connection: Connection, tables: tuple[str, ...], lock_ms: int = LOCK_MS) -> None:
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


def is_seen_by_nobody(connection: Connection) -> bool:
    """What was erased up to now; waits a while until it is so."""
    now = connection.execute(_NOW).scalar_one()
    until_s = time.monotonic() + READERS_S
    while connection.execute(_MAY_SEE, {"now": now}).scalar_one():
        if time.monotonic() > until_s:
            return False
        time.sleep(_LOOK_S)
    return True
