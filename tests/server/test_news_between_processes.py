"""What happens at one process is told at the other, in order, and once (SPEC 6.5, 9)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import event

from lyhty_server.bus.memory import MemoryBus
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from lyhty_wire.proofs import to_prove_erase
from lyhty_wire.records import Erase, Event, Operation
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.raw_channel import raw_channel
from tests.server.test_api_keys import act, renewal
from tests.server.two_servers import (
    Two,
    desk,
    envelopes,
    over_memory,
    over_nats,
    two_servers,
    until_heard,
    until_present,
)
from tests.servers.nats import nats_url
from tests.writing import Written, write_report


@pytest.fixture(scope="session")
def nats() -> Iterator[str]:
    with nats_url() as url:
        yield url


@pytest.fixture(params=["memory", "nats"])
async def two(
    request: pytest.FixtureRequest, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Two]:
    make = over_memory() if request.param == "memory" else over_nats(request.getfixturevalue("nats"))
    async with two_servers(provider, tmp_path, monkeypatch, make) as servers:
        yield servers


@pytest.fixture
async def written(two: Two) -> Written:
    return write_report(two.a.provider.directory)


# --- Reports, answers, places


async def test_a_report_at_one_process_reaches_a_desk_at_the_other_and_its_own(two: Two, written: Written) -> None:
    async with desk(two.b) as there, desk(two.a, two.a.provider.other_lawyer) as here:
        await two.a.receive(written)
        for each in (there, here):
            assert (await each.hears("place"))["place"]["case"] == b64encode(written.id)


async def test_where_no_desk_is_open_a_report_is_read_by_nobody(two: Two, written: Written) -> None:
    asked: list[str] = []
    database = two.a.store._database
    assert database is not None
    event.listen(database.readers, "before_cursor_execute", lambda *call: asked.append(call[2]))
    async with raw_channel(two.a.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await two.a.store.mailbox(bytes(32))
    assert [each for each in asked if "FROM places" in each] == []


async def test_an_answer_at_one_process_reaches_the_channel_at_the_other(two: Two, written: Written) -> None:
    async with desk(two.b) as lawyer, raw_channel(two.a.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.hears("place")
        await lawyer.claims(written)
        seq = await lawyer.answers(written)
        await until_heard(channel, seq)
        assert envelopes(channel) == [2]


async def test_a_message_at_one_process_reaches_its_holder_at_the_other(two: Two, written: Written) -> None:
    async with desk(two.b) as lawyer, raw_channel(two.a.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.claims(written)
        seq = await channel.put(written.chat("One thing more.").envelope)
        await lawyer.hears("envelope", case=b64encode(written.id), seq=seq)


async def test_a_claim_at_one_process_is_seen_by_desks_and_the_reporter_at_the_other(
    two: Two, written: Written
) -> None:
    provider = two.a.provider
    async with desk(two.a, provider.other_lawyer) as other, desk(two.b) as lawyer, raw_channel(two.a.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await other.hears("place")
        await lawyer.claims(written)
        assert (await other.hears("place"))["place"]["holder"] == b64encode(provider.lawyer.id)
        await channel.event(Event.STATE)
        await until_present(channel, LAWYER)


async def test_an_erasure_at_one_process_is_told_at_the_other(two: Two, written: Written) -> None:
    async with desk(two.b) as lawyer, raw_channel(two.a.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.hears("place")
        proof = written.keys.sign.sign(to_prove_erase(written.instance, written.id))
        await channel.perform(Operation.ERASE, Erase(proof).encode())
        await lawyer.hears("erased", case=b64encode(written.id))


async def test_two_processes_write_to_one_case_at_once_and_every_page_hears_all_of_it_once_and_in_order(
    two: Two, written: Written
) -> None:
    async with desk(two.b) as lawyer, raw_channel(two.a.url) as writing, raw_channel(two.a.url) as reading:
        await writing.open(written.case, written.keys.auth)
        await reading.resume(written.keys, written.instance)
        await lawyer.claims(written)

        async def answer() -> None:
            for counter in range(1, 21):
                await lawyer.answers(written, counter)

        async def write() -> None:
            for counter in range(2, 22):
                await writing.put(written.chat("and", counter).envelope)

        await asyncio.gather(answer(), write())
        async with asyncio.timeout(PATIENCE_S):
            while len(envelopes(reading)) < 40:
                await reading.beat()
            while len(envelopes(writing)) < 20:
                await writing.beat()
        assert envelopes(reading) == list(range(2, 42))
        assert envelopes(writing) == sorted(set(envelopes(writing)))


# --- Coming back to the other process


async def test_a_channel_that_comes_back_to_the_other_process_goes_on_without_a_gap_or_a_repeat(
    two: Two, written: Written
) -> None:
    async with desk(two.a) as lawyer:
        await two.a.receive(written)
        await lawyer.claims(written)
        known = 1
        for turn in range(6):
            api = (two.a, two.b)[turn % 2]
            async with raw_channel(api.url) as channel:
                resumed = await channel.resume(written.keys, written.instance)
                assert resumed.last_seq == known
                for _ in range(2):
                    known += 1
                    assert await lawyer.answers(written, known - 1) == known
                await until_heard(channel, known)
                assert envelopes(channel) == [known - 1, known]


async def test_a_desk_that_comes_back_to_the_other_process_hears_what_happens_from_then_on(
    two: Two, written: Written
) -> None:
    for api in (two.b, two.a, two.b):
        async with desk(api) as lawyer:
            report = write_report(api.provider.directory)
            await two.a.receive(report)
            assert (await lawyer.hears("place"))["place"]["case"] == b64encode(report.id)
            assert len(lawyer.heard) == 1


# --- Who is here


async def test_a_desk_at_one_process_is_shown_to_the_reporter_at_the_other(two: Two, written: Written) -> None:
    async with raw_channel(two.a.url) as channel:
        await channel.open(written.case, written.keys.auth)
        async with desk(two.b) as lawyer:
            await lawyer.claims(written)
            await until_present(channel, LAWYER)
            await lawyer.hears("here", case=b64encode(written.id), here=True)


async def test_a_desk_that_opens_hears_of_the_reporters_at_the_other_process(two: Two, written: Written) -> None:
    async with raw_channel(two.a.url) as channel, desk(two.a) as lawyer:
        await channel.open(written.case, written.keys.auth)
        await lawyer.claims(written)
        await lawyer.hears("here")
        async with desk(two.b) as second:
            await second.hears("here", case=b64encode(written.id), here=True)


async def test_who_writes_at_one_process_is_shown_to_the_other_holder_at_the_other(two: Two) -> None:
    both = write_report(two.a.provider.directory, queues=(LAWYER, PSYCHOLOGIST))
    await two.a.receive(both)
    psychologist = two.a.provider.psychologist
    case = b64encode(both.id)
    async with desk(two.b) as lawyer, desk(two.a, psychologist) as other:
        await lawyer.claims(both)
        assert (await two.a.post(f"/api/cases/{case}/places/2/claim", token=other.token)).status == 200
        await lawyer.socket.send_json({"type": "answering", "case": case, "queue": LAWYER})
        await other.hears("answering", case=case, queue=LAWYER)


# --- What everybody must know


async def test_a_new_directory_at_one_process_is_taken_over_by_the_other(two: Two) -> None:
    async with desk(two.b) as lawyer:
        coordinator = await two.a.sign_in(two.a.provider.coordinator)
        certified = await act(two.a, coordinator, await renewal(two.a))
        await lawyer.hears("trust", version=certified.json["version"])
        assert (await two.b.get("/api/trust")).body == (await two.a.get("/api/trust")).body


# --- What goes over the bus


class HeardBus(MemoryBus):
    """Keeps what was said."""

    said: ClassVar[list[bytes]] = []

    def say(self, news: bytes) -> None:
        self.said.append(news)
        super().say(news)


async def test_no_byte_of_a_case_goes_over_the_bus(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[MemoryBus] = []
    async with (
        two_servers(provider, tmp_path, monkeypatch, lambda: HeardBus(ends)) as two,
        desk(two.b) as lawyer,
        raw_channel(two.a.url) as channel,
    ):
        written = write_report(provider.directory)
        await channel.open(written.case, written.keys.auth)
        await lawyer.claims(written)
        await until_heard(channel, await lawyer.answers(written))
        stored = await two.a.store.envelopes(written.id, 0, 0, 1_000_000)
        (place,) = await two.a.store.places(written.id)
    said = b"".join(HeardBus.said)
    assert written.id in said
    for secret in (*(each.body for each in stored.envelopes), place.card, place.card_wrap):
        for at in range(0, len(secret) - 16, 16):
            piece = secret[at : at + 16]
            # Heads name their case and author in the open.
            assert piece not in said or piece in written.id, at
