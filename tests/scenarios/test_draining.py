"""A server that is told to stop while two thousand pages are open."""

import asyncio
from collections.abc import Callable

import aiohttp

from tests.bench.drain import drained
from tests.scenarios.server_process import ServerProcess

SOCKETS = 2_000


async def test_two_thousand_open_pages_are_told_goodbye_and_the_server_leaves(
    own_server: Callable[..., ServerProcess],
) -> None:
    server = own_server(slot_ms=1_000)
    taken_s, told = await drained(server, SOCKETS)
    print(f"{SOCKETS} open pages, {told} goodbyes, gone after {taken_s:.2f} s")
    assert told == SOCKETS
    assert "error" not in server.stderr


async def test_what_is_being_answered_is_answered_before_the_server_leaves(
    own_server: Callable[..., ServerProcess],
) -> None:
    server = own_server()
    async with aiohttp.ClientSession() as session:
        asked = [asyncio.create_task(session.get(f"{server.url}/api/trust")) for _ in range(20)]
        answers = await asyncio.gather(*asked)
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        bodies = [await answer.read() for answer in answers]
        assert await stopping == 0
    assert len(set(bodies)) == 1
    assert bodies[0]
