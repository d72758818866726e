"""The limit of a delivery: the same bytes, at the same rate, to a bare aiohttp WebSocket and straight back.

`python tests/bench/echo.py` is that server: it prints its port.
"""

import asyncio
import subprocess
import sys
import time

import uvloop
from aiohttp import WSMsgType, web
from websockets.asyncio.client import connect

from lyhty_wire.frames import UP_BYTES

FRAMES = 5  # of a report to one queue, SPEC 6.6
CHANNELS = 64


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def serve() -> None:
    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def drive(port: int, rate: float, seconds: float) -> list[float]:
    """Milliseconds from the first frame written to the last one back."""
    times: list[float] = []
    idle: asyncio.Queue[object] = asyncio.Queue()
    sockets = [
        await connect(f"ws://127.0.0.1:{port}/", compression=None, ping_interval=None, proxy=None)
        for _ in range(CHANNELS)
    ]
    for socket in sockets:
        idle.put_nowait(socket)
    frame = bytes(UP_BYTES)

    async def send(socket: object) -> None:
        start = time.perf_counter()
        for _ in range(FRAMES):
            await socket.send(frame)  # type: ignore[attr-defined]
        for _ in range(FRAMES):
            await socket.recv()  # type: ignore[attr-defined]
        times.append((time.perf_counter() - start) * 1000)
        idle.put_nowait(socket)

    start = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number in range(int(rate * seconds)):
            if (early_s := start + number / rate - time.perf_counter()) > 0:
                await asyncio.sleep(early_s)
            sending.create_task(send(await idle.get()))
    for socket in sockets:
        await socket.close()
    return sorted(times)


def measure(rate: float, seconds: float) -> dict[str, float]:
    server = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        times = uvloop.run(drive(int(server.stdout.readline()), rate, seconds))
    finally:
        server.kill()
        server.wait()
    return {
        "bare_echo_p50_ms": round(times[len(times) // 2], 3),
        "bare_echo_p99_ms": round(times[len(times) * 99 // 100], 3),
    }


if __name__ == "__main__":
    uvloop.run(serve())
