"""What a reporter adds to a closed case: very little, and the case stays closed (SPEC 4.8, 6.4)."""

import pytest
from msgspec.structs import replace

from lyhty_server.domain.cases import MOST_AFTER_CLOSING, PlaceState
from lyhty_server.store.interface import Holder, NewCase, NewTurn, Reporter, Store
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, ExpertId, Generation, QueueId
from tests.store_contract.examples import (
    CURRENT,
    NOW_S,
    UNTIL_S,
    an_expert,
    answer,
    letting_in,
    message,
    new_case,
    new_turn,
    other_bytes,
)
from tests.store_contract.refusals import refused

X, Y = an_expert("x"), an_expert("y")
USUAL, LATE = Reporter(CURRENT), Reporter(CURRENT, late=True)
BOTH = (LAWYER, PSYCHOLOGIST)


async def close(store: Store, case: NewCase, queue: QueueId = LAWYER, by: ExpertId = X) -> None:
    await store.claim(case.case_id, queue, by, NOW_S, UNTIL_S)
    await store.close_place(case.case_id, queue, by, NOW_S)


async def closed_case(store: Store, *queues: QueueId) -> NewCase:
    new = new_case("a", queues=queues or (LAWYER,))
    await store.open_case(new)
    for queue in queues or (LAWYER,):
        await close(store, new, queue)
    return new


def turn_of(new: NewCase, generation: int, known_seq: int) -> NewTurn:
    """By the reporter, whose counter is the next after what they have written."""
    turn = new_turn(new.case_id, generation, known_seq, epoch=generation, author="reporter", card=False)
    turned = replace(message(new, known_seq + 1), generation=Generation(generation))
    return replace(turn, envelope=turned)


async def test_a_closed_case_takes_a_few_small_envelopes_of_its_reporter_and_then_no_more(store: Store) -> None:
    new = await closed_case(store)
    for counter in range(2, 2 + MOST_AFTER_CLOSING):
        assert (await store.append(new.case_id, message(new, counter), LATE)).seq == counter
    with refused(Code.CASE_CLOSED):
        await store.append(new.case_id, message(new, 2 + MOST_AFTER_CLOSING), LATE)
    assert (await store.case_state(new.case_id)).last_seq == 1 + MOST_AFTER_CLOSING


async def test_what_is_added_leaves_every_place_closed_and_in_its_order(store: Store) -> None:
    new = await closed_case(store, *BOTH)
    before = await store.places(new.case_id)
    await store.append(new.case_id, message(new, 2), LATE)
    assert await store.places(new.case_id) == tuple(replace(place, last_seq=2) for place in before)
    assert {place.closed_seq for place in before} == {1}
    assert (await store.case_state(new.case_id)).state is PlaceState.CLOSED


async def test_who_closed_it_hears_of_what_is_added_and_a_holder_is_nobody(store: Store) -> None:
    new = new_case("a", queues=BOTH)
    await store.open_case(new)
    await close(store, new, LAWYER, X)
    await close(store, new, PSYCHOLOGIST, Y)
    appended = await store.append(new.case_id, message(new, 2), LATE)
    assert (appended.holders, appended.closers) == ((), (X, Y))
    assert (await store.append(new.case_id, message(new, 2), LATE)).closers == ()
    assert [each.seq for each in (await store.envelopes_after(new.case_id, 1, 10, Y)).envelopes] == [2]


@pytest.mark.parametrize("size", [4_096, 16_384, 65_536])
async def test_nothing_larger_is_added(store: Store, size: int) -> None:
    new = await closed_case(store)
    with refused(Code.CASE_CLOSED):
        await store.append(new.case_id, message(new, 2, size), LATE)


async def test_who_does_not_know_that_the_case_is_closed_is_told(store: Store) -> None:
    new = await closed_case(store)
    with refused(Code.CASE_CLOSED):
        await store.append(new.case_id, message(new, 2), USUAL)


async def test_who_closed_it_adds_nothing(store: Store) -> None:
    new = await closed_case(store)
    with refused(Code.CASE_CLOSED):
        await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT))


async def test_a_retry_is_answered_as_before_and_takes_no_room(store: Store) -> None:
    new = await closed_case(store)
    for counter in range(2, 2 + MOST_AFTER_CLOSING):
        for _ in range(2):
            assert (await store.append(new.case_id, message(new, counter), LATE)).seq == counter
    with refused(Code.OBJECT_CONFLICT):
        await store.append(new.case_id, other_bytes(message(new, 2)), LATE)


async def test_in_an_open_case_it_is_a_message_like_others(store: Store) -> None:
    new = new_case("a", queues=BOTH)
    await store.open_case(new)
    await close(store, new)
    appended = await store.append(new.case_id, message(new, 2, 16_384), LATE)
    assert (appended.seq, appended.closers) == (2, ())
    assert {place.closed_seq for place in await store.places(new.case_id)} == {None}


async def test_a_case_that_was_opened_again_has_room_anew_when_it_is_closed(store: Store) -> None:
    new = await closed_case(store)
    for counter in range(2, 2 + MOST_AFTER_CLOSING):
        await store.append(new.case_id, message(new, counter), LATE)
    opened = await store.reopen(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    assert opened.place.closed_seq is None
    await store.append(new.case_id, message(new, 6), USUAL)
    assert (await store.close_place(new.case_id, LAWYER, X, NOW_S)).closed_seq == 6
    assert (await store.append(new.case_id, message(new, 7), LATE)).seq == 7


async def test_a_closed_case_with_a_key_that_has_passed_is_turned_by_its_reporter_first(store: Store) -> None:
    new = await closed_case(store)
    late = Reporter(frozenset({(LAWYER, Epoch(2))}), late=True)
    with refused(Code.EPOCH_STALE):
        await store.append(new.case_id, message(new, 2), late)
    turn = turn_of(new, 2, 1)
    assert (await store.turn(new.case_id, turn, None)).seq == 2
    said = replace(message(new, 3), generation=Generation(2))
    assert (await store.append(new.case_id, said, late)).seq == 3
    opened = await store.opened(new.case_id, LAWYER, X)
    assert (opened.wraps, opened.links) == ((turn.wraps[0].wrap,), (None, turn.link))


async def test_turns_take_of_the_same_room(store: Store) -> None:
    new = await closed_case(store)
    for generation in range(2, 2 + MOST_AFTER_CLOSING):
        await store.turn(new.case_id, turn_of(new, generation, generation - 1), None)
    with refused(Code.CASE_CLOSED):
        await store.turn(new.case_id, turn_of(new, 2 + MOST_AFTER_CLOSING, 1 + MOST_AFTER_CLOSING), None)


async def test_a_closed_case_lets_no_queue_in(store: Store) -> None:
    new = await closed_case(store)
    with refused(Code.CASE_CLOSED):
        await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST), None)
