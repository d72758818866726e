"""The server process is killed again and again under sixteen writers: nothing is lost, and nothing is there twice."""

import asyncio
from collections.abc import Callable
from typing import Final

import pytest

from tests.faults.history import check
from tests.faults.nursery import ReadyServer
from tests.faults.storage import Storage
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

ANSWERS: Final = 40
"""Between two kills: all writers are in the middle of something."""


@pytest.mark.timeout(3600)
async def test_kills_under_sixteen_writers_lose_nothing_and_double_nothing(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    storage: Storage,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
) -> None:
    kills = times(500, 10)
    server = own_server(slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000", **storage.settings}, kind=ReadyServer)
    async with Writers(server.url, provider) as writers:
        for _ in range(kills):
            await writers.hear(ANSWERS)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.restart)
        await writers.hear(ANSWERS)
    await asyncio.to_thread(server.stop)

    faults = check(writers.history.acts, storage.read(server.data))
    tell(
        f"{storage.name}: {kills} kills, {writers.history.acknowledged} acknowledged over {writers.retries} retries, "
        f"{len(faults)} lost or doubled"
    )
    assert faults == []
    assert writers.retries >= kills
