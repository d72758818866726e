"""Two thousand openings a second for half a minute, and pupils who need help in the middle of it (SPEC 6.7).

The attackers have all the channels they want and no slots to wait for, which is harder than life: with slots of a
second each of their channels could offer one opening in five seconds. Half of what they offer has no work, half has
work done beforehand, by the terms of a quiet server. The pupils are the real client.
"""

import asyncio
import itertools
import os
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop

from lyhty_client.channel import ReporterChannel
from lyhty_client.clock import system_clock
from lyhty_client.errors import RefusedError
from lyhty_client.load import LoadChannel, prepare_openings, run_open_loop
from lyhty_client.session import NO_KEM, ReporterSession
from lyhty_client.trust import Site, fetch_directory, find_anchor
from lyhty_wire.contents import Report
from lyhty_wire.ids import LAWYER, InstanceId
from lyhty_wire.work import Search, Terms, Work
from tests.bench.servers import make_demo
from tests.scenarios.server_process import ServerProcess

RATE = 2_000
SECONDS = 30
ATTACKERS = 256
WORKED_BEFOREHAND = 100  # each costs a core a fifth of a second
PUPIL_EVERY_S = 3.0  # they all search on this one computer: twice as many would wait for each other
SLOTS_OF_A_REPORT_S = 5.0  # added for each time a pupil's report went up: here frames do not wait for slots
PASSING = frozenset(("busy", "storage-failed"))
PATIENCE_S = 60.0


def measure(scratch: Path) -> dict[str, float]:
    with ServerProcess(make_demo(scratch / "flood"), slot_ms=0, effort=None) as server:
        server.start()
        here, there = get_context("spawn").Pipe()
        attack = get_context("spawn").Process(target=_attack, args=(server.url, there))
        attack.start()
        there.close()  # so that an attacker who dies is noticed
        here.recv()
        here.send("go")
        waits, failures = uvloop.run(_pupils(server.url))
        accepted, refused, seconds = here.recv()
        attack.join()
        memory = server.memory_bytes("VmHWM")
    return {
        "flood_offered_per_s": round((accepted + refused) / seconds, 1),
        "flood_accepted_per_s": round(accepted / seconds, 1),
        "flood_honest": len(waits) + failures,
        "flood_honest_p50_s": round(_at(waits, 0.5), 1),
        "flood_honest_p95_s": round(_at(waits, 0.95), 1),
        "flood_honest_failures": failures,
        "flood_rss_mb": round(memory / 1e6, 1),
    }


def _at(waits: list[float], share: float) -> float:
    return sorted(waits)[int(share * (len(waits) - 1))]


def _attack(url: str, pipe: Connection) -> None:
    uvloop.run(_attacking(url, pipe))


async def _attacking(url: str, pipe: Connection) -> None:
    site = Site.parse(url)
    instance = await find_anchor(site)
    directory = await fetch_directory(site, instance, system_clock())
    first = await LoadChannel.open(site, instance)
    await first.close()
    worked = await asyncio.to_thread(prepare_openings, directory, first.terms, WORKED_BEFOREHAND)
    none = Terms(first.terms.challenge, 1)
    unworked = await asyncio.to_thread(prepare_openings, directory, none, WORKED_BEFOREHAND)
    pipe.send("ready")
    pipe.recv()
    mixed = [opening for pair in zip(worked, unworked, strict=True) for opening in pair]
    openings = list(itertools.islice(itertools.cycle(mixed), RATE * SECONDS))
    result = await run_open_loop(url, instance, openings, ATTACKERS, SECONDS, rate=RATE)
    refused = result["refused"]
    assert isinstance(refused, dict)
    pipe.send((result["accepted"], sum(refused.values()), result["seconds"]))


class CountingSession(ReporterSession):
    sent = 0
    """How often the report went up."""

    def searched(self, search: Search, work: Work | None) -> None:
        super().searched(search, work)
        self.sent += work is not None and self.searching is None


async def _pupils(url: str) -> tuple[list[float], int]:
    instance = await find_anchor(Site.parse(url))
    pupils = []
    for _ in range(int(SECONDS / PUPIL_EVERY_S)):
        pupils.append(asyncio.create_task(_pupil(url, instance)))
        await asyncio.sleep(PUPIL_EVERY_S)
    outcomes = await asyncio.gather(*pupils, return_exceptions=True)
    waits = [each for each in outcomes if isinstance(each, float)]
    return waits, len(outcomes) - len(waits)


async def _pupil(url: str, instance: InstanceId) -> float:
    """Seconds from pressing "send" to the server's word that it is stored."""
    session = CountingSession(instance)
    root, now = os.urandom(32), int(time.time())
    report = Report(now, NO_KEM, "fi", ("tiktok",), "Joku jakoi kuvani.", role="pupil")
    async with asyncio.timeout(PATIENCE_S), ReporterChannel(Site.parse(url), session) as channel:
        await channel.trusted()
        began = time.perf_counter()
        while True:
            ticket = session.open_case(root, report, [LAWYER], urgent=False, now=now)
            try:
                await channel.settle(ticket)
            except RefusedError as error:
                if error.code not in PASSING:
                    raise
                await asyncio.sleep(1)
            else:
                return time.perf_counter() - began + session.sent * SLOTS_OF_A_REPORT_S
