"""A released figure is never drawn twice: kills in the middle of releases leave one consistent release of
each period, the same bytes for everybody, and the same that were made without a kill.
"""

import asyncio
import multiprocessing
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

import pytest

from lyhty_client.desk import Desk
from lyhty_client.errors import ClientError
from lyhty_client.expert import ExpertDesk, take_keys
from lyhty_client.statistics.office import open_office
from lyhty_client.statistics.registers import due
from lyhty_client.trust import Site, fetch_directory
from lyhty_wire.encoding import b64decode
from lyhty_wire.figures.periods import Period, year_of
from lyhty_wire.figures.signed import verify_release
from lyhty_wire.ids import ExpertId
from lyhty_wire.organisation_desk import Imported
from lyhty_wire.proofs import to_prove_sign_in
from tests.provider import Account, Provider
from tests.scenarios.actors import now
from tests.scenarios.publishing import contribute, last_year, made_up, organisations
from tests.scenarios.server_process import ServerProcess

KILLS: Final = 100 if os.environ.get("LYHTY_TEST_FAULTS") else 20
"""A hundred by `make faults`, and a sample of them otherwise."""
YEARS: Final = 2
"""With fifteen releases each."""
SERVER_EVERY: Final = 10
"""It is the server that dies, and a client else: a start of the server takes longer than a release."""
FORK: Final = multiprocessing.get_context("fork")


async def signed_in(desk: Desk, provider: Provider, account: Account, url: str) -> ExpertDesk:
    """With keys that were unlocked before: a hundred times, and stretching the password takes longer than a release."""
    directory = await fetch_directory(Site.parse(url), provider.instance, now())
    challenge = await desk.start_sign_in(account.name)
    proof = to_prove_sign_in(provider.instance, b64decode(challenge.challenge), account.name)
    said = await desk.finish_sign_in(challenge.challenge, account.name, provider.login(account).sign(proof), None)
    wraps = [b64decode(wrap) for wrap in said.queue_wraps]
    expert, unlocked = ExpertId(b64decode(said.expert)), provider.unlocked[account.id]
    return ExpertDesk(desk, take_keys(expert, b64decode(said.keys), wraps, unlocked, directory))


async def publish_due(url: str, provider: Provider) -> None:
    async with Desk(Site.parse(url)) as desk:
        office = await open_office(await signed_in(desk, provider, provider.coordinator, url))
        released = await office.released_periods()
        waiting = due(await office.tree(), released, date.today())  # noqa: DTZ011 - the server's clock is the machine's
        await office.publish_all(waiting, released)


def publisher(url: str, provider: Provider) -> None:
    """A coordinator's client, whatever becomes of its server."""
    while True:
        try:
            asyncio.run(publish_due(url, provider))
        except (ClientError, OSError):
            time.sleep(0.02)
        else:
            return


async def begin(url: str, provider: Provider) -> None:
    """Organisations, the key, and cases of each of the years."""
    first = last_year().first.year - YEARS + 1
    async with Desk(Site.parse(url)) as desk:
        coordinator = await signed_in(desk, provider, provider.coordinator, url)
        await open_office(coordinator)
        path = "/api/organisations/import"
        await desk._ask("POST", path, Imported, organisations(first))
    async with Desk(Site.parse(url)) as desk:
        lawyer = await signed_in(desk, provider, provider.lawyer, url)
        for nth in range(YEARS):
            year = Period.parse(f"{first + nth}-{first + nth + 1}")
            await contribute(lawyer.desk, made_up(year, 30, Random(nth)), provider, Random(100 + nth))


def stored(data: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(data / "lyhty.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict(database.execute("SELECT period, document FROM releases"))


class Killed:
    """A server and a coordinator's client that die at random moments, and begin anew when all is published."""

    def __init__(self, server: ServerProcess, provider: Provider, begun: Path, chance: Random) -> None:
        self._server, self._provider, self._begun, self._chance = server, provider, begun, chance
        self._client = FORK.Process()
        self.kills = 0

    def round(self, longest_s: float, kills: int) -> dict[str, bytes]:
        """What is stored when a client has come to its end; after so many kills in all it is let alone."""
        shutil.rmtree(self._server.data)
        shutil.copytree(self._begun, self._server.data)
        self._server.restart()
        self._start_client()
        seen: dict[str, bytes] = {}
        while self.kills < kills:
            self._client.join(self._chance.uniform(0, longest_s))
            if self._client.exitcode is not None:
                break
            self.kills += 1
            if self.kills % SERVER_EVERY:
                self._client.kill()
                self._client.join()
                self._start_client()
                continue
            self._server.kill()
            after = stored(self._server.data)
            assert seen.items() <= after.items(), "what was published stays, the same bytes"
            seen = after
            self._server.restart()
        self._client.join(60)
        assert self._client.exitcode == 0
        self._server.stop()
        return stored(self._server.data)

    def _start_client(self) -> None:
        self._client = FORK.Process(target=publisher, args=(self._server.url, self._provider), daemon=True)
        self._client.start()


@pytest.mark.timeout(600)
def test_kills_leave_one_release_of_each_period_and_the_one_that_no_kill_would_have_left(
    own_server: Callable[..., ServerProcess], provider: Provider, tmp_path: Path
) -> None:
    server = own_server(slot_ms=0)
    asyncio.run(begin(server.url, provider))
    server.stop()
    begun = Path(shutil.copytree(server.data, tmp_path / "begun"))

    server.restart()
    began_s = time.monotonic()
    asyncio.run(publish_due(server.url, provider))
    took_s = time.monotonic() - began_s
    server.stop()
    without_kills = stored(server.data)
    check_consistent(without_kills, provider)

    killed = Killed(server, provider, begun, Random(11))
    while killed.kills < KILLS:
        assert killed.round(took_s / 6, KILLS) == without_kills


def check_consistent(releases: dict[str, bytes], provider: Provider) -> None:
    """Each by a coordinator, and whole school years of them."""
    verified = [verify_release(encoded, provider.directory) for encoded in releases.values()]
    assert {release.period.name for release in verified} == set(releases)
    years = {year_of(release.period.first) for release in verified}
    assert sum(year.name in releases for year in years) == YEARS
