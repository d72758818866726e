"""Ten thousand open pages at two server processes on PostgreSQL and NATS: how late a slot is, and what a page costs.

At slots of three seconds. A frame is late by how much longer than a slot it comes after the one before; the time this
end itself takes to notice is in it.
"""

import asyncio
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvloop

from tests.bench.open_pages import OpenPage
from tests.bench.servers import make_demo, paired_servers
from tests.scenarios.server_process import ServerProcess

CHANNELS: Final = 10_000
SLOT_MS: Final = 3_000
SLOTS: Final = 10
SETTLED_SLOTS: Final = 2
FILES: Final = CHANNELS + 1_000
GIB: Final = 2**30


def measure(scratch: Path) -> dict[str, float]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < FILES:
        raise RuntimeError(f"{CHANNELS} channels need {FILES} open files (ulimit -Hn), and there may be {most}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with paired_servers(make_demo(scratch / "channels"), SLOT_MS) as servers:
        return uvloop.run(with_channels(servers, CHANNELS, SLOTS))


async def with_channels(servers: Sequence[ServerProcess], count: int, slots: int) -> dict[str, float]:
    alone = [server.memory_bytes() for server in servers]
    pages = await TimedPage.open([server.port for server in servers], count)
    await asyncio.sleep(SETTLED_SLOTS * SLOT_MS / 1000)
    for page in pages:
        page.late_ms.clear()
    before, began = [server.cpu_s() for server in servers], time.monotonic()
    await asyncio.sleep(slots * SLOT_MS / 1000)
    shares = [
        (server.cpu_s() - cpu_s) / (time.monotonic() - began) for server, cpu_s in zip(servers, before, strict=True)
    ]
    late_ms = sorted(ms for page in pages for ms in page.late_ms)
    held = sum(server.memory_bytes() for server in servers) - sum(alone)
    if any(page.lost for page in pages):
        raise RuntimeError("a channel was lost")
    for page in pages:
        page.transport.abort()
    name = f"channels_{count}"
    return {
        f"{name}_slot_late_p50_ms": round(late_ms[len(late_ms) // 2], 1),
        f"{name}_slot_late_p99_ms": round(late_ms[len(late_ms) * 99 // 100], 1),
        f"{name}_slot_late_most_ms": round(late_ms[-1], 1),
        f"{name}_slots_kept": round(len(late_ms) / (count * slots), 3),
        f"{name}_bytes_each": round(held / count),
        f"{name}_core_share": round(sum(shares), 3),
        f"{name}_busiest_core_share": round(max(shares), 3),
        "channels_per_core": round(count / sum(shares)),
        "channels_per_gib": round(GIB * count / held),
    }


class TimedPage(OpenPage):
    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self._heard_s: float | None = None

    def heard(self) -> None:
        now_s = time.monotonic()
        if self._heard_s is not None:
            self.late_ms.append((now_s - self._heard_s) * 1000 - SLOT_MS)
        self._heard_s = now_s
