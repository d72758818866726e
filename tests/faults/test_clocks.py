"""The server's clock jumps by a year and back: sessions and leases end as they must, and nothing else happens."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from lyhty_client.errors import ClientError
from lyhty_server.clock import hour_of
from lyhty_wire.ids import LAWYER
from tests.faults.history import check
from tests.faults.storage import Storage
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.server_process import ServerProcess

YEAR_S: Final = 400 * 86_400  # and a month: whatever waits for an answer is kept for a year
PROGRAM: Final = str(Path(__file__).with_name("wrong_clock_server.py"))
ANSWERS: Final = 60
"""Between two jumps."""


class WrongClock:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "wrong-by-s"
        self.program = (PROGRAM, str(self._file))
        self.jump(0)

    def jump(self, wrong_by_s: int) -> None:
        # Moved into place: the server must never read half of it.
        half = self._file.with_suffix(".new")
        half.write_text(str(wrong_by_s))
        half.replace(self._file)


@pytest.fixture
def clock(tmp_path: Path) -> WrongClock:
    return WrongClock(tmp_path)


@pytest.mark.timeout(600)
async def test_jumps_of_a_year_under_sixteen_writers_lose_nothing(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    clock: WrongClock,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
) -> None:
    rounds, storage = times(20, 2), Storage("sqlite")
    server = own_server(slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000"}, program=clock.program)
    async with Writers(server.url, provider) as writers:
        for _ in range(rounds):
            for wrong_by_s in (YEAR_S, -YEAR_S, 0):
                await writers.hear(ANSWERS)
                clock.jump(wrong_by_s)
        await writers.hear(ANSWERS)
    await asyncio.to_thread(server.stop)

    faults = check(writers.history.acts, storage.read(server.data))
    tell(
        f"{storage.name}: {3 * rounds} jumps of a year, {writers.history.acknowledged} acknowledged, "
        f"{len(faults)} lost or doubled"
    )
    assert faults == []
    directory = provider.directory_body
    earliest, latest = hours_of_opening(server.data)
    assert hour_of(directory.issued) <= earliest <= latest <= hour_of(directory.expires)
    assert "internal-error" not in server.stderr


def hours_of_opening(data: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(data / "lyhty.db")) as database:
        earliest, latest = database.execute("SELECT min(opened_hour), max(opened_hour) FROM cases").fetchone()
        return earliest, latest


async def test_a_year_forwards_ends_sessions_and_leases_and_takes_no_word_away(
    own_server: Callable[..., ServerProcess], provider: Provider, clock: WrongClock
) -> None:
    server = own_server(program=clock.program)
    async with (
        reporter(server.url) as pupil,
        expert(server.url, provider, provider.lawyer) as lawyer,
    ):
        await pupil.tells("They shared a picture of me.")
        await lawyer.writes(await lawyer.claims(pupil.case), "I am here.")
        await pupil.reads("I am here.")
        clock.jump(YEAR_S)
        await pupil.sees_state("waiting")
        with pytest.raises(ClientError, match="not-signed-in"):
            await lawyer.desk.inbox(LAWYER)
        async with expert(server.url, provider, provider.other_lawyer) as other:
            await other.writes(await other.claims(pupil.case), "I go on.")
        await pupil.reads("I go on.")
        clock.jump(-YEAR_S)
        async with (
            expert(server.url, provider, provider.other_lawyer) as other,
            reporter(server.url, phrase=pupil.phrase) as again,
        ):
            await other.writes(await other.claims(pupil.case), "And on.")
            await again.comes_back()
            assert again.texts == ["They shared a picture of me.", "I am here.", "I go on.", "And on."]
