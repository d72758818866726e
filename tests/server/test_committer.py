"""Writes in groups: one bad write, a full queue, a broken disk, and when exactly a caller is answered."""

import asyncio
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.committer import COMPANY, QUEUED, REST_S, Committer, Kind, rest_s
from lyhty_server.store.openings import open_cases
from lyhty_server.store.schema import bring_up_to_date
from lyhty_server.store.sql import SqlStore
from lyhty_server.store.sqlite import Database
from lyhty_wire.codes import Code
from lyhty_wire.ids import SignKey
from tests.store_contract.examples import new_case

OPEN = Kind(open_cases)


@dataclass(frozen=True)
class Gate:
    """A write that holds up the writer's thread, inside its transaction, until it is told to go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def run(self, _connection: Connection, writes: Sequence[str]) -> list[str | DomainError]:
        self.reached.set()
        assert self.opened.wait(10)
        return list(writes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lyhty.db"


@pytest.fixture
async def committer(path: Path) -> AsyncIterator[Committer]:
    database = Database(path, busy_ms=50)
    with database.writer.connect() as connection:
        bring_up_to_date(connection)
    made = Committer(database)
    yield made
    await made.close()
    database.close()


async def hold(committer: Committer, gate: Gate) -> "asyncio.Task[str]":
    held = asyncio.create_task(committer.submit(Kind(gate.run), "held"))
    assert await asyncio.to_thread(gate.reached.wait, 10)
    return held


async def let_run() -> None:
    """Until every task that can has put its write into the queue."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def stored(path: Path) -> int:
    """As another program sees it: only what is committed."""
    with sqlite3.connect(path) as raw:
        (count,) = raw.execute("SELECT count(*) FROM cases").fetchone()
    raw.close()
    assert isinstance(count, int)
    return count


async def test_what_queues_up_during_a_transaction_is_the_next_one(committer: Committer) -> None:
    sizes: list[int] = []

    def run(_connection: Connection, writes: Sequence[int]) -> list[int | DomainError]:
        sizes.append(len(writes))
        return list(writes)

    gate, kind = Gate(), Kind(run)
    held = await hold(committer, gate)
    writes = [asyncio.create_task(committer.submit(kind, number)) for number in range(20)]
    await let_run()
    gate.opened.set()
    assert await asyncio.gather(*writes) == list(range(20))
    assert (sizes, await held) == ([20], "held")


def test_the_writer_rests_after_company_alone_and_less_if_it_waited_for_its_disk() -> None:
    assert rest_s(COMPANY, 0.0) == REST_S
    assert rest_s(COMPANY, REST_S / 4) == REST_S * 3 / 4
    assert rest_s(COMPANY, 2 * REST_S) == rest_s(COMPANY - 1, 0.0) == 0


async def test_a_bad_write_fails_alone(committer: Committer, path: Path) -> None:
    gate = Gate()
    await hold(committer, gate)
    good = [asyncio.create_task(committer.submit(OPEN, new_case(str(number)))) for number in range(4)]
    too_short = replace(new_case("bad"), sign_pk=SignKey(bytes(31)))
    bad = asyncio.create_task(committer.submit(OPEN, too_short))
    good += [asyncio.create_task(committer.submit(OPEN, new_case(str(number)))) for number in range(4, 8)]
    await let_run()
    gate.opened.set()
    assert all(answer.fresh for answer in await asyncio.gather(*good))
    with pytest.raises(sqlite3.IntegrityError):
        await bad
    assert stored(path) == 8


async def test_a_refusal_fails_no_neighbor(committer: Committer, path: Path) -> None:
    gate = Gate()
    await hold(committer, gate)
    conflicting = replace(new_case("a"), digest=bytes(16))
    cases = [new_case("a"), conflicting, new_case("b")]
    writes = [asyncio.create_task(committer.submit(OPEN, case)) for case in cases]
    await let_run()
    gate.opened.set()
    first, refusal, last = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(refusal, DomainError)
    assert refusal.code is Code.OBJECT_CONFLICT
    assert not isinstance(first, BaseException)
    assert not isinstance(last, BaseException)
    assert stored(path) == 2


async def test_a_full_queue_is_busy_and_what_waited_is_still_answered(committer: Committer) -> None:
    gate = Gate()
    await hold(committer, gate)
    echo: Kind[int, int] = Kind(lambda _connection, writes: list(writes))
    waiting = [asyncio.create_task(committer.submit(echo, number)) for number in range(QUEUED)]
    await let_run()
    with pytest.raises(DomainError) as caught:
        await committer.submit(echo, 0)
    assert caught.value.code is Code.BUSY
    gate.opened.set()
    assert await asyncio.gather(*waiting) == list(range(QUEUED))


