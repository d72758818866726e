"""Opening a case, finding it again and erasing it."""

import asyncio

from msgspec.structs import replace

from lyhty_server.domain.cases import PlaceState
from lyhty_server.domain.turns import Turner
from lyhty_server.store.interface import GenerationRow, Opened, PlaceSummary, Reporter, Store, fresh_places
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, tombstone
from tests.store_contract.examples import CURRENT, FIRST, NOW_S, UNTIL_S, an_expert, fill, message, new_case, new_turn
from tests.store_contract.refusals import refused


async def test_the_report_of_a_new_case_has_number_one(store: Store) -> None:
    assert await store.open_case(new_case("a")) == Opened(seq=1, fresh=True, case_seq=1)


async def test_opening_again_with_the_same_bytes_is_answered_as_before(store: Store) -> None:
    first = await store.open_case(new_case("a"))
    assert await store.open_case(new_case("a")) == replace(first, fresh=False)


async def test_opening_again_stores_nothing_twice(store: Store) -> None:
    new = new_case("a")
    await asyncio.gather(*(store.open_case(new) for _ in range(8)))
    page = await store.queue_page(LAWYER, None, 10)
    assert len(page.places) == 1


async def test_one_of_many_copies_at_once_is_fresh(store: Store) -> None:
    new = new_case("a")
    answers = await asyncio.gather(*(store.open_case(new) for _ in range(8)))
    assert sorted(answer.fresh for answer in answers) == [False] * 7 + [True]


async def test_other_bytes_under_the_same_case_id_are_refused(store: Store) -> None:
    await store.open_case(new_case("a"))
    with refused(Code.OBJECT_CONFLICT):
        await store.open_case(replace(new_case("a"), digest=fill("other", 16)))


async def test_a_mailbox_leads_to_one_case_only(store: Store) -> None:
    first = new_case("a")
    await store.open_case(first)
    with refused(Code.OBJECT_CONFLICT):
        await store.open_case(replace(new_case("b"), mailbox_row_key=first.mailbox_row_key))


async def test_a_refused_opening_leaves_nothing_behind(store: Store) -> None:
    await store.open_case(new_case("a"))
    taken = replace(new_case("b"), mailbox_row_key=new_case("a").mailbox_row_key)
    with refused(Code.OBJECT_CONFLICT):
        await store.open_case(taken)
    with refused(Code.CASE_UNKNOWN):
        await store.case_state(taken.case_id)


async def test_two_hundred_cases_opened_at_once_are_all_there(store: Store) -> None:
    new = [new_case(str(number)) for number in range(200)]
    answers = await asyncio.gather(*(store.open_case(case) for case in new))
    assert sorted(answer.case_seq for answer in answers) == list(range(1, 201))
    states = await asyncio.gather(*(store.case_state(case.case_id) for case in new))
    assert [state.sign_pk for state in states] == [case.sign_pk for case in new]


async def test_the_places_announced_are_the_places_stored(store: Store) -> None:
    new = new_case("a", queues=(PSYCHOLOGIST, LAWYER), urgent=True)
    assert fresh_places(new, await store.open_case(new)) == await store.places(new.case_id)


