"""Promises: which place has been answered, which were missed, who is on call, and who wants to be told."""

import pytest
from msgspec.structs import replace

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.notices import NoticeWish, Shift
from lyhty_server.store.interface import Holder, NewCase, PlaceRow, Reporter, Store
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, ExpertId, QueueId
from tests.store_contract.examples import CURRENT, HOUR, NOW_S, UNTIL_S, an_expert, answer, message, new_case
from tests.store_contract.refusals import refused

X, Y = an_expert("x"), an_expert("y")
NOW_HOUR = NOW_S // HOUR


async def held(store: Store, label: str = "a", *, queues: tuple[QueueId, ...] = (LAWYER,)) -> NewCase:
    new = new_case(label, queues=queues)
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    return new


async def place(store: Store, new: NewCase, queue: QueueId = LAWYER) -> PlaceRow:
    return next(row for row in await store.places(new.case_id) if row.queue == queue)


async def missed(store: Store, hour: int = NOW_HOUR, urgent_hour: int = NOW_HOUR, limit: int = 10) -> list[str]:
    rows = await store.mark_missed(hour, urgent_hour, limit)
    assert all(row.missed and not row.answered for row in rows)
    return [row.case_id.hex() for row in rows]


def names(*labels: str) -> list[str]:
    return [new_case(label).case_id.hex() for label in labels]


async def test_a_place_is_answered_when_its_holder_says_so_and_not_by_just_any_envelope(store: Store) -> None:
    new = await held(store)
    await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT))
    assert not (await place(store, new)).answered
    appended = await store.append(new.case_id, answer(X, 2), Holder(X, UNTIL_S, CURRENT, LAWYER))
    assert (appended.answered, (await place(store, new)).answered) == (True, True)


async def test_only_the_first_answer_is_news(store: Store) -> None:
    new = await held(store)
    await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    assert not (await store.append(new.case_id, answer(X, 2), Holder(X, UNTIL_S, CURRENT, LAWYER))).answered


async def test_a_retry_of_an_answer_is_no_news(store: Store) -> None:
    new = await held(store)
    await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    again = await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    assert (again.seq, again.fresh, again.answered) == (2, False, False)


async def test_an_answer_from_one_queue_does_not_answer_for_the_other(store: Store) -> None:
    new = await held(store, queues=(LAWYER, PSYCHOLOGIST))
    await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    assert not (await place(store, new, PSYCHOLOGIST)).answered


@pytest.mark.parametrize("queue", [PSYCHOLOGIST, QueueId(9)])
async def test_nobody_answers_from_a_place_they_do_not_hold(store: Store, queue: QueueId) -> None:
    new = await held(store, queues=(LAWYER, PSYCHOLOGIST))
    with refused(Code.CASE_NOT_HELD):
        await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, queue))
    assert (await place(store, new)).last_seq == 1


async def test_an_answered_place_stays_so_in_other_hands(store: Store) -> None:
    new = await held(store)
    await store.append(new.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    await store.release(new.case_id, LAWYER, X)
    assert (await store.claim(new.case_id, LAWYER, Y, NOW_S, UNTIL_S)).place.answered


async def test_an_unanswered_place_is_missed_once(store: Store) -> None:
    await store.open_case(new_case("a"))
    assert await missed(store) == names("a")
    assert await missed(store) == []
    assert (await place(store, new_case("a"))).missed


async def test_a_held_place_is_missed_like_a_waiting_one(store: Store) -> None:
    await held(store)
    assert await missed(store) == names("a")


async def test_what_has_been_answered_or_closed_is_not_missed(store: Store) -> None:
    answered, closed = await held(store, "a"), await held(store, "b")
    await store.append(answered.case_id, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    await store.close_place(closed.case_id, LAWYER, X, NOW_S)
    assert await missed(store) == []


async def test_what_a_reporter_writes_answers_nothing(store: Store) -> None:
    new = await held(store)
    await store.append(new.case_id, message(new, 2), Reporter(CURRENT))
    assert await missed(store) == names("a")


async def test_only_cases_of_those_hours_are_missed(store: Store) -> None:
    await store.open_case(new_case("a"))
    await store.open_case(replace(new_case("b"), opened_hour=NOW_HOUR - 1))
    assert await missed(store, NOW_HOUR - 1) == names("b")


async def test_urgent_cases_have_hours_of_their_own(store: Store) -> None:
    await store.open_case(new_case("a", urgent=True))
    await store.open_case(new_case("b"))
    assert await missed(store, NOW_HOUR - 1, NOW_HOUR) == names("a")
    assert await missed(store, NOW_HOUR, NOW_HOUR - 1) == names("b")


async def test_the_oldest_are_missed_first_and_so_many_at_a_time(store: Store) -> None:
    for label in "abc":
        await store.open_case(new_case(label))
    assert await missed(store, limit=2) == names("a", "b")
    assert await missed(store, limit=2) == names("c")


async def test_a_returning_reporter_learns_hour_and_urgency(store: Store) -> None:
    new = new_case("a", urgent=True)
    await store.open_case(new)
    state = await store.case_state(new.case_id)
    assert (state.urgent, state.opened_hour) == (True, NOW_HOUR)


# --- On call, and notices


def shift(expert: ExpertId, weekday: int, from_min: int = 480) -> Shift:
    return Shift(expert, weekday, from_min, 960)


async def test_nobody_is_on_call_at_first(store: Store) -> None:
    assert await store.on_call() == ()


async def test_the_list_of_who_is_on_call_is_replaced_as_a_whole(store: Store) -> None:
    await store.put_on_call((shift(X, 0), shift(Y, 0)))
    await store.put_on_call((shift(Y, 4), shift(X, 2), shift(X, 2, 0)))
    assert await store.on_call() == (shift(X, 2, 0), shift(X, 2), shift(Y, 4))
    await store.put_on_call(())
    assert await store.on_call() == ()


def wish(expert: ExpertId, address: str = "x@example.fi") -> NoticeWish:
    return NoticeWish(expert, address, new_case=True, wrote=False, missed=True)


async def test_a_wish_for_notices_is_kept_changed_and_dropped(store: Store) -> None:
    await store.put_notice_wish(wish(X))
    await store.put_notice_wish(wish(Y))
    await store.put_notice_wish(wish(X, "other@example.fi"))
    assert set(await store.notice_wishes()) == {wish(X, "other@example.fi"), wish(Y)}
    await store.drop_notice_wish(X)
    await store.drop_notice_wish(X)
    assert await store.notice_wishes() == (wish(Y),)


async def test_nothing_is_kept_by_a_store_that_is_closed(store: Store) -> None:
    await store.close()
    for change in (store.put_on_call(()), store.put_notice_wish(wish(X)), store.mark_missed(0, 0, 1)):
        with pytest.raises(DomainError) as caught:
            await change
        assert caught.value.code is Code.STORAGE_FAILED
