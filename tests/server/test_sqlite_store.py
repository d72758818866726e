"""What SQLite adds to the contract: durability, erasure on disk, one process, a schema that gives nobody away."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import Connection

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.retention import Noticed
from lyhty_server.store import sqlite
from lyhty_server.store.bulk import insert_rows
from lyhty_server.store.committer import Kind
from lyhty_server.store.interface import NewCase, Reporter
from lyhty_server.store.sql import SqlStore
from lyhty_server.store.sqlite import Database, DatabaseInUseError
from lyhty_server.store.tables import cards, metadata
from lyhty_wire.ids import LAWYER, SignKey
from tests.store_contract.examples import CURRENT, expert_row, message, new_case

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lyhty.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqlStore]:
    made = SqlStore(path)
    await made.start()
    yield made
    await made.close()


def on_disk(path: Path) -> bytes:
    """The database and its log, byte for byte."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(path.name + "*")))


def sizes_on_disk(path: Path) -> tuple[int, int]:
    """Of the database and of its log."""
    return path.stat().st_size, path.with_name(path.name + "-wal").stat().st_size


def secrets_of(new: NewCase) -> dict[str, bytes]:
    return {
        "case id": new.case_id,
        "signing key": new.sign_pk,
        "mailbox": new.mailbox_row_key,
        "sealed mailbox": new.mailbox_sealed,
        "roster": new.roster,
        "own wrap": new.self_wrap,
        "wrap": new.places[0].wrap,
        "card wrap": new.places[0].card_wrap,
        "card": new.card,
        "report": new.report.body,
        "message": message(new, 2, 16_384).body,
    }


def found_on_disk(path: Path, new: NewCase) -> list[str]:
    """A long value may be spread over pages: its first and last 16 bytes are looked for."""
    files = on_disk(path)
    return [name for name, value in secrets_of(new).items() if value[:16] in files or value[-16:] in files]


async def a_case_with_a_message(store: SqlStore, label: str) -> NewCase:
    new = new_case(label)
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2, 16_384), Reporter(CURRENT))
    return new


async def test_before_an_erasure_everything_is_on_disk(store: SqlStore, path: Path) -> None:
    new = await a_case_with_a_message(store, "a")
    assert found_on_disk(path, new) == list(secrets_of(new))


async def test_when_an_erasure_is_answered_nothing_is_left_on_disk(store: SqlStore, path: Path) -> None:
    new = await a_case_with_a_message(store, "a")
    await a_case_with_a_message(store, "b")
    await store.erase(new.case_id, new.mailbox_row_key)
    assert found_on_disk(path, new) == []


async def test_an_erasure_reaches_what_had_left_the_log_long_ago(store: SqlStore, path: Path) -> None:
    new = await a_case_with_a_message(store, "a")
    await store.close()
    again = SqlStore(path)
    await again.start()
    await again.erase(new.case_id, new.mailbox_row_key)
    assert found_on_disk(path, new) == []
    await again.close()


async def test_when_an_expiry_is_answered_only_the_mailbox_is_left_on_disk(store: SqlStore, path: Path) -> None:
    new = await a_case_with_a_message(store, "a")
    await a_case_with_a_message(store, "b")
    case, _ = await store.kept_page(0, 10)
    await store.notice(((case.case_seq, Noticed(case.last_seq, is_closed=False, day=20_000)),))
    assert await store.expire(case)
    assert found_on_disk(path, new) == ["mailbox", "sealed mailbox"]


async def test_an_expiry_that_a_reader_was_in_the_way_of_is_finished_with_the_next_write(
    store: SqlStore, path: Path
) -> None:
    new = await a_case_with_a_message(store, "a")
    [case] = await store.kept_page(0, 10)
    with reading_in_another_program(path):
        await store.expire(case)
        assert "wrap" in found_on_disk(path, new)
    await store.open_case(new_case("b"))
    await store.open_case(new_case("c"))  # written once all that the write before had to do is done
    assert found_on_disk(path, new) == ["mailbox", "sealed mailbox"]


async def test_when_another_password_is_answered_the_keys_sealed_under_the_old_one_are_not_on_disk(
    store: SqlStore, path: Path
) -> None:
    account = expert_row("one")
    await store.put_expert(account)
    new = structs.replace(account.unlock, login_pk=SignKey(bytes(32)), salt=bytes(16), keys=bytes(range(93)))
    assert account.keys in on_disk(path)
    await store.change_unlock(account.login_pk, new)
    assert [value in on_disk(path) for value in (account.keys, account.salt, account.login_pk, new.keys)] == [
        False, False, False, True,
    ]  # fmt: skip


@contextmanager
def reading_in_another_program(path: Path) -> Iterator[None]:
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM cases").fetchall()
    try:
        yield
    finally:
        reader.close()


async def test_an_erasure_that_a_reader_was_in_the_way_of_is_finished_with_the_next_write(
    store: SqlStore, path: Path
) -> None:
    new = await a_case_with_a_message(store, "a")
    with reading_in_another_program(path):
        await store.erase(new.case_id, new.mailbox_row_key)
        assert found_on_disk(path, new) != []
    await store.open_case(new_case("b"))
    await store.open_case(new_case("c"))  # written once all that the write before had to do is done
    assert found_on_disk(path, new) == []


