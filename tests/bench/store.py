"""How many cases a second the store opens, against the plainest program that writes the same rows as durably.

python tests/bench/store.py [openings]
"""

import asyncio
import hashlib
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from lyhty_server.store.interface import NewCase, NewEnvelope, NewPlace
from lyhty_server.store.sql import SqlStore
from lyhty_wire.ids import LAWYER, CaseId, Epoch, Generation, ObjectId, SignKey

CALLERS = 64
REPORT_BYTES = 4_096
WRAP_BYTES = 1_213


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    writer_cpu_us: float
    """CPU of the writing thread for one opening."""


def openings(count: int) -> Iterator[NewCase]:
    """As a child's report to one queue: real sizes, random where real ones are random."""
    for _ in range(count):
        reporter = SignKey(os.urandom(32))
        yield NewCase(
            case_id=CaseId(os.urandom(32)),
            sign_pk=reporter,
            mailbox_row_key=os.urandom(32),
            mailbox_sealed=os.urandom(60),
            urgent=False,
            opened_hour=495_000,
            roster=os.urandom(376),
            self_wrap=os.urandom(48),
            places=(NewPlace(LAWYER, os.urandom(WRAP_BYTES), os.urandom(WRAP_BYTES), Epoch(1)),),
            card=os.urandom(1_024),
            report=NewEnvelope(ObjectId(os.urandom(32)), reporter, Generation(1), 1, os.urandom(REPORT_BYTES)),
            digest=os.urandom(16),
        )


async def open_through_store(where: Path | URL, count: int, callers: int = CALLERS) -> Rate:
    """The store as the server uses it, with `callers` that each wait for their answer before they ask again."""
    cases = list(openings(count + callers))
    store = SqlStore(where)
    await store.start()
    await asyncio.gather(*(store.open_case(cases.pop()) for _ in range(callers)))  # statements are prepared
    waiting = iter(cases)

    async def call() -> None:
        for new in waiting:
            await store.open_case(new)

    writer = next(thread for thread in threading.enumerate() if thread.name == "lyhty-writer")
    clock = time.pthread_getcpuclockid(writer.ident or 0)
    cpu, start = time.clock_gettime(clock), time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    seconds, cpu_seconds = time.perf_counter() - start, time.clock_gettime(clock) - cpu
    await store.close()
    return Rate(count / seconds, cpu_seconds / count * 1e6)


def open_with_sqlite3(folder: Path, count: int, batch: int = CALLERS) -> Rate:
    """The same rows into the same tables with the standard library: no callers, no look-ups, no answers."""
    asyncio.run(_make_tables(folder))
    raw = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "wal_autocheckpoint = 0"):
        raw.execute(f"PRAGMA {pragma}")
    cases = list(enumerate(openings(count), start=1))
    cpu, start = time.thread_time(), time.perf_counter()
    for first in range(0, count, batch):
        _insert(raw, cases[first : first + batch])
    seconds, cpu_seconds = time.perf_counter() - start, time.thread_time() - cpu
    raw.close()
    return Rate(count / seconds, cpu_seconds / count * 1e6)


async def _make_tables(folder: Path) -> None:
    store = SqlStore(folder / "raw.db")
    await store.start()
    await store.close()


def _insert(raw: sqlite3.Connection, batch: list[tuple[int, NewCase]]) -> None:
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany(
        "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?)",
        [(number, new.case_id, new.sign_pk, new.opened_hour, 1, new.digest) for number, new in batch],
    )
    raw.executemany("INSERT INTO mailboxes VALUES (?, ?)", [(c.mailbox_row_key, c.mailbox_sealed) for _, c in batch])
    raw.executemany("INSERT INTO cards VALUES (?, ?)", [(number, new.card) for number, new in batch])
    raw.executemany(
        "INSERT INTO places (case_seq, queue, rank, state) VALUES (?, ?, 1, 1)",
        [(number, place.queue) for number, new in batch for place in new.places],
    )
    raw.executemany(
        "INSERT INTO rosters (case_seq, generation, roster) VALUES (?, 1, ?)",
        [(number, new.roster) for number, new in batch],
    )
    wraps = "INSERT INTO wraps VALUES (?, ?, ?, ?, ?)"
    raw.executemany(wraps, [(n, 0, place.queue, place.epoch, place.card_wrap) for n, c in batch for place in c.places])
    raw.executemany(wraps, [(number, 1, 0, 0, new.self_wrap) for number, new in batch])
    raw.executemany(wraps, [(n, 1, place.queue, place.epoch, place.wrap) for n, c in batch for place in c.places])
    raw.executemany(
        "INSERT INTO envelopes VALUES (?, 1, ?, ?, ?, ?, ?)",
        [
            (
                number,
                new.report.object_id,
                new.report.author,
                new.report.counter,
                hashlib.sha256(new.report.body).digest()[:16],
                new.report.body,
            )
            for number, new in batch
        ],
    )
    raw.execute("COMMIT")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000
    sys.setswitchinterval(0.0005)  # as the server sets it
    with tempfile.TemporaryDirectory() as folder:
        store = asyncio.run(open_through_store(Path(folder) / "store.db", count))
        raw = open_with_sqlite3(Path(folder), count)
    for name, rate in (("store", store), ("sqlite3", raw)):
        print(f"{name:8} {rate.per_second:8.0f} cases/s {rate.writer_cpu_us:6.1f} us of the writer's CPU per case")
    print(f"ratio    {store.per_second / raw.per_second:8.2f}")


if __name__ == "__main__":
    main()
