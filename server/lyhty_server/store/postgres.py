"""PostgreSQL as Lyhty uses it: many processes write, each in groups; acknowledged means that the server has synced."""

import contextlib
import re
import time
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.store.bulk import OvertakenError
from lyhty_server.store.databases import Fault, Ticket
from lyhty_server.store.holds import Holds
from lyhty_server.store.scrubbing import scrub
from lyhty_server.store.tables import SEALING
from lyhty_server.store.wrap_keys import SEALS

READERS: Final = 4
CONNECT_S: Final = 3
# A way to the server that swallows everything: after this a write is answered that it failed.
SILENCE_MS: Final = 5_000
# Another process holds a case for milliseconds. One that is frozen loses what it holds before the others give up.
FROZEN_MS: Final = 10_000
LOCK_MS: Final = 15_000
STATEMENT_MS: Final = 30_000
# How long an unknown COMMIT is asked after.
FIND_OUT_S: Final = 3.0
THIS_COMPUTER: Final = frozenset({None, "", "localhost", "127.0.0.1", "::1"})

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONFLICTS: Final = frozenset({"40001", "40P01", "23505"})
"""Serialization failure, deadlock, and a key that somebody else has just used."""
_OUTAGES: Final = ("08", "25006", "3D", "28", "53", "55", "57", "58", "XX")
"""Connection, a server that only reads, no such database, account, resources, locks, intervention, system, damage."""

# After a failover another server gives the same numbers to other transactions, on another timeline.
_TIMELINE: Final = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
# With a lock on the last one, which whoever begins to seal waits for.
_SEALS: Final = f"(SELECT head >= '{SEALING}' FROM oldest_server)"  # noqa: S608 - a constant
_BEGIN: Final = f"SELECT pg_current_xact_id()::text || ' ' || {_TIMELINE}, {_SEALS}"

# After a failover a number may come again.
_OWE: Final = "INSERT INTO leftovers (xact) VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING"

_HOLD_CASES: Final = """
SELECT case_seq FROM cases WHERE case_seq IN (
    SELECT case_seq FROM cases WHERE case_id = ANY(%s::bytea[])
    UNION ALL SELECT case_seq FROM rooms WHERE room_id = ANY(%s::bytea[])
) ORDER BY case_seq FOR NO KEY UPDATE
"""


