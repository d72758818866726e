"""What PostgreSQL does to answer a list's page among thousands: the questions that SQLite is asked as well."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import URL, Connection, event

from lyhty_server.store.postgres import Database
from lyhty_server.store.wrap_keys import seal
from tests.server.test_sqlite_plans import QUESTIONS
from tests.servers.postgres import fresh_database

ROWS = 6_000
KEY = bytes(32)
# Of six places one is held, one snoozed by its holder, one closed by somebody; the others wait.
FILL = f"""
INSERT INTO cases SELECT n, sha256(int8send(n)), sha256(int8send(n)), 1, 1, substr(sha256(int8send(n)), 1, 16)
FROM generate_series(1, {ROWS}) AS n;
INSERT INTO cards SELECT n, sha256(int8send(n)) FROM generate_series(1, {ROWS}) AS n;
INSERT INTO wraps SELECT n, g, 1, 1, '\\x{seal(KEY, b"").hex()}'
FROM generate_series(1, {ROWS}) AS n, generate_series(0, 1) AS g;
INSERT INTO wrap_keys SELECT n, 0, '\\x{KEY.hex()}' FROM generate_series(1, {ROWS}) AS n;
INSERT INTO closed_cases SELECT n, 1 FROM generate_series(2, {ROWS}, 6) AS n;
INSERT INTO places
    (case_seq, queue, rank, state, holder, lease_until_s, snoozed_until_s, snoozed_seq, closed_nth, closer)
SELECT n, 1, n % 2, CASE WHEN n % 6 < 2 THEN 2 WHEN n % 6 = 2 THEN 3 ELSE 1 END,
    CASE WHEN n % 6 < 2 THEN who END, CASE WHEN n % 6 < 2 THEN 1800000000 + n END,
    CASE WHEN n % 6 = 1 THEN 1800000000 + n END, CASE WHEN n % 6 = 1 THEN 1 END,
    CASE WHEN n % 6 = 2 THEN n END, CASE WHEN n % 6 = 2 THEN who END
FROM (SELECT n, substr(sha256(int8send(n % 97)), 1, 16) AS who FROM generate_series(1, {ROWS}) AS n) AS people
"""  # noqa: S608 - numbers of our own
SCANNED = re.compile(r"Seq Scan on (\w+)")


@pytest.fixture(scope="module")
def connection(postgres: URL) -> Iterator[Connection]:
    with fresh_database(postgres, "lyhty_plans") as url:
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as raw:
            raw.execute(FILL.encode())
            raw.execute("VACUUM ANALYZE")
        database = Database(url)
        with database.writer.connect() as made:
            yield made
        database.close()


def plan_of(connection: Connection, question: str) -> list[str]:
    asked: list[tuple[str, object]] = []

    def note(*call: object) -> None:
        asked.append((str(call[2]), call[3]))

    with connection.begin() as undone:
        event.listen(connection.engine, "before_cursor_execute", note)
        QUESTIONS[question][0](connection)
        event.remove(connection.engine, "before_cursor_execute", note)
        text, values = next(each for each in asked if each[0].startswith("SELECT"))
        plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {text}", values)]
        undone.rollback()
    return plan


# Counted are most of the rows there are, whichever way.
@pytest.mark.parametrize("question", [each for each in QUESTIONS if each != "the counts of a queue"])
def test_no_list_reads_a_whole_table(connection: Connection, question: str) -> None:
    plan = "\n".join(plan_of(connection, question))
    assert SCANNED.findall(plan) == [], plan
    assert "ix_places" in plan, plan


@pytest.mark.parametrize("question", [each for each in QUESTIONS if "page" in each])
def test_no_page_of_a_list_is_sorted_after_it_was_found(connection: Connection, question: str) -> None:
    assert [step for step in plan_of(connection, question) if "Sort" in step] == []
