"""Adding envelopes to a case and reading them."""

import asyncio

from msgspec.structs import replace

from lyhty_server.store.interface import Appended, Holder, Reporter, Store, StoredEnvelope
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, ObjectId
from tests.store_contract.examples import (
    CURRENT,
    HOUR,
    NOW_S,
    UNTIL_S,
    an_expert,
    answer,
    fill,
    message,
    new_case,
    other_bytes,
)
from tests.store_contract.refusals import refused

REPORTER = Reporter(CURRENT)


async def test_a_reporters_message_gets_the_next_number(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    assert await store.append(new.case_id, message(new, 2), REPORTER) == Appended(2, fresh=True, holders=())
    assert (await store.case_state(new.case_id)).last_seq == 2


async def test_a_retry_of_a_message_gets_the_same_number(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    first = await store.append(new.case_id, message(new, 2), REPORTER)
    await store.append(new.case_id, message(new, 3), REPORTER)
    assert await store.append(new.case_id, message(new, 2), REPORTER) == replace(first, fresh=False)
    assert (await store.case_state(new.case_id)).last_seq == 3


async def test_copies_of_a_message_at_once_are_stored_once(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    answers = await asyncio.gather(*(store.append(new.case_id, message(new, 2), REPORTER) for _ in range(8)))
    assert {answer.seq for answer in answers} == {2}
    assert sum(answer.fresh for answer in answers) == 1


async def test_messages_sent_at_once_are_numbered_without_gaps(store: Store) -> None:
    new = [new_case(label) for label in "ab"]
    for case in new:
        await store.open_case(case)
    counters = range(2, 32)
    answers = await asyncio.gather(
        *(store.append(case.case_id, message(case, counter), REPORTER) for counter in counters for case in new)
    )
    assert sorted(answer.seq for answer in answers) == sorted([*counters, *counters])


async def test_the_same_object_id_with_other_bytes_is_refused(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), REPORTER)
    with refused(Code.OBJECT_CONFLICT):
        await store.append(new.case_id, other_bytes(message(new, 2)), REPORTER)


async def test_of_two_bodies_for_one_object_id_at_once_one_is_stored(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    first, second = await asyncio.gather(
        store.append(new.case_id, message(new, 2), REPORTER),
        store.append(new.case_id, other_bytes(message(new, 2)), REPORTER),
        return_exceptions=True,
    )
    assert isinstance(first, Appended)
    assert getattr(second, "code", None) is Code.OBJECT_CONFLICT


async def test_an_author_cannot_use_a_counter_twice(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), REPORTER)
    with refused(Code.COUNTER_CONFLICT):
        await store.append(new.case_id, replace(message(new, 2), object_id=ObjectId(fill("new", 32))), REPORTER)


async def test_the_reports_own_counter_is_taken(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    with refused(Code.COUNTER_CONFLICT):
        await store.append(new.case_id, message(new, 1), REPORTER)


async def test_two_authors_may_use_the_same_counter(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    assert (await store.append(new.case_id, answer(expert, 1), Holder(expert, UNTIL_S, CURRENT))).seq == 2


async def test_a_refused_message_takes_no_number(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    with refused(Code.COUNTER_CONFLICT):
        await store.append(new.case_id, message(new, 1), REPORTER)
    assert (await store.append(new.case_id, message(new, 2), REPORTER)).seq == 2


async def test_a_message_to_an_unknown_case_is_refused(store: Store) -> None:
    with refused(Code.CASE_UNKNOWN):
        await store.append(CaseId(fill("nothing", 32)), message(new_case("a"), 2), REPORTER)


async def test_only_a_holder_writes_as_expert(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    with refused(Code.CASE_NOT_HELD):
        await store.append(new.case_id, answer(expert, 1), Holder(expert, UNTIL_S, CURRENT))


async def test_another_expert_cannot_write_into_a_held_case(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, UNTIL_S)
    with refused(Code.CASE_NOT_HELD):
        await store.append(new.case_id, answer(an_expert("y"), 1), Holder(an_expert("y"), UNTIL_S, CURRENT))


async def test_a_holders_answer_renews_the_lease(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, NOW_S + HOUR)
    await store.append(new.case_id, answer(expert, 1), Holder(expert, NOW_S + 60 + HOUR, CURRENT))
    assert [place.lease_until_s for place in await store.places(new.case_id)] == [NOW_S + 60 + HOUR]


async def test_a_reporters_message_does_not_renew_the_lease(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, NOW_S + HOUR)
    await store.append(new.case_id, message(new, 2), REPORTER)
    assert [place.lease_until_s for place in await store.places(new.case_id)] == [NOW_S + HOUR]


async def test_an_answer_renews_only_the_writers_own_place(store: Store) -> None:
    new, expert, other = new_case("a", queues=(LAWYER, PSYCHOLOGIST)), an_expert("x"), an_expert("y")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, NOW_S + HOUR)
    await store.claim(new.case_id, PSYCHOLOGIST, other, NOW_S, NOW_S + HOUR)
    await store.append(new.case_id, answer(expert, 1), Holder(expert, NOW_S + 60 + HOUR, CURRENT))
    leases = [place.lease_until_s for place in await store.places(new.case_id)]
    assert leases == [NOW_S + 60 + HOUR, NOW_S + HOUR]


async def test_the_holders_are_named_when_something_new_arrives(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, UNTIL_S)
    await store.claim(new.case_id, PSYCHOLOGIST, an_expert("y"), NOW_S, UNTIL_S)
    appended = await store.append(new.case_id, message(new, 2), REPORTER)
    assert appended.holders == (an_expert("x"), an_expert("y"))


async def test_a_closed_case_takes_no_message(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, LAWYER, expert, NOW_S)
    for writer in (REPORTER, Holder(expert, UNTIL_S, CURRENT)):
        with refused(Code.CASE_CLOSED):
            await store.append(new.case_id, message(new, 2), writer)


async def test_a_retry_is_answered_even_when_the_case_has_been_closed_since(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), REPORTER)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, LAWYER, expert, NOW_S)
    assert (await store.append(new.case_id, message(new, 2), REPORTER)).seq == 2


async def test_a_case_with_one_open_place_still_takes_messages(store: Store) -> None:
    new, expert = new_case("a", queues=(LAWYER, PSYCHOLOGIST)), an_expert("x")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, LAWYER, expert, NOW_S)
    assert (await store.append(new.case_id, message(new, 2), REPORTER)).seq == 2


async def test_a_case_that_a_key_which_has_passed_opens_takes_nothing_more(store: Store) -> None:
    new, expert = new_case("a", queues=(LAWYER, PSYCHOLOGIST)), an_expert("x")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    epochs = frozenset({(LAWYER, Epoch(2)), (PSYCHOLOGIST, Epoch(1))})
    for envelope, writer in (
        (message(new, 2), Reporter(epochs)),
        (answer(expert, 1), Holder(expert, UNTIL_S, epochs)),
    ):
        with refused(Code.EPOCH_STALE):
            await store.append(new.case_id, envelope, writer)


async def test_envelopes_come_newest_first(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), REPORTER)
    page = await store.envelopes(new.case_id, 0, 0, 100_000)
    assert page.envelopes == (StoredEnvelope(2, message(new, 2).body), StoredEnvelope(1, new.report.body))
    assert not page.more


async def test_a_page_of_envelopes_ends_where_the_bytes_do(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    for counter in (2, 3):
        await store.append(new.case_id, message(new, counter), REPORTER)
    page = await store.envelopes(new.case_id, 0, 0, 2 * 1_024)
    assert ([envelope.seq for envelope in page.envelopes], page.more) == ([3, 2], True)
    page = await store.envelopes(new.case_id, 2, 0, 2 * 1_024)
    assert ([envelope.seq for envelope in page.envelopes], page.more) == ([1], False)


async def test_one_envelope_comes_even_if_it_is_longer_than_asked(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2, size=4_096), REPORTER)
    page = await store.envelopes(new.case_id, 0, 0, 1)
    assert ([envelope.seq for envelope in page.envelopes], page.more) == ([2], True)


async def test_envelopes_already_known_do_not_come_again(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), REPORTER)
    page = await store.envelopes(new.case_id, 0, 1, 100_000)
    assert ([envelope.seq for envelope in page.envelopes], page.more) == ([2], False)


