"""What TLS itself shows: somebody who reads and leaves by the exit, beside somebody who tells and closes the page.

Here only what chance plays no part in; how well times can be told apart, `make bench-traffic` measures.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.bench.traffic.certificate import Certificate, make_certificate
from tests.bench.traffic.features import DOWN_FRAME, UP_FRAME, Seen
from tests.bench.traffic.recorder import Tap, Way, What, taps
from tests.browser.browser_binary import CHROMIUM_FLAGS, find_chromium
from tests.browser.conftest import PHONE
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOT_MS: Final = 200
"""Five times faster than in life, and slow enough that a busy machine keeps up."""
TICKET_BYTES: Final = 300
"""Shorter records are TLS's own: its tickets, its farewells."""
AFTERWARDS_MS: Final = 500

WHO: Final = pytest.mark.parametrize("who", ["reader", "teller"])


@dataclass(frozen=True)
class Visit:
    seen: Seen
    loaded_s: float
    """When the last of the files that all pages ask for was here."""


async def leave(pupil: Pupil, tap: Tap, *, by_the_exit: bool) -> Seen:
    context = pupil.page.context
    if by_the_exit:
        await pupil.does("exit")
        await pupil.page.wait_for_url("**/bye")
        await pupil.page.wait_for_timeout(AFTERWARDS_MS)
    else:
        await pupil.page.close()
        other = await context.new_page()
        await other.wait_for_timeout(AFTERWARDS_MS)
    seen = Seen(tuple(tap.records))
    await context.close()
    return seen


async def comes(browser: Browser, tap: Tap) -> tuple[Pupil, float]:
    context = await browser.new_context(viewport=PHONE, locale="fi-FI")
    pupil = Pupil(await context.new_page(), f"https://127.0.0.1:{tap.port}")
    await pupil.opens_lyhty()
    await pupil.page.wait_for_load_state("networkidle")
    return pupil, time.monotonic()  # the recorder's clock


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def visits(
    provider: Provider, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Visit]]:
    data: Path = provider.write(tmp_path_factory.mktemp("tls") / "data")
    with ServerProcess(data, slot_ms=SLOT_MS, settings=certificate.settings) as server:
        server.start()
        async with async_playwright() as playwright, taps(server.port, 2) as (readers_tap, tellers_tap):
            flags = [*CHROMIUM_FLAGS, certificate.browser_flag]
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=flags)
            reader, read_s = await comes(browser, readers_tap)
            await reader.reads_the_lesson()
            read = await leave(reader, readers_tap, by_the_exit=True)
            teller, told_s = await comes(browser, tellers_tap)
            await teller.tells("En halua, että kukaan näkee tämän verkosta.", "bullying")
            await teller.opens_the_case()
            told = await leave(teller, tellers_tap, by_the_exit=False)
            await browser.close()
        yield {"reader": Visit(read, read_s), "teller": Visit(told, told_s)}


def asked_and_answered(seen: Seen) -> Counter[tuple[int, int]]:
    """Lengths of what HTTP says, each way. What a server says before it was asked is its certificate, which it leaves
    out when the browser happens to hold a ticket already."""
    asked: set[int] = set()
    found: Counter[tuple[int, int]] = Counter()
    for each in seen.loading:
        if each.what == What.DATA and each.length > TICKET_BYTES:
            if each.way == Way.UP:
                asked.add(each.line)
            if each.line in asked:
                found[each.way, each.length] += 1
    return found


async def test_both_ask_for_and_get_the_same_lengths(visits: dict[str, Visit]) -> None:
    reader, teller = (asked_and_answered(visit.seen) for visit in visits.values())
    # A browser asks for the icon when it finds time, before or after the page has put it into the cache: one
    # question more or less, and its answer, which both have had before; nothing else may differ.
    differing = (reader - teller) + (teller - reader)
    assert [way for way, _ in differing.elements()].count(Way.UP) == differing.total() / 2 <= 1
    assert all(answer in reader and answer in teller for answer in differing if answer[0] == Way.DOWN)
    assert reader.total() > 10


@WHO
async def test_when_all_files_are_here_nothing_passes_but_the_channel_and_no_line_stays_open(
    visits: dict[str, Visit], who: str
) -> None:
    visit = visits[who]
    later = [each for each in visit.seen.records if each.at_s > visit.loaded_s]
    # Not even a greeting, or a farewell, which comes when a browser next uses the network.
    assert [each for each in later if each.line != visit.seen.channel] == []
    ended = {each.line for each in visit.seen.records if each.what == What.ENDED}
    assert {each.line for each in visit.seen.loading} - ended == set()


@WHO
async def test_a_frame_is_one_record_of_one_length_each_way(visits: dict[str, Visit], who: str) -> None:
    seen = visits[who].seen
    channel = [each for each in seen.records if each.line == seen.channel and each.what == What.DATA]
    # Before the first frame stand the greeting, with a certificate or without, and the answer that opens the channel.
    first = next(nth for nth, each in enumerate(channel) if each.length == DOWN_FRAME)
    long = {(each.way, each.length) for each in channel[first:] if each.length > TICKET_BYTES}
    assert long == {(Way.UP, UP_FRAME), (Way.DOWN, DOWN_FRAME)}


@WHO
async def test_one_frame_goes_up_for_each_that_comes_down(visits: dict[str, Visit], who: str) -> None:
    seen = visits[who].seen
    ups, downs = seen.times(Way.UP), seen.times(Way.DOWN)
    assert {each.line for each in seen.records if each.length in {UP_FRAME, DOWN_FRAME}} == {seen.channel}
    assert len(downs) > 5
    assert 0 <= len(downs) - len(ups) <= 3  # the visit ends between the two, or the machine is late
    assert all(up > down for up, down in zip(ups, downs, strict=False))


async def test_both_visits_end_in_the_same_way_on_the_wire(visits: dict[str, Visit]) -> None:
    endings = []
    for visit in visits.values():
        seen = visit.seen
        last = [
            each for each in seen.records if each.line == seen.channel and each.length not in (UP_FRAME, DOWN_FRAME)
        ]
        endings.append(sorted((each.way, each.what, each.length) for each in last if each.at_s >= seen.left_s - 0.2))
    assert endings[0] == endings[1]
