"""What every process of a service must know: sessions, used challenges, failed tries, and who does the jobs."""

import asyncio

import pytest
from msgspec.structs import replace

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.guessing import FORGET_S, FREE_FAILURES
from lyhty_server.store.room_rows import WholeStore
from lyhty_server.store.session_rows import Door, Ending, JobRow, SessionRow, Spent, Try
from lyhty_wire.codes import Code
from tests.store_contract.examples import HOUR, NOW_S, an_expert, fill
from tests.store_contract.refusals import refused

MINE, THEIRS = an_expert("mine"), an_expert("theirs")


def session(label: str, person: bytes = MINE, *, door: Door = Door.EXPERTS, until_s: int = NOW_S + HOUR) -> SessionRow:
    return SessionRow(fill(f"{label} token", 32), fill(f"{label} id", 16), door, person, NOW_S // HOUR, until_s)


async def begun(store: WholeStore, *rows: SessionRow) -> None:
    for row in rows:
        await store.begin_session(row, NOW_S)


async def left(store: WholeStore, *rows: SessionRow) -> list[bool]:
    return [await store.session(row.token_digest) == row for row in rows]


def spent(label: str, until_s: int = NOW_S + 120) -> Spent:
    return Spent(fill(label, 32), until_s)


async def tried(store: WholeStore, times: int, bucket: int = 7, effort: int = 1 << 20) -> None:
    for each in range(times):
        await store.begin_try(Try(spent(f"try {bucket} {each}"), bucket, effort), NOW_S)


# --- Sessions


async def test_a_session_is_found_by_the_hash_of_its_token_and_by_its_owner(store: WholeStore) -> None:
    later, first = session("later", until_s=NOW_S + 2 * HOUR), session("first")
    await begun(store, later, first, session("other", THEIRS))
    assert await store.session(first.token_digest) == first
    assert await store.session(fill("never", 32)) is None
    assert await store.sessions_of(Door.EXPERTS, MINE) == (first, later)


async def test_experts_and_viewers_with_the_same_number_are_two_people(store: WholeStore) -> None:
    expert, viewer = session("expert"), session("viewer", door=Door.VIEWERS)
    await begun(store, expert, viewer)
    assert await store.sessions_of(Door.VIEWERS, MINE) == (viewer,)
    assert await store.end_sessions(Ending(Door.VIEWERS, person=MINE)) == 1
    assert await left(store, expert, viewer) == [True, False]


async def test_what_has_run_out_goes_with_the_next_that_begins(store: WholeStore) -> None:
    old = session("old", until_s=NOW_S + 1)
    await begun(store, old)
    await store.begin_session(session("new"), NOW_S + 1)
    assert await left(store, old) == [False]


@pytest.mark.parametrize(
    ("ending", "stay"),
    [
        (Ending(Door.EXPERTS, person=MINE), [False, False, True]),
        (Ending(Door.EXPERTS, token_digest=session("one").token_digest), [False, True, True]),
        (Ending(Door.EXPERTS, person=MINE, session_id=session("two").session_id), [True, False, True]),
        (Ending(Door.EXPERTS, person=MINE, session_id=session("three").session_id), [True, True, True]),
        (Ending(Door.EXPERTS, person=MINE, but_digest=session("one").token_digest), [True, False, True]),
        (Ending(Door.EXPERTS, but_people=(THEIRS,)), [False, False, True]),
        (Ending(Door.EXPERTS, but_people=()), [False, False, False]),
    ],
)
async def test_those_end_that_everything_said_is_true_of(store: WholeStore, ending: Ending, stay: list[bool]) -> None:
    rows = session("one"), session("two"), session("three", THEIRS)
    await begun(store, *rows)
    assert await store.end_sessions(ending) == stay.count(False)
    assert await left(store, *rows) == stay


# --- What is good once


async def test_a_challenge_is_spent_once_however_many_bring_it_together(store: WholeStore) -> None:
    assert sorted(await asyncio.gather(*(store.spend(spent("x"), NOW_S) for _ in range(8)))) == [False] * 7 + [True]
    assert await store.spend(spent("y"), NOW_S)


async def test_a_spent_challenge_is_remembered_for_as_long_as_it_would_be_good(store: WholeStore) -> None:
    await store.spend(spent("x"), NOW_S)
    assert not await store.spend(spent("x"), NOW_S + 120)
    assert await store.spend(spent("x"), NOW_S + 121)  # forgotten; nobody takes it for good any more


async def test_a_try_spends_its_challenge(store: WholeStore) -> None:
    await tried(store, 1)
    assert not await store.spend(spent("try 7 0"), NOW_S)


async def test_a_try_with_a_spent_challenge_is_refused_and_counts_for_nobody(store: WholeStore) -> None:
    await store.spend(spent("x"), NOW_S)
    with refused(Code.SIGN_IN_FAILED):
        await store.begin_try(Try(spent("x"), 7, 0), NOW_S)
    assert (await store.failures(7)).count == 0


# --- What signing in costs


async def test_tries_are_counted_for_their_own_bucket(store: WholeStore) -> None:
    await tried(store, 2)
    assert [(await store.failures(bucket)).count for bucket in (7, 8)] == [2, 0]


async def test_a_try_that_did_not_fail_is_taken_back(store: WholeStore) -> None:
    await tried(store, 2)
    await store.take_back_try(7, NOW_S)
    assert (await store.failures(7)).count == 1
    for _ in range(2):
        await store.take_back_try(7, NOW_S)
    assert (await store.failures(7)).count == 0


async def test_many_tries_at_one_time_do_not_share_one_price(store: WholeStore) -> None:
    tries = [store.begin_try(Try(spent(f"{each}"), 7, 0), NOW_S) for each in range(12)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    codes = [each.code for each in outcomes if isinstance(each, DomainError)]
    assert (outcomes.count(None), codes) == (FREE_FAILURES, [Code.WORK_INSUFFICIENT] * (12 - FREE_FAILURES))


async def test_a_try_that_did_too_little_uses_nothing_up(store: WholeStore) -> None:
    await tried(store, FREE_FAILURES)
    with refused(Code.WORK_INSUFFICIENT):
        await store.begin_try(Try(spent("x"), 7, 1), NOW_S)
    assert await store.spend(spent("x"), NOW_S)
    assert (await store.failures(7)).count == FREE_FAILURES


async def test_time_forgets(store: WholeStore) -> None:
    await tried(store, FREE_FAILURES)
    assert (await store.failures(7)).effort(NOW_S) > (await store.failures(7)).effort(NOW_S + FORGET_S) == 0


# --- Who does a job


async def test_of_two_who_have_seen_the_same_beat_one_has_the_job(store: WholeStore) -> None:
    assert await store.job("sweep") == JobRow()
    for seen in range(3):
        outcomes = await asyncio.gather(*(store.beat("sweep", bytes([each]) * 16, seen) for each in range(2)))
        assert sorted(outcomes) == [False, True]
    assert (await store.job("sweep")).beat == 3


async def test_jobs_have_their_own_holders(store: WholeStore) -> None:
    assert await store.beat("sweep", MINE, 0)
    assert await store.beat("mix", THEIRS, 0)
    assert [(await store.job(name)).holder for name in ("sweep", "mix")] == [MINE, THEIRS]


async def test_a_job_that_was_given_up_goes_on_counting(store: WholeStore) -> None:
    """Whoever slept meanwhile must not take an old beat for the newest."""
    assert await store.beat("sweep", MINE, 0)
    assert await store.beat("sweep", b"", 1)
    assert await store.job("sweep") == JobRow(b"", 2)
    assert not await store.beat("sweep", MINE, 1)


def test_ending_says_the_same_of_a_row_as_the_database() -> None:
    row = session("one")
    assert Ending(Door.EXPERTS).ends(row)
    assert not Ending(Door.EXPERTS, but_digest=row.token_digest).ends(row)
    assert not Ending(Door.EXPERTS).ends(replace(row, door=Door.VIEWERS))