async def test_a_mailbox_gives_its_sealed_case_id(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    assert await store.mailbox(new.mailbox_row_key) == new.mailbox_sealed


async def test_an_unknown_mailbox_gives_nothing(store: Store) -> None:
    assert await store.mailbox(fill("nobody", 32)) is None


async def test_a_returning_reporter_sees_the_whole_case(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    await store.claim(new.case_id, PSYCHOLOGIST, an_expert("x"), NOW_S, UNTIL_S)
    state = await store.case_state(new.case_id)
    assert (state.case_id, state.sign_pk, state.last_seq) == (new.case_id, new.sign_pk, 1)
    assert state.state is PlaceState.HELD
    assert state.places == (
        PlaceSummary(LAWYER, PlaceState.WAITING, None),
        PlaceSummary(PSYCHOLOGIST, PlaceState.HELD, an_expert("x")),
    )
    assert state.generations == (GenerationRow(FIRST, new.roster, new.self_wrap, None),)


async def test_an_unknown_case_is_unknown(store: Store) -> None:
    with refused(Code.CASE_UNKNOWN):
        await store.case_state(CaseId(fill("nothing", 32)))


async def test_erasing_names_the_tombstone_and_who_had_the_case(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, UNTIL_S)
    erased = await store.erase(new.case_id, new.mailbox_row_key)
    assert erased.tombstone == tombstone(new.case_id)
    assert erased.places == (PlaceSummary(LAWYER, PlaceState.HELD, an_expert("x")),)


async def test_erasing_again_is_answered_again(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    first = await store.erase(new.case_id, new.mailbox_row_key)
    assert await store.erase(new.case_id, new.mailbox_row_key) == replace(first, places=())


async def test_a_case_that_never_was_cannot_be_erased(store: Store) -> None:
    with refused(Code.CASE_UNKNOWN):
        await store.erase(CaseId(fill("nothing", 32)), fill("nobody", 32))


async def test_an_erased_case_has_no_mailbox(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.erase(new.case_id, new.mailbox_row_key)
    assert await store.mailbox(new.mailbox_row_key) is None


async def test_an_erased_case_is_in_no_list(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, UNTIL_S)
    await store.erase(new.case_id, new.mailbox_row_key)
    assert (await store.queue_page(LAWYER, None, 10)).places == ()
    assert await store.held_by(an_expert("x")) == ()


async def test_a_late_retry_of_an_erased_opening_is_refused(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.erase(new.case_id, new.mailbox_row_key)
    with refused(Code.CASE_ERASED):
        await store.open_case(new)


async def test_everything_said_to_an_erased_case_is_refused_by_its_tombstone(store: Store) -> None:
    new, expert = new_case("a"), an_expert("x")
    await store.open_case(new)
    await store.erase(new.case_id, new.mailbox_row_key)
    for call in (
        store.append(new.case_id, message(new, 2), Reporter(CURRENT)),
        store.case_state(new.case_id),
        store.places(new.case_id),
        store.turn(new.case_id, new_turn(new.case_id, 2, 1), None),
        store.for_turn(new.case_id, Turner(expert, LAWYER, is_coordinator=True), Epoch(2)),
        store.envelopes_for_turn(new.case_id, Turner(expert, LAWYER, is_coordinator=True), Epoch(2), 0, 10),
        store.claim(new.case_id, LAWYER, expert, NOW_S, UNTIL_S),
        store.release(new.case_id, LAWYER, expert),
        store.close_place(new.case_id, LAWYER, expert, NOW_S),
        store.opened(new.case_id, LAWYER, expert),
        store.reopen(new.case_id, LAWYER, expert, NOW_S, UNTIL_S),
        store.snooze(new.case_id, LAWYER, expert, None, NOW_S, UNTIL_S),
        store.envelopes(new.case_id, 0, 0, 100_000),
        store.envelopes_after(new.case_id, 0, 10, expert),
    ):
        with refused(Code.CASE_ERASED):
            await call


async def test_a_case_number_is_not_used_again_after_an_erasure(store: Store) -> None:
    first = new_case("a")
    await store.open_case(first)
    await store.erase(first.case_id, first.mailbox_row_key)
    assert (await store.open_case(new_case("b"))).case_seq == 2


async def test_erasing_one_case_leaves_the_others(store: Store) -> None:
    gone, kept = new_case("a"), new_case("b")
    await store.open_case(gone)
    await store.open_case(kept)
    await store.erase(gone.case_id, gone.mailbox_row_key)
    assert (await store.envelopes(kept.case_id, 0, 0, 100_000)).envelopes[0].body == kept.report.body
    assert await store.mailbox(kept.mailbox_row_key) == kept.mailbox_sealed
