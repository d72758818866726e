"""Whatever is done at two processes, and whatever news are lost between them: pages and desks end at the truth."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lyhty_server.api import newsroom
from lyhty_server.bus.memory import MemoryBus
from lyhty_server.store.interface import PlaceRow
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.raw_channel import RawChannel, raw_channel
from tests.server.two_servers import Desk, Two, desk, envelopes, two_servers
from tests.writing import Written, write_report


class LeakyBus(MemoryBus):
    """Loses what is said while it leaks."""

    leaks = False

    def say(self, news: bytes) -> None:
        if not LeakyBus.leaks:
            super().say(news)


@pytest.fixture
async def two(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    monkeypatch.setattr(newsroom, "POLL_S", 0.05)  # a minute in life
    ends: list[MemoryBus] = []
    async with two_servers(provider, tmp_path, monkeypatch, lambda: LeakyBus(ends)) as servers:
        yield servers
    LeakyBus.leaks = False


ACTS = st.tuples(st.sampled_from(["writes", "answers", "claims", "releases", "moves", "leaks"]), st.booleans())


@settings(suppress_health_check=list(HealthCheck), max_examples=12, deadline=None)
@given(acts=st.lists(ACTS, min_size=3, max_size=14))
async def test_pages_hear_everything_once_in_order_and_desks_end_at_how_things_stand(
    two: Two, acts: list[tuple[str, bool]]
) -> None:
    written = write_report(two.a.provider.directory)
    async with AsyncExitStack() as stack:
        lawyers = [await stack.enter_async_context(desk(api)) for api in two]
        await two.a.receive(written)
        pages = [await stack.enter_async_context(raw_channel(api.url)) for api in two]
        writers = [await stack.enter_async_context(raw_channel(api.url)) for api in two]
        for channel in (*pages, *writers):
            await channel.resume(written.keys, written.instance)
        counters = {"writes": 2, "answers": 1}
        for what, where in acts:
            await _do(what, two, lawyers[where], writers, where, written, counters)
        LeakyBus.leaks = True
        (place,) = await two.a.store.places(written.id)
        await asyncio.gather(*(_hears_up_to(page, place.last_seq) for page in pages))
        # Younger than the case, and found by looking through the queue alone: so the case was looked at before.
        markers = [await api.receive(write_report(api.provider.directory)) for api in two]
        for lawyer, marker in zip(lawyers, reversed(markers), strict=True):
            while (await lawyer.hears("place"))["place"]["case"] != b64encode(marker.id):
                pass
            _has_heard_the_truth(lawyer, written, place)
        LeakyBus.leaks = False


async def _do(
    what: str, two: Two, lawyer: Desk, writers: list[RawChannel], where: bool, written: Written,
    counters: dict[str, int],
) -> None:  # fmt: skip
    case = b64encode(written.id)
    match what:
        case "writes":
            await writers[where].put(written.chat("and", counters["writes"]).envelope)
            counters["writes"] += 1
        case "answers":
            (place,) = await two.a.store.places(written.id)
            if place.holder is not None:
                await lawyer.answers(written, counters["answers"])
                counters["answers"] += 1
        case "claims":
            await lawyer.claims(written)
        case "releases":
            await lawyer.api.post(f"/api/cases/{case}/places/{LAWYER}/release", token=lawyer.token)
        case "moves":
            await writers[where].resume(written.keys, written.instance)
        case "leaks":
            LeakyBus.leaks = where


async def _hears_up_to(page: RawChannel, seq: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(envelopes(page)) < seq - 1:
            await page.beat()
    assert envelopes(page) == list(range(2, seq + 1))


def _has_heard_the_truth(lawyer: Desk, written: Written, place: PlaceRow) -> None:
    case, holder = b64encode(written.id), None if place.holder is None else b64encode(place.holder)
    last = [each["place"] for each in lawyer.heard if each["type"] == "place" and each["place"]["case"] == case][-1]
    assert (last["state"], last["holder"]) == (place.state.name.lower(), holder)
    seqs = [each["seq"] for each in lawyer.heard if each["type"] == "envelope" and each["case"] == case]
    assert seqs == sorted(set(seqs))