class Newest:
    """Of several servers that say they are the first, the one on the newest timeline is.

    A primary that has been followed by its standby and comes back knows nothing of what came later: a child who asks it
    would hear that their words are wrong.
    """

    def __init__(self) -> None:
        self._timeline = ""

    def connect(self, _dialect: object, record: ConnectionPoolEntry, _args: object, given: dict[str, Any]) -> Any:
        hosts, ports = (str(given.get(name, "")).split(",") for name in ("host", "port"))
        found: list[tuple[str, psycopg.Connection[Any]]] = []
        failure: psycopg.Error = psycopg.OperationalError("the database is one that was left behind by another")
        for host, port in zip(hosts, ports if len(ports) == len(hosts) else ports * len(hosts), strict=True):
            one = {name: value for name, value in (("host", host), ("port", port)) if value}
            try:
                found.append(_connected(_without_hosts(given) | one))
            except psycopg.Error as error:
                failure = error
        found.sort(key=lambda each: each[0])
        for _, connection in found[:-1]:
            connection.close()
        if not found:
            raise failure
        timeline, connection = found[-1]
        if timeline < self._timeline:
            connection.close()
            raise failure
        self._timeline = record.info[_TIMELINE] = timeline
        return connection

    def check(self, _raw: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        """A connection from before the newest was known may lead to one that was left behind."""
        if record.info[_TIMELINE] < self._timeline:
            raise DisconnectionError


def _without_hosts(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in ("host", "port")}


def _connected(given: dict[str, Any]) -> tuple[str, psycopg.Connection[Any]]:
    """Its timeline, and the connection."""
    connection = psycopg.connect(**given)
    try:
        (timeline,) = connection.execute(f"SELECT {_TIMELINE}").fetchone() or ("",)
        connection.rollback()
    except psycopg.Error:
        connection.close()
        raise
    return timeline, connection


class Database:
    """One connection that writes and a few that read."""

    reading_threads = READERS
    is_shared = True

    def __init__(self, url: URL) -> None:
        self._name = f"{url.database} at {url.host or 'this computer'}:{url.port or 5432}"
        self._url = url
        self._scrubbing: Any = None
        newest = Newest()
        self.writer = _engine(url, 1, newest, isolation_level="READ COMMITTED")
        # A read of several statements sees one snapshot.
        self.readers = _engine(
            url, READERS, newest, isolation_level="REPEATABLE READ", execution_options={"postgresql_readonly": True}
        )
        self.single_reads: Engine = self.readers.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(self.readers, "connect", _bound)
        try:
            self.writer.connect().close()
        except DBAPIError as error:
            self.close()
            raise DatabaseUnavailableError(f"The database {self._name} cannot be used: {reason(error)}") from None

    def fault(self, error: Exception) -> Fault:
        if isinstance(error, OvertakenError):
            return Fault.CONFLICT
        if not isinstance(error, DBAPIError) or not isinstance(error.orig, psycopg.Error):
            return Fault.BUG
        if error.connection_invalidated:
            return Fault.LINE
        state = error.orig.sqlstate
        if state is None:  # no answer from the server at all
            return Fault.OUTAGE if isinstance(error.orig, psycopg.OperationalError) else Fault.BUG
        if state in _CONFLICTS:
            return Fault.CONFLICT
        return Fault.OUTAGE if state.startswith(_OUTAGES) else Fault.BUG

    def hold(self, connection: Connection, holds: Holds) -> Ticket | None:
        # In order: the array's is the order in which its elements are locked.
        found = connection.exec_driver_sql(
            f"{_BEGIN}, pg_advisory_xact_lock(key)::text FROM unnest(%s::bigint[]) AS key" if holds.names else _BEGIN,
            (sorted(holds.names),) if holds.names else (),
        ).all()
        hold_cases(connection, sorted(holds.cases), sorted(holds.rooms))
        connection.info[SEALS] = found[0][1]
        return Ticket(found[0][0])

    def was_committed(self, connection: Connection, ticket: Ticket | None) -> bool:
        if ticket is None:
            return False
        number, timeline = ticket.split()
        until = time.monotonic() + FIND_OUT_S
        while time.monotonic() < until:
            try:
                # With a number of its own this waits for a synchronous standby too: what is believed is there as well.
                with connection.begin():
                    now, status, _ = connection.exec_driver_sql(
                        f"SELECT {_TIMELINE}, pg_xact_status(%s::xid8), pg_current_xact_id()::text", (number,)
                    ).one()
                if now != timeline:
                    return False
            except DBAPIError:
                status = None
            if status in ("committed", "aborted"):
                return bool(status == "committed")
            time.sleep(0.05)
        return False

    def begin(self, connection: Connection) -> None:
        """The server itself has finished what a crash interrupted."""

    def owe(self, connection: Connection) -> None:
        connection.exec_driver_sql(_OWE)

    def forget(self, connection: Connection, *, erased: bool) -> None:
        """`scrub` does, for many erasures at once."""

    def scrub(self) -> bool:
        engine = copying(self._url, "lyhty scrub", isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                self._scrubbing = connection.connection.driver_connection
                return scrub(connection)
        finally:
            self._scrubbing = None
            engine.dispose()

    def tidy(self, connection: Connection) -> None:
        pass

    def close(self) -> None:
        scrubbing = self._scrubbing
        if scrubbing is not None:  # another process goes on
            with contextlib.suppress(psycopg.Error):
                scrubbing.cancel_safe(timeout=CONNECT_S)
        self.readers.dispose()
        self.writer.dispose()


def copying(url: URL, program: str = "lyhty backup", **options: Any) -> Engine:
    """For who reads or writes all of it, however long that takes."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=tls_of(url) | {"connect_timeout": CONNECT_S, "application_name": program},
        **options,
    )
    engine.dialect.supports_comments = False
    return engine


def hold_cases(connection: Connection, cases: Sequence[bytes], rooms: Sequence[bytes] = ()) -> None:
    if cases or rooms:
        connection.exec_driver_sql(_HOLD_CASES, (list(cases), list(rooms))).all()


def _engine(url: URL, connections: int, newest: Newest, **options: Any) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # an error that somebody prints after all quotes no row
        connect_args=tls_of(url)
        | {
            "connect_timeout": CONNECT_S,
            "tcp_user_timeout": SILENCE_MS,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "application_name": "lyhty server",  # `sealing.OLDER` was another
        },
        **options,
    )
    # Why each column may exist stands in tables.py, not in every database.
    engine.dialect.supports_comments = False
    event.listen(engine, "do_connect", newest.connect)
    event.listen(engine, "checkout", newest.check)
    event.listen(engine, "connect", _configure)
    return engine


def _configure(raw: psycopg.Connection[Any], _record: object) -> None:
    with raw.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, false),"
            " set_config('idle_in_transaction_session_timeout', %s, false)",
            (str(LOCK_MS), str(FROZEN_MS)),
        )
        # `off` answers before anything is on a disk. What is stricter than `on` stays.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
    raw.commit()


def _bound(raw: psycopg.Connection[Any], _record: object) -> None:
    """Reads alone: a COMMIT that waits for a standby too long would end as if the standby had it."""
    with raw.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", (str(STATEMENT_MS),))
    raw.commit()


def _is_here(host: str) -> bool:
    """This computer, or a socket on it; with a port or without."""
    return host.startswith("/") or host in THIS_COMPUTER or re.sub(r":\d+$", "", host).strip("[]") in THIS_COMPUTER


def tls_of(url: URL) -> dict[str, str]:
    """To another computer only over TLS, to whom the certificate names, unless the address itself says otherwise."""
    named = url.query.get("hostaddr", url.query.get("host", url.host or ""))
    if "sslmode" in url.query or all(map(_is_here, [named] if isinstance(named, str) else named)):
        return {}
    return {"sslmode": "verify-full", "sslrootcert": "system"}


def reason(error: DBAPIError) -> str:
    """As PostgreSQL says it, in one line. It never says a password."""
    return " ".join(str(error.orig).split())
