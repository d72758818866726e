"""Queues, claims and leases."""

import asyncio

import pytest
from msgspec.structs import asdict

from lyhty_server.domain.cases import PlaceState, Snooze
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.turns import Turner
from lyhty_server.store.interface import BarePlace, HeldPlace, NewTurn, QueueCursor, Store
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, QueueId
from tests.store_contract.examples import HOUR, NOW_S, UNTIL_S, an_expert, fill, letting_in, new_case, new_turn
from tests.store_contract.refusals import refused

X, Y = an_expert("x"), an_expert("y")


async def open_cases(store: Store, *labels: str, urgent: bool = False) -> None:
    for label in labels:
        await store.open_case(new_case(label, urgent=urgent))


async def listed(store: Store, queue: QueueId = LAWYER) -> list[CaseId]:
    return [place.case_id for place in (await store.queue_page(queue, None, 100)).places]


def ids(labels: str) -> list[CaseId]:
    return [new_case(label).case_id for label in labels]


async def test_a_queue_lists_urgent_cases_first_and_then_the_oldest(store: Store) -> None:
    await open_cases(store, "a", "b")
    await open_cases(store, "c", "d", urgent=True)
    assert await listed(store) == ids("cdab")


async def test_a_case_is_listed_in_its_own_queues_only(store: Store) -> None:
    await store.open_case(new_case("a", queues=(PSYCHOLOGIST,)))
    await store.open_case(new_case("b", queues=(LAWYER, PSYCHOLOGIST)))
    assert await listed(store, LAWYER) == ids("b")
    assert await listed(store, PSYCHOLOGIST) == ids("ab")