async def test_an_erasure_cut_short_by_a_crash_is_finished_at_the_next_start(store: SqlStore, path: Path) -> None:
    new = await a_case_with_a_message(store, "a")
    after_crash = path.with_name("after crash") / path.name
    after_crash.parent.mkdir()
    with reading_in_another_program(path):
        await store.erase(new.case_id, new.mailbox_row_key)
        for file in path.parent.glob(path.name + "*"):
            shutil.copy(file, after_crash.parent)
    assert found_on_disk(after_crash, new) != []
    again = SqlStore(after_crash)
    await again.start()
    await again.open_case(new_case("b"))  # written once all that the start had to do is done
    assert found_on_disk(after_crash, new) == []
    await again.close()


async def test_a_second_server_is_told_plainly_that_the_database_is_taken(store: SqlStore, path: Path) -> None:
    with pytest.raises(DatabaseInUseError, match=r"Another Lyhty server is using the database lyhty\.db"):
        await SqlStore(path).start()


async def test_after_closing_another_server_may_start(store: SqlStore, path: Path) -> None:
    await store.open_case(new_case("a"))
    await store.close()
    again = SqlStore(path)
    await again.start()
    assert not (await again.open_case(new_case("a"))).fresh
    await again.close()


async def test_reads_do_not_wait_for_the_writer(store: SqlStore) -> None:
    new = new_case("a")
    await store.open_case(new)
    reached, go_on = threading.Event(), threading.Event()

    def hold(_connection: Connection, writes: Sequence[None]) -> list[DomainError | None]:
        reached.set()
        assert go_on.wait(10)
        return list(writes)

    held = asyncio.create_task(store._write(Kind(hold), None))
    assert await asyncio.to_thread(reached.wait, 10)
    assert (await asyncio.wait_for(store.case_state(new.case_id), 5)).last_seq == 1
    go_on.set()
    await held


async def test_the_log_starts_over_under_load(store: SqlStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WAL_LIMIT_BYTES", 200_000)
    for part in range(10):
        await asyncio.gather(*(store.open_case(new_case(f"{part} {number}")) for number in range(50)))
    database_bytes, log_bytes = sizes_on_disk(path)
    assert database_bytes > 2_000_000
    assert log_bytes < 2_000_000


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("page_size", 4_096), ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_the_writers_connection_is_set_for_safety(path: Path, pragma: str, value: object) -> None:
    database = Database(path)
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value
    database.close()


def test_a_reading_connection_cannot_write(path: Path) -> None:
    database = Database(path)
    with database.readers.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar_one() == 1
    database.close()


async def test_only_the_servers_own_account_may_read_the_files(store: SqlStore, path: Path) -> None:
    await store.open_case(new_case("a"))
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob(path.name + "*")}
    assert set(modes) >= {"lyhty.db", "lyhty.db-wal"}
    assert set(modes.values()) == {0o600}


async def test_a_queues_page_is_read_off_an_index_in_order(store: SqlStore, path: Path) -> None:
    from lyhty_server.store.reads import _LISTED

    await store.open_case(new_case("a"))
    database = store._database
    assert database is not None
    with database.readers.connect() as connection:
        query = _LISTED.compile(connection)
        values = query.params | {"queue": LAWYER, "rank": 0, "after": 0, "limit": 51}
        names = query.positiontup or []
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", tuple(values[name] for name in names))
        steps = [row[3] for row in plan]
    assert "USING INDEX ix_places_queue_rank_case_seq_state (queue=? AND (rank,case_seq)>(?,?))" in steps[0]
    assert not any("B-TREE" in step or "SCAN" in step for step in steps)


def test_every_column_says_why_it_may_exist() -> None:
    silent = [str(column) for table in metadata.tables.values() for column in table.columns if not column.comment]
    assert silent == []


@pytest.mark.parametrize("table", ["mailboxes", "tombstones"])
async def test_a_table_without_case_numbers_keeps_no_order_of_arrival(store: SqlStore, path: Path, table: str) -> None:
    raw = sqlite3.connect(path)
    with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
        raw.execute(f"SELECT rowid FROM {table}")  # noqa: S608 - one of two names above
    raw.close()


def test_rows_whose_columns_are_out_of_order_are_not_inserted(path: Path) -> None:
    database = Database(path)
    with database.writer.connect() as connection, pytest.raises(ValueError, match="in the table's order"):
        insert_rows(connection, cards, ("body", "case_seq"), [(b"", 1)])
    database.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from lyhty_server.store.sql import SqlStore
from tests.store_contract.examples import new_case

async def main():
    store = SqlStore(Path(sys.argv[1]))
    await store.start()
    async def call(caller):
        number = caller
        while True:
            await store.open_case(new_case(str(number)))
            sys.stdout.write(f"{number}\\n")
            sys.stdout.flush()
            number += 8
    await asyncio.gather(*(call(caller) for caller in range(8)))

asyncio.run(main())
"""


def write_until_killed(path: Path, enough: int) -> list[int]:
    """Which cases were acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(enough)]
        writer.kill()
        # What it still managed to say counts; a line cut off in the middle does not.
        return acknowledged + [int(line) for line in writer.stdout.read().split("\n")[:-1]]


async def test_what_was_acknowledged_survives_a_kill_exactly_once(path: Path) -> None:
    acknowledged = await asyncio.to_thread(write_until_killed, path, 200)
    store = SqlStore(path)
    await store.start()
    retried = await asyncio.gather(*(store.open_case(new_case(str(number))) for number in acknowledged))
    assert not any(opened.fresh for opened in retried)
    assert len({opened.case_seq for opened in retried}) == len(acknowledged)
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()
    await store.close()
