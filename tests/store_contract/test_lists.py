"""What experts hold, have put aside and have closed; how much one person holds; and who wins a claim."""

import asyncio
from random import Random

from lyhty_server.domain.cases import CAPACITY, PlaceState, Snooze
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import HeldPlace, Holder, QueueCounts, Reporter, Store
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, ExpertId, QueueId
from tests.store_contract.examples import CURRENT, HOUR, NOW_S, UNTIL_S, an_expert, answer, message, new_case
from tests.store_contract.refusals import refused

X, Y = an_expert("x"), an_expert("y")
ASLEEP = Snooze(NOW_S + HOUR, 1)
ASLEEP_UNTIL_S = UNTIL_S + HOUR
"""A whole lease from when it wakes."""
NO_END = 1_000_000


async def opened(store: Store, *labels: str, queues: tuple[QueueId, ...] = (LAWYER,)) -> list[CaseId]:
    for label in labels:
        await store.open_case(new_case(label, queues=queues))
    return [new_case(label).case_id for label in labels]


async def held(store: Store, *labels: str, by: ExpertId = X) -> list[CaseId]:
    cases = await opened(store, *labels)
    for case in cases:
        await store.claim(case, LAWYER, by, NOW_S, UNTIL_S)
    return cases


async def closed(store: Store, *labels: str, by: ExpertId = X) -> list[CaseId]:
    cases = await held(store, *labels, by=by)
    for case in cases:
        await store.close_place(case, LAWYER, by, NOW_S)
    return cases


async def listed_as_closed(store: Store, closer: ExpertId | None = None) -> list[CaseId]:
    return [place.case_id for place in (await store.closed_page(LAWYER, closer, None, 100)).places]


# --- Many cases at once


async def test_the_places_of_many_cases_are_read_together_and_what_is_not_there_is_left_out(store: Store) -> None:
    both = (LAWYER, PSYCHOLOGIST)
    first, second, erased = await opened(store, "a", "b", "c", queues=both)
    await store.claim(second, PSYCHOLOGIST, X, NOW_S, UNTIL_S)
    await store.erase(erased, new_case("c").mailbox_row_key)
    found = await store.places_in([second, erased, first, second, new_case("never").case_id])
    assert {place.case_id for place in found} == {first, second}
    for case in (first, second):
        assert tuple(place for place in found if place.case_id == case) == await store.places(case)
    assert await store.places_in([]) == ()


# --- Two who want the same


async def test_two_experts_claim_a_case_a_thousand_times_and_one_holds_it_each_time(store: Store) -> None:
    cases = await opened(store, *map(str, range(1_000)))
    claims = [(case, expert) for case in cases for expert in (X, Y)]
    Random(4).shuffle(claims)
    answers = await asyncio.gather(
        *(store.claim(case, LAWYER, expert, NOW_S, UNTIL_S, capacity=NO_END) for case, expert in claims),
        return_exceptions=True,
    )
    won = {case: expert for (case, expert), taken in zip(claims, answers, strict=True) if isinstance(taken, HeldPlace)}
    lost = [refusal.code for refusal in answers if isinstance(refusal, DomainError)]
    assert (len(won), lost) == (1_000, [Code.CASE_ALREADY_CLAIMED] * 1_000)
    assert {case: (await store.places(case))[0].holder for case in cases} == won
    assert len(await store.held_by(X)) + len(await store.held_by(Y)) == 1_000


# --- How much one person holds


async def test_who_holds_as_much_as_they_may_claims_no_more(store: Store) -> None:
    *cases, one_more = await opened(store, *map(str, range(CAPACITY + 1)))
    for case in cases:
        await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    with refused(Code.CAPACITY_REACHED):
        await store.claim(one_more, LAWYER, X, NOW_S, UNTIL_S)
    assert (await store.places(one_more))[0].state is PlaceState.WAITING
    assert (await store.claim(one_more, LAWYER, Y, NOW_S, UNTIL_S)).place.holder == Y


async def test_claims_at_once_do_not_go_beyond_capacity(store: Store) -> None:
    cases = await opened(store, *"abcdefgh")
    answers = await asyncio.gather(
        *(store.claim(case, LAWYER, X, NOW_S, UNTIL_S, capacity=3) for case in cases), return_exceptions=True
    )
    assert [getattr(each, "code", None) for each in answers].count(Code.CAPACITY_REACHED) == 5
    assert len(await store.held_by(X)) == 3


async def test_who_holds_all_they_may_still_renews_what_they_hold(store: Store) -> None:
    [case] = await held(store, "a")
    renewed = await store.claim(case, LAWYER, X, NOW_S + HOUR, UNTIL_S + HOUR, capacity=1)
    assert renewed.place.lease_until_s == UNTIL_S + HOUR


