"""What PostgreSQL adds to the contract: a server that can be away, and an answer to COMMIT that can be lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, event
from sqlalchemy.engine import make_url

from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.errors import DatabaseUnavailableError, DomainError
from lyhty_server.store import postgres as engine
from lyhty_server.store.databases import open_database
from lyhty_server.store.interface import NewCase, Reporter
from lyhty_server.store.openings import open_cases
from lyhty_server.store.reads import places_in
from lyhty_server.store.sql import SqlStore
from lyhty_wire.codes import Code
from tests.server.lost_answers import way_to
from tests.store_contract.examples import CURRENT, message, new_case


@pytest.fixture
async def store(postgres_url: URL) -> AsyncIterator[SqlStore]:
    made = SqlStore(postgres_url)
    await made.start()
    yield made
    await made.close()


class Operator:
    """Somebody at the database server, in another database of it."""

    def __init__(self, elsewhere: URL, database: str | None) -> None:
        self._connection = psycopg.connect(elsewhere.render_as_string(hide_password=False), autocommit=True)
        self._database = database

    def cut_all_connections(self) -> None:
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (self._database,)
        )

    def take_it_away(self) -> None:
        self._connection.execute(f"ALTER DATABASE {self._database} ALLOW_CONNECTIONS false".encode())
        self.cut_all_connections()

    def bring_it_back(self) -> None:
        self._connection.execute(f"ALTER DATABASE {self._database} ALLOW_CONNECTIONS true".encode())

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def operator(postgres: URL, postgres_url: URL) -> "AsyncIterator[Operator]":
    made = Operator(postgres, postgres_url.database)
    yield made  # type: ignore[misc]
    made.bring_it_back()
    made.close()


async def code_of(asked: object) -> Code | None:
    try:
        await asked  # type: ignore[misc]
    except DomainError as refusal:
        return refusal.code
    return None


async def test_while_the_database_is_away_nothing_is_accepted_and_afterwards_all_goes_on_by_itself(
    store: SqlStore, operator: Operator
) -> None:
    new = new_case("a")
    await store.open_case(new)
    operator.take_it_away()
    assert await code_of(store.open_case(new_case("b"))) is Code.STORAGE_FAILED
    assert await code_of(store.case_state(new.case_id)) is Code.STORAGE_FAILED
    operator.bring_it_back()
    assert (await store.open_case(new_case("b"))).fresh
    assert (await store.case_state(new.case_id)).last_seq == 1


async def test_after_its_connections_were_cut_a_read_and_a_write_fail_at_most_once(
    store: SqlStore, operator: Operator
) -> None:
    new = new_case("a")
    await store.open_case(new)
    await asyncio.gather(*(store.case_state(new.case_id) for _ in range(20)))
    operator.cut_all_connections()
    await asyncio.gather(*(code_of(store.case_state(new.case_id)) for _ in range(20)))
    await code_of(store.open_case(new_case("b")))
    assert (await store.case_state(new.case_id)).last_seq == 1
    assert not (await store.open_case(new)).fresh


async def test_a_write_that_finds_its_line_cut_goes_over_a_new_one(store: SqlStore, operator: Operator) -> None:
    await store.open_case(new_case("a"))
    operator.cut_all_connections()
    assert (await store.open_case(new_case("b"))).fresh


async def test_a_write_whose_commit_was_never_answered_is_told_as_it_is(postgres_url: URL) -> None:
    async with way_to(postgres_url.port or 5_432) as way:
        store = SqlStore(postgres_url.set(port=way.port))
        await store.start()
        way.loses_next = True
        assert (await store.open_case(new_case("a"))).fresh
        assert way.lost == 1
        assert not (await store.open_case(new_case("a"))).fresh
        await store.close()


async def test_a_write_that_nobody_can_tell_of_is_not_acknowledged_and_its_retry_is_told_as_it_is(
    postgres_url: URL, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "FIND_OUT_S", 0.2)
    async with way_to(postgres_url.port or 5_432) as way:
        store = SqlStore(postgres_url.set(port=way.port))
        await store.start()
        await store.open_case(new_case("a"))
        operator._connection.execute(f"ALTER DATABASE {postgres_url.database} ALLOW_CONNECTIONS false".encode())
        way.loses_next = True
        assert await code_of(store.open_case(new_case("b"))) is Code.STORAGE_FAILED
        operator.bring_it_back()
        assert not (await store.open_case(new_case("b"))).fresh
        await store.close()


async def test_a_write_cut_off_before_its_commit_is_not_stored_and_not_acknowledged(
    store: SqlStore, postgres_url: URL
) -> None:
    with psycopg.connect(postgres_url.render_as_string(hide_password=False), autocommit=True) as raw:
        raw.execute(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
        )
        raw.execute(
            "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON cases DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION cut()"
        )
        assert await code_of(store.open_case(new_case("a"))) is Code.STORAGE_FAILED
        raw.execute("DROP TRIGGER cut ON cases")
    assert (await store.open_case(new_case("a"))).fresh


async def test_a_database_server_that_only_reads_accepts_nothing_and_still_shows_what_is_there(
    store: SqlStore, operator: Operator, postgres_url: URL
) -> None:
    new = new_case("a")
    await store.open_case(new)
    operator._connection.execute(
        f"ALTER DATABASE {postgres_url.database} SET default_transaction_read_only = on".encode()
    )
    operator.cut_all_connections()
    await code_of(store.open_case(new_case("b")))
    assert await code_of(store.open_case(new_case("b"))) is Code.STORAGE_FAILED
    await code_of(store.case_state(new.case_id))
    assert (await store.case_state(new.case_id)).last_seq == 1


async def test_the_server_syncs_before_it_answers_even_where_databases_are_set_not_to(
    postgres_url: URL, operator: Operator
) -> None:
    operator._connection.execute(f"ALTER DATABASE {postgres_url.database} SET synchronous_commit = off".encode())
    database = open_database(postgres_url)
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    database.close()


async def test_a_database_that_is_not_there_at_the_start_is_named_without_its_password(postgres_url: URL) -> None:
    nowhere = postgres_url.set(port=1, password="a-secret-word")
    with pytest.raises(
        DatabaseUnavailableError, match=r"The database lyhty_\w+ at 127\.0\.0\.1:1 cannot be used"
    ) as caught:
        await SqlStore(nowhere).start()
    assert "a-secret-word" not in str(caught.value)


def test_one_case_and_a_hundred_are_opened_and_looked_at_by_the_same_few_statements(postgres_url: URL) -> None:
    asked: list[str] = []

    def statements_for(cases: list[NewCase]) -> list[str]:
        asked.clear()
        with database.writer.begin() as connection:
            open_cases(connection, cases)
            assert len(places_in(connection, [case.case_id for case in cases])) == len(cases)
        return list(asked)

    with closing(open_database(postgres_url)) as database:
        event.listen(database.writer, "before_cursor_execute", lambda *call: asked.append(call[2]))
        few = statements_for([new_case("one")])
        assert few == statements_for([new_case(str(nth)) for nth in range(100)])
    assert [each.count("INSERT INTO") for each in few if "INSERT INTO" in each] == [7]


async def test_an_error_of_a_statement_quotes_no_row(store: SqlStore) -> None:
    await store.open_case(new_case("a"))
    await store.append(new_case("a").case_id, message(new_case("a"), 2), Reporter(CURRENT))
    database = store._database
    assert database is not None
    with database.readers.connect() as connection, pytest.raises(Exception, match="no_such") as caught:
        connection.exec_driver_sql("SELECT no_such FROM cases WHERE case_id = %s", (new_case("a").case_id,))
    assert new_case("a").case_id.hex() not in str(caught.value)


# --- The setting


def test_the_password_is_in_nothing_that_a_server_prints_of_its_settings() -> None:
    config = Config.from_environ({"LYHTY_DATABASE_URL": "postgresql://lyhty:a-secret-word@db.example/lyhty"}, Path())
    assert config.database_url is not None
    assert config.database_url.password == "a-secret-word"
    assert "a-secret-word" not in repr(config)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lyhty.db",
        "mysql://lyhty:secret@db.example/lyhty",
        "postgresql://lyhty:secret@db.example",
        "postgresql://a:secret@b:port/c",
    ],
)
def test_an_address_of_no_postgresql_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigError, match="LYHTY_DATABASE_URL must be an address like postgresql://") as caught:
        Config.from_environ({"LYHTY_DATABASE_URL": text}, Path())
    assert "secret" not in str(caught.value)


OVER_TLS = {"sslmode": "verify-full", "sslrootcert": "system"}


@pytest.mark.parametrize(
    ("address", "tls"),
    [
        ("postgresql://lyhty@db.example/lyhty", OVER_TLS),
        ("postgresql://lyhty@db.example/lyhty?sslmode=disable", {}),
        ("postgresql://lyhty@127.0.0.1/lyhty", {}),
        ("postgresql:///lyhty?host=/run/postgresql", {}),
        ("postgresql:///lyhty?host=127.0.0.1:5432&host=[::1]:5433", {}),
        ("postgresql://lyhty@/lyhty?host=db.example", OVER_TLS),
        ("postgresql://lyhty@/lyhty?host=db:5432&host=standby:5432&target_session_attrs=read-write", OVER_TLS),
        ("postgresql://lyhty@/lyhty?host=127.0.0.1:5432&host=standby:5432", OVER_TLS),
        ("postgresql://lyhty@localhost/lyhty?hostaddr=192.0.2.7", OVER_TLS),
    ],
)
def test_another_computer_is_spoken_to_only_over_tls_unless_the_address_says_otherwise(
    address: str, tls: dict[str, str]
) -> None:
    assert engine.tls_of(make_url(address)) == tls
