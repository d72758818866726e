"""Databases of older versions, and new ones."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from lyhty_server.store import migrations
from lyhty_server.store.migrations.run import upgrade
from lyhty_server.store.schema import bring_up_to_date
from lyhty_server.store.sqlite import Database
from lyhty_server.store.tables import HEAD


def schema(path: Path) -> dict[str, str]:
    raw = sqlite3.connect(path)
    rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    raw.close()
    return dict(rows)


def test_the_migrations_in_a_row_give_exactly_the_tables(tmp_path: Path) -> None:
    migrated, created = Database(tmp_path / "migrated.db"), Database(tmp_path / "created.db")
    with migrated.writer.connect() as connection, connection.begin():
        upgrade(connection)
    with created.writer.connect() as connection:
        bring_up_to_date(connection)
    migrated.close()
    created.close()
    assert schema(tmp_path / "created.db") == schema(tmp_path / "migrated.db")
    assert len(schema(tmp_path / "created.db")) > 12


def test_the_newest_migration_is_the_one_that_new_databases_claim_to_have() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_older_database_is_migrated_when_it_is_opened(tmp_path: Path) -> None:
    database = Database(tmp_path / "old.db")
    with database.writer.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
                "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
            )
        bring_up_to_date(connection)
    database.close()
    assert "cases" in schema(tmp_path / "old.db")


def test_starting_does_not_load_alembic_unless_there_is_something_to_migrate(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from lyhty_server.store.sql import SqlStore\n"
        "async def main():\n"
        "    for _ in range(2):\n"
        "        store = SqlStore(Path(sys.argv[1])); await store.start(); await store.close()\n"
        "asyncio.run(main()); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "new.db")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_places_of_an_older_database_are_all_there_after_its_migration(tmp_path: Path) -> None:
    database = Database(tmp_path / "old.db")
    with database.writer.connect() as connection:
        with connection.begin():
            upgrade(connection, "0001")
            for case_seq in (1, 2, 3, 4):
                connection.exec_driver_sql(
                    "INSERT INTO cases VALUES (?, ?, ?, 1, 1, ?)",
                    (case_seq, bytes([case_seq]) * 32, bytes(32), bytes(16)),
                )
            for place in ((1, 1, 0, 1, None, None), (2, 1, 1, 2, b"x" * 16, 99), (3, 1, 1, 3, None, None)):
                connection.exec_driver_sql("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?)", place)
            connection.exec_driver_sql("INSERT INTO places VALUES (4, 1, 1, 3, NULL, NULL)")
        bring_up_to_date(connection)
        with connection.begin():
            rows = connection.exec_driver_sql(
                "SELECT case_seq, queue, rank, state, holder, lease_until_s, lapses, closer, closed_nth FROM places"
            ).all()
            closed = connection.exec_driver_sql("SELECT case_seq, closed_seq FROM closed_cases").all()
    database.close()
    assert [tuple(row) for row in closed] == [(3, 1), (4, 1)]
    assert [tuple(row) for row in rows] == [
        (1, 1, 0, 1, None, None, 0, None, None),
        (2, 1, 1, 2, b"x" * 16, 99, 0, None, None),
        (3, 1, 1, 3, None, None, 0, None, 1),
        (4, 1, 1, 3, None, None, 0, None, 2),
    ]


def test_experts_of_an_older_database_are_all_there_after_its_migration(tmp_path: Path) -> None:
    old = (b"e" * 16, "one", b"s" * 16, 65_536, 3, 1, b"l" * 32, b"k" * 93, b"w" * 1_213)
    database = Database(tmp_path / "old.db")
    with database.writer.connect() as connection:
        with connection.begin():
            upgrade(connection, "0012")
            connection.exec_driver_sql("INSERT INTO experts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", old)
        bring_up_to_date(connection)
        with connection.begin():
            rows = connection.exec_driver_sql("SELECT * FROM experts").all()
    database.close()
    assert [tuple(row) for row in rows] == [(*old, None)]