async def test_what_is_put_aside_does_not_count(store: Store) -> None:
    [asleep, _] = await held(store, "a", "b")
    [wanted] = await opened(store, "c")
    with refused(Code.CAPACITY_REACHED):
        await store.claim(wanted, LAWYER, X, NOW_S, UNTIL_S, capacity=2)
    await store.snooze(asleep, LAWYER, X, ASLEEP, NOW_S, ASLEEP_UNTIL_S)
    with refused(Code.CAPACITY_REACHED):
        await store.claim(wanted, LAWYER, X, ASLEEP.until_s, UNTIL_S, capacity=2)  # it has woken by then
    assert (await store.claim(wanted, LAWYER, X, NOW_S, UNTIL_S, capacity=2)).place.holder == X


async def test_reopening_needs_room_too(store: Store) -> None:
    [case] = await closed(store, "a")
    await held(store, "b")
    with refused(Code.CAPACITY_REACHED):
        await store.reopen(case, LAWYER, X, NOW_S, UNTIL_S, capacity=1)
    assert await listed_as_closed(store) == [case]


# --- Put aside


async def test_a_place_is_put_aside_until_its_time(store: Store) -> None:
    [case] = await held(store, "a")
    asleep = await store.snooze(case, LAWYER, X, ASLEEP, NOW_S, ASLEEP_UNTIL_S)
    assert (asleep.snooze, asleep.lease_until_s) == (ASLEEP, UNTIL_S + HOUR)
    assert await store.places(case) == (asleep,)
    assert await store.held_by(X) == (asleep,)
    assert await store.wake_snoozed(ASLEEP.until_s - 1) == ()
    [awake] = await store.wake_snoozed(ASLEEP.until_s)
    assert (awake.case_id, awake.snooze, awake.holder) == (case, None, X)
    assert await store.places(case) == (awake,)
    assert await store.wake_snoozed(ASLEEP.until_s) == ()


async def test_its_holder_takes_a_place_up_again(store: Store) -> None:
    [case] = await held(store, "a")
    await store.snooze(case, LAWYER, X, ASLEEP, NOW_S, ASLEEP_UNTIL_S)
    assert (await store.snooze(case, LAWYER, X, None, NOW_S, ASLEEP_UNTIL_S)).snooze is None
    assert (await store.places(case))[0].snooze is None


async def test_nobody_but_its_holder_puts_a_place_aside(store: Store) -> None:
    [case] = await held(store, "a")
    with refused(Code.CASE_NOT_HELD):
        await store.snooze(case, LAWYER, Y, ASLEEP, NOW_S, ASLEEP_UNTIL_S)
    with refused(Code.OPERATION_MALFORMED):
        await store.snooze(case, LAWYER, X, Snooze(NOW_S, 1), NOW_S, ASLEEP_UNTIL_S)
    assert (await store.places(case))[0].snooze is None


async def test_what_anybody_writes_leaves_a_place_asleep(store: Store) -> None:
    """The server cannot tell a message from a receipt (SPEC 4.5): the holder's console can, and wakes it."""
    [case] = await held(store, "a")
    await store.snooze(case, LAWYER, X, ASLEEP, NOW_S, ASLEEP_UNTIL_S)
    await store.append(case, message(new_case("a"), 2), Reporter(CURRENT))
    await store.append(case, answer(X, 1), Holder(X, UNTIL_S, CURRENT))
    assert (await store.places(case))[0].snooze == ASLEEP


async def test_a_place_that_is_let_go_of_sleeps_no_more(store: Store) -> None:
    for label in "abc":
        [case] = await held(store, label)
        await store.snooze(case, LAWYER, X, ASLEEP, NOW_S, ASLEEP_UNTIL_S)
        match label:
            case "a":
                place = await store.release(case, LAWYER, X)
            case "b":
                place = await store.close_place(case, LAWYER, X, NOW_S)
            case _:
                [place] = await store.lapse_leases(NOW_S + 31 * 24 * HOUR)
        assert place.snooze is None
        assert (await store.places(case))[0].snooze is None
    assert await store.wake_snoozed(ASLEEP.until_s) == ()


# --- Closed


async def test_the_newest_closed_comes_first(store: Store) -> None:
    cases = await held(store, *"abc")
    for nth in (1, 0, 2):
        await store.close_place(cases[nth], LAWYER, X, NOW_S)
    assert await listed_as_closed(store) == [cases[2], cases[0], cases[1]]


