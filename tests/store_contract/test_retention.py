"""What is kept of a case to know when it expires, and its expiry."""

from msgspec.structs import replace

from lyhty_server.domain.cases import PlaceState, Snooze
from lyhty_server.domain.retention import Kept, Noticed
from lyhty_server.store.interface import Holder, NewCase, PlaceSummary, Reporter, Store
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from tests.store_contract.examples import CURRENT, HOUR, NOW_S, UNTIL_S, an_expert, answer, message, new_case
from tests.store_contract.refusals import refused

X = an_expert("x")
NOTICED = Noticed(last_seq=1, is_closed=False, day=20_000)


async def opened(store: Store, *labels: str) -> list[NewCase]:
    cases = [new_case(label, queues=(LAWYER, PSYCHOLOGIST)) for label in labels]
    for new in cases:
        await store.open_case(new)
    return cases


async def only(store: Store) -> Kept:
    [case] = await store.kept_page(0, 10)
    return case


async def test_a_fresh_case_waits_for_an_answer_and_was_never_noticed(store: Store) -> None:
    [new] = await opened(store, "a")
    assert await only(store) == Kept(1, new.case_id, 1, False, False, False, None)


async def test_pages_together_are_all_cases_in_order(store: Store) -> None:
    cases = await opened(store, "a", "b", "c")
    first, second = await store.kept_page(0, 2), await store.kept_page(2, 2)
    assert [case.case_id for case in (*first, *second)] == [new.case_id for new in cases]


async def test_what_was_noticed_is_kept_and_replaced(store: Store) -> None:
    await opened(store, "a", "b")
    later = replace(NOTICED, day=20_001, is_closed=True)
    await store.notice(((1, NOTICED), (2, NOTICED)))
    await store.notice(((2, later),))
    await store.notice(())
    assert [case.noticed for case in await store.kept_page(0, 10)] == [NOTICED, later]


async def test_a_case_is_answered_when_all_its_open_places_are(store: Store) -> None:
    [new] = await opened(store, "a")
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    assert not (await only(store)).is_answered
    await store.claim(new.case_id, PSYCHOLOGIST, X, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, PSYCHOLOGIST, X, NOW_S)
    assert (await only(store)).is_answered


async def test_a_case_is_closed_when_all_its_places_are(store: Store) -> None:
    [new] = await opened(store, "a")
    for queue, is_closed in ((LAWYER, False), (PSYCHOLOGIST, True)):
        await store.claim(new.case_id, queue, X, NOW_S, UNTIL_S)
        await store.close_place(new.case_id, queue, X, NOW_S)
        assert (await only(store)).is_closed is is_closed


async def test_a_case_is_asleep_while_a_holder_has_put_it_aside(store: Store) -> None:
    [new] = await opened(store, "a")
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.snooze(new.case_id, LAWYER, X, Snooze(NOW_S + HOUR, 1), NOW_S, UNTIL_S)
    assert (await only(store)).is_asleep
    await store.wake_snoozed(NOW_S + HOUR)
    assert not (await only(store)).is_asleep


async def test_an_expired_case_is_erased_and_its_late_retries_are_refused(store: Store) -> None:
    [new] = await opened(store, "a")
    await store.notice(((1, NOTICED),))
    erased = await store.expire(await only(store))
    assert erased is not None
    assert erased.places == tuple(PlaceSummary(queue, PlaceState.WAITING, None) for queue in (LAWYER, PSYCHOLOGIST))
    assert (await store.kept_page(0, 10), (await store.queue_page(LAWYER, None, 10)).places) == ((), ())
    for call in (
        store.case_state(new.case_id),
        store.open_case(new),
        store.append(new.case_id, message(new, 2), Reporter(CURRENT)),
    ):
        with refused(Code.CASE_ERASED):
            await call


async def test_who_comes_back_to_an_expired_case_still_finds_that_there_was_one(store: Store) -> None:
    [new] = await opened(store, "a")
    await store.expire(await only(store))
    assert await store.mailbox(new.mailbox_row_key) == new.mailbox_sealed


async def test_what_was_written_in_meanwhile_does_not_expire(store: Store) -> None:
    [new] = await opened(store, "a")
    before = await only(store)
    await store.append(new.case_id, message(new, 2), Reporter(CURRENT))
    assert await store.expire(before) is None
    assert (await only(store)).last_seq == 2


async def test_what_was_closed_meanwhile_does_not_expire(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    before = await only(store)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    await store.close_place(new.case_id, LAWYER, X, NOW_S)
    assert await store.expire(before) is None
    assert (await only(store)).is_closed


async def test_what_its_reporter_erased_meanwhile_is_passed_over(store: Store) -> None:
    [new] = await opened(store, "a")
    before = await only(store)
    await store.erase(new.case_id, new.mailbox_row_key)
    assert await store.expire(before) is None
