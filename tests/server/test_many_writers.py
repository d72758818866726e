"""Several servers on one database of PostgreSQL: each rule holds for all of them together."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from itertools import count
from random import Random
from typing import Any, TypeVar

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import Appended, HeldPlace, Holder, NewCase, Opened, Reporter
from lyhty_server.store.people_rows import TrustRow
from lyhty_server.store.sql import SqlStore
from lyhty_wire.audit import Entry, log_head
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, NO_HEAD
from tests.store_contract.examples import (
    CURRENT,
    NOW_S,
    UNTIL_S,
    an_expert,
    answer,
    expert_row,
    message,
    new_case,
    new_turn,
)
from tests.store_contract.test_audit import entry

CLAIMED = 1_000
NO_END = 10_000
X, Y = an_expert("x"), an_expert("y")
T = TypeVar("T")


@pytest.fixture
async def stores(postgres_url: URL) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    made = SqlStore(postgres_url), SqlStore(postgres_url)
    for store in made:
        await store.start()
    yield made
    for store in made:
        await store.close()


async def outcomes(asked: Sequence[Awaitable[T]]) -> list[T | Code]:
    """What each was given, or the code it was refused with."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    return [each.code if isinstance(each, DomainError) else raised(each) for each in answers]


def raised(given: T | BaseException) -> T:
    if isinstance(given, BaseException):
        raise given
    return given


async def open_all(store: SqlStore, *labels: str) -> list[NewCase]:
    cases = [new_case(label) for label in labels]
    await asyncio.gather(*(store.open_case(case) for case in cases))
    return cases


async def test_of_a_thousand_cases_claimed_through_both_each_has_one_holder(stores: tuple[SqlStore, SqlStore]) -> None:
    cases = await open_all(stores[0], *map(str, range(CLAIMED)))
    claims = [(case, who, store) for case in cases for who, store in zip((X, Y), stores, strict=True)]
    Random(4).shuffle(claims)
    given = await outcomes(
        [store.claim(case.case_id, LAWYER, who, NOW_S, UNTIL_S, NO_END) for case, who, store in claims]
    )
    won = [each.place.holder for each in given if isinstance(each, HeldPlace)]
    assert Counter(each for each in given if isinstance(each, Code)) == {Code.CASE_ALREADY_CLAIMED: CLAIMED}
    assert len(won) == CLAIMED
    held = [await stores[0].held_by(who) for who in (X, Y)]
    assert [len(rows) for rows in held] == [won.count(X), won.count(Y)]


async def test_a_report_sent_to_both_at_once_is_stored_once(stores: tuple[SqlStore, SqlStore]) -> None:
    cases = [new_case(str(number)) for number in range(200)]
    sent = [(case, store) for case in cases for store in stores]
    Random(5).shuffle(sent)
    given = await outcomes([store.open_case(case) for case, store in sent])
    numbers: dict[bytes, set[int]] = {}
    for (case, _), opened in zip(sent, given, strict=True):
        assert isinstance(opened, Opened)
        numbers.setdefault(case.case_id, set()).add(opened.case_seq)
    assert sum(opened.fresh for opened in given if isinstance(opened, Opened)) == len(cases)
    assert all(len(each) == 1 for each in numbers.values())


