"""What an open page costs the server while nobody says anything: memory and CPU, with slots as in life."""

import asyncio
from pathlib import Path

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from lyhty_wire.frames import DOWN_BYTES, Direction, encode_frame
from tests.bench.servers import demo_server, make_demo
from tests.scenarios.server_process import ServerProcess

CHANNELS = 2_000
AT_ONCE = 50
SETTLED_S = 5.0


def measure(scratch: Path) -> dict[str, float]:
    with demo_server(make_demo(scratch / "idle"), 1_000) as server:
        alone = server.memory_bytes()
        together, cpu = uvloop.run(_with_channels(server))
    return {
        "idle_rss_mb": round(alone / 1e6, 1),
        "idle_channels": CHANNELS,
        "idle_channel_bytes": round((together - alone) / CHANNELS),
        "idle_channel_cpu_us_per_slot": round(cpu * 1e6, 1),
    }


async def _with_channels(server: ServerProcess) -> tuple[int, float]:
    sockets: list[ClientConnection] = []
    answering: list[asyncio.Task[None]] = []
    while len(sockets) < CHANNELS:
        fresh = await asyncio.gather(*(_open(server) for _ in range(AT_ONCE)))
        sockets += fresh
        answering += [asyncio.create_task(_answer(socket)) for socket in fresh]
    await asyncio.sleep(SETTLED_S)
    before = server.cpu_s()
    await asyncio.sleep(SETTLED_S)
    cpu = (server.cpu_s() - before) / (SETTLED_S * CHANNELS)
    together = server.memory_bytes()
    if any(task.done() for task in answering):
        raise RuntimeError("a channel was lost")
    for task in answering:
        task.cancel()
    for socket in sockets:
        socket.transport.abort()
    return together, cpu


async def _open(server: ServerProcess) -> ClientConnection:
    return await connect(
        server.url.replace("http", "ws") + "/channel",
        compression=None, ping_interval=None, user_agent_header=None, proxy=None, max_size=DOWN_BYTES,
    )  # fmt: skip


async def _answer(socket: ClientConnection) -> None:
    try:
        while True:
            frame = await socket.recv()
            assert isinstance(frame, bytes)
            await socket.send(encode_frame(Direction.UP, int.from_bytes(frame[2:6])))
    except ConnectionClosed:
        return
