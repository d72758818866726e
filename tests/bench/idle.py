"""What open pages cost the server while nobody says anything: memory and CPU, with slots as in life.

Five thousand of them answer from one process beside it, so this end is as plain as can be: no WebSocket library, and
the answer to a slot is made once for all.
"""

import asyncio
import resource
from functools import cache
from pathlib import Path
from typing import Final, cast

import uvloop
from websockets.frames import Frame, Opcode

from lyhty_wire.frames import DOWN_BYTES, Direction, encode_frame
from tests.bench.servers import demo_server, make_demo
from tests.scenarios.server_process import ServerProcess

CHANNELS: Final = 5_000
AT_ONCE: Final = 50
SETTLED_S: Final = 5.0
SLOTS: Final = 10
SLOT_MS: Final = 1_000

MESSAGE_BYTES: Final = 4 + DOWN_BYTES  # a WebSocket message from a server: two bytes, two of length, the frame
HANDSHAKE: Final = (
    b"GET /channel HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


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
    loop = asyncio.get_running_loop()
    channels: list[_Channel] = []
    while len(channels) < CHANNELS:
        opening = [loop.create_connection(_Channel, "127.0.0.1", server.port) for _ in range(AT_ONCE)]
        fresh = [channel for _, channel in await asyncio.gather(*opening)]
        await asyncio.gather(*(channel.greeted.wait() for channel in fresh))
        channels += fresh
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


class _Channel(asyncio.Protocol):
    """Answers every frame, and reads nothing of it but the slot."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.greeted = asyncio.Event()
        self.answered = 0
        self.lost = False
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has transports of its own
        self.transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.greeted.is_set():
            head, end, self._data = self._data.partition(b"\r\n\r\n")
            if not end:
                self._data = head
                return
            assert head.startswith(b"HTTP/1.1 101 ")
            self.greeted.set()
        while len(self._data) >= MESSAGE_BYTES:
            self.transport.write(_answer(int.from_bytes(self._data[6:10])))
            self.answered += 1
            self._data = self._data[MESSAGE_BYTES:]

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost = True


@cache
def _answer(slot: int) -> bytes:
    return Frame(Opcode.BINARY, encode_frame(Direction.UP, slot)).serialize(mask=True)
