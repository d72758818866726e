"""The network goes while somebody writes or sends: nothing typed is lost, they are told, and it is stored once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import SLOT_MS, People
from tests.browser.pupil import Pupil
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert
from tests.scenarios.observer import Direction, Line, Observer, Seen, observed
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOW_SLOT_MS: Final = 200
"""So that a report takes a second to leave, and its line can break meanwhile."""


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = provider.write(tmp_path_factory.mktemp("server") / "data")
    with ServerProcess(data, slot_ms=SLOW_SLOT_MS).start() as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def network(server: ServerProcess) -> AsyncIterator[Observer]:
    async with observed(server.url) as observer:
        yield observer


@pytest_asyncio.fixture(loop_scope="session")
async def pupil(people: People, network: Observer) -> Pupil:
    pupil = await people.pupil(url=network.url)
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    return await pupil.opens_lyhty()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def lawyer(server: ServerProcess, provider: Provider) -> AsyncIterator[Expert]:
    async with expert(server.url, provider, provider.lawyer) as person:
        yield person


async def times_stored(lawyer: Expert, first_words: str) -> int:
    rows = await lawyer.desk.inbox(lawyer.queue)
    return sum(row.card is not None and row.card.first_words == first_words for row in rows)


def breaks(network: Observer) -> None:
    """Every line is cut at its first frame, as long as this lasts."""
    network.watch = lambda line, _seen: line.cut()


def heals(network: Observer) -> None:
    network.watch = lambda _line, _seen: None


async def test_words_written_without_a_network_are_kept_and_sent_when_it_is_back(
    pupil: Pupil, network: Observer, lawyer: Expert
) -> None:
    await pupil.gets_to_writing()
    breaks(network)
    await pupil.writes("Kirjoitan ilman verkkoa.")
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    await pupil.skips_practice()
    await pupil.reads("sending.retrying")
    heals(network)
    await pupil.sees("sent")
    assert await times_stored(lawyer, "Kirjoitan ilman verkkoa.") == 1


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 4, 5])
async def test_a_report_whose_line_breaks_while_it_leaves_is_stored_once(
    pupil: Pupil, network: Observer, lawyer: Expert, frames: int
) -> None:
    text = f"Linja katkeaa kehyksen {frames} jälkeen."
    await pupil.gets_to_practice(text)
    cut = asyncio.Event()
    left = 0

    def cut_soon(line: Line, seen: Seen) -> None:
        nonlocal left
        if seen.direction is Direction.UP and not cut.is_set():
            left += 1
            if left > frames:
                cut.set()
                line.cut()

    await pupil.does("skip")
    leaving = asyncio.create_task(pupil.page.wait_for_selector("main .lights li.lit"))
    await pupil.does("skip-anyway")
    await leaving
    network.watch = cut_soon
    await cut.wait()
    await pupil.sees("sent")
    assert await times_stored(lawyer, text) == 1


async def test_a_chat_message_written_without_a_network_says_so_and_arrives_once(
    pupil: Pupil, network: Observer, lawyer: Expert
) -> None:
    await pupil.tells("Lähetän pian lisää.")
    await pupil.opens_the_case()
    breaks(network)
    await pupil.reads("composer.offline")
    await pupil.chats("Tämä odottaa verkkoa.")
    waiting = pupil.message("Tämä odottaa verkkoa.")
    await expect(waiting).to_contain_text(pupil.says("case.message.waiting"))
    heals(network)
    await pupil.has_sent("Tämä odottaa verkkoa.")
    await expect(waiting).to_have_count(1)
    rows = await lawyer.desk.inbox(lawyer.queue)
    (case,) = [row.place.case_id for row in rows if row.card and row.card.first_words == "Lähetän pian lisää."]
    held = await lawyer.claims(case)
    await lawyer.reads(held, "Tämä odottaa verkkoa.")
    assert len(held.conversation.messages) == 2


async def test_an_answer_written_meanwhile_is_read_when_the_network_is_back(
    pupil: Pupil, network: Observer, lawyer: Expert
) -> None:
    await pupil.tells("Odotan vastausta.")
    await pupil.opens_the_case()
    breaks(network)
    await pupil.reads("composer.offline")
    rows = await lawyer.desk.inbox(lawyer.queue)
    (case,) = [row.place.case_id for row in rows if row.card and row.card.first_words == "Odotan vastausta."]
    held = await lawyer.claims(case)
    await lawyer.writes(held, "Hei, olen täällä.")
    heals(network)
    await pupil.has_received("Hei, olen täällä.")


# --- The server itself goes


@pytest.fixture
def mortal(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server to kill; no other test uses it."""
    data = provider.write(tmp_path_factory.mktemp("mortal") / "data")
    with ServerProcess(data, slot_ms=SLOT_MS).start() as process:
        yield process


async def test_a_report_reaches_a_server_that_fell_and_rose_again_once(
    people: People, mortal: ServerProcess, provider: Provider
) -> None:
    pupil = await people.pupil(url=mortal.url)
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    await pupil.opens_lyhty()
    await pupil.gets_to_practice("Palvelin kaatui.")
    mortal.kill()
    await pupil.skips_practice()
    await pupil.reads("sending.retrying")
    mortal.restart()
    await pupil.sees("sent")
    async with expert(mortal.url, provider, provider.lawyer) as lawyer:
        assert await times_stored(lawyer, "Palvelin kaatui.") == 1


async def test_an_expert_whose_answer_meets_a_fallen_server_keeps_the_words_and_sends_once(
    people: People, mortal: ServerProcess, provider: Provider
) -> None:
    pupil = await people.pupil(url=mortal.url)
    await pupil.opens_lyhty()
    await pupil.tells("Palvelin kaatuu pian.")
    await pupil.opens_the_case()
    desk = await people.desk(provider.lawyer)
    desk.url = mortal.url
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    await desk.opens_console()
    await desk.signs_in()
    await desk.claims("Palvelin kaatuu pian.")
    await desk.page.locator('[data-mode="chat"]').click()
    await desk.page.locator('[data-field="chat"]').fill("Tämä ei katoa.")
    mortal.kill()
    await desk.sends()
    await expect(desk.page.locator(".connection")).to_have_text(desk.says("console.connection.lost"))
    await expect(desk.outgoing).to_contain_text("Tämä ei katoa.")
    await expect(desk.outgoing).to_contain_text(desk.says("console.editor.waiting"))
    mortal.restart()
    # A server that starts anew still knows who is signed in.
    await expect(desk.page.locator(".connection")).to_have_text(desk.says("console.connection.open"))
    await desk.has_said("Tämä ei katoa.")
    await pupil.has_received("Tämä ei katoa.")
    await expect(pupil.message("Tämä ei katoa.")).to_have_count(1)
