"""SQLite as Lyhty runs it: one file, one process, one writer; acknowledged means on disk, erased means overwritten."""

import fcntl
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.store.databases import Fault, Ticket
from lyhty_server.store.holds import Holds

# Above this the background checkpoint copies the log into the database. 16 MB is about half a second of full load.
WAL_LIMIT_BYTES: Final = 16 * 1024 * 1024
READERS: Final = 2
# Somebody has the file open in another tool. After that, callers are told to come again.
BUSY_MS: Final = 2_000
# For readers to finish. Ours take a few milliseconds; while somebody else's lasts, all writes would wait with it.
ERASURE_WAITS_MS: Final = 250
_STATEMENTS: Final = 512  # prepared ones to keep, for each connection

_PRAGMAS: Final = (
    # A case alone writes 19 pages into the log: half the bytes of 8 kB pages, and a database smaller by a quarter.
    # Must be set before the first table and before WAL.
    "PRAGMA page_size = 4096",
    "PRAGMA journal_mode = WAL",
    # NORMAL loses acknowledged rows in a power cut and, with commits grouped, gains nothing.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # Erased bytes are overwritten with zeros, not only unlinked.
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 0",
    f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}",
)

_OUTAGES: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)


class DatabaseInUseError(DatabaseUnavailableError):
    """Another process has this database."""


class Database:
    """The file, its lock and its connections; and the log, which is kept short and free of what was erased."""

    reading_threads = READERS
    is_shared = False

    def __init__(self, path: Path, *, busy_ms: int = BUSY_MS) -> None:
        self._path = path
        self._busy_ms = busy_ms
        self._lock = self._take()
        self.writer = self._engine(StaticPool, "BEGIN IMMEDIATE")
        self.readers = self.single_reads = self._engine(QueuePool, "BEGIN")
        event.listen(self.readers, "connect", _forbid_writing)
        # Whether old copies of erased pages may still be in the log: after a crash nobody knows.
        self._owed = True
        self._copied: threading.Event = threading.Event()
        self._copier: threading.Thread | None = None

    def fault(self, error: Exception) -> Fault:
        """A full disk is not a bug, a wrong column is."""
        code = getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlite_errorcode", None)
        is_outage = isinstance(code, int) and code & 0xFF in _OUTAGES  # the low byte; the rest is detail
        return Fault.OUTAGE if is_outage else Fault.BUG

    def hold(self, _connection: Connection, _holds: Holds) -> Ticket | None:
        """BEGIN IMMEDIATE holds everything."""
        return None

    def was_committed(self, _connection: Connection, _ticket: Ticket | None) -> bool:
        return False

    def begin(self, connection: Connection) -> None:
        self._owed = not truncate_log(connection, wait_ms=ERASURE_WAITS_MS)

    def owe(self, _connection: Connection) -> None:
        """`forget` follows at once."""

    def forget(self, connection: Connection, *, erased: bool) -> None:
        """If another program's long read is in the way, it leaves with the first write after it."""
        if erased or self._owed:
            self._owed = not truncate_log(connection, wait_ms=ERASURE_WAITS_MS if erased else 0)

    def scrub(self) -> bool:
        return True

    def tidy(self, connection: Connection) -> None:
        """Another thread copies the bulk of the log, this one what was added meanwhile: then it can start over."""
        if self._copied.is_set() and self._copier is not None:
            self._copier.join()
            self._copier = None
            self._copied.clear()
            checkpoint_here(connection)
        elif self._copier is None and self.wal_bytes() > WAL_LIMIT_BYTES:
            self._copier = threading.Thread(target=self._copy, name="lyhty-checkpoint", daemon=True)
            self._copier.start()

    def _copy(self) -> None:
        try:
            self.checkpoint()
        finally:
            self._copied.set()

    def wal_bytes(self) -> int:
        try:
            return self._path.with_name(self._path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def checkpoint(self) -> None:
        """Copy what no reader is in the way of, on a connection of its own."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous = FULL")
            _checkpoint(raw, "PASSIVE")

    def close(self) -> None:
        if self._copier is not None:
            self._copier.join()
        self.readers.dispose()
        self.writer.dispose()
        os.close(self._lock)

    def _take(self) -> int:
        # 0600: what is in the file is sealed, but whose business it is stands in the file names alone.
        lock = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise DatabaseInUseError(
                f"Another Lyhty server is using the database {self._path.name}. Stop it first: two cannot share one."
            ) from None
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # the log files inherit the mode
        return lock

    def _engine(self, pool: type[QueuePool] | type[StaticPool], begin: str) -> Engine:
        engine = create_engine(
            f"sqlite+pysqlite:///{self._path}",
            poolclass=pool,
            hide_parameters=True,  # an error that somebody prints after all quotes no row
            connect_args={
                "isolation_level": None,  # this file says BEGIN, not the driver
                "check_same_thread": False,
                "cached_statements": _STATEMENTS,
                "timeout": self._busy_ms / 1000,
            },
        )

        @event.listens_for(engine, "connect")
        def _configure(raw: sqlite3.Connection, _record: object) -> None:
            for pragma in _PRAGMAS:
                raw.execute(pragma)

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine


def checkpoint_here(connection: Connection) -> None:
    """Between the writer's transactions: copy what the background checkpoint has left, so that the log starts over."""
    _checkpoint(raw_of(connection), "PASSIVE")


def truncate_log(connection: Connection, wait_ms: int) -> bool:
    """Empty the log, old copies of erased pages with it. False if a reader was in the way for longer than that."""
    raw = raw_of(connection)
    (usual_ms,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute(f"PRAGMA busy_timeout = {wait_ms:d}")
    done = _checkpoint(raw, "TRUNCATE")
    raw.execute(f"PRAGMA busy_timeout = {usual_ms:d}")
    return done


def _checkpoint(raw: sqlite3.Connection, mode: str) -> bool:
    """Whether it went through. A disk that fails here loses nothing, and will tell the next write."""
    try:
        busy, _log, _copied = raw.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    except sqlite3.DatabaseError:  # also what a damaged file raises: the writer's thread must outlive it to say so
        return False
    return bool(busy == 0)


def raw_of(connection: Connection) -> sqlite3.Connection:
    """The driver's connection, for what is done thousands of times a second."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _forbid_writing(raw: sqlite3.Connection, _record: object) -> None:
    raw.execute("PRAGMA query_only = ON")
