"""Ten seconds to take a message back: nothing of it leaves before, and nothing of it is lost."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from lyhty_client.expert import HeldCase
from tests.browser.conftest import Browsers, People
from tests.browser.desk import Desk
from tests.browser.own_browser import OwnBrowser, until
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

TYPED: Final = "  Hei!\nUnohdin  kertoa yhden asian. "
UNDO_MS: Final = 10_000
Told = Callable[[str], Awaitable[Pupil]]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def lawyer(server: ServerProcess, provider: Provider) -> AsyncIterator[Expert]:
    async with expert(server.url, provider, provider.lawyer, listening=False) as person:
        yield person


@pytest.fixture
def told(people: People) -> Told:
    """Somebody whose report has arrived, on a page whose clock the test holds, and who has said one thing more."""

    async def tells(text: str) -> Pupil:
        pupil = await people.pupil()
        await pupil.page.clock.install()
        await pupil.opens_lyhty()
        await pupil.tells(text)
        await pupil.opens_the_case()
        await pupil.tries_to_chat(TYPED)
        await expect(pupil.message("Unohdin")).to_have_attribute("data-message-state", "leaving")
        return pupil

    return tells


async def held_by(lawyer: Expert, first_words: str) -> HeldCase:
    rows = await lawyer.desk.inbox(lawyer.queue)
    (case,) = [row.place.case_id for row in rows if row.card and row.card.first_words == first_words]
    return await lawyer.claims(case)


async def test_words_that_are_taken_back_are_in_the_field_again_as_they_were_typed(told: Told, lawyer: Expert) -> None:
    pupil = await told("Perun kohta.")
    await expect(pupil.text_field("message")).to_have_value("")
    await pupil.does("undo-send")
    await expect(pupil.text_field("message")).to_have_value(TYPED)
    await expect(pupil.text_field("message")).to_be_focused()
    await expect(pupil.messages).to_have_count(1)
    await pupil.page.clock.fast_forward(2 * UNDO_MS)
    held = await held_by(lawyer, "Perun kohta.")
    assert len(held.conversation.messages) == 1


async def test_words_leave_by_themselves_when_the_time_is_over(told: Told, lawyer: Expert) -> None:
    pupil = await told("Odotan kymmenen sekuntia.")
    await pupil.reads("case.message.leavesOnlyHere")
    held = await held_by(lawyer, "Odotan kymmenen sekuntia.")
    assert len(held.conversation.messages) == 1
    await pupil.page.clock.fast_forward(UNDO_MS)
    await pupil.has_sent("Unohdin")


async def test_the_quick_exit_takes_unsent_words_along(told: Told, lawyer: Expert) -> None:
    pupil = await told("Lähden nopeasti.")
    await pupil.does("exit")
    await expect(pupil.page.locator("main[data-view]")).to_have_count(0)
    held = await held_by(lawyer, "Lähden nopeasti.")
    await lawyer.desk.catch_up(held)
    assert len(held.conversation.messages) == 1


async def test_closing_the_page_meanwhile_is_asked_about(told: Told) -> None:
    pupil = await told("Suljen sivun kesken.")
    assert await pupil.page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))")


# --- At the desk


async def answers_at(desk: Desk, first_words: str, words: str) -> None:
    """Sent, and still to be taken back."""
    await desk.claims(first_words)
    await desk.writes_part("legal", words)
    await desk.presses("Control+Enter")
    await expect(desk.outgoing).to_contain_text(words)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(people: People, provider: Provider) -> Desk:
    desk = await people.desk(provider.other_lawyer)
    await desk.page.clock.install()
    await desk.opens_console()
    return await desk.signs_in()


async def test_an_answer_that_is_taken_back_is_in_its_part_again(server: ServerProcess, desk: Desk) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Vastaus perutaan.")
        await answers_at(desk, "Vastaus perutaan.", "Tämä on  liian hätäinen. ")
        await expect(desk.outgoing).to_be_focused()
        await expect(desk.outgoing).to_contain_text(desk.says("console.outgoing.keeps"))
        await desk.presses("z")
        part = desk.page.locator('textarea[data-part="legal"]')
        await expect(part).to_have_value("Tämä on  liian hätäinen. ")
        await desk.page.clock.fast_forward(2 * UNDO_MS)
        await expect(desk.outgoing).to_have_count(0)
        await part.fill("Tämä on harkittu.")
        await desk.sends()
        await pupil.reads("Tämä on harkittu.")
        assert pupil.texts == ["Vastaus perutaan.", "Tämä on harkittu."]


async def test_an_answer_leaves_by_itself_when_the_time_is_over(server: ServerProcess, desk: Desk) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Vastaus lähtee itse.")
        await answers_at(desk, "Vastaus lähtee itse.", "Hei!")
        await desk.page.clock.fast_forward(UNDO_MS)
        await desk.has_said("Hei!")
        await pupil.reads("Hei!")


async def test_a_case_is_neither_closed_nor_given_back_while_an_answer_leaves(
    server: ServerProcess, desk: Desk
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Ei suljeta kesken.")
        await answers_at(desk, "Ei suljeta kesken.", "Hei taas!")
        await desk.presses("e", "u")
        await expect(desk.page.locator("dialog")).to_have_count(0)
        await expect(desk.action("close")).to_have_attribute("aria-disabled", "true")


async def test_a_browser_that_is_killed_while_an_answer_leaves_has_kept_it_sealed_and_sent_nothing(
    browsers: Browsers, server: ServerProcess, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Chromium writes what a page stores within five seconds; the page's clock stands still until it has."""
    words = "Tätä ei saa kadottaa."
    async with reporter(server.url) as pupil:
        await pupil.tells("Selain kaatuu kesken.")
        own = OwnBrowser(browsers.playwright, "chromium", tmp_path_factory.mktemp("own"))
        await own.starts()
        desk = Desk(await own.page(), server.url, provider.lawyer, "en")
        await desk.page.clock.install()
        await desk.opens_console()
        await desk.signs_in()
        await desk.claims("Selain kaatuu kesken.")
        await desk.writes_part("legal", words)
        await expect(desk.page.locator('[data-part="kept"]')).to_have_text(desk.says("console.editor.kept"))
        await desk.page.clock.pause_at(await desk.page.evaluate("Date.now() / 1_000 + 1"))
        await desk.presses("Control+Enter")
        await expect(desk.outgoing).to_contain_text(words)
        await until(lambda: _holds(own.profile, b"lyhty-draft-"), "the draft is on the disk")
        assert not _holds(own.profile, words.encode())
        await own.is_killed()
        await own.starts()
        again = Desk(await own.page(), server.url, provider.lawyer, "en")
        await again.opens_console()
        await again.signs_in()
        await again.card("Selain kaatuu kesken.").click()
        await expect(again.page.locator('textarea[data-part="legal"]')).to_have_value(words)
        await expect(again.outgoing).to_have_count(0)
        await again.sends()
        await pupil.reads(words)
        assert pupil.texts == ["Selain kaatuu kesken.", words]
        await own.closes()


def _holds(profile: Path, searched: bytes) -> bool:
    storage = profile / "Default" / "Local Storage" / "leveldb"
    return any(searched in file.read_bytes() for file in storage.glob("*") if file.suffix in (".log", ".ldb"))