async def test_two_reports_with_one_mailbox_sent_to_both_at_once_are_not_both_stored(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    pairs = [
        (
            new_case(f"a{number}"),
            replace(new_case(f"b{number}"), mailbox_row_key=new_case(f"a{number}").mailbox_row_key),
        )
        for number in range(50)
    ]
    given = await outcomes([store.open_case(case) for pair in pairs for case, store in zip(pair, stores, strict=True)])
    assert Counter(each for each in given if isinstance(each, Code)) == {Code.OBJECT_CONFLICT: 50}


async def test_a_reader_who_resumes_by_cursor_misses_nothing_of_what_sixteen_write(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    """Numbers without a gap or a repeat, and visible in their order."""
    [case] = await open_all(stores[0], "a")
    await stores[0].claim(case.case_id, LAWYER, X, NOW_S, UNTIL_S)
    counters, each_writes = count(2), 25
    last = 1 + 16 * each_writes

    async def write(store: SqlStore) -> list[int]:
        return [
            (await store.append(case.case_id, message(case, next(counters)), Reporter(CURRENT))).seq
            for _ in range(each_writes)
        ]

    async def read(store: SqlStore) -> list[int]:
        seen = [0]
        while seen[-1] < last:
            page = await store.envelopes_after(case.case_id, seen[-1], 7, X)
            seen += [stored.seq for stored in page.envelopes]
        return seen[1:]

    *given, seen, also_seen = await asyncio.gather(*map(write, stores * 8), *map(read, stores))
    assert sorted(seq for seqs in given for seq in seqs) == list(range(2, last + 1))
    assert seen == also_seen == list(range(1, last + 1))
    assert all(seqs == sorted(seqs) for seqs in given)


async def test_the_same_message_sent_to_both_at_once_has_one_number(stores: tuple[SqlStore, SqlStore]) -> None:
    [case] = await open_all(stores[0], "a")
    sent = [message(case, counter) for counter in range(2, 42)]
    given = await outcomes([store.append(case.case_id, each, Reporter(CURRENT)) for each in sent for store in stores])
    seqs = [each.seq for each in given if isinstance(each, Appended)]
    assert sorted(seqs) == sorted([*range(2, 42), *range(2, 42)])
    assert all(first == second for first, second in zip(seqs[::2], seqs[1::2], strict=True))


async def test_the_audit_log_is_one_chain_whoever_adds_to_it(
    stores: tuple[SqlStore, SqlStore], postgres_url: URL
) -> None:
    cases = await open_all(stores[0], "a", "b")
    authors = list(zip((an_expert("one"), an_expert("other")), cases, stores, strict=True))

    async def act(who: Any, case: NewCase, store: SqlStore) -> None:
        await store.claim(case.case_id, LAWYER, who, NOW_S, UNTIL_S)
        last: Entry | None = None
        for number in range(1, 41):
            last = entry(who, last)
            await store.append(case.case_id, answer(who, number), Holder(who, UNTIL_S, CURRENT), last)

    await asyncio.gather(*(act(*author) for author in authors))
    with psycopg.connect(postgres_url.render_as_string(hide_password=False)) as raw:
        rows = raw.execute("SELECT seq, entry, head FROM audit ORDER BY seq").fetchall()
    assert [seq for seq, _, _ in rows] == list(range(1, 81))
    head = NO_HEAD
    for _, added, stored in rows:
        head = log_head(head, bytes(added))
        assert head == bytes(stored)


async def test_of_a_turn_and_a_message_at_once_one_comes_first_and_the_other_knows(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    """SPEC 3.4: nothing of the older key follows a turn, and a turn has seen all that was written."""
    for number in range(30):
        [case] = await open_all(stores[0], str(number))
        await stores[0].claim(case.case_id, LAWYER, X, NOW_S, UNTIL_S, NO_END)
        first, second = stores if number % 2 else stores[::-1]
        [turned, written] = await outcomes(
            [
                first.turn(case.case_id, new_turn(case.case_id, 2, 1), None),
                second.append(case.case_id, message(case, 2), Reporter(CURRENT)),
            ]
        )
        assert {type(turned), type(written)} == {Appended, Code}
        assert (await first.case_state(case.case_id)).last_seq == 2


async def test_of_claims_through_both_no_more_succeed_than_one_person_may_hold(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    cases = await open_all(stores[0], *map(str, range(60)))
    given = await outcomes(
        [
            store.claim(case.case_id, LAWYER, X, NOW_S, UNTIL_S, 7)
            for case, store in zip(cases, stores * 30, strict=True)
        ]
    )
    assert sum(isinstance(each, HeldPlace) for each in given) == 7
    assert len(await stores[0].held_by(X)) == 7


async def test_closings_through_both_are_numbered_without_a_repeat(stores: tuple[SqlStore, SqlStore]) -> None:
    cases = await open_all(stores[0], *map(str, range(40)))
    for case in cases:
        await stores[0].claim(case.case_id, LAWYER, X, NOW_S, UNTIL_S, NO_END)
    given = await asyncio.gather(
        *(store.close_place(case.case_id, LAWYER, X, NOW_S) for case, store in zip(cases, stores * 20, strict=True))
    )
    assert sorted(row.closed_nth or 0 for row in given) == list(range(1, 41))


async def test_a_lease_that_lapses_while_its_holder_releases_it_lapses_once_or_not_at_all(
    stores: tuple[SqlStore, SqlStore],
) -> None:
    cases = await open_all(stores[0], *map(str, range(40)))
    for case in cases:
        await stores[0].claim(case.case_id, LAWYER, X, NOW_S, UNTIL_S, NO_END)
    *released, lapsed, also_lapsed = await outcomes(
        [
            *(store.release(case.case_id, LAWYER, X) for case, store in zip(cases, stores * 20, strict=True)),
            *(store.lapse_leases(UNTIL_S) for store in stores),
        ]
    )
    assert isinstance(lapsed, tuple)
    assert isinstance(also_lapsed, tuple)
    by_hand = sum(not isinstance(each, Code) for each in released)
    assert by_hand + len(lapsed) + len(also_lapsed) == 40
    assert await stores[0].held_by(X) == ()


async def test_what_is_erased_through_one_takes_nothing_more_through_the_other(
    stores: tuple[SqlStore, SqlStore], postgres_url: URL
) -> None:
    cases = await open_all(stores[0], *map(str, range(40)))
    await outcomes(
        [
            *(stores[0].erase(case.case_id, case.mailbox_row_key) for case in cases),
            *(stores[1].append(case.case_id, message(case, 2), Reporter(CURRENT)) for case in cases),
            *(stores[1].open_case(case) for case in cases),
        ]
    )
    assert await outcomes([stores[1].open_case(case) for case in cases]) == [Code.CASE_ERASED] * 40
    with psycopg.connect(postgres_url.render_as_string(hide_password=False)) as raw:
        left = raw.execute("SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM envelopes)").fetchone()
    assert left == (0, 0)


async def test_of_two_next_directories_one_is_stored(stores: tuple[SqlStore, SqlStore]) -> None:
    await stores[0].put_trust(TrustRow(1, (b"root",), b"directory 1"))
    given = await outcomes(
        [
            store.put_trust(TrustRow(2, (b"root",), f"directory 2 of {number}".encode()))
            for number, store in enumerate(stores)
        ]
    )
    assert sorted(map(str, given)) == sorted([str(None), str(Code.OBJECT_CONFLICT)])


async def test_of_two_accounts_with_one_name_one_is_stored(stores: tuple[SqlStore, SqlStore]) -> None:
    given = await outcomes(
        [store.put_expert(replace(expert_row(who), name="one name")) for who, store in zip("ab", stores, strict=True)]
    )
    assert sorted(map(str, given)) == sorted([str(None), str(Code.OBJECT_CONFLICT)])
