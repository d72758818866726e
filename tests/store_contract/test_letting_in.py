"""One more queue by the reporter's will: whole or not at all, and what was before stays as it was (SPEC 3.4, 4.7)."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lyhty_server.domain.cases import PlaceState
from lyhty_server.domain.turns import Turner
from lyhty_server.store.interface import Reporter, Store
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, Generation
from tests.store_contract.examples import (
    CURRENT,
    HOUR,
    NOW_S,
    UNTIL_S,
    an_expert,
    letting_in,
    message,
    new_case,
    new_turn,
    other_bytes,
)
from tests.store_contract.refusals import refused

X, Y = an_expert("x"), an_expert("y")
LATER = NOW_S // HOUR + 3
COORDINATOR = Turner(X, LAWYER, is_coordinator=True)
labels = count()


@pytest.mark.parametrize("urgent", [False, True])
async def test_a_queue_that_is_let_in_waits_and_is_as_urgent_as_before(store: Store, *, urgent: bool) -> None:
    new = new_case("a", urgent=urgent)
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    appended = await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST), None)
    assert (appended.seq, appended.fresh, appended.holders) == (2, True, (X,))
    before, added = await store.places(new.case_id)
    assert (before.queue, before.state, before.holder) == (LAWYER, PlaceState.HELD, X)
    assert (added.queue, added.state, added.urgent) == (PSYCHOLOGIST, PlaceState.WAITING, urgent)
    assert (added.answered, added.missed, added.lapses, added.last_seq) == (False, False, 0, 2)
    assert [row.case_id for row in (await store.queue_page(PSYCHOLOGIST, None, 10)).places] == [new.case_id]


async def test_every_place_has_the_new_card_with_a_wrap_of_its_own(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = letting_in(new, 2, 1, PSYCHOLOGIST)
    await store.turn(new.case_id, turn, None)
    assert turn.let_in is not None
    rows = await store.places(new.case_id)
    assert [(row.card, row.card_wrap) for row in rows] == [(turn.let_in.card, wrap.wrap) for wrap in turn.card_wraps]


async def test_the_promise_counts_from_the_hour_in_which_the_queue_was_let_in(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST), None)
    assert [row.opened_hour for row in await store.places(new.case_id)] == [new.opened_hour, LATER]
    assert (await store.case_state(new.case_id)).opened_hour == new.opened_hour
    assert [row.queue for row in await store.mark_missed(LATER - 1, LATER - 1, 10)] == [LAWYER]
    assert [row.queue for row in await store.mark_missed(LATER, LATER, 10)] == [PSYCHOLOGIST]


async def test_the_hour_of_opening_is_the_cases_also_when_a_queue_of_a_lower_number_is_let_in(store: Store) -> None:
    new = new_case("a", queues=(PSYCHOLOGIST,))
    await store.open_case(new)
    await store.turn(new.case_id, letting_in(new, 2, 1, LAWYER), None)
    assert (await store.case_state(new.case_id)).opened_hour == new.opened_hour


@pytest.mark.parametrize("link", [True, False])
async def test_the_new_queue_gets_the_newest_key_alone_and_the_others_keep_what_no_link_leads_to(
    store: Store, *, link: bool
) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = letting_in(new, 2, 1, PSYCHOLOGIST, link=link)
    await store.turn(new.case_id, turn, None)
    by_queue = {wrap.queue: wrap.wrap for wrap in turn.wraps}
    lawyers = await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    psychologists = await store.claim(new.case_id, PSYCHOLOGIST, Y, NOW_S, UNTIL_S)
    assert psychologists.wraps == (by_queue[PSYCHOLOGIST],)
    kept = () if link else (new.places[0].wrap,)
    assert lawyers.wraps == (*kept, by_queue[LAWYER])


async def test_later_turns_keep_what_no_link_leads_to_and_nothing_else(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    first = new_turn(new.case_id, 2, 1, epoch=1, author="one")
    await store.turn(new.case_id, first, Turner(X, LAWYER, is_coordinator=True))
    second = letting_in(new, 3, 2, PSYCHOLOGIST, link=False)
    await store.turn(new.case_id, second, None)
    third = new_turn(new.case_id, 4, 3, queues=(LAWYER, PSYCHOLOGIST), author="three")
    await store.turn(new.case_id, third, Turner(X, LAWYER, is_coordinator=True))
    lawyers = await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    assert lawyers.wraps == (first.wraps[0].wrap, third.wraps[0].wrap)
    assert (await store.claim(new.case_id, PSYCHOLOGIST, Y, NOW_S, UNTIL_S)).wraps == (third.wraps[1].wrap,)


async def test_what_is_kept_of_the_past_holds_its_epoch_but_waits_for_no_turn(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST, link=False, epoch=2), None)
    assert (LAWYER, Epoch(1)) in await store.epochs_in_use(CURRENT)
    assert not (await store.unturned(LAWYER, Epoch(2), None, 10)).cases
    with refused(Code.CASE_NOT_HELD):
        await store.for_turn(new.case_id, Turner(X, LAWYER, is_coordinator=True), Epoch(2))
    current = frozenset({(LAWYER, Epoch(2)), (PSYCHOLOGIST, Epoch(2))})
    envelope = replace(message(new, 2), generation=Generation(2))
    assert (await store.append(new.case_id, envelope, Reporter(current))).seq == 3


async def test_the_same_again_is_answered_as_before_and_changes_nothing(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = letting_in(new, 2, 1, PSYCHOLOGIST)
    await store.turn(new.case_id, turn, None)
    before = await store.places(new.case_id)
    again = await store.turn(new.case_id, turn, None)
    assert (again.seq, again.fresh) == (2, False)
    assert await store.places(new.case_id) == before


async def test_the_same_again_is_answered_also_after_somebody_has_claimed_it(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = letting_in(new, 2, 1, PSYCHOLOGIST)
    await store.turn(new.case_id, turn, None)
    await store.claim(new.case_id, PSYCHOLOGIST, Y, NOW_S, UNTIL_S)
    assert not (await store.turn(new.case_id, turn, None)).fresh
    assert (await store.places(new.case_id))[1].holder == Y


async def test_a_refused_handover_leaves_everything_as_it_was(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = letting_in(new, 2, 1, PSYCHOLOGIST)
    stale, too_late = replace(turn, generation=Generation(3)), replace(turn, known_seq=0)
    taken = replace(turn, envelope=replace(turn.envelope, author=new.sign_pk, counter=1))
    for asked, code in (
        (stale, Code.GENERATION_STALE), (too_late, Code.CASE_CHANGED), (taken, Code.COUNTER_CONFLICT),
    ):  # fmt: skip
        before = await store.places(new.case_id), await store.case_state(new.case_id)
        with refused(code):
            await store.turn(new.case_id, asked, None)
        assert (await store.places(new.case_id), await store.case_state(new.case_id)) == before


async def test_a_queue_that_has_the_case_is_not_let_in_again(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    turn = letting_in(new_case("a"), 2, 1, PSYCHOLOGIST)
    with refused(Code.ENVELOPE_MALFORMED):
        await store.turn(new.case_id, turn, None)
    assert len(await store.places(new.case_id)) == 2


async def test_nobody_is_let_into_a_closed_case(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, LAWYER, X, NOW_S)
    with refused(Code.CASE_CLOSED):
        await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST), None)


async def test_other_bytes_under_the_same_id_let_nobody_in(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = letting_in(new, 2, 1, PSYCHOLOGIST)
    first = replace(message(new, 2), object_id=turn.envelope.object_id)
    await store.append(new.case_id, other_bytes(first), Reporter(CURRENT))
    with refused(Code.OBJECT_CONFLICT):
        await store.turn(new.case_id, turn, None)


async def test_who_joined_can_close_their_place_while_the_first_goes_on(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST), None)
    await store.claim(new.case_id, PSYCHOLOGIST, Y, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, PSYCHOLOGIST, Y, NOW_S)
    assert (await store.case_state(new.case_id)).state is PlaceState.HELD


async def test_an_erased_case_leaves_nothing_of_who_was_let_in(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST, link=False), None)
    await store.erase(new.case_id, new.mailbox_row_key)
    assert not (await store.queue_page(PSYCHOLOGIST, None, 10)).places
    assert not await store.epochs_in_use(CURRENT)


async def test_what_was_written_before_is_read_by_the_first_queue_still(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.turn(new.case_id, letting_in(new, 2, 1, PSYCHOLOGIST, link=False), None)
    page = await store.envelopes_after(new.case_id, 0, 10, X)
    assert [each.seq for each in page.envelopes] == [1, 2]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(linked=st.lists(st.booleans(), min_size=1, max_size=6), letting_at=st.integers(0, 5))
async def test_whatever_turns_follow_a_queue_has_the_newest_wrap_and_those_that_no_link_leads_to(
    store: Store, linked: Sequence[bool], letting_at: int
) -> None:
    new = new_case(f"linked {next(labels)}")
    await store.open_case(new)
    wraps = [{LAWYER: new.places[0].wrap}]
    for at, link in enumerate(linked):
        if at == letting_at:
            turn = letting_in(new, at + 2, at + 1, PSYCHOLOGIST, link=link)
        else:
            queues = (LAWYER,) if at < letting_at else (LAWYER, PSYCHOLOGIST)
            turn = new_turn(new.case_id, at + 2, at + 1, epoch=1, queues=queues, author=f"{at}", link=link)
        await store.turn(new.case_id, turn, None if at == letting_at else COORDINATOR)
        wraps.append({wrap.queue: wrap.wrap for wrap in turn.wraps})
    stay = [of for of, is_linked in zip(wraps, [*linked, False], strict=True) if not is_linked]
    for queue in (LAWYER, PSYCHOLOGIST)[: len(await store.places(new.case_id))]:
        held = await store.claim(new.case_id, queue, X, NOW_S, UNTIL_S, 1_000_000)
        assert held.wraps == tuple(of[queue] for of in stay if queue in of)
