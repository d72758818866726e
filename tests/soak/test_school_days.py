"""School days one after another over several processes, which are replaced all the time: nobody notices anything."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Final

import pytest
from sqlalchemy import URL

from lyhty_wire.codes import Code
from tests.faults.history import check
from tests.faults.storage import Storage
from tests.provider import Provider
from tests.scenarios.server_process import SERVER, ServerProcess
from tests.scenarios.test_workers import another_worker, workers_of
from tests.servers.nats import nats_server
from tests.soak.day import HOURS, arrivals, mornings, slope
from tests.soak.school import School

TWO_WORKERS: Final = (*SERVER, "serve", "--workers", "2")
MOST_MB_PER_H: Final = 1.0
UNSEEN: Final = frozenset((Code.WORK_INSUFFICIENT.text,))
"""A page works anew by itself."""


@dataclass(frozen=True)
class Plan:
    days: int
    warm_up: int
    """The days after which memory is to stay as it is."""
    day_s: float
    pupils: int
    """Of a day."""
    slot_ms: int
    restart_s: float


LONG: Final = Plan(days=12, warm_up=6, day_s=150, pupils=300, slot_ms=200, restart_s=120)
SHORT: Final = Plan(days=1, warm_up=0, day_s=6, pupils=16, slot_ms=50, restart_s=2)


@dataclass
class Watched:
    """Memory in MB."""

    steady: list[tuple[float, float]] = field(default_factory=list)
    """Of the process that stays, in the mornings: the hour of the run, and how much."""
    replaced: list[float] = field(default_factory=list)
    """Of each worker before it goes."""
    rounds: int = 0


async def replace_workers(parent: ServerProcess, every_s: float, enough: asyncio.Event, watched: Watched) -> None:
    """One after another, again and again, until it is enough."""
    while not await is_set_within(every_s, enough):
        before = workers_of(parent)
        watched.replaced += map(memory_mb, before)
        os.kill(parent.pid, signal.SIGHUP)
        await another_worker(parent, before)
        watched.rounds += 1


async def is_set_within(seconds: float, event: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def weigh(
    steady: ServerProcess, moments: list[float], watched: Watched, school: School, tell: Callable[[str], None]
) -> None:
    began = time.monotonic()
    for moment in moments:
        await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
        watched.steady.append(((time.monotonic() - began) / 3600, memory_mb(steady.pid)))
        tell(f"day {len(watched.steady)}: {school.history.acknowledged} acknowledged, {watched.steady[-1][1]:.1f} MB")


def memory_mb(process: int) -> float:
    resident = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return resident * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.fixture(scope="session")
def plan() -> Plan:
    days = int(os.environ.get("LYHTY_TEST_SOAK", "0"))
    return replace(LONG, days=days, warm_up=days // 2) if days else SHORT


@pytest.mark.timeout(3600)
async def test_school_days_over_processes_that_are_replaced_lose_nothing_and_show_nobody_an_error(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    postgres_url: URL,
    plan: Plan,
    tell: Callable[[str], None],
) -> None:
    database = postgres_url.render_as_string(hide_password=False)
    watched, storage = Watched(), Storage("postgresql", {"LYHTY_DATABASE_URL": database})
    moments = arrivals(plan.pupils, plan.days, plan.day_s, random.Random(1))
    with nats_server() as bus:
        settings = {"LYHTY_CAPACITY": "1000", "LYHTY_BUS_URL": bus.url, **storage.settings}
        parent = own_server(slot_ms=plan.slot_ms, program=TWO_WORKERS, settings=settings)
        steady = own_server(slot_ms=plan.slot_ms, settings=settings)
        async with School(steady.url, provider, urls=(parent.url, steady.url)) as school:
            enough = asyncio.Event()
            replacing = asyncio.create_task(replace_workers(parent, plan.restart_s, enough, watched))
            weighing = asyncio.create_task(weigh(steady, mornings(plan.days, plan.day_s), watched, school, tell))
            await school.goes_through(moments, plan.day_s / HOURS)
            await weighing
            enough.set()
            await replacing
            unheard = school.opened - school.named
        for server in (parent, steady):
            await asyncio.to_thread(server.stop)

    faults = check(school.history.acts, storage.read(steady.data))
    seen = [code for code in school.refused if code not in UNSEEN] + school.faults
    waits, shown = sorted(school.waits_s), sorted(school.shown_s)
    tell(
        f"{plan.days} school days, {len(moments)} cases, {school.history.acknowledged} acknowledged, {watched.rounds} "
        f"rolling restarts: {len(faults)} lost or doubled, {len(seen)} errors seen, {school.retries} lines lost and "
        f"taken up again; an answer took p50 {1e3 * at(waits, 0.5):.0f} ms, p99 {1e3 * at(waits, 0.99):.0f} ms, at "
        f"most {waits[-1]:.1f} s, and was on a page that stayed after p99 {1e3 * at(shown, 0.99):.0f} ms"
    )
    assert faults == []
    assert Counter(seen) == {}
    assert unheard == set()
    assert watched.rounds > 0
    assert "internal-error" not in parent.stderr + steady.stderr
    if plan != SHORT:
        per_h = slope(watched.steady[plan.warm_up :])
        tell(
            f"memory of the process that stayed: {watched.steady[0][1]:.1f} MB after the first day, "
            f"{watched.steady[-1][1]:.1f} after the last, {per_h:+.2f} MB/h after {plan.warm_up} days; of "
            f"{len(watched.replaced)} that were replaced: {median(watched.replaced):.1f} MB"
        )
        assert per_h <= MOST_MB_PER_H


def at(values: list[float], share: float) -> float:
    """Of sorted ones."""
    return values[int(len(values) * share)]
