"""When a case expires, and the job that erases what has."""

import pytest
from msgspec.structs import replace

from lyhty_server.domain.retention import DAY_S, KEEP_DAYS, SPREAD_DAYS, UNANSWERED_DAYS, Kept, Noticed, spread_days
from lyhty_server.jobs.retention import expire
from lyhty_server.store.interface import Erased
from lyhty_server.store.memory import MemoryStore
from lyhty_wire.ids import LAWYER, CaseId
from tests.store_contract.examples import CURRENT, NOW_S, UNTIL_S, an_expert, answer, fill, new_case

TODAY = NOW_S // DAY_S
X = an_expert("x")
CASE = CaseId(fill("case", 32))
KEPT = Kept(
    case_seq=1,
    case_id=CASE,
    last_seq=3,
    is_closed=True,
    is_answered=True,
    is_asleep=False,
    noticed=Noticed(last_seq=3, is_closed=True, day=TODAY),
)
LAST_DAY = TODAY + KEEP_DAYS + spread_days(CASE)


def expired_on(case: Kept, day: int, keep_days: int = KEEP_DAYS) -> bool:
    return case.has_expired(day * DAY_S, keep_days)


def test_a_case_expires_on_its_day_and_not_the_day_before() -> None:
    assert [expired_on(KEPT, LAST_DAY + after) for after in (-1, 0, 1)] == [False, True, True]


def test_its_days_are_a_setting() -> None:
    assert expired_on(KEPT, LAST_DAY - 60, keep_days=30)


def test_cases_closed_on_one_day_are_spread_evenly_over_two_weeks() -> None:
    spread = [spread_days(CaseId(fill(str(number), 32))) for number in range(3_000)]
    assert set(spread) == set(range(-SPREAD_DAYS, SPREAD_DAYS + 1))
    assert all(140 < spread.count(days) < 260 for days in set(spread))


def test_a_case_that_was_never_looked_at_does_not_expire() -> None:
    assert not expired_on(replace(KEPT, noticed=None), LAST_DAY + 1_000)


@pytest.mark.parametrize("since", [{"last_seq": 4}, {"is_closed": False}])
def test_what_is_new_since_the_last_look_keeps_a_case(since: dict[str, int]) -> None:
    changed = replace(KEPT, **since)
    assert not expired_on(changed, LAST_DAY + 1)
    assert changed.notice(LAST_DAY * DAY_S) == Noticed(changed.last_seq, changed.is_closed, LAST_DAY)


def test_what_nothing_is_new_in_keeps_its_day() -> None:
    assert KEPT.notice(LAST_DAY * DAY_S) is None


def test_a_case_that_nobody_answered_is_kept_for_a_year() -> None:
    waiting = replace(KEPT, is_answered=False)
    year = TODAY + UNANSWERED_DAYS + spread_days(CASE)
    assert [expired_on(waiting, day) for day in (LAST_DAY, year - 1, year)] == [False, False, True]


def test_a_case_that_its_holder_has_put_aside_does_not_expire() -> None:
    assert not expired_on(replace(KEPT, is_asleep=True), LAST_DAY)


# --- The job


class Told:
    def __init__(self) -> None:
        self.cases: list[CaseId] = []

    def hear(self, gone: tuple[tuple[CaseId, Erased], ...]) -> None:
        assert all(erased.places for _, erased in gone)
        self.cases += [case for case, _ in gone]


async def look(store: MemoryStore, day: int, at_once: int = 500) -> list[CaseId]:
    told = Told()
    await expire(store, day * DAY_S, KEEP_DAYS, told.hear, at_once)
    return told.cases


@pytest.fixture
async def store() -> MemoryStore:
    made = MemoryStore()
    await made.start()
    for label in "abc":
        await made.open_case(new_case(label))
    return made


async def close(store: MemoryStore, label: str) -> CaseId:
    case = new_case(label).case_id
    await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    await store.close_place(case, LAWYER, X, NOW_S)
    return case


async def test_what_is_over_is_erased_and_told_and_the_rest_stays(store: MemoryStore) -> None:
    closed = await close(store, "b")
    assert await look(store, TODAY) == []
    assert await look(store, TODAY + KEEP_DAYS + SPREAD_DAYS) == [closed]
    assert [case.case_id for case in await store.kept_page(0, 10)] == [new_case(label).case_id for label in "ac"]


async def test_in_the_end_all_go_however_few_are_looked_at_at_once(store: MemoryStore) -> None:
    await look(store, TODAY, at_once=2)
    gone = await look(store, TODAY + UNANSWERED_DAYS + SPREAD_DAYS, at_once=2)
    assert gone == [new_case(label).case_id for label in "abc"]


async def test_a_job_that_was_late_counts_from_when_it_looked(store: MemoryStore) -> None:
    await close(store, "b")
    assert await look(store, TODAY + 1_000) == []


async def test_writing_keeps_a_case(store: MemoryStore) -> None:
    from lyhty_server.store.interface import Holder

    case = new_case("a").case_id
    await store.claim(case, LAWYER, X, NOW_S, UNTIL_S)
    await store.append(case, answer(X, 1), Holder(X, UNTIL_S, CURRENT, LAWYER))
    await look(store, TODAY)
    await store.append(case, answer(X, 2), Holder(X, UNTIL_S, CURRENT))
    assert await look(store, TODAY + KEEP_DAYS + SPREAD_DAYS) == []
    assert await look(store, TODAY + 2 * (KEEP_DAYS + SPREAD_DAYS)) == [case]
