"""The recorder that stands between a browser and the server."""

import asyncio

import pytest

from tests.bench.traffic.recorder import HOST, taps

pytestmark = pytest.mark.asyncio


async def test_a_recorder_that_ends_leaves_nothing_running_even_when_a_line_is_open() -> None:
    gone = asyncio.Event()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"!")
        await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(greet, HOST, 0)
    before = asyncio.all_tasks()
    async with taps(server.sockets[0].getsockname()[1], 1) as (tap,):
        reader, writer = await asyncio.open_connection(HOST, tap.port)
        assert await reader.readexactly(1) == b"!"
    await gone.wait()
    assert asyncio.all_tasks() <= before | {asyncio.current_task()}
    writer.close()
    server.close()
