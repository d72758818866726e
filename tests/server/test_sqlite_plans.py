"""How SQLite finds what a list shows: by an index that has only the list's rows, in the list's order.

Figures of a database with a million closed cases are in tests/bench/lists.py; what keeps them so is looked at here.
"""

import re
from collections.abc import Callable
from typing import Final

import pytest
from sqlalchemy import Connection, event

from lyhty_server.store import reads, writes
from lyhty_server.store.interface import QueueCursor
from lyhty_server.store.schema import bring_up_to_date
from lyhty_server.store.sqlite import Database
from lyhty_wire.ids import LAWYER
from tests.store_contract.examples import NOW_S, an_expert

X: Final = an_expert("x")
QUESTIONS: Final[dict[str, tuple[Callable[[Connection], object], str]]] = {
    "the first page of a queue": (
        lambda connection: reads.queue_page(connection, LAWYER, None, 100),
        "ix_places_queue_rank_case_seq_state (queue=?",
    ),
    "a later page of a queue": (
        lambda connection: reads.queue_page(connection, LAWYER, QueueCursor(False, 9), 100),
        "ix_places_queue_rank_case_seq_state (queue=? AND (rank,case_seq)>(?,?))",
    ),
    "a page of a queue without its cards": (
        lambda connection: reads.bare_page(connection, LAWYER, QueueCursor(False, 9), 100),
        "ix_places_queue_rank_case_seq_state (queue=? AND (rank,case_seq)>(?,?))",
    ),
    "the counts of a queue": (
        lambda connection: reads.queue_counts(connection, LAWYER),
        "COVERING INDEX ix_places_queue_rank_case_seq_state (queue=?)",
    ),
    "the newest closed of a queue": (
        lambda connection: reads.closed_page(connection, LAWYER, None, None, 100),
        "ix_places_queue_closed_nth (queue=? AND closed_nth<?)",
    ),
    "a later page of closed ones": (
        lambda connection: reads.closed_page(connection, LAWYER, None, 9, 100),
        "ix_places_queue_closed_nth (queue=? AND closed_nth<?)",
    ),
    "what one expert closed": (
        lambda connection: reads.closed_page(connection, LAWYER, X, None, 100),
        "ix_places_closer_queue_closed_nth (closer=? AND queue=? AND closed_nth<?)",
    ),
    "the number of the last closing": (
        lambda connection: reads.next_closed_nth(connection, LAWYER),
        "ix_places_queue_closed_nth (queue=?",
    ),
    "what one expert holds": (lambda connection: reads.held_by(connection, X), "ix_places_holder (holder=?)"),
    "how much one expert holds": (
        lambda connection: reads.held_awake(connection, X, NOW_S),
        "ix_places_holder (holder=?)",
    ),
    "whose lease has passed": (
        lambda connection: writes.lapse_leases(connection, NOW_S),
        "ix_places_lease_until_s (lease_until_s>? AND lease_until_s<?)",
    ),
    "whose snooze is over": (
        lambda connection: writes.wake_snoozed(connection, NOW_S),
        "ix_places_snoozed_until_s (snoozed_until_s>? AND snoozed_until_s<?)",
    ),
}
# Finding the places is one step; each of them then leads to one row of each of these.
BY_NUMBER: Final = re.compile(
    r"SEARCH (cases|cards|closed_cases) USING INTEGER PRIMARY KEY|SEARCH wraps USING INDEX \S+wraps\S* \(case"
    r"|SEARCH wrap_keys USING INDEX \S+wrap_keys\S* \(case"
)
SORTED: Final = re.compile("USE TEMP B-TREE FOR (LAST TERM OF )?ORDER BY")


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    database = Database(tmp_path_factory.mktemp("plans") / "lyhty.db")
    asked: list[tuple[str, object]] = []
    with database.writer.connect() as connection:
        bring_up_to_date(connection)
        event.listen(database.writer, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        found: dict[str, list[str]] = {}
        for name, (ask, _) in QUESTIONS.items():
            with connection.begin():
                asked.clear()
                ask(connection)
                [(text, values), *_] = [each for each in asked if each[0].startswith("SELECT")]
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
                found[name] = [str(row[3]) for row in plan]
    database.close()
    return found


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_list_is_found_by_an_index_of_its_own(plans: dict[str, list[str]], question: str) -> None:
    first, *others = plans[question]
    assert QUESTIONS[question][1] in first
    assert [step for step in others if not (BY_NUMBER.search(step) or "GROUP BY" in step or SORTED.search(step))] == []


@pytest.mark.parametrize("question", [each for each in QUESTIONS if "page" in each or "closed" in each])
def test_no_page_of_a_list_is_sorted_after_it_was_found(plans: dict[str, list[str]], question: str) -> None:
    assert [step for step in plans[question] if SORTED.search(step)] == []
