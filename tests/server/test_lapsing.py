"""The job that returns places to their queues, and wakes those that were put aside."""

import asyncio

import pytest

from lyhty_server.domain.cases import PlaceState, Snooze
from lyhty_server.jobs.places import let_time_pass_forever
from lyhty_server.store.interface import PlaceRow
from lyhty_server.store.memory import MemoryStore
from lyhty_wire.ids import LAWYER
from tests.patience import PATIENCE_S
from tests.store_contract.examples import HOUR, NOW_S, an_expert, new_case


@pytest.fixture
async def store() -> MemoryStore:
    made = MemoryStore()
    await made.start()
    new = new_case("a")
    await made.open_case(new)
    await made.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, NOW_S + HOUR)
    return made


Told = tuple[tuple[PlaceRow, ...], tuple[PlaceRow, ...]]
"""What came back, and what woke."""


class Listener:
    def __init__(self) -> None:
        self.told: asyncio.Queue[Told] = asyncio.Queue()

    async def notify(self, lapsed: tuple[PlaceRow, ...], awake: tuple[PlaceRow, ...]) -> None:
        await self.told.put((lapsed, awake))


async def first_told(store: MemoryStore, now_s: int) -> Told:
    listener = Listener()
    told = listener.told
    job = asyncio.create_task(let_time_pass_forever(store, lambda: now_s, listener.notify, every_s=0))
    try:
        return await asyncio.wait_for(told.get(), PATIENCE_S)
    finally:
        job.cancel()


async def test_those_who_listen_hear_of_a_lapsed_lease(store: MemoryStore) -> None:
    [place], awake = await first_told(store, NOW_S + HOUR)
    assert (place.case_id, place.state, awake) == (new_case("a").case_id, PlaceState.WAITING, ())


async def test_those_who_listen_hear_of_a_place_that_wakes(store: MemoryStore) -> None:
    case, expert = new_case("a").case_id, an_expert("x")
    await store.snooze(case, LAWYER, expert, Snooze(NOW_S + 60, 1), NOW_S, NOW_S + HOUR)
    lapsed, [place] = await first_told(store, NOW_S + 60)
    assert (lapsed, place.case_id, place.snooze, place.holder) == ((), case, None, expert)


async def test_nobody_hears_anything_while_leases_last(store: MemoryStore) -> None:
    listener = Listener()
    job = asyncio.create_task(let_time_pass_forever(store, lambda: NOW_S + HOUR - 1, listener.notify, every_s=0))
    for _ in range(10):
        await asyncio.sleep(0)  # one round of the job
    job.cancel()
    assert listener.told.empty()


async def test_an_outage_does_not_end_the_job(store: MemoryStore) -> None:
    await store.close()
    listener = Listener()
    job = asyncio.create_task(let_time_pass_forever(store, lambda: NOW_S + HOUR, listener.notify, every_s=0))
    for _ in range(10):
        await asyncio.sleep(0)
    await store.start()
    assert await asyncio.wait_for(listener.told.get(), PATIENCE_S)
    job.cancel()
