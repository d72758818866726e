"""What open pages cost the server while nobody says anything: memory and CPU, with slots as in life."""

import asyncio
import resource
from pathlib import Path
from typing import Final

import uvloop

from tests.bench.open_pages import OpenPage
from tests.bench.servers import demo_server, make_demo
from tests.scenarios.server_process import ServerProcess

CHANNELS: Final = 5_000
SETTLED_S: Final = 5.0
SLOTS: Final = 10
SLOT_MS: Final = 1_000


def measure(scratch: Path) -> dict[str, float]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the server inherits it
    with demo_server(make_demo(scratch / "idle"), SLOT_MS) as server:
        alone = server.memory_bytes()
        together, cpu_s, answered = uvloop.run(_with_channels(server))
    return {
        "idle_rss_mb": round(alone / 1e6, 1),
        "channels": CHANNELS,
        "channel_bytes": round((together - alone) / CHANNELS),
        "channel_slots_kept": round(answered / (SLOTS * CHANNELS), 3),  # less on a busy machine
        "channel_cpu_us_per_slot": round(cpu_s / answered * 1e6, 1),
        "channels_5000_core_share": round(cpu_s / answered * CHANNELS * 1000 / SLOT_MS, 3),
    }


async def _with_channels(server: ServerProcess) -> tuple[int, float, int]:
    """The server's memory with all channels open; its CPU in seconds for ten slots, and how many were answered."""
    channels = await OpenPage.open([server.port], CHANNELS)
    await asyncio.sleep(SETTLED_S)
    before, answered = server.cpu_s(), sum(channel.answered for channel in channels)
    await asyncio.sleep(SLOTS * SLOT_MS / 1000)
    cpu_s, answered = server.cpu_s() - before, sum(channel.answered for channel in channels) - answered
    together = server.memory_bytes()
    if any(channel.lost for channel in channels):
        raise RuntimeError("a channel was lost")
    for channel in channels:
        channel.transport.abort()
    return together, cpu_s, answered
