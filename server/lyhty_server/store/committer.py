"""All writes, in groups: what queued while the last transaction ran is the next transaction.

A caller is answered only after COMMIT, and an erasure only after the old bytes have left the disk too. Refusals
(`DomainError`) are answers; what else a write raises fails that write alone, because its group is then tried one by
one. If the database fails, the whole group is told so; if another process was faster, it is tried again.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.databases import Database, Fault
from lyhty_server.store.holds import RARE, Holds, union
from lyhty_wire.codes import Code

# Writes in one transaction. With more, a commit is no cheaper for each and the first waits longer.
GROUP: Final = 256
# After a group that had company the thread rests, and the next group is twice as large: a commit costs a fixed 17 pages
# of log, and a dozen waits for the interpreter's lock. What it waited for the disk counts as rest: company came then
# too. A write that comes alone never waits.
COMPANY: Final = 4
REST_S: Final = 0.004
# Writes that wait: half a second at full speed. With more, callers are told to come again.
QUEUED: Final = 4_096
# How often a write is tried that another process was in the way of; each time one of them gets on.
TRIES: Final = 8

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Kind(Generic[A, R]):
    """A kind of write: `run` takes many at once and gives one outcome for each, in order."""

    run: "Callable[[Connection, Sequence[A]], Sequence[R | DomainError]]"
    holds: "Callable[[A], Holds]" = field(default=lambda _: RARE, kw_only=True)
    """What it looks at before it changes it. Unless a kind says otherwise, one at a time is written of all of them."""
    erases: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    kind: Kind[Any, Any]
    argument: Any
    answer: "asyncio.Future[Any]"


_Outcomes = list[tuple[_Write, Any]]


class _UnansweredError(Exception):
    """COMMIT was said, and nobody can tell whether it was heard."""


class Committer:
    """One thread with the database's only writing connection."""

    def __init__(self, database: Database) -> None:
        self._slowest_s = self._waited_s = 0.0
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._open = True
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
        database = self._database
        with database.writer.connect() as connection:
            database.begin(connection)
            while group := self._next_group():
                began_s = time.monotonic()
                outcomes = self._commit(connection, group)
                self._slowest_s = max(self._slowest_s, time.monotonic() - began_s)
                erasures = [pair for pair in outcomes if pair[0].kind.erases]
                self._answer([pair for pair in outcomes if not pair[0].kind.erases])
                database.forget(connection, erased=bool(erasures))
                self._answer(erasures)
                database.tidy(connection)
                time.sleep(rest_s(len(group), self._waited_s))

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

    def _commit(self, connection: Connection, group: Sequence[_Write], tries: int = TRIES) -> _Outcomes:
        try:
            outcomes, self._waited_s = _transact(self._database, connection, group)
        except Exception as error:  # noqa: BLE001 - given to the caller of the write that raised it
            failure = error
        else:
            return outcomes
        fault = Fault.OUTAGE if isinstance(failure, _UnansweredError) else self._database.fault(failure)
        if fault is Fault.LINE and tries > 1:
            return self._commit(connection, group, tries=1)
        if fault in (Fault.OUTAGE, Fault.LINE):
            return [(write, DomainError(Code.STORAGE_FAILED)) for write in group]
        if fault is Fault.CONFLICT and tries > 1:
            return self._commit(connection, group, tries - 1)
        if len(group) == 1:
            return [(group[0], failure)]
        return [outcome for write in group for outcome in self._commit(connection, [write])]

    def _answer(self, outcomes: _Outcomes) -> None:
        if outcomes:
            # A group is answered in one call: waking the loop costs more than the answer.
            self._loop.call_soon_threadsafe(_deliver, outcomes)


def rest_s(writes: int, waited_s: float) -> float:
    """After a group of so many `writes`, whose COMMIT took so long."""
    return max(0.0, REST_S - waited_s) if writes >= COMPANY else 0.0


def _transact(database: Database, connection: Connection, group: Sequence[_Write]) -> tuple[_Outcomes, float]:
    """Neighbors of one kind run together. And how long COMMIT took, in seconds."""
    outcomes: _Outcomes = []
    transaction = connection.begin()
    try:
        ticket = database.hold(connection, union([write.kind.holds(write.argument) for write in group]))
        for kind, neighbors in groupby(group, key=lambda write: write.kind):
            writes = list(neighbors)
            results = kind.run(connection, [write.argument for write in writes])
            outcomes.extend(zip(writes, results, strict=True))
        if any(write.kind.erases for write in group):
            database.owe(connection)
    except BaseException:
        transaction.rollback()
        raise
    committed_s = time.monotonic()
    try:
        transaction.commit()
    except Exception as error:
        is_unanswered = connection.invalidated
        transaction.close()
        if not database.was_committed(connection, ticket):
            if is_unanswered:
                raise _UnansweredError from error
            raise
    return outcomes, time.monotonic() - committed_s


def _deliver(outcomes: _Outcomes) -> None:
    for write, outcome in outcomes:
        if write.answer.done():
            continue  # the caller has gone; the write is as durable as the others
        if isinstance(outcome, Exception):
            write.answer.set_exception(outcome)
        else:
            write.answer.set_result(outcome)