async def test_a_holder_reads_oldest_first_in_pages(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), REPORTER)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    first = await store.envelopes_after(new.case_id, 0, 1, expert)
    assert (first.envelopes, first.more) == ((StoredEnvelope(1, new.report.body),), True)
    rest = await store.envelopes_after(new.case_id, 1, 1, expert)
    assert (rest.envelopes, rest.more) == ((StoredEnvelope(2, message(new, 2).body),), False)


async def test_a_holder_reads_newest_first_in_pages(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), REPORTER)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    first = await store.envelopes_before(new.case_id, 0, 1, expert)
    assert (first.envelopes, first.more) == ((StoredEnvelope(2, message(new, 2).body),), True)
    rest = await store.envelopes_before(new.case_id, 2, 1, expert)
    assert (rest.envelopes, rest.more) == ((StoredEnvelope(1, new.report.body),), False)


async def test_before_the_first_envelope_there_is_none(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S)
    page = await store.envelopes_before(new.case_id, 1, 10, expert)
    assert (page.envelopes, page.more) == ((), False)


async def test_nobody_else_reads_a_case(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, UNTIL_S)
    with refused(Code.CASE_NOT_HELD):
        await store.envelopes_after(new.case_id, 0, 10, an_expert("y"))
    with refused(Code.CASE_NOT_HELD):
        await store.envelopes_before(new.case_id, 0, 10, an_expert("y"))


async def test_the_envelopes_of_an_unknown_case_are_unknown(store: Store) -> None:
    with refused(Code.CASE_UNKNOWN):
        await store.envelopes(CaseId(fill("nothing", 32)), 0, 0, 100)
    with refused(Code.CASE_UNKNOWN):
        await store.envelopes_after(CaseId(fill("nothing", 32)), 0, 100, an_expert("x"))
    with refused(Code.CASE_UNKNOWN):
        await store.envelopes_before(CaseId(fill("nothing", 32)), 0, 100, an_expert("x"))
