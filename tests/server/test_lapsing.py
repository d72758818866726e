"""The job that returns places to their queues."""

import asyncio

import pytest

from lyhty_server.domain.cases import PlaceState
from lyhty_server.jobs.leases import lapse_leases_forever
from lyhty_server.store.interface import PlaceRow
from lyhty_server.store.memory import MemoryStore
from lyhty_wire.ids import LAWYER
from tests.store_contract.examples import HOUR, NOW_S, an_expert, new_case


@pytest.fixture
async def store() -> MemoryStore:
    made = MemoryStore()
    await made.start()
    new = new_case("a")
    await made.open_case(new)
    await made.claim(new.case_id, LAWYER, an_expert("x"), NOW_S, NOW_S + HOUR)
    return made


async def first_told(store: MemoryStore, now_s: int) -> tuple[PlaceRow, ...]:
    told: asyncio.Queue[tuple[PlaceRow, ...]] = asyncio.Queue()
    job = asyncio.create_task(lapse_leases_forever(store, lambda: now_s, told.put, every_s=0))
    try:
        return await asyncio.wait_for(told.get(), 5)
    finally:
        job.cancel()


async def test_those_who_listen_hear_of_a_lapsed_lease(store: MemoryStore) -> None:
    [place] = await first_told(store, NOW_S + HOUR)
    assert (place.case_id, place.state) == (new_case("a").case_id, PlaceState.WAITING)


async def test_nobody_hears_anything_while_leases_last(store: MemoryStore) -> None:
    told: list[tuple[PlaceRow, ...]] = []

    async def tell(places: tuple[PlaceRow, ...]) -> None:
        told.append(places)

    job = asyncio.create_task(lapse_leases_forever(store, lambda: NOW_S + HOUR - 1, tell, every_s=0))
    for _ in range(10):
        await asyncio.sleep(0)  # one round of the job
    job.cancel()
    assert told == []


async def test_an_outage_does_not_end_the_job(store: MemoryStore) -> None:
    await store.close()
    told: asyncio.Queue[tuple[PlaceRow, ...]] = asyncio.Queue()
    job = asyncio.create_task(lapse_leases_forever(store, lambda: NOW_S + HOUR, told.put, every_s=0))
    for _ in range(10):
        await asyncio.sleep(0)
    await store.start()
    assert await asyncio.wait_for(told.get(), 5)
    job.cancel()
