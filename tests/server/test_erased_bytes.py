"""What PostgreSQL's files hold of what was erased, byte for byte: tables, log, and those of a server that follows."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from msgspec import structs
from sqlalchemy import URL

from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.jobs.scrubbing import scrub_forever
from lyhty_server.operator import db, doctor
from lyhty_server.store import scrubbing
from lyhty_server.store.interface import NewCase
from lyhty_server.store.sql import SqlStore
from lyhty_wire.ids import LAWYER, SignKey
from lyhty_wire.rooms import RoomKind
from tests.provider import Provider
from tests.server.api_server import api_server
from tests.servers.postgres import PostgresServer, running_postgres
from tests.store_contract.examples import NOW_S, UNTIL_S, an_expert, expert_row, new_case
from tests.store_contract.test_rooms import CASE, HOLDER, new_room

FOLLOWS_S: Final = 60.0
PATIENCE_S: Final = 90.0
SETTINGS: Final = {"wal_recycle": "off", "full_page_writes": "on", "wal_level": "replica"}


class Pair:
    """A server and a standby that follows it."""

    def __init__(self, first: PostgresServer) -> None:
        self.first = first
        self.standby = PostgresServer(settings=SETTINGS)

    def follow(self) -> None:
        source = f"host=127.0.0.1 port={self.first.port} user=lyhty"
        self.standby.run("pg_basebackup", "-D", self.standby.data, "-R", "-c", "fast", "--no-sync", "-d", source)
        self.standby.start()

    def bring_to_disk(self) -> None:
        """All that both have in memory, and what the first has written is on the standby."""
        _ask(self.first.url("postgres"), "CHECKPOINT")
        [(here,)] = _ask(self.first.url("postgres"), "SELECT pg_current_wal_insert_lsn()::text")
        caught_up = f"SELECT pg_last_wal_replay_lsn() >= '{here}'::pg_lsn"
        until = time.monotonic() + FOLLOWS_S
        while _ask(self.standby.url("postgres"), caught_up) != [(True,)]:
            assert time.monotonic() < until
            time.sleep(0.02)
        _ask(self.standby.url("postgres"), "CHECKPOINT")

    def found(self, *values: bytes) -> list[list[bool]]:
        """Of each server, which of them are in its files."""
        return [_found(server.data, values) for server in (self.first, self.standby)]


def _ask(url: URL, question: str) -> list[Any]:
    with closing(psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall() if cursor.description else []


def _found(folder: Path, values: tuple[bytes, ...]) -> list[bool]:
    """A long value may be spread over pages: its first and last 16 bytes are looked for."""
    files = [file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()]
    return [any(value[:16] in file or value[-16:] in file for file in files) for value in values]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with running_postgres(settings=SETTINGS) as first:
        made = Pair(first)
        try:
            made.follow()
            yield made
        finally:
            made.standby.stop(signal.SIGQUIT)


@pytest.fixture
def url(pair: Pair, request: pytest.FixtureRequest) -> Iterator[URL]:
    name = f"lyhty_{abs(hash(request.node.name))}"
    _ask(pair.first.url("postgres"), f"CREATE DATABASE {name} TEMPLATE template0")
    yield pair.first.url(name)
    _ask(pair.first.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def store(url: URL) -> AsyncIterator[SqlStore]:
    made = SqlStore(url)
    await made.start()
    yield made
    await made.close()


def keys(url: URL, *, rooms: bool = False) -> list[bytes]:
    where = "> 0" if rooms else "= 0"
    return [key for (key,) in _ask(url, f"SELECT key FROM wrap_keys WHERE room_seq {where} ORDER BY case_seq")]  # noqa: S608 - of our own


async def opened(store: SqlStore, *labels: str) -> list[NewCase]:
    cases = [new_case(label) for label in labels]
    for new in cases:
        await store.open_case(new)
    return cases


async def wraps_of(store: SqlStore, new: NewCase) -> tuple[bytes, ...]:
    held = await store.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, UNTIL_S)
    own = await store.case_state(new.case_id)
    return (*held.wraps, held.place.card_wrap, *(each.own_wrap for each in own.generations))


def given_wraps(new: NewCase) -> tuple[bytes, ...]:
    return (new.places[0].wrap, new.places[0].card_wrap, new.self_wrap)


async def test_what_opens_an_erased_case_is_in_no_file_of_either_server(store: SqlStore, url: URL, pair: Pair) -> None:
    gone, stays = await opened(store, "a", "b")
    await asyncio.to_thread(_ask, url, "ANALYZE")
    await asyncio.to_thread(pair.bring_to_disk)
    its_key, other_key = keys(url)
    sought = (its_key, gone.mailbox_row_key, gone.mailbox_sealed, other_key, stays.mailbox_sealed)
    assert pair.found(*sought) == [[True] * 5] * 2

    await store.erase(gone.case_id, gone.mailbox_row_key)
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(its_key) == [[True]] * 2
    assert await store.scrub()
    assert _found(pair.first.data, sought) == [False, False, False, True, True]
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(*sought) == [[False, False, False, True, True]] * 2
    assert await wraps_of(store, stays) == given_wraps(stays)


async def test_no_wrap_is_ever_in_a_file_as_it_came(store: SqlStore, pair: Pair) -> None:
    [new] = await opened(store, "a")
    await store.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, UNTIL_S)
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(*given_wraps(new), new.card) == [[False, False, False, True]] * 2


async def test_of_an_expired_case_only_the_mailbox_stays(store: SqlStore, url: URL, pair: Pair) -> None:
    [new] = await opened(store, "a")
    [its_key] = keys(url)
    [case] = await store.kept_page(0, 10)
    assert await store.expire(case)
    assert await store.scrub()
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(its_key, new.mailbox_sealed) == [[False, True]] * 2


async def test_what_opens_a_slip_that_was_taken_back_is_in_no_file(store: SqlStore, url: URL, pair: Pair) -> None:
    await store.open_case(CASE)
    await store.claim(CASE.case_id, LAWYER, HOLDER.expert_id, NOW_S, UNTIL_S)
    slip, notes = new_room("slip", RoomKind.SLIP), new_room("notes")
    await store.open_room(slip, None)
    [its_key] = keys(url, rooms=True)
    await store.open_room(notes, HOLDER)
    assert [given.self_wrap for given in await store.slips(CASE.case_id)] == [slip.self_wrap]
    await store.take_back(CASE.case_id, slip.room_id)
    assert await store.scrub()
    await asyncio.to_thread(pair.bring_to_disk)
    assert (
        pair.found(its_key, *(wrap.wrap for wrap in notes.wraps), *keys(url, rooms=True)) == [[False, False, True]] * 2
    )
    assert [room.wraps for room in await store.rooms_of(CASE.case_id, HOLDER)] == [
        tuple(wrap.wrap for wrap in notes.wraps)
    ]


async def test_keys_sealed_under_an_old_password_are_in_no_file(store: SqlStore, url: URL, pair: Pair) -> None:
    account = expert_row("one")
    await store.put_expert(account)
    await store.put_expert(expert_row("two"))
    await asyncio.to_thread(_ask, url, "ANALYZE")
    new = structs.replace(account.unlock, login_pk=SignKey(bytes(32)), salt=b"another salt....", keys=bytes(range(93)))
    await store.change_unlock(account.login_pk, new)
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(account.keys) == [[True]] * 2
    assert await store.scrub()
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(account.keys, new.keys) == [[False, True]] * 2


async def test_while_somebody_reads_from_before_it_stays_owed_and_is_done_afterwards(
    store: SqlStore, url: URL, pair: Pair
) -> None:
    [new] = await opened(store, "a")
    [its_key] = keys(url)
    with closing(psycopg.connect(url.render_as_string(hide_password=False))) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM cases")
        await store.erase(new.case_id, new.mailbox_row_key)
        assert not await store.scrub()
    assert await store.scrub()
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(its_key) == [[False]] * 2


async def test_a_table_that_somebody_holds_is_not_waited_for_for_long(
    store: SqlStore, url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    [new] = await opened(store, "a")
    await store.erase(new.case_id, new.mailbox_row_key)
    monkeypatch.setattr(scrubbing, "LOCK_MS", 1)
    with closing(psycopg.connect(url.render_as_string(hide_password=False))) as reader:
        reader.execute("LOCK TABLE wrap_keys IN ACCESS SHARE MODE")
        assert not await store.scrub()
    assert await store.scrub()


async def test_what_was_wiped_is_not_wiped_again(store: SqlStore, url: URL) -> None:
    [new] = await opened(store, "a")
    await store.erase(new.case_id, new.mailbox_row_key)
    assert await store.scrub()
    file = "SELECT pg_relation_filenode('wrap_keys')"
    before = _ask(url, file)
    assert await store.scrub()
    assert _ask(url, file) == before


# --- The job


def owed(url: URL) -> set[int]:
    return {xact for (xact,) in _ask(url, "SELECT xact FROM leftovers")}


async def are_paid(url: URL, these: set[int]) -> None:
    """Other jobs may owe more meanwhile."""
    async with asyncio.timeout(PATIENCE_S):
        while these & await asyncio.to_thread(owed, url):  # noqa: ASYNC110 - the event is there
            await asyncio.sleep(0.05)


async def test_a_server_wipes_by_itself(
    store: SqlStore, url: URL, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [new] = await opened(store, "a")
    await store.erase(new.case_id, new.mailbox_row_key)
    these = owed(url)
    assert len(these) == 1
    async with (
        api_server(provider, tmp_path, monkeypatch) as on_sqlite,
        api_server(provider, tmp_path, monkeypatch, beside=replace(on_sqlite, store=store)),
    ):
        await are_paid(url, these)


async def test_the_job_comes_back_soon_when_somebody_was_in_the_way(store: SqlStore, url: URL) -> None:
    [new] = await opened(store, "a")
    with closing(psycopg.connect(url.render_as_string(hide_password=False))) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM cases")
        await store.erase(new.case_id, new.mailbox_row_key)
        these = owed(url)
        job = asyncio.create_task(scrub_forever(store, every_s=3_600, soon_s=0.05))
        assert not await store.scrub()
    await are_paid(url, these)
    job.cancel()


# --- Of a database from before


async def test_what_an_older_release_left_is_sealed_and_read_as_before(
    store: SqlStore, url: URL, pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    _ask(url, "UPDATE oldest_server SET head = '0019'")
    [new] = await opened(store, "b")
    await store.open_case(CASE)
    await store.claim(CASE.case_id, LAWYER, HOLDER.expert_id, NOW_S, UNTIL_S)
    slip = new_room("slip", RoomKind.SLIP)
    await store.open_room(slip, None)
    plain = (*given_wraps(new), *given_wraps(CASE), *(wrap.wrap for wrap in slip.wraps), slip.self_wrap or b"")
    await asyncio.to_thread(pair.bring_to_disk)
    assert (keys(url), pair.found(*plain)) == ([], [[True] * 8] * 2)

    assert await asyncio.to_thread(db.seal, url) == 0
    assert "Sealed 2 cases" in capsys.readouterr().out
    await asyncio.to_thread(pair.bring_to_disk)
    assert pair.found(*plain) == [[False] * 8] * 2
    assert await wraps_of(store, new) == given_wraps(new)
    assert [given.self_wrap for given in await store.slips(CASE.case_id)] == [slip.self_wrap]
    # Without a restart, this server seals from now on.
    await opened(store, "c")
    assert len(keys(url)) == 3
    assert await asyncio.to_thread(db.seal, url) == 0


async def test_nothing_is_sealed_while_a_server_of_an_older_release_is_there(store: SqlStore, url: URL) -> None:
    _ask(url, "UPDATE oldest_server SET head = '0019'")
    await opened(store, "a")
    address = url.render_as_string(hide_password=False)
    with closing(psycopg.connect(address, application_name="lyhty")), pytest.raises(DatabaseUnavailableError):
        await asyncio.to_thread(db.seal, url)
    assert (keys(url), _ask(url, "SELECT head FROM oldest_server")) == ([], [("0019",)])


# --- An account that is no superuser


@pytest.fixture
def plain_url(pair: Pair, url: URL) -> Iterator[URL]:
    """Of an account that owns the database, and may do nothing else."""
    _ask(url, "CREATE ROLE plain LOGIN")
    _ask(url, f"ALTER DATABASE {url.database} OWNER TO plain")
    _ask(url, "ALTER SCHEMA public OWNER TO plain")
    yield url.set(username="plain")
    _ask(pair.first.url("postgres"), f"DROP DATABASE {url.database} WITH (FORCE)")
    _ask(pair.first.url("postgres"), f"CREATE DATABASE {url.database}")
    _ask(url, "DROP ROLE plain")


async def test_an_account_that_may_not_let_the_log_go_wipes_the_tables_and_doctor_says_what_is_missing(
    plain_url: URL, url: URL
) -> None:
    store = SqlStore(plain_url)
    await store.start()
    [new] = await opened(store, "a")
    await store.erase(new.case_id, new.mailbox_row_key)
    assert await store.scrub()
    assert _ask(plain_url, "SELECT count(*), pg_relation_size('wrap_keys') FROM leftovers") == [(0, 0)]
    await store.close()

    def said() -> list[str]:
        found = [one.code for one in doctor.postgres(plain_url, int(time.time()))]
        return [code for code in found if not code.startswith("database-")]  # this server is quick, not durable

    assert said() == ["log-kept"]
    _ask(url, "GRANT pg_checkpoint TO plain")
    assert said() == ["log-kept"]
    _ask(url, "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO plain")
    assert said() == []
    _ask(url, "UPDATE oldest_server SET head = '0019'")
    _ask(url, "ALTER ROLE plain SET wal_recycle = on")
    assert said() == ["log-recycled", "wraps-not-sealed"]
