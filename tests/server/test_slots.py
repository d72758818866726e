"""The clock of the channels: nothing one channel does may stop it for the others."""

import asyncio

import pytest

from lyhty_server.api.slots import SlotClock
from lyhty_server.journal import Journal
from tests.patience import PATIENCE_S


class _Counting:
    def __init__(self) -> None:
        self.ticks = 0
        self.twice = asyncio.Event()

    async def tick(self) -> None:
        self.ticks += 1
        if self.ticks == 2:
            self.twice.set()


class _Broken:
    async def tick(self) -> None:
        raise ZeroDivisionError


async def test_a_bug_in_one_channel_leaves_the_clock_running_for_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock, channel = SlotClock(20, Journal()), _Counting()
    clock.join(_Broken())
    clock.join(channel)
    running = asyncio.create_task(clock.run())
    await asyncio.wait_for(channel.twice.wait(), PATIENCE_S)
    running.cancel()
    assert "ZeroDivisionError" in capsys.readouterr().err
