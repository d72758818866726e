"""Of several processes on one store, one does the jobs, and another goes on soon after it is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from lyhty_server.domain.errors import DomainError
from lyhty_server.jobs.leases import Lease, Rhythm
from lyhty_server.store.room_rows import WholeStore
from lyhty_wire.codes import Code
from tests.patience import PATIENCE_S

QUICK = Rhythm(beat_s=0.001, silent_s=3_600.0)
"""It looks often; how long somebody has been silent is the test's to say, and no busy machine's."""


class Process:
    """Does one job, and is switched off in more than one way."""

    def __init__(self, store: WholeStore, number: int, at_work: set[int], time_s: Callable[[], float]) -> None:
        self._number, self._at_work = number, at_work
        self.store = store
        lease = Lease(store, "sweep", bytes([number]) * 16, time_s, QUICK)
        self.task = asyncio.create_task(lease.hold([self._work]))
        self.worked = asyncio.Event()

    async def _work(self) -> None:
        assert not self._at_work, "two do the same job"
        self._at_work.add(self._number)
        self.worked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._at_work.discard(self._number)

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


class Share:
    """The one store as one process reaches it: until it is cut off, as a crash or a broken line would."""

    is_shared = True

    def __init__(self, store: WholeStore) -> None:
        self._store = store
        self.is_cut = False
        self.asked = 0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        self.asked += 1
        if self.is_cut:
            return self._fail
        call: Callable[..., Awaitable[object]] = getattr(self._store, name)
        return call

    async def _fail(self, *_given: object) -> object:
        raise DomainError(Code.STORAGE_FAILED)


class Service:
    def __init__(self, store: WholeStore) -> None:
        self.at_work: set[int] = set()
        self.now_s = 1_000.0
        self.store = store
        self.processes: list[Process] = []

    def start(self) -> Process:
        share: WholeStore = Share(self.store)  # type: ignore[assignment] - it hands everything on
        process = Process(share, len(self.processes) + 1, self.at_work, lambda: self.now_s)
        self.processes.append(process)
        return process


@pytest.fixture
async def service(store: WholeStore) -> AsyncIterator[Service]:
    made = Service(store)
    yield made
    for process in made.processes:
        await process.stop()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - of a database there is no event
            await asyncio.sleep(0.001)


async def beats(service: Service, count: int) -> None:
    """So many signs of life from now on."""
    async with asyncio.timeout(PATIENCE_S):
        last = (await service.store.job("sweep")).beat + count
        while (await service.store.job("sweep")).beat < last:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_of_three_one_does_the_job(service: Service) -> None:
    first = [service.start() for _ in range(3)]
    await until(lambda: any(each.worked.is_set() for each in first))
    for _ in range(10):
        service.now_s += QUICK.silent_s / 2
        await beats(service, 3)
    assert [each.worked.is_set() for each in first].count(True) == 1


async def test_whoever_leaves_in_order_is_followed_at_once(service: Service) -> None:
    first = service.start()
    await until(first.worked.is_set)
    second = service.start()
    await first.stop()
    # The test's clock stands still: nobody was waited for.
    await until(second.worked.is_set)
    assert service.at_work == {2}


async def test_whoever_is_cut_off_stops_before_another_begins(service: Service) -> None:
    first = service.start()
    await until(first.worked.is_set)
    second = service.start()
    share, other = first.store, second.store
    assert isinstance(share, Share)
    assert isinstance(other, Share)
    share.is_cut = True
    service.now_s += QUICK.sure_s
    await until(lambda: not service.at_work)
    assert not second.worked.is_set()
    before = other.asked
    await until(lambda: other.asked > before + 1)  # so it has seen the last sign of life
    service.now_s += QUICK.silent_s
    await until(second.worked.is_set)
    share.is_cut = False
    await beats(service, 20)
    assert service.at_work == {2}


async def test_who_dies_without_a_word_is_followed(store: WholeStore, service: Service) -> None:
    """As a killed process: its last sign of life stands in the store, and nothing more comes."""
    assert await store.beat("sweep", bytes([9]) * 16, 0)
    assert await store.beat("sweep", bytes([9]) * 16, 1)
    follower, other = service.start(), service.start()
    await asyncio.wait([follower.task], timeout=0.05)
    assert not service.at_work
    service.now_s += QUICK.silent_s
    await until(lambda: bool(service.at_work))
    assert {follower.worked.is_set(), other.worked.is_set()} == {True, False}


async def test_only_a_store_of_many_processes_is_asked(store: WholeStore) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(60)

    job = asyncio.create_task(Lease(store, "sweep", bytes(16), asyncio.get_running_loop().time, QUICK).hold([work]))
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    job.cancel()
    await asyncio.wait([job])
    assert ((await store.job("sweep")).beat > 0) == store.is_shared