async def test_nobody_is_answered_before_the_commit(committer: Committer, path: Path) -> None:
    before, inside = Gate(), Gate()
    await hold(committer, before)
    opening = asyncio.create_task(committer.submit(OPEN, new_case("a")))
    await let_run()
    # Runs in the same transaction, after the opening's rows are in and before the commit.
    later = asyncio.create_task(committer.submit(Kind(inside.run), "later"))
    await let_run()
    before.opened.set()
    assert await asyncio.to_thread(inside.reached.wait, 10)
    await let_run()
    assert (opening.done(), stored(path)) == (False, 0)
    inside.opened.set()
    await opening
    assert stored(path) == 1
    await later


async def test_a_caller_who_has_gone_away_takes_nothing_back(committer: Committer, path: Path) -> None:
    gate = Gate()
    await hold(committer, gate)
    gone = asyncio.create_task(committer.submit(OPEN, new_case("a")))
    await let_run()
    gone.cancel()
    gate.opened.set()
    assert (await committer.submit(OPEN, new_case("b"))).fresh
    assert stored(path) == 2


async def test_closing_answers_what_was_accepted(committer: Committer, path: Path) -> None:
    gate = Gate()
    await hold(committer, gate)
    waiting = [asyncio.create_task(committer.submit(OPEN, new_case(str(number)))) for number in range(300)]
    await let_run()
    closing = asyncio.create_task(committer.close())
    await let_run()
    with pytest.raises(DomainError) as caught:
        await committer.submit(OPEN, new_case("late"))
    assert caught.value.code is Code.STORAGE_FAILED
    gate.opened.set()
    await closing
    assert all(answer.fresh for answer in await asyncio.gather(*waiting))
    assert stored(path) == 300


def size(path: Path, suffix: str = "") -> int:
    return path.with_name(path.name + suffix).stat().st_size


@contextmanager
def no_file_beyond(limit_bytes: int) -> Iterator[None]:
    """As a full disk: no file of this process may grow beyond this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked_by_another_program(path: Path) -> Iterator[None]:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        raw.close()


async def code_of_opening(committer: Committer, label: str) -> Code | None:
    try:
        await committer.submit(OPEN, new_case(label))
    except DomainError as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("free_bytes", [0, 20_000], ids=["nothing fits", "some pages fit"])
async def test_a_full_disk_stores_nothing_and_says_so(committer: Committer, path: Path, free_bytes: int) -> None:
    await committer.submit(OPEN, new_case("before"))
    with no_file_beyond(size(path, "-wal") + free_bytes):
        codes = await asyncio.gather(*(code_of_opening(committer, str(number)) for number in range(20)))
    assert codes == [Code.STORAGE_FAILED] * 20
    assert stored(path) == 1


async def test_when_the_disk_has_room_again_the_same_openings_succeed(committer: Committer, path: Path) -> None:
    await committer.submit(OPEN, new_case("before"))
    with no_file_beyond(size(path, "-wal")):
        assert await code_of_opening(committer, "a") is Code.STORAGE_FAILED
    assert (await committer.submit(OPEN, new_case("a"))).fresh
    assert stored(path) == 2


async def test_a_disk_too_full_to_tidy_up_an_erasure_stops_nothing(path: Path) -> None:
    store = SqlStore(path)
    await store.start()
    await asyncio.gather(*(store.open_case(new_case(str(number))) for number in range(100)))
    await store.close()
    store = SqlStore(path)
    await store.start()
    erased = new_case("a")
    await asyncio.gather(*(store.open_case(case) for case in (erased, *(new_case(f"b{n}") for n in range(30)))))
    log_bytes, database_bytes = size(path, "-wal"), size(path)
    assert log_bytes < database_bytes  # so that the log may grow below, and the database may not
    with no_file_beyond(database_bytes):
        await store.erase(erased.case_id, erased.mailbox_row_key)
        assert size(path, "-wal") > log_bytes  # nothing was tidied up
        assert (await store.open_case(new_case("c"))).fresh
    await store.open_case(new_case("d"))
    await store.open_case(new_case("e"))
    assert size(path, "-wal") < log_bytes
    await store.close()


async def test_a_lock_held_by_another_program_is_an_outage_and_passes(committer: Committer, path: Path) -> None:
    with locked_by_another_program(path):
        assert await code_of_opening(committer, "a") is Code.STORAGE_FAILED
    assert await code_of_opening(committer, "a") is None
