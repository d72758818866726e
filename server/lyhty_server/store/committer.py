"""All writes, in groups: what queued while the last transaction ran is the next transaction.

A caller is answered only after COMMIT, and an erasure only after the old bytes have left the log too; if another
program's long read is in the way of that, they leave with the first write after it. Refusals (`DomainError`) are
answers; what else a write raises fails that write alone, because its group is then tried one by one. If the disk fails,
the whole group is told so.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.sqlite import WAL_LIMIT_BYTES, Database, checkpoint_here, is_outage, truncate_log
from lyhty_wire.codes import Code

# Writes in one transaction. With more, a commit is no cheaper for each and the first waits longer.
GROUP: Final = 256
# After a group that had company the thread rests, and the next group is twice as large: a commit costs a fixed 17 pages
# of log, and a dozen waits for the interpreter's lock. A write that comes alone never waits.
COMPANY: Final = 4
REST_S: Final = 0.004
# Writes that wait: half a second at full speed. With more, callers are told to come again.
QUEUED: Final = 4_096

# For readers to finish. Ours take a few milliseconds; while somebody else's lasts, all writes would wait with it.
ERASURE_WAITS_MS: Final = 250

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Kind(Generic[A, R]):
    """A kind of write: `run` takes many at once and gives one outcome for each, in order."""

    run: "Callable[[Connection, Sequence[A]], Sequence[R | DomainError]]"
    erases: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    kind: Kind[Any, Any]
    argument: Any
    answer: "asyncio.Future[Any]"


_Outcomes = list[tuple[_Write, Any]]


class Committer:
    """One thread with the database's only writing connection."""

    def __init__(self, database: Database) -> None:
        self._slowest_s = 0.0
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._open = True
        self._copied: threading.Event = threading.Event()
        self._copier: threading.Thread | None = None
        # Daemons: a crash of the server must end it, and nothing they were doing had been acknowledged.
        self._thread = threading.Thread(target=self._work, name="lyhty-writer", daemon=True)
        self._thread.start()

    @property
    def queue_share(self) -> float:
        return self._queue.qsize() / QUEUED

    def slowest_s(self) -> float:
        """Of the transactions since the last time."""
        slowest_s, self._slowest_s = self._slowest_s, 0.0
        return slowest_s

    async def submit(self, kind: Kind[A, R], argument: A) -> R:
        if not self._open:
            raise DomainError(Code.STORAGE_FAILED)
        if self._queue.qsize() >= QUEUED:
            raise DomainError(Code.BUSY)
        answer: asyncio.Future[R] = self._loop.create_future()
        self._queue.put(_Write(kind, argument, answer))
        return await answer

    async def close(self) -> None:
        """Answer what was accepted, then stop."""
        if self._open:
            self._open = False
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    # --- In the writer's thread

    def _work(self) -> None:
        try:
            self._write_groups()
        finally:
            # After `close` nothing is left. Should this thread ever die of a bug, nobody waits for it for ever.
            self._open = False
            self._answer([(write, DomainError(Code.STORAGE_FAILED)) for write in self._left()])

    def _write_groups(self) -> None:
        with self._database.writer.connect() as connection:
            # Whether old copies of erased pages may still be in the log: after a crash nobody knows.
            owed = not truncate_log(connection, wait_ms=ERASURE_WAITS_MS)
            while group := self._next_group():
                began_s = time.monotonic()
                outcomes = self._commit(connection, group)
                self._slowest_s = max(self._slowest_s, time.monotonic() - began_s)
                erasures = [pair for pair in outcomes if pair[0].kind.erases]
                self._answer([pair for pair in outcomes if not pair[0].kind.erases])
                if erasures or owed:
                    owed = not truncate_log(connection, wait_ms=ERASURE_WAITS_MS if erasures else 0)
                    self._answer(erasures)
                self._keep_log_short(connection)
                if len(group) >= COMPANY:
                    time.sleep(REST_S)
        if self._copier is not None:
            self._copier.join()

    def _next_group(self) -> list[_Write]:
        """At least one write, as soon as there is one; empty when the store closes."""
        first = self._queue.get()
        group = [] if first is None else [first]
        try:
            while group and len(group) < GROUP:
                write = self._queue.get_nowait()
                if write is None:
                    self._queue.put(None)  # for the next call; nothing comes after it
                    break
                group.append(write)
        except Empty:
            pass
        return group

    def _left(self) -> list[_Write]:
        left = []
        while not self._queue.empty():
            write = self._queue.get_nowait()
            if write is not None:
                left.append(write)
        return left

    def _commit(self, connection: Connection, group: Sequence[_Write]) -> _Outcomes:
        try:
            return _transact(connection, group)
        except (DBAPIError, sqlite3.Error) as error:
            if is_outage(error):
                return [(write, DomainError(Code.STORAGE_FAILED)) for write in group]
            failure: Exception = error
        except Exception as error:  # noqa: BLE001 - given to the caller of the write that raised it
            failure = error
        if len(group) == 1:
            return [(group[0], failure)]
        return [outcome for write in group for outcome in self._commit(connection, [write])]

    def _answer(self, outcomes: _Outcomes) -> None:
        if outcomes:
            # A group is answered in one call: waking the loop costs more than the answer.
            self._loop.call_soon_threadsafe(_deliver, outcomes)

    def _keep_log_short(self, connection: Connection) -> None:
        """Another thread copies the bulk, this one what was added meanwhile: only then can the log start over."""
        if self._copied.is_set() and self._copier is not None:
            self._copier.join()
            self._copier = None
            self._copied.clear()
            checkpoint_here(connection)
        elif self._copier is None and self._database.wal_bytes() > WAL_LIMIT_BYTES:
            self._copier = threading.Thread(target=self._copy, name="lyhty-checkpoint", daemon=True)
            self._copier.start()

    def _copy(self) -> None:
        try:
            self._database.checkpoint()
        finally:
            self._copied.set()


def _transact(connection: Connection, group: Sequence[_Write]) -> _Outcomes:
    """Neighbors of one kind run together."""
    outcomes: _Outcomes = []
    with connection.begin():
        for kind, neighbors in groupby(group, key=lambda write: write.kind):
            writes = list(neighbors)
            results = kind.run(connection, [write.argument for write in writes])
            outcomes.extend(zip(writes, results, strict=True))
    return outcomes


def _deliver(outcomes: _Outcomes) -> None:
    for write, outcome in outcomes:
        if write.answer.done():
            continue  # the caller has gone; the write is as durable as the others
        if isinstance(outcome, Exception):
            write.answer.set_exception(outcome)
        else:
            write.answer.set_result(outcome)