async def test_each_queue_gets_its_own_wrap_of_the_card(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    for place in new.places:
        [row] = (await store.queue_page(place.queue, None, 1)).places
        assert (row.card, row.card_wrap) == (new.card, place.card_wrap)


async def test_an_unknown_queue_is_empty(store: Store) -> None:
    await open_cases(store, "a")
    assert await listed(store, QueueId(9)) == []


async def test_held_cases_stay_in_the_list_and_closed_ones_do_not(store: Store) -> None:
    await open_cases(store, "a", "b")
    held, closed = ids("ab")
    await store.claim(held, LAWYER, X, NOW_S, UNTIL_S)
    await store.claim(closed, LAWYER, X, NOW_S, UNTIL_S)
    await store.close_place(closed, LAWYER, X, NOW_S)
    [row] = (await store.queue_page(LAWYER, None, 10)).places
    assert (row.case_id, row.state, row.holder) == (held, PlaceState.HELD, X)


async def test_pages_together_are_the_list(store: Store) -> None:
    await open_cases(store, "a", "b", "c")
    await open_cases(store, "d", "e", urgent=True)
    seen: list[CaseId] = []
    cursor: QueueCursor | None = None
    for _ in range(3):
        page = await store.queue_page(LAWYER, cursor, 2)
        seen += [place.case_id for place in page.places]
        cursor = page.next
    assert (seen, cursor) == (ids("deabc"), None)


async def test_bare_pages_are_the_list_without_its_cards(store: Store) -> None:
    await open_cases(store, "a", "b", "c")
    await open_cases(store, "d", urgent=True)
    held, snoozed, *_ = ids("abcd")
    for case in (held, snoozed):
        await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    await store.snooze(snoozed, LAWYER, X, Snooze(NOW_S + HOUR, 1), NOW_S, UNTIL_S + HOUR)
    await store.mark_missed(NOW_S // HOUR, NOW_S // HOUR, 1)
    cursor: QueueCursor | None = None
    for _ in range(2):
        page, bare = await store.queue_page(LAWYER, cursor, 2), await store.bare_page(LAWYER, cursor, 2)
        cursor = page.next
        assert bare.next == cursor
        assert [asdict(each) for each in bare.places] == [
            {name: asdict(row)[name] for name in BarePlace.__struct_fields__} for row in page.places
        ]
    assert cursor is None


@pytest.mark.parametrize("turn", [letting_in(new_case("a"), 2, 1, PSYCHOLOGIST), new_turn(ids("a")[0], 2, 1)])
async def test_another_card_or_wrap_of_it_never_comes_without_an_envelope(store: Store, turn: NewTurn) -> None:
    await open_cases(store, "a")
    [before] = (await store.queue_page(LAWYER, None, 10)).places
    await store.turn(before.case_id, turn, None if turn.let_in else Turner(X, LAWYER, is_coordinator=True))
    [row] = (await store.queue_page(LAWYER, None, 10)).places
    [bare] = (await store.bare_page(LAWYER, None, 10)).places
    assert (row.card, row.card_wrap) != (before.card, before.card_wrap)
    assert bare.last_seq > before.last_seq


async def test_the_last_full_page_says_that_there_is_no_more(store: Store) -> None:
    await open_cases(store, "a", "b")
    assert (await store.queue_page(LAWYER, None, 2)).next is None


async def test_cases_that_arrive_between_two_pages_shift_nothing(store: Store) -> None:
    await open_cases(store, "a", "b", "c")
    first = await store.queue_page(LAWYER, None, 2)
    await open_cases(store, "d", urgent=True)
    await open_cases(store, "e")
    second = await store.queue_page(LAWYER, first.next, 10)
    assert [place.case_id for place in (*first.places, *second.places)] == ids("abce")


async def test_a_case_that_leaves_between_two_pages_shifts_nothing(store: Store) -> None:
    await open_cases(store, "a", "b", "c")
    first = await store.queue_page(LAWYER, None, 2)
    gone = new_case("b")
    await store.erase(gone.case_id, gone.mailbox_row_key)
    second = await store.queue_page(LAWYER, first.next, 10)
    assert [place.case_id for place in second.places] == ids("c")


async def test_a_claim_gives_the_place_and_what_opens_it(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    held = await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    assert (held.place.state, held.place.holder, held.place.lease_until_s) == (PlaceState.HELD, X, UNTIL_S)
    assert (held.sign_pk, held.rosters, held.wraps) == (new.sign_pk, (new.roster,), (new.places[0].wrap,))
    assert await store.opened(new.case_id, LAWYER, X) == held


async def test_of_eight_experts_at_once_one_gets_the_case(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    answers = await asyncio.gather(
        *(store.claim(case, LAWYER, an_expert(str(number)), NOW_S, UNTIL_S) for number in range(8)),
        return_exceptions=True,
    )
    winners = [answer for answer in answers if isinstance(answer, HeldPlace)]
    losers = [answer.code for answer in answers if isinstance(answer, DomainError)]
    assert (len(winners), losers) == (1, [Code.CASE_ALREADY_CLAIMED] * 7)
    assert (await store.places(case))[0].holder == winners[0].place.holder


async def test_claiming_what_one_holds_renews_the_lease(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    await store.claim(case, LAWYER, X, NOW_S, NOW_S + HOUR)
    assert (await store.claim(case, LAWYER, X, NOW_S + 60, NOW_S + 60 + HOUR)).place.lease_until_s == NOW_S + 60 + HOUR


async def test_the_places_of_a_case_are_claimed_one_by_one(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.claim(new.case_id, PSYCHOLOGIST, Y, NOW_S, UNTIL_S)
    assert [place.holder for place in await store.places(new.case_id)] == [X, Y]


async def test_a_place_whose_lease_has_passed_can_be_claimed(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    await store.claim(case, LAWYER, X, NOW_S, NOW_S + HOUR)
    with refused(Code.CASE_ALREADY_CLAIMED):
        await store.claim(case, LAWYER, Y, NOW_S + HOUR - 1, UNTIL_S)
    taken = (await store.claim(case, LAWYER, Y, NOW_S + HOUR, UNTIL_S)).place
    assert (taken.holder, taken.lapses) == (Y, 1)
    assert await store.places(case) == (taken,)


async def test_a_released_case_waits_again(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    released = await store.release(case, LAWYER, X)
    assert (released.state, released.holder, released.lease_until_s) == (PlaceState.WAITING, None, None)
    assert released.lapses == 0
    assert await store.places(case) == (released,)
    assert (await store.claim(case, LAWYER, Y, NOW_S, UNTIL_S)).place.holder == Y


async def test_only_the_holder_releases_closes_or_opens(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    for call in (
        store.release(case, LAWYER, Y),
        store.close_place(case, LAWYER, Y, NOW_S),
        store.opened(case, LAWYER, Y),
    ):
        with refused(Code.CASE_NOT_HELD):
            await call
    assert (await store.places(case))[0].holder == X


async def test_a_waiting_case_can_neither_be_released_nor_closed_nor_opened(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    for call in (
        store.release(case, LAWYER, X),
        store.close_place(case, LAWYER, X, NOW_S),
        store.opened(case, LAWYER, X),
    ):
        with refused(Code.CASE_NOT_HELD):
            await call


async def test_a_closed_place_stays_closed(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    closed = await store.close_place(case, LAWYER, X, NOW_S)
    assert (closed.state, closed.holder) == (PlaceState.CLOSED, None)
    for call in (
        store.claim(case, LAWYER, X, NOW_S, UNTIL_S),
        store.release(case, LAWYER, X),
        store.close_place(case, LAWYER, X, NOW_S),
        store.opened(case, LAWYER, Y),
        store.reopen(case, LAWYER, Y, NOW_S, UNTIL_S),
        store.snooze(case, LAWYER, X, None, NOW_S, UNTIL_S),
        store.turn(case, new_turn(case, 2, 1), Turner(X, LAWYER, is_coordinator=True)),
    ):
        with refused(Code.CASE_CLOSED):
            await call


async def test_a_case_is_closed_when_its_last_place_is(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    states = []
    for queue in (LAWYER, PSYCHOLOGIST):
        await store.claim(new.case_id, queue, X, NOW_S, UNTIL_S)
        await store.close_place(new.case_id, queue, X, NOW_S)
        states.append((await store.case_state(new.case_id)).state)
    assert states == [PlaceState.WAITING, PlaceState.CLOSED]


async def test_an_unknown_case_and_a_queue_it_is_not_in_are_told_apart(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    for case_id, queue, code in (
        (CaseId(fill("nothing", 32)), LAWYER, Code.CASE_UNKNOWN),
        (case, PSYCHOLOGIST, Code.QUEUE_UNKNOWN),
    ):
        for call in (
            store.claim(case_id, queue, X, NOW_S, UNTIL_S),
            store.release(case_id, queue, X),
            store.close_place(case_id, queue, X, NOW_S),
            store.opened(case_id, queue, X),
            store.reopen(case_id, queue, X, NOW_S, UNTIL_S),
            store.snooze(case_id, queue, X, None, NOW_S, UNTIL_S),
        ):
            with refused(code):
                await call
    with refused(Code.CASE_UNKNOWN):
        await store.places(CaseId(fill("nothing", 32)))


async def test_lapsed_leases_return_to_their_queue(store: Store) -> None:
    await open_cases(store, "a", "b", "c")
    lapsed, held, _waiting = ids("abc")
    await store.claim(lapsed, LAWYER, X, NOW_S, NOW_S + HOUR)
    await store.claim(held, LAWYER, X, NOW_S, NOW_S + HOUR + 1)
    returned = await store.lapse_leases(NOW_S + HOUR)
    assert [(place.case_id, place.state, place.holder) for place in returned] == [(lapsed, PlaceState.WAITING, None)]
    assert [place.lapses for place in returned] == [1]
    assert (await store.case_state(lapsed)).places[0].lapses == 1
    assert [place.case_id for place in await store.held_by(X)] == [held]


async def test_a_lease_lapses_once(store: Store) -> None:
    await open_cases(store, "a")
    [case] = ids("a")
    await store.claim(case, LAWYER, X, NOW_S, NOW_S + HOUR)
    await store.lapse_leases(NOW_S + HOUR)
    assert await store.lapse_leases(NOW_S + HOUR) == ()


async def test_an_experts_own_places_come_oldest_first(store: Store) -> None:
    await open_cases(store, "a", "b", "c")
    for case in reversed(ids("ac")):
        await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    await store.claim(ids("b")[0], LAWYER, Y, NOW_S, UNTIL_S)
    assert [place.case_id for place in await store.held_by(X)] == ids("ac")
