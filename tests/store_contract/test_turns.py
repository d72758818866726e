"""The next key of a case: whole or not at all, and nothing under an older key after it (SPEC 3.4, 4.3)."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.turns import MAX_GENERATIONS, Turner
from lyhty_server.store.interface import GenerationRow, Holder, NewEnvelope, Reporter, Store
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, Generation, QueueId
from tests.store_contract.examples import (
    CURRENT,
    FIRST,
    NOW_S,
    UNTIL_S,
    an_expert,
    answer,
    fill,
    message,
    new_case,
    new_turn,
    other_bytes,
)
from tests.store_contract.refusals import refused

X = an_expert("x")
SECOND = Generation(2)
COORDINATOR = Turner(X, LAWYER, is_coordinator=True)
LATER = frozenset({(LAWYER, Epoch(2)), (PSYCHOLOGIST, Epoch(1))})
EPOCH_2 = Epoch(2)


def under(envelope: NewEnvelope, generation: int) -> NewEnvelope:
    return replace(envelope, generation=Generation(generation))


async def unturned(store: Store, queue: QueueId = LAWYER) -> list[CaseId]:
    found: list[CaseId] = []
    after = None
    while True:
        page = await store.unturned(queue, EPOCH_2, after, 2)
        found += [each.case_id for each in page.cases]
        after = page.next
        if after is None:
            return found


async def test_a_turn_adds_a_roster_a_link_the_reporters_copy_and_an_envelope(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = new_turn(new.case_id, 2, 1)
    assert (await store.turn(new.case_id, turn, COORDINATOR)).seq == 2
    state = await store.case_state(new.case_id)
    assert state.last_seq == 2
    assert state.generations == (
        GenerationRow(FIRST, new.roster, new.self_wrap, None),
        GenerationRow(SECOND, turn.roster, turn.own_wrap, turn.link),
    )
    [newest, _] = (await store.envelopes(new.case_id, 0, 0, 100_000)).envelopes
    assert newest.body == turn.envelope.body


async def test_after_a_turn_the_queue_has_the_wrap_of_the_newest_key_alone(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = new_turn(new.case_id, 2, 1)
    await store.turn(new.case_id, turn, COORDINATOR)
    held = await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    assert (held.rosters, held.links) == ((new.roster, turn.roster), (None, turn.link))
    assert held.wraps == (turn.wraps[0].wrap,)
    assert held.place.card_wrap == turn.card_wraps[0].wrap


async def test_a_reporters_turn_leaves_the_card_as_it_is_and_the_case_unturned(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.turn(new.case_id, new_turn(new.case_id, 2, 1, card=False), None)
    assert [place.card_wrap for place in await store.places(new.case_id)] == [new.places[0].card_wrap]
    assert await unturned(store) == [new.case_id]


async def test_a_repeated_turn_is_answered_as_before_and_changes_nothing(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = new_turn(new.case_id, 2, 1)
    first, again = [await store.turn(new.case_id, turn, COORDINATOR) for _ in range(2)]
    assert (first.seq, first.fresh, again.seq, again.fresh) == (2, True, 2, False)
    assert (await store.case_state(new.case_id)).last_seq == 2


async def test_holders_hear_of_a_turn(store: Store) -> None:
    new, holder = new_case("a"), an_expert("y")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, holder, NOW_S, UNTIL_S)
    assert (await store.turn(new.case_id, new_turn(new.case_id, 2, 1), COORDINATOR)).holders == (holder,)


@pytest.mark.parametrize(
    ("generation", "known_seq", "code"),
    [
        (1, 1, Code.GENERATION_STALE),
        (3, 1, Code.GENERATION_STALE),
        (2, 0, Code.CASE_CHANGED),
        (2, 2, Code.CASE_CHANGED),
    ],
)
async def test_a_turn_must_follow_the_last_generation_and_know_the_last_envelope(
    store: Store, generation: int, known_seq: int, code: Code
) -> None:
    new = new_case("a")
    await store.open_case(new)
    before = await store.case_state(new.case_id)
    with refused(code):
        await store.turn(new.case_id, new_turn(new.case_id, generation, known_seq), COORDINATOR)
    assert await store.case_state(new.case_id) == before
    assert (await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)).wraps == (new.places[0].wrap,)


async def test_a_refused_turn_leaves_every_key_where_it_was(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    turn = new_turn(new.case_id, 2, 1)
    taken = replace(turn, envelope=replace(turn.envelope, author=new.sign_pk, counter=1))
    for envelope, code in (
        (taken.envelope, Code.COUNTER_CONFLICT),
        (other_bytes(new.report), Code.OBJECT_CONFLICT),
    ):
        with refused(code):
            await store.turn(new.case_id, replace(turn, envelope=envelope), COORDINATOR)
    held = await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    assert (held.rosters, held.wraps) == ((new.roster,), (new.places[0].wrap,))


async def test_a_case_has_no_more_generations_than_fit_one_answer(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    for generation in range(2, MAX_GENERATIONS + 1):
        await store.turn(new.case_id, new_turn(new.case_id, generation, generation - 1), COORDINATOR)
    with refused(Code.TOO_LARGE):
        await store.turn(new.case_id, new_turn(new.case_id, MAX_GENERATIONS + 1, MAX_GENERATIONS), COORDINATOR)


async def test_only_the_holder_a_coordinator_and_the_reporter_may_turn(store: Store) -> None:
    new, holder = new_case("a"), an_expert("y")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, holder, NOW_S, UNTIL_S)
    for turner, code in (
        (Turner(X, LAWYER, is_coordinator=False), Code.CASE_NOT_HELD),
        (Turner(X, PSYCHOLOGIST, is_coordinator=True), Code.QUEUE_UNKNOWN),
    ):
        with refused(code):
            await store.turn(new.case_id, new_turn(new.case_id, 2, 1), turner)
        with refused(code):
            await store.for_turn(new.case_id, turner, EPOCH_2)
    for nth, turner in enumerate((Turner(holder, LAWYER, is_coordinator=False), COORDINATOR, None), start=2):
        assert (await store.turn(new.case_id, new_turn(new.case_id, nth, nth - 1), turner)).seq == nth


async def test_what_a_turn_is_made_from_is_given_while_the_case_waits_for_one(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.append(new.case_id, message(new, 2), Reporter(CURRENT))
    known = await store.for_turn(new.case_id, COORDINATOR, EPOCH_2)
    assert (known.sign_pk, known.last_seq, known.rosters, known.links) == (new.sign_pk, 2, (new.roster,), (None,))
    assert (known.wraps, known.card_wrap) == ((new.places[0].wrap,), new.places[0].card_wrap)
    pages = [await store.envelopes_for_turn(new.case_id, COORDINATOR, EPOCH_2, after, 1) for after in (0, 1, 2)]
    assert [[each.seq for each in page.envelopes] for page in pages] == [[1], [2], []]
    assert [page.more for page in pages] == [True, False, False]


async def test_a_coordinator_reads_no_case_that_waits_for_no_key(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.turn(new.case_id, new_turn(new.case_id, 2, 1), COORDINATOR)
    with refused(Code.CASE_NOT_HELD):
        await store.for_turn(new.case_id, COORDINATOR, EPOCH_2)
    with refused(Code.CASE_NOT_HELD):
        await store.envelopes_for_turn(new.case_id, COORDINATOR, EPOCH_2, 0, 10)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    assert (await store.for_turn(new.case_id, Turner(X, LAWYER, is_coordinator=False), EPOCH_2)).last_seq == 2


async def test_unturned_cases_are_listed_urgent_first_then_oldest_and_page_by_page(store: Store) -> None:
    for label, urgent in (("a", False), ("b", False), ("c", True), ("d", False), ("e", False)):
        await store.open_case(new_case(label, urgent=urgent))
    await store.open_case(new_case("new", epoch=2))
    await store.open_case(new_case("other", queues=(PSYCHOLOGIST,)))
    ids = {label: new_case(label).case_id for label in "abcde"}
    await store.turn(ids["b"], new_turn(ids["b"], 2, 1), COORDINATOR)
    await store.claim(ids["d"], LAWYER, X, NOW_S, UNTIL_S)
    assert await unturned(store) == [ids[label] for label in "cade"]
    await store.close_place(ids["d"], LAWYER, X, NOW_S)
    assert await unturned(store) == [ids[label] for label in "cae"]


async def test_a_case_is_turned_for_all_its_queues_at_once(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    assert await unturned(store, PSYCHOLOGIST) == [new.case_id]
    await store.turn(new.case_id, new_turn(new.case_id, 2, 1, queues=(LAWYER, PSYCHOLOGIST)), COORDINATOR)
    assert (await unturned(store), await unturned(store, PSYCHOLOGIST)) == ([], [])


async def test_a_message_under_an_older_or_a_future_key_is_refused(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    with refused(Code.ENVELOPE_MALFORMED):
        await store.append(new.case_id, under(message(new, 2), 2), Reporter(CURRENT))
    await store.append(new.case_id, message(new, 2), Reporter(CURRENT))
    await store.turn(new.case_id, new_turn(new.case_id, 2, 2), COORDINATOR)
    with refused(Code.GENERATION_STALE):
        await store.append(new.case_id, message(new, 3), Reporter(LATER))
    assert (await store.append(new.case_id, message(new, 2), Reporter(LATER))).seq == 2  # stored before: a retry
    assert (await store.append(new.case_id, under(message(new, 3), 2), Reporter(LATER))).seq == 4


async def test_closed_and_unknown_cases_are_not_turned(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, LAWYER, X, NOW_S)
    for case, code in ((new.case_id, Code.CASE_CLOSED), (CaseId(fill("nothing", 32)), Code.CASE_UNKNOWN)):
        with refused(code):
            await store.turn(case, new_turn(case, 2, 1), COORDINATOR)
        with refused(code):
            await store.for_turn(case, COORDINATOR, EPOCH_2)


async def test_erasing_takes_all_generations_with_it(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.turn(new.case_id, new_turn(new.case_id, 2, 1), COORDINATOR)
    await store.erase(new.case_id, new.mailbox_row_key)
    with refused(Code.CASE_ERASED):
        await store.turn(new.case_id, new_turn(new.case_id, 3, 2), COORDINATOR)


# What may be tried, in any order: who, and under which generation, or a turn that knows so many envelopes.
tries = st.lists(
    st.tuples(st.sampled_from(("reporter", "holder", "turn")), st.integers(1, 4), st.integers(1, 8)), max_size=12
)
labels = count()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tries=tries)
async def test_in_whatever_order_nothing_of_an_older_generation_follows_a_turn(
    store: Store, tries: Sequence[tuple[str, int, int]]
) -> None:
    new = new_case(f"interleaved {next(labels)}")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S, 1_000_000)
    tried = {new.report.body: FIRST}
    counter = {"reporter": 1, "holder": 1_000, "turn": 2_000}
    for who, generation, known_seq in tries:
        counter[who] += 1
        turn = new_turn(new.case_id, generation, known_seq, epoch=1, author=f"{who} {counter[who]}")
        envelope = under(message(new, counter[who]) if who == "reporter" else answer(X, counter[who]), generation)
        tried[(turn.envelope if who == "turn" else envelope).body] = Generation(generation)
        try:
            if who == "turn":
                await store.turn(new.case_id, turn, COORDINATOR)
            else:
                writer = Reporter(CURRENT) if who == "reporter" else Holder(X, UNTIL_S, CURRENT)
                await store.append(new.case_id, envelope, writer)
        except DomainError as refusal:
            assert refusal.code in (Code.GENERATION_STALE, Code.CASE_CHANGED, Code.ENVELOPE_MALFORMED)  # noqa: PT017
    page = await store.envelopes_after(new.case_id, 0, 100, X)
    generations = [tried[each.body] for each in page.envelopes]
    assert generations == sorted(generations)
    state = await store.case_state(new.case_id)
    assert [each.generation for each in state.generations] == list(range(1, generations[-1] + 1))
    assert state.last_seq == len(generations)