async def test_a_closed_place_says_who_closed_it_and_in_which_hour(store: Store) -> None:
    [case] = await closed(store, "a")
    [place] = (await store.closed_page(LAWYER, None, None, 10)).places
    assert (place.case_id, place.closer, place.closed_hour, place.holder) == (case, X, NOW_S // HOUR, None)
    assert (place.card, place.card_wrap) == (new_case("a").card, new_case("a").places[0].card_wrap)
    assert await store.places(case) == (place,)


async def test_everybody_has_a_list_of_what_they_closed_themselves(store: Store) -> None:
    mine, theirs = await closed(store, "a", "b"), await closed(store, "c", by=Y)
    assert await listed_as_closed(store, X) == mine[::-1]
    assert await listed_as_closed(store, Y) == theirs
    assert await listed_as_closed(store, an_expert("z")) == []


async def test_each_queue_lists_what_was_closed_in_it(store: Store) -> None:
    await closed(store, "a")
    assert (await store.closed_page(PSYCHOLOGIST, None, None, 10)).places == ()


async def test_pages_of_closed_cases_together_are_the_list(store: Store) -> None:
    cases = await closed(store, *"abcde")
    for closer in (None, X):
        seen: list[CaseId] = []
        before: int | None = None
        more = True
        while more:
            page = await store.closed_page(LAWYER, closer, before, 2)
            seen += [place.case_id for place in page.places]
            before, more = page.places[-1].closed_nth, page.more
        assert seen == cases[::-1]


async def test_a_case_that_is_closed_between_two_pages_shifts_nothing(store: Store) -> None:
    cases = await closed(store, *"abc")
    first = await store.closed_page(LAWYER, None, None, 2)
    await closed(store, "d")
    second = await store.closed_page(LAWYER, None, first.places[-1].closed_nth, 2)
    assert [place.case_id for place in (*first.places, *second.places)] == cases[::-1]


async def test_who_closed_a_case_reads_it_and_nobody_else_does(store: Store) -> None:
    [case] = await closed(store, "a")
    assert (await store.opened(case, LAWYER, X)).wraps == (new_case("a").places[0].wrap,)
    assert len((await store.envelopes_after(case, 0, 10, X)).envelopes) == 1
    assert len((await store.envelopes_before(case, 0, 10, X)).envelopes) == 1
    with refused(Code.CASE_CLOSED):
        await store.opened(case, LAWYER, Y)
    for call in (store.envelopes_after(case, 0, 10, Y), store.envelopes_before(case, 0, 10, Y)):
        with refused(Code.CASE_NOT_HELD):
            await call


async def test_who_closed_a_case_writes_into_it_no_more_until_they_reopen_it(store: Store) -> None:
    [case] = await closed(store, "a")
    with refused(Code.CASE_CLOSED):
        await store.append(case, answer(X, 1), Holder(X, UNTIL_S, CURRENT))
    place = (await store.reopen(case, LAWYER, X, NOW_S, UNTIL_S)).place
    assert (place.state, place.holder, place.lease_until_s) == (PlaceState.HELD, X, UNTIL_S)
    assert (place.closer, place.closed_hour, place.closed_nth) == (None, None, None)
    assert await store.places(case) == (place,)
    assert (await store.append(case, answer(X, 1), Holder(X, UNTIL_S, CURRENT))).seq == 2
    assert await listed_as_closed(store) == []


async def test_reopening_again_does_no_harm(store: Store) -> None:
    [case] = await closed(store, "a")
    await store.reopen(case, LAWYER, X, NOW_S, UNTIL_S)
    assert (await store.reopen(case, LAWYER, X, NOW_S + 60, UNTIL_S + 60)).place.lease_until_s == UNTIL_S + 60


async def test_who_did_not_close_a_case_cannot_reopen_it(store: Store) -> None:
    [case] = await closed(store, "a")
    with refused(Code.CASE_CLOSED):
        await store.reopen(case, LAWYER, Y, NOW_S, UNTIL_S)
    [waiting] = await opened(store, "b")
    with refused(Code.CASE_NOT_HELD):
        await store.reopen(waiting, LAWYER, X, NOW_S, UNTIL_S)


async def test_a_case_whose_place_is_reopened_is_open_to_its_reporter(store: Store) -> None:
    [case] = await closed(store, "a")
    await store.reopen(case, LAWYER, X, NOW_S, UNTIL_S)
    assert (await store.case_state(case)).state is PlaceState.HELD
    assert (await store.append(case, message(new_case("a"), 2), Reporter(CURRENT))).seq == 2


async def test_what_is_closed_after_a_reopening_is_the_newest_again(store: Store) -> None:
    first, second = await closed(store, "a", "b")
    await store.reopen(first, LAWYER, X, NOW_S, UNTIL_S)
    await store.close_place(first, LAWYER, X, NOW_S)
    assert await listed_as_closed(store) == [first, second]


async def test_an_erased_case_is_in_no_list_of_closed_ones(store: Store) -> None:
    [case] = await closed(store, "a")
    await store.erase(case, new_case("a").mailbox_row_key)
    assert await listed_as_closed(store) == []
    assert await listed_as_closed(store, X) == []


# --- Counting


async def test_what_is_open_in_a_queue_is_counted_and_what_is_closed_is_not(store: Store) -> None:
    await opened(store, "a", "b", queues=(LAWYER, PSYCHOLOGIST))
    await held(store, "c")
    await closed(store, "d")
    assert await store.queue_counts(LAWYER) == QueueCounts(waiting=2, held=1)
    assert await store.queue_counts(PSYCHOLOGIST) == QueueCounts(waiting=2, held=0)
    assert await store.queue_counts(QueueId(9)) == QueueCounts(0, 0)
