"""Tables in PostgreSQL as in SQLite: migrated, compared, and used by an older server while a newer one comes."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection

from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.operator import db
from lyhty_server.store import migrations
from lyhty_server.store.databases import open_database
from lyhty_server.store.described import Described, breaks_older, described, differences, expected
from lyhty_server.store.migrations.run import upgrade
from lyhty_server.store.postgres import Database
from lyhty_server.store.sql import SqlStore
from lyhty_server.store.tables import HEAD, OLDEST
from tests.store_contract.examples import new_case

FIRST_WITH_THE_RULE = "0019"


@pytest.fixture
def connection(empty_postgres_url: URL) -> Iterator[Connection]:
    database = Database(empty_postgres_url)
    with database.writer.connect() as made:
        yield made
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | URL:
    """A database with all tables."""
    if request.param == "sqlite":
        open_database(tmp_path / "lyhty.db").close()
        return tmp_path / "lyhty.db"
    url: URL = request.getfixturevalue("postgres_url")
    return url


def statement(where: Path | URL, text: str) -> None:
    database = open_database(where)
    with database.writer.connect() as connection, connection.begin():
        connection.exec_driver_sql(text)
    database.close()


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return [each.revision for each in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def test_the_migrations_in_a_row_give_exactly_the_tables_in_postgresql_too(connection: Connection) -> None:
    with connection.begin():
        upgrade(connection)
    with connection.begin():
        assert differences(described(connection), expected(connection)) == []
        assert len(described(connection)) > 200
        assert connection.exec_driver_sql("SELECT head FROM oldest_server").scalar_one() == OLDEST


def test_no_migration_takes_away_what_older_servers_may_still_use(connection: Connection) -> None:
    """Or it says from which version on servers may go on with these tables."""
    rows = revisions()
    begin = rows.index(FIRST_WITH_THE_RULE)
    with connection.begin():
        upgrade(connection, rows[begin])
    for before, revision in zip(rows[begin:], rows[begin + 1 :], strict=False):
        with connection.begin():
            was = described(connection)
            upgrade(connection, revision)
            oldest = connection.exec_driver_sql("SELECT head FROM oldest_server").scalar_one()
            assert breaks_older(was, described(connection)) == [] or oldest > before, revision


BEFORE: Described = {
    "column cases.case_seq": "bigint not null",
    "column cases.digest": "bytea not null",
    "index cases.ix_cases": "CREATE INDEX",
    "rule cases.pk_cases": "PRIMARY KEY (case_seq)",
}


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (BEFORE | {"column cases.news": "bigint"}, []),
        (BEFORE | {"column cases.news": "bigint not null default 0"}, []),
        (BEFORE | {"index cases.ix_more": "CREATE INDEX"}, []),
        (BEFORE | {"column news.id": "bigint not null", "rule news.pk_news": "PRIMARY KEY (id)"}, []),
        (BEFORE | {"column cases.news": "bigint not null"}, ["must be filled: column cases.news"]),
        (BEFORE | {"column cases.digest": "text not null"}, ["different: column cases.digest"]),
        (BEFORE | {"rule cases.ck_news": "CHECK (news)"}, ["a new rule: rule cases.ck_news"]),
        (BEFORE | {"index cases.uq": "CREATE UNIQUE INDEX"}, ["a new rule: index cases.uq"]),
        ({name: text for name, text in BEFORE.items() if "digest" not in name}, ["missing: column cases.digest"]),
    ],
)
def test_what_an_older_server_could_not_work_with_is_told(after: Described, told: list[str]) -> None:
    assert breaks_older(BEFORE, after) == told


async def test_eight_servers_that_start_at_once_on_a_new_database_all_come_up(empty_postgres_url: URL) -> None:
    stores = [SqlStore(empty_postgres_url) for _ in range(8)]
    await asyncio.gather(*(store.start() for store in stores))
    assert (await stores[0].open_case(new_case("a"))).fresh
    for store in stores:
        await store.close()


async def test_four_servers_that_start_at_once_on_an_older_database_all_come_up(empty_postgres_url: URL) -> None:
    database = Database(empty_postgres_url)
    with database.writer.connect() as connection, connection.begin():
        upgrade(connection, "0012")
    database.close()
    stores = [SqlStore(empty_postgres_url) for _ in range(4)]
    await asyncio.gather(*(store.start() for store in stores))
    for store in stores:
        await store.close()
    assert db.check(empty_postgres_url) == 0


def test_beside_a_newer_server_whose_tables_only_add_an_older_one_starts(where: Path | URL) -> None:
    statement(where, "ALTER TABLE cases ADD COLUMN news INTEGER")
    statement(where, "UPDATE alembic_version SET version_num = '9999'")
    open_database(where).close()


def test_with_tables_that_it_cannot_work_with_a_server_says_so_and_does_not_start(where: Path | URL) -> None:
    statement(where, "UPDATE alembic_version SET version_num = '9999'")
    statement(where, "UPDATE oldest_server SET head = '9998'")
    with pytest.raises(DatabaseUnavailableError, match=rf"of a newer Lyhty \(9999\).* 9998 on; this one is {HEAD}"):
        open_database(where)


# --- The command


def test_a_database_as_this_release_makes_it_is_said_to_be_so(
    where: Path | URL, capsys: pytest.CaptureFixture[str]
) -> None:
    assert db.check(where) == 0
    assert capsys.readouterr().out == "All tables are as this release makes them.\n"


@pytest.mark.parametrize("ask", [db.current, db.upgrade])
def test_the_version_is_told(
    where: Path | URL, capsys: pytest.CaptureFixture[str], ask: Callable[[Path | URL], int]
) -> None:
    assert ask(where) == 0
    assert capsys.readouterr().out == f"{HEAD}; this release makes {HEAD}.\n"


def test_what_somebody_has_changed_is_told_and_the_command_fails(
    where: Path | URL, capsys: pytest.CaptureFixture[str]
) -> None:
    statement(where, "DROP INDEX ix_places_holder")
    statement(where, "CREATE TABLE their_own (number INTEGER)")
    assert db.check(where) == 1
    said = capsys.readouterr().out
    assert "missing: index " in said
    assert "ix_places_holder" in said
    assert "unknown: " in said
    assert "their_own" in said


def test_checking_leaves_nothing_behind_and_does_not_disturb_a_running_server(where: Path | URL) -> None:
    database = open_database(where)
    assert db.check(where) == 0
    with database.writer.connect() as connection, connection.begin():
        before = described(connection)
    assert db.check(where) == 0
    with database.writer.connect() as connection, connection.begin():
        assert described(connection) == before
    database.close()


def test_before_the_first_start_there_are_no_tables(
    tmp_path: Path, empty_postgres_url: URL, capsys: pytest.CaptureFixture[str]
) -> None:
    for nowhere in (tmp_path / "lyhty.db", empty_postgres_url):
        assert db.current(nowhere) == 0
        assert db.check(nowhere) == 1
    assert capsys.readouterr().out == f"{db.NO_TABLES}\n" * 4
    assert not (tmp_path / "lyhty.db").exists()


def test_the_command_reads_the_servers_own_settings(
    tmp_path: Path, postgres_url: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LYHTY_DATABASE_URL", postgres_url.render_as_string(hide_password=False))
    assert db.main(["check", "--data", str(tmp_path)], "lyhty-server db") == 0
    monkeypatch.setenv("LYHTY_DATABASE_URL", "postgresql://lyhty:a-secret-word@127.0.0.1:1/lyhty")
    with pytest.raises(SystemExit) as caught:
        db.main(["current", "--data", str(tmp_path)], "lyhty-server db")
    assert "lyhty-server db: The database lyhty at 127.0.0.1:1 cannot be used" in str(caught.value)
    assert "a-secret-word" not in str(caught.value)
