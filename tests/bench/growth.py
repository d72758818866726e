"""A page of a queue's list, its counts, and the return of a reporter: among a thousand cases and among a million.

The store alone, as the server asks it, on SQLite and on PostgreSQL. Half of the cases are closed, a tenth are held.
Both sizes are asked in turn, so that other work of the machine tells on both; each row twice, and the second time it is
in memory: the first time tells of the disk. Sizes of all rows are real; what is in them is not, and nobody misses it if
the power goes while they are written.
"""

import asyncio
import hashlib
import os
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import psycopg
from sqlalchemy import URL

from lyhty_server.store.interface import QueueCursor
from lyhty_server.store.sql import SqlStore
from lyhty_wire.ids import LAWYER, CaseId
from tests.bench.store import REPORT_BYTES, WRAP_BYTES
from tests.servers.postgres import fresh_database, make_template, running_postgres

FEW: Final = 1_000
MANY: Final = 1_000_000
PAGE: Final = 100
ASKED: Final = 1_000
WARM: Final = 100
MOST_BYTES: Final = 65_536
BLOBS: Final = 64
_SETTINGS: Final = {"shared_buffers": "256MB", "max_wal_size": "4GB", "wal_level": "minimal", "max_wal_senders": "0"}

Ask: TypeAlias = Callable[[SqlStore, int, float], Awaitable[object]]
"""Of a store with so many cases; how far in, from 0 to 1."""
Slowest: TypeAlias = tuple[float, float]
"""The 99th percentile of the first time and of the second, in microseconds."""


def measure(scratch: Path) -> dict[str, float]:
    growth: dict[str, float] = {}
    figures: dict[str, float] = {}
    for name, databases in (("sqlite", _sqlite), ("pg", _postgres)):
        with databases(scratch) as (few, many):
            for question, (_, few_us), (first_us, many_us) in asyncio.run(asked(few, many)):
                figures[f"{question}_{name}_1k_p99_us"] = round(few_us)
                figures[f"{question}_{name}_1m_p99_us"] = round(many_us)
                figures[f"{question}_{name}_1m_first_p99_us"] = round(first_us)
                growth[question] = max(growth.get(question, 0), many_us / few_us)
    return figures | {f"{question}_growth_1k_to_1m": round(times, 2) for question, times in growth.items()}


async def asked(few: Path | URL, many: Path | URL) -> list[tuple[str, Slowest, Slowest]]:
    """Each question to both."""
    stores = {FEW: SqlStore(few), MANY: SqlStore(many)}
    for store in stores.values():
        await store.start()
    try:
        return [(question, *(await _in_turn(stores, ask))) for question, ask in _QUESTIONS.items()]
    finally:
        for store in stores.values():
            await store.close()


async def _in_turn(stores: Mapping[int, SqlStore], ask: Ask) -> tuple[Slowest, Slowest]:
    times: dict[int, list[list[float]]] = {count: [] for count in stores}
    where = [random.random() for _ in range(ASKED)]
    for store, count in ((store, count) for _ in range(WARM) for count, store in stores.items()):
        await ask(store, count, 0.0)
    for _ in range(2):
        for each in times.values():
            each.append([])
        for place in where:
            for count, store in stores.items():
                began = time.perf_counter()
                await ask(store, count, place)
                times[count][-1].append((time.perf_counter() - began) * 1e6)
    few, many = ((_p99(first), _p99(again)) for first, again in times.values())
    return few, many


def _p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


# --- What is asked


async def _queue_page(store: SqlStore, cases: int, place: float) -> None:
    """Somewhere in the list, and never its last page."""
    page = await store.queue_page(LAWYER, QueueCursor(False, int(place * cases * 3 / 4)), PAGE)
    assert len(page.places) == PAGE


async def _first_page(store: SqlStore, _cases: int, _place: float) -> None:
    page = await store.queue_page(LAWYER, None, PAGE)
    assert len(page.places) == PAGE


async def _resume(store: SqlStore, cases: int, place: float) -> None:
    number = int(place * cases) + 1
    assert await store.mailbox(_hash(-number)) is not None
    state = await store.case_state(CaseId(_hash(number)))
    page = await store.envelopes(state.case_id, 0, 0, MOST_BYTES)
    assert len(page.envelopes) == 1


async def _counts(store: SqlStore, cases: int, _place: float) -> None:
    counts = await store.queue_counts(LAWYER)
    assert counts.waiting + counts.held == cases // 2


_QUESTIONS: Final[dict[str, Ask]] = {
    "queue_page": _queue_page, "queue_first_page": _first_page, "resume": _resume, "queue_counts": _counts
}  # fmt: skip


