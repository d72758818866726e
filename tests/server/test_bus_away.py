"""The bus is stopped for a while: people notice nothing but a slower bell, and afterwards nothing at all."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lyhty_server.api import newsroom
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER
from lyhty_wire.records import Event
from tests.provider import Provider
from tests.raw_channel import raw_channel
from tests.server.api_server import api_server
from tests.server.test_api_keys import act, renewal
from tests.server.two_servers import Two, desk, envelopes, over_nats, two_servers, until_heard, until_present
from tests.servers.nats import NatsServer, nats_server
from tests.writing import write_report


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    with nats_server() as server:
        yield server


@pytest.fixture
async def two(
    nats: NatsServer, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Two]:
    monkeypatch.setattr(newsroom, "POLL_ALONE_S", 0.1)  # five seconds in life
    async with two_servers(provider, tmp_path, monkeypatch, over_nats(nats.url)) as servers:
        yield servers


async def test_while_it_is_away_everything_still_arrives_and_once(two: Two, nats: NatsServer) -> None:
    written, provider = write_report(two.a.provider.directory), two.a.provider
    async with desk(two.b) as lawyer, desk(two.a, provider.other_lawyer) as other, raw_channel(two.a.url) as channel:
        nats.stop()
        await two.journal("bus-lost")
        await channel.open(written.case, written.keys.auth)
        assert (await lawyer.hears("place"))["place"]["case"] == b64encode(written.id)
        assert (await other.hears("place"))["place"]["holder"] is None
        await lawyer.claims(written)
        assert (await other.hears("place"))["place"]["holder"] == b64encode(provider.lawyer.id)
        await channel.event(Event.STATE)
        for counter in range(1, 4):
            await until_heard(channel, await lawyer.answers(written, counter))
        seq = await channel.put(written.chat("Thank you.").envelope)
        while (await lawyer.hears("envelope", case=b64encode(written.id)))["seq"] != seq:
            pass
        assert [each["seq"] for each in lawyer.heard if each["type"] == "envelope"] == [2, 3, 4, 5]
        await lawyer.releases(written)
        assert (await other.hears("place"))["place"]["state"] == "waiting"
        assert envelopes(channel) == [2, 3, 4]


async def test_a_new_directory_is_taken_over_while_it_is_away(two: Two, nats: NatsServer) -> None:
    async with desk(two.b) as lawyer:
        nats.stop()
        await two.journal("bus-lost")
        coordinator = await two.a.sign_in(two.a.provider.coordinator)
        certified = await act(two.a, coordinator, await renewal(two.a))
        await lawyer.hears("trust", version=certified.json["version"])


async def test_when_it_is_back_the_bell_is_as_quick_as_before_and_the_journal_says_it_once_each_way(
    two: Two, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nats.stop()
    await two.journal("bus-lost")
    monkeypatch.setattr(newsroom, "POLL_ALONE_S", 3600.0)
    nats.start()
    await two.journal("bus-found", times=2)
    written = write_report(two.a.provider.directory)
    async with desk(two.b) as lawyer, raw_channel(two.a.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.hears("place")
        await lawyer.claims(written)
        await until_present(channel, LAWYER)
        await until_heard(channel, await lawyer.answers(written))
    for each in two:
        said = each.journaled.getvalue()
        assert (said.count("bus-lost"), said.count("bus-found")) == (1, 2)  # found: at the start, too


async def test_who_came_and_went_while_it_was_away_is_known_when_it_is_back(two: Two, nats: NatsServer) -> None:
    written = write_report(two.a.provider.directory)
    async with desk(two.b) as lawyer:
        nats.stop()
        await two.journal("bus-lost")
        async with raw_channel(two.a.url) as channel:
            await channel.open(written.case, written.keys.auth)
            await lawyer.claims(written)
            await channel.event(Event.STATE)
            nats.start()
            await until_present(channel, LAWYER)
            await lawyer.hears("here", case=b64encode(written.id), here=True)


async def test_desks_read_again_what_is_not_looked_for_meanwhile(two: Two, nats: NatsServer) -> None:
    async with desk(two.b) as lawyer:
        nats.stop()
        await two.journal("bus-lost")
        nats.start()
        await lawyer.hears("ready")


async def test_the_journal_says_that_it_was_not_found_at_the_start(
    nats: NatsServer, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newsroom, "FOUND_WITHIN_S", 0.0)
    nats.stop()
    async with api_server(provider, tmp_path, monkeypatch, bus=over_nats(nats.url)()) as alone:
        await alone.journaled.says("bus-lost")
        nats.start()
        await alone.journaled.says("bus-found")
