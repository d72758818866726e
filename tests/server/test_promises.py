"""By when an answer is promised, what everybody is shown of it, and what happens when nobody has answered."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lyhty_server.domain.calendar import Calendar
from lyhty_server.domain.promises import Promises, public_hours
from lyhty_server.jobs.promises import AT_ONCE, watch_promises_forever
from lyhty_server.opening_hours import usual_calendar
from lyhty_server.store.interface import NewCase, PlaceRow
from lyhty_server.store.memory import MemoryStore
from lyhty_wire.hours import HOUR_S, Hours
from tests.patience import PATIENCE_S
from tests.server.test_calendar import any_moment, at, calendars
from tests.store_contract.examples import new_case

PROMISES = Promises()
USUAL = usual_calendar()
FRIDAY = "2026-11-27"


def promised(opened: str, *, urgent: bool = False) -> int:
    return PROMISES.until(USUAL, at(opened) // HOUR_S, urgent=urgent)


def test_who_asks_in_the_morning_is_promised_an_answer_the_same_day() -> None:
    assert promised(f"{FRIDAY} 08:30") == at(f"{FRIDAY} 16:00")


def test_who_asks_at_two_on_a_friday_is_promised_an_answer_by_two_on_monday() -> None:
    assert promised(f"{FRIDAY} 14:40") == at("2026-11-30 14:00")


def test_who_may_be_in_danger_is_promised_one_within_two_working_hours() -> None:
    assert promised(f"{FRIDAY} 10:59", urgent=True) == at(f"{FRIDAY} 12:00")
    assert promised("2026-11-28 10:00", urgent=True) == at("2026-11-30 10:00")


@given(calendar=calendars, now_s=any_moment, urgent=st.booleans())
@settings(max_examples=50)
def test_the_newest_missed_hour_parts_the_missed_from_the_kept(calendar: Calendar, now_s: int, urgent: bool) -> None:
    newest = PROMISES.newest_missed(calendar, now_s, urgent=urgent)
    assert PROMISES.until(calendar, newest, urgent=urgent) <= now_s or newest == now_s // HOUR_S - 400 * 24
    assert PROMISES.until(calendar, newest + 1, urgent=urgent) > now_s


@given(now_s=any_moment, ago_hours=st.integers(0, 24 * 20), urgent=st.booleans())
@settings(max_examples=50)
def test_the_public_document_promises_what_the_calendar_does(now_s: int, ago_hours: int, urgent: bool) -> None:
    hours = public_hours(USUAL, PROMISES, 90, now_s)
    assert Hours.decode(hours.encode()) == hours
    opened_hour = now_s // HOUR_S - ago_hours
    assert hours.promised(opened_hour, urgent=urgent) == PROMISES.until(USUAL, opened_hour, urgent=urgent)


@given(now_s=any_moment, hours_on=st.integers(0, 24 * 60))
@settings(max_examples=50)
def test_the_public_document_is_open_when_the_service_is(now_s: int, hours_on: int) -> None:
    hours, then_s = public_hours(USUAL, PROMISES, 90, now_s), now_s + hours_on * HOUR_S
    assert (hours.is_open(then_s), hours.opens_at(then_s)) == (USUAL.is_open(then_s), USUAL.next_opening(then_s))


@pytest.fixture
async def store() -> MemoryStore:
    made = MemoryStore()
    await made.start()
    return made


async def told_of(store: MemoryStore, now_s: int, rounds: int = 3) -> list[PlaceRow]:
    told: list[PlaceRow] = []

    async def tell(places: Sequence[PlaceRow]) -> None:
        told.extend(places)

    job = asyncio.create_task(watch_promises_forever(store, lambda: now_s, USUAL, PROMISES, tell, every_s=0))
    for _ in range(10 * rounds):
        await asyncio.sleep(0)
    job.cancel()
    return told


def opened(label: str, text: str, *, urgent: bool = False) -> NewCase:
    return replace(new_case(label, urgent=urgent), opened_hour=at(text) // HOUR_S)


async def test_a_missed_promise_is_told_of_once(store: MemoryStore) -> None:
    await store.open_case(opened("a", f"{FRIDAY} 14:10"))
    [place] = await told_of(store, at("2026-11-30 14:00"))
    assert (place.missed, place.answered) == (True, False)
    assert await told_of(store, at("2026-11-30 18:00")) == []


async def test_nobody_hears_of_a_promise_that_can_still_be_kept(store: MemoryStore) -> None:
    await store.open_case(opened("a", f"{FRIDAY} 14:10"))
    assert await told_of(store, at("2026-11-30 14:00") - 1) == []


async def test_an_urgent_promise_is_missed_before_a_usual_one(store: MemoryStore) -> None:
    await store.open_case(opened("a", f"{FRIDAY} 08:00"))
    await store.open_case(opened("b", f"{FRIDAY} 08:00", urgent=True))
    [place] = await told_of(store, at(f"{FRIDAY} 10:00"))
    assert place.case_id == new_case("b").case_id


async def test_many_missed_at_once_are_all_told_of(store: MemoryStore) -> None:
    for number in range(AT_ONCE + 1):
        await store.open_case(opened(str(number), f"{FRIDAY} 08:00"))
    assert len(await told_of(store, at("2026-11-30 16:00"))) == AT_ONCE + 1


async def test_an_outage_does_not_end_the_watch(store: MemoryStore) -> None:
    await store.open_case(opened("a", f"{FRIDAY} 08:00"))
    told: asyncio.Queue[tuple[PlaceRow, ...]] = asyncio.Queue()
    await store.close()
    late_s = at("2026-11-30 16:00")
    job = asyncio.create_task(watch_promises_forever(store, lambda: late_s, USUAL, PROMISES, told.put, every_s=0))
    for _ in range(10):
        await asyncio.sleep(0)
    await store.start()
    assert await asyncio.wait_for(told.get(), PATIENCE_S)
    job.cancel()