# --- The databases


@contextmanager
def _sqlite(scratch: Path) -> Iterator[tuple[Path, Path]]:
    few, many = scratch / "few.db", scratch / "many.db"
    try:
        for path, count in ((few, FEW), (many, MANY)):
            fill_sqlite(path, count)
        yield few, many
    finally:
        for file in scratch.glob("many.db*"):
            file.unlink()


@contextmanager
def _postgres(_scratch: Path) -> Iterator[tuple[URL, URL]]:
    with running_postgres(settings=_SETTINGS) as server:
        anywhere = server.url("postgres")
        make_template(anywhere)
        with fresh_database(anywhere, "few") as few, fresh_database(anywhere, "many") as many:
            fill_postgres(few, FEW)
            fill_postgres(many, MANY)
            yield few, many


def fill_sqlite(path: Path, count: int) -> None:
    asyncio.run(_make_tables(path))
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -400000"):
        raw.execute(f"PRAGMA {pragma}")
    raw.create_function("int8send", 1, lambda number: number.to_bytes(8, "big", signed=True), deterministic=True)
    raw.create_function("sha256", 1, lambda text: hashlib.sha256(text).digest(), deterministic=True)
    raw.execute("BEGIN")
    raw.execute("CREATE TEMPORARY TABLE blobs (nth INTEGER PRIMARY KEY, large BLOB, wrap BLOB, card BLOB, roster BLOB)")
    raw.executemany("INSERT INTO blobs VALUES (?, ?, ?, ?, ?)", _blobs())
    for statement in _rows(count):
        raw.execute(statement)
    raw.execute("COMMIT")
    raw.close()


async def _make_tables(path: Path) -> None:
    store = SqlStore(path)
    await store.start()
    await store.close()


def fill_postgres(url: URL, count: int) -> None:
    """Tables that were emptied in the same transaction need no log; of foreign keys nobody asks."""
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute("TRUNCATE cases, mailboxes, cards, places, rosters, wraps, envelopes CASCADE")
            connection.execute(
                "CREATE TEMPORARY TABLE blobs (nth bigint PRIMARY KEY, large bytea, wrap bytea, card bytea,"
                " roster bytea) ON COMMIT DROP"
            )
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO blobs VALUES (%s, %s, %s, %s, %s)", _blobs())
            for statement in _rows(count):
                connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")


def _blobs() -> list[tuple[int, bytes, bytes, bytes, bytes]]:
    return [(nth, *map(os.urandom, (REPORT_BYTES, WRAP_BYTES, 1_024, 376))) for nth in range(BLOBS)]


def _rows(count: int) -> Iterator[str]:
    """In what both databases understand."""
    numbers = f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"  # noqa: S608 - of our own
    blobs = f"numbers JOIN blobs ON nth = n % {BLOBS}"
    number, mailbox = "sha256(int8send(n))", "sha256(int8send(-n))"
    is_closed, is_held, expert = "n % 2 = 0", "n % 10 = 5", "substr(sha256(int8send(n % 50)), 1, 16)"
    place = f"""
        n, 1, CASE WHEN n % 20 = 1 THEN 0 ELSE 1 END, CASE WHEN {is_closed} THEN 3 WHEN {is_held} THEN 2 ELSE 1 END,
        CASE WHEN {is_held} THEN {expert} END, CASE WHEN {is_held} THEN 2000000000 END,
        CASE WHEN {is_closed} THEN {expert} END, CASE WHEN {is_closed} THEN 495000 END, CASE WHEN {is_closed} THEN n END
    """
    of_place = "case_seq, queue, rank, state, holder, lease_until_s, closer, closed_hour, closed_nth"
    for table, row, source in (
        ("cases", f"n, {number}, {number}, 495000, 1, substr({number}, 1, 16)", "numbers"),
        ("mailboxes", f"{mailbox}, substr(large, 1, 60)", blobs),
        ("cards", "n, card", blobs),
        ("rosters (case_seq, generation, roster)", "n, 1, roster", blobs),
        ("wraps", "n, 0, 1, 1, wrap", blobs),
        ("wraps", "n, 1, 0, 0, substr(wrap, 1, 48)", blobs),
        ("wraps", "n, 1, 1, 1, wrap", blobs),
        ("envelopes", f"n, 1, {number}, {number}, 1, substr({number}, 1, 16), large", blobs),
        (f"places ({of_place})", place, "numbers"),
        ("closed_cases", "n, 1", f"numbers WHERE {is_closed}"),
    ):
        yield f"INSERT INTO {table} {numbers} SELECT {row} FROM {source}"  # noqa: S608 - of our own


def _hash(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "big", signed=True)).digest()
