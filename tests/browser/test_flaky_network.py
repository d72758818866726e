"""Wi-Fi that breaks, stalls and shows pages of its own: the page says that a message waits, and sends it by itself."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import PATIENCE_MS, People
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES
from tests.faults.proxy import FAULTS, Fate, FlakyNetwork, flaky
from tests.provider import Provider
from tests.scenarios.actors import expert, text_of
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOT_MS: Final = 100
FASTER: Final = 1000 // SLOT_MS
SEED: Final = 7
SLOW_PATIENCE_MS: Final = 300_000
A_FRAME_BYTES: Final = 4_096
"""No line that has a fault carries a message before it shows."""
# `make faults` tries them all.
TRIED: Final = FAULTS if os.environ.get("LYHTY_TEST_FAULTS") else (Fate.BLACK_HOLE, Fate.PORTAL)


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = provider.write(tmp_path_factory.mktemp("server") / "data")
    with ServerProcess(data, slot_ms=SLOT_MS).start() as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def network(server: ServerProcess) -> AsyncIterator[FlakyNetwork]:
    async with flaky(server.url, SEED, [Fate.WHOLE], FASTER) as network:
        yield network


@pytest.mark.timeout(600)
async def test_whatever_the_network_does_each_message_says_that_it_waits_and_arrives_once(
    people: People, server: ServerProcess, provider: Provider, network: FlakyNetwork
) -> None:
    pupil = await people.pupil(url=network.url)
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    await pupil.opens_lyhty()
    await pupil.tells("Verkko pätkii täällä.")
    await pupil.opens_the_case()
    texts = [f"Verkossa on vika: {fate.value}." for fate in TRIED]
    for fate, text in zip(TRIED, texts, strict=True):
        network.fates, network.longest_fuse_bytes = [fate], A_FRAME_BYTES
        network.cut_all()
        await pupil.chats(text)
        if fate is not Fate.SLOW:  # which carries everything, in its time
            await expect(pupil.message(text)).to_contain_text(pupil.says("case.message.waiting"))
        await network.meets(fate)
        network.fates = [Fate.WHOLE]
        await pupil.has_sent(text)
    async with expert(server.url, provider, provider.lawyer) as lawyer:
        (row,) = await lawyer.desk.inbox(lawyer.queue)
        held = await lawyer.claims(row.place.case_id)
        await lawyer.reads(held, texts[-1])
    assert [text_of(message) for message in held.conversation.messages] == ["Verkko pätkii täällä.", *texts]


@pytest.mark.skipif(not os.environ.get("LYHTY_TEST_FAULTS"), reason="in life's own time, by `make faults`")
@pytest.mark.timeout(900)
async def test_a_report_arrives_over_one_link_of_32_kbit_s(
    people: People,
    provider: Provider,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Page, pictures, later files and channel share it, at the pace of life."""
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=None).start() as server:
        async with flaky(server.url, SEED, [Fate.SLOW], is_one_link=True) as network:
            pupil = await people.pupil(url=network.url)
            people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
            pupil.page.set_default_timeout(SLOW_PATIENCE_MS)
            began_s = time.monotonic()
            await pupil.page.goto(network.url)
            await expect(pupil.action("ask").first).to_be_visible(timeout=SLOW_PATIENCE_MS)
            stands_s = time.monotonic() - began_s
            expect.set_options(timeout=SLOW_PATIENCE_MS)
            try:
                await pupil.gets_to_practice("Kylältä, hitaalla netillä.")
                leaves_s = time.monotonic()
                await pupil.skips_practice()
                await pupil.sees("sent")
            finally:
                expect.set_options(timeout=PATIENCE_MS)
            sent_s = time.monotonic() - leaves_s
        async with expert(server.url, provider, provider.lawyer) as lawyer:
            (row,) = await lawyer.desk.inbox(lawyer.queue)
            assert row.card is not None
            assert row.card.first_words == "Kylältä, hitaalla netillä."
    with capsys.disabled():
        print(
            f"\n    32 kbit/s: the page stands after {stands_s:.0f} s, a report leaves in {sent_s:.0f} s, "
            f"over {network.met.total()} connections"
        )
