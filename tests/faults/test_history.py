"""The checker itself: it is silent about every honest history, and finds every planted fault."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyhty_wire.ids import CaseId, tombstone
from tests.faults.history import Act, Fault, History, Kind, Row, Stored, StoredCase, check

CASES: Final = [bytes([number]) * 32 for number in range(3)]


def close(kept: dict[bytes, list[bytes]], erased: set[bytes]) -> Stored:
    """What an honest store holds."""
    cases = {
        case: StoredCase(len(contents), [Row(seq, content) for seq, content in enumerate(contents, 1)])
        for case, contents in kept.items()
    }
    return Stored(cases, {tombstone(CaseId(case)) for case in erased}, len(cases))


@st.composite
def honest(draw: st.DrawFn) -> tuple[History, Stored]:
    """Wishes in flight, done in any order, each told or not told, some sent twice, some never done."""
    history, kept, erased, flying = History(), dict[bytes, list[bytes]](), set[bytes](), list[Act]()
    for number in range(draw(st.integers(0, 24))):
        flying.append(history.ask(draw(st.sampled_from(CASES)), draw(st.sampled_from([bytes([number]), None]))))
        while flying and draw(st.booleans()):
            act = flying.pop(draw(st.integers(0, len(flying) - 1)))
            seq = 0
            if act.content is None:
                kept.pop(act.case, None)
                erased.add(act.case)
            elif act.case in erased:
                continue  # refused
            else:
                kept.setdefault(act.case, []).append(act.content)
                seq = len(kept[act.case])
            if draw(st.booleans()):
                history.acknowledge(act, seq)
    return history, close(kept, erased)


@given(honest())
def test_an_honest_store_is_never_accused(run: tuple[History, Stored]) -> None:
    history, stored = run
    assert check(history.acts, stored) == []


def three_messages() -> tuple[History, Stored]:
    """Told one after another, and a second case that was erased."""
    history = History()
    for seq, content in enumerate((b"a", b"b", b"c"), 1):
        history.acknowledge(history.ask(CASES[0], content), seq)
    history.acknowledge(history.ask(CASES[1], b"d"), 1)
    history.acknowledge(history.ask(CASES[1], None))
    return history, close({CASES[0]: [b"a", b"b", b"c"]}, {CASES[1]})


def holding(*contents: bytes, last_seq: int | None = None) -> Callable[[Stored], Stored]:
    rows = [Row(seq, content) for seq, content in enumerate(contents, 1)]
    case = StoredCase(len(rows) if last_seq is None else last_seq, rows)
    return lambda stored: replace(stored, cases={**stored.cases, CASES[0]: case})


PLANTED: Final[dict[Kind, Callable[[Stored], Stored]]] = {
    "lost": holding(b"a", b"b"),
    "doubled": holding(b"a", b"b", b"c", b"c"),
    "moved": holding(b"b", b"a", b"c"),
    "out of order": holding(b"a", b"c", b"b"),
    "unasked": holding(b"a", b"b", b"c", b"z"),
    "gap": holding(b"a", b"b", b"c", last_seq=4),
    "undead": lambda stored: replace(stored, cases={**stored.cases, CASES[1]: StoredCase(1, [Row(1, b"d")])}),
    "unmarked": lambda stored: replace(stored, tombstones=frozenset()),
    "doors": lambda stored: replace(stored, mailboxes=stored.mailboxes + 1),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_fault_is_found(kind: Kind) -> None:
    history, stored = three_messages()
    assert check(history.acts, stored) == []
    assert kind in {fault.kind for fault in check(history.acts, PLANTED[kind](stored))}


def test_a_whole_case_that_is_gone_is_lost() -> None:
    history, _ = three_messages()
    faults = check(history.acts, close({}, {CASES[1]}))
    assert [fault.kind for fault in faults] == ["lost"] * 3


def test_a_case_nobody_opened_is_found() -> None:
    assert check([], close({CASES[2]: [b"x"]}, set())) == [Fault("unasked", CASES[2], b"x")]


def test_what_nobody_was_told_may_be_there_or_not() -> None:
    history = History()
    history.ask(CASES[0], b"a")
    assert check(history.acts, close({}, set())) == []
    assert check(history.acts, close({CASES[0]: [b"a"]}, set())) == []


def test_what_was_in_flight_together_may_be_stored_in_either_order() -> None:
    history = History()
    first, second = history.ask(CASES[0], b"a"), history.ask(CASES[0], b"b")
    history.acknowledge(first, 2)
    history.acknowledge(second, 1)
    assert check(history.acts, close({CASES[0]: [b"b", b"a"]}, set())) == []
