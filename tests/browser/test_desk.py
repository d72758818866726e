"""The experts' console at work: what an expert sees, hears and can do there by keyboard."""

import asyncio
import re
import secrets
import time
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from lyhty_crypto.receipts import Reach
from lyhty_wire.ids import PSYCHOLOGIST
from tests.browser.browser_binary import CHROMIUM_FLAGS, find_chromium
from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE, People, Tells
from tests.browser.desk import Desk
from tests.provider import Provider
from tests.scenarios.actors import Reporter, reporter
from tests.scenarios.searcher import Searcher
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

FULL_ANSWER: Final = {
    "did_right": "Hyvä, että kerroit.",
    "legal": "Kuvan jakaminen ilman lupaa on rikos.\nSinä et ole tehnyt väärin.",
    "now": "- Säilytä viestit\n- Kerro aikuiselle",
    "protect": "Aseta tili yksityiseksi",
    "first_aid": "Hengitä rauhassa.",
    "tell": "Kerro äidille tai opettajalle.",
    "look_again": "Luen tämän huomenna.",
}


@pytest_asyncio.fixture(loop_scope="session")
async def lawyer(people: People, provider: Provider) -> Desk:
    return await people.signed_in(provider.lawyer)


# --- The preview

_DRAWN: Final = """(root) => {
    const seen = (node) => node.nodeType === Node.TEXT_NODE ? node.textContent : [
        node.tagName, node.className, getComputedStyle(node).fontSize, getComputedStyle(node).backgroundColor,
        Math.round(node.getBoundingClientRect().width), Math.round(node.getBoundingClientRect().height),
        [...node.childNodes].map(seen),
    ]
    return seen(root)
}"""


async def drawn(answer: Locator) -> list[Any]:
    """Tags, classes, sizes, colors and words, from the outside in."""
    found: list[Any] = await answer.evaluate(_DRAWN)
    return found


@pytest.mark.parametrize("language", ["fi-simple", "en"])
async def test_the_preview_is_drawn_exactly_like_the_answer_on_the_childs_phone(
    people: People, lawyer: Desk, language: Any
) -> None:
    story = f"Esikatselun tapaus ({language})."
    pupil = await (await people.pupil(language, viewport=PHONE)).opens_lyhty()
    await pupil.tells(story)
    await pupil.opens_the_case()
    await lawyer.claims(story)
    for part, text in FULL_ANSWER.items():
        await lawyer.writes_part(part.replace("_", "-"), text)
    await lawyer.action("preview").click()
    preview = lawyer.page.locator(".preview div.answer")
    await expect(preview.locator("[data-part]")).to_have_count(7)
    previewed = await drawn(preview)
    await lawyer.sends()
    await lawyer.has_said(FULL_ANSWER["did_right"])
    await pupil.has_received(FULL_ANSWER["did_right"])
    assert previewed == await drawn(pupil.page.locator(".message div.answer"))


async def test_the_preview_follows_every_letter(lawyer: Desk, tells: Tells) -> None:
    await tells("Elävän esikatselun tapaus.")
    await lawyer.claims("Elävän esikatselun tapaus.")
    await lawyer.presses("p")
    preview = lawyer.page.locator('[data-part="preview"]')
    await expect(preview).to_contain_text(lawyer.says("console.preview.empty"))
    field = lawyer.page.locator('textarea[data-part="now"]')
    for typed in ("Säi", "lytä"):
        await field.press_sequentially(typed)
        await expect(preview.locator("div.answer")).to_contain_text(await field.input_value())


async def test_the_preview_on_a_narrow_screen_takes_the_place_of_the_fields(
    people: People, provider: Provider, tells: Tells
) -> None:
    await tells("Kapean esikatselun tapaus.")
    lawyer = await people.signed_in(provider.lawyer, viewport=PHONE)
    await lawyer.claims("Kapean esikatselun tapaus.")
    await lawyer.writes_part("legal", "Tämä on rikos.")
    await lawyer.action("preview").click()
    await expect(lawyer.page.locator(".preview div.answer")).to_be_visible()
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_be_hidden()
    await lawyer.action("preview").click()
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_have_value("Tämä on rikos.")


# --- The keyboard


async def test_every_key_of_the_help_does_what_it_says(people: People, provider: Provider, tells: Tells) -> None:
    for story in ("Näppäimistön tapaus A.", "Näppäimistön tapaus B."):
        await tells(story)
    lawyer = await people.signed_in(provider.lawyer, viewport=DESKTOP)
    page = lawyer.page
    shown = page.locator("dialog [data-key]")
    current = page.locator(".place[aria-current]")
    await expect(lawyer.card("tapaus B")).to_be_visible()

    await lawyer.presses("?")
    listed = await shown.evaluate_all(
        "rows => rows.map((row) => [row.dataset.key, row.querySelector('kbd').textContent])"
    )
    keys = {action: key.replace(" ", "").replace("Ctrl", "Control").replace("Esc", "Escape") for action, key in listed}
    await lawyer.presses("Escape")
    tried: set[str] = {"help"}

    async def does(action: str) -> None:
        tried.add(action)
        await lawyer.presses(keys[action])

    await does("next")
    first = await current.get_attribute("data-case")
    await does("next")
    await expect(current).not_to_have_attribute("data-case", first or "")
    await does("previous")
    await expect(current).to_have_attribute("data-case", first or "")
    await does("list")
    await expect(lawyer.action("tab-mine")).to_have_attribute("aria-pressed", "true")
    for action in ("to-awaiting", "to-snoozed", "to-closed", "to-mine", "to-queue"):
        await does(action)
        tab = lawyer.action("tab-lawyer" if action == "to-queue" else f"tab-{action.removeprefix('to-')}")
        await expect(tab).to_have_attribute("aria-pressed", "true")
    search = page.locator('[data-field="search"]')
    await does("search")
    await expect(search).to_be_focused()
    await page.keyboard.type("tapaus b")
    await expect(lawyer.card("tapaus B")).to_have_count(1)
    await expect(lawyer.card("tapaus A")).to_have_count(0)
    await does("back")
    await expect(search).to_have_value("")
    await page.evaluate("document.activeElement.blur()")
    await does("open")
    await expect(lawyer.case_pane).to_have_attribute("data-open", "false")
    await does("claim")
    await expect(lawyer.case_pane).to_have_attribute("data-open", "true")
    await does("preview")
    await expect(page.locator('[data-part="preview"]')).to_be_visible()
    await does("beside")
    await expect(page.locator('textarea[data-aside="save-note"]')).to_be_focused()
    await page.evaluate("document.activeElement.blur()")
    await does("reply")
    await expect(page.locator('textarea[data-top="plain"]')).to_be_focused()
    await page.locator('textarea[data-part="did-right"]').focus()
    await page.keyboard.type("Hyvä, jcrekp?")
    await expect(page.locator('textarea[data-part="did-right"]')).to_have_value("Hyvä, jcrekp?")
    await does("send")
    await expect(lawyer.outgoing).to_be_focused()
    await does("undo")
    await expect(page.locator('textarea[data-part="did-right"]')).to_be_focused()
    await expect(page.locator('textarea[data-part="did-right"]')).to_have_value("Hyvä, jcrekp?")
    await lawyer.sends()
    await lawyer.has_said("Hyvä, jcrekp?")
    await does("find")
    await expect(search).to_be_focused()
    await does("back")
    await expect(current).to_be_focused()
    await does("release")
    await expect(page.locator('[data-dialog="release"]')).to_be_visible()
    await lawyer.presses("Escape")
    await does("snooze")
    await expect(page.locator('[data-dialog="snooze"]')).to_be_visible()
    await lawyer.presses("Escape")
    await does("handover")
    await expect(page.locator('[data-dialog="handover"]')).to_be_visible()
    await lawyer.presses("Escape")
    await does("close")
    await expect(page.locator('[data-dialog="close"]')).to_be_visible()
    await lawyer.presses("Escape")
    await does("uncover")  # nothing is covered here; test_answering sees it at work
    await expect(lawyer.action("uncover")).to_have_count(0)
    await does("break")
    await expect(page.locator('[data-dialog="break"]')).to_be_visible()
    await does("break")
    await expect(page.locator('[data-dialog="break"]')).to_have_count(0)
    await does("lock")
    await expect(page.locator('[data-view="locked"]')).to_be_visible()
    assert tried == set(keys)


async def test_letters_that_are_switched_off_do_nothing_on_the_desk(lawyer: Desk, tells: Tells) -> None:
    await tells("Kirjainten tapaus.")
    await expect(lawyer.card("Kirjainten tapaus.")).to_be_visible()
    await lawyer.presses("?")
    await lawyer.page.get_by_label(lawyer.says("console.keys.switch")).uncheck()
    await lawyer.presses("Escape", "j", "?", "l")
    await expect(lawyer.page.locator(".place[aria-current]")).to_have_count(0)
    await expect(lawyer.page.locator("dialog")).to_have_count(0)
    await expect(lawyer.action("tab-lawyer")).to_have_attribute("aria-pressed", "true")


# --- Unsent words


async def writes_in(desk: Desk, words: str) -> None:
    """Until the desk says that the draft is kept."""
    await desk.writes_part("legal", words)
    await expect(desk.page.locator('[data-part="kept"]')).to_have_text(desk.says("console.editor.kept"))


async def reloads_and_returns(desk: Desk) -> None:
    await desk.page.reload()
    await desk.opens_console()
    await desk.signs_in()


async def test_unsent_words_are_offered_again_at_their_case_after_a_reload(lawyer: Desk, tells: Tells) -> None:
    await tells("Luonnoksen tapaus.")
    await lawyer.claims("Luonnoksen tapaus.")
    await writes_in(lawyer, "Tämä jäi kesken.")
    await reloads_and_returns(lawyer)
    card = lawyer.card("Luonnoksen tapaus.")
    await expect(card).to_contain_text(lawyer.says("console.card.draft"))
    await card.click()
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_have_value("Tämä jäi kesken.")


@pytest.mark.parametrize("end", ["sent", "released", "signed out"])
async def test_nothing_of_a_draft_stays_on_the_device_once_it_is(lawyer: Desk, tells: Tells, end: str) -> None:
    await tells(f"Päättyvän luonnoksen tapaus ({end}).")
    await lawyer.claims(f"Päättyvän luonnoksen tapaus ({end}).")
    await writes_in(lawyer, "Tämä on rikos.")
    kept = "Object.keys(localStorage).filter((name) => name.startsWith('lyhty-draft')).length"
    assert await lawyer.page.evaluate(kept) > 0
    match end:
        case "sent":
            await lawyer.sends()
            await lawyer.has_said("Tämä on rikos.")
        case "released":
            await lawyer.action("release").click()
            await lawyer.action("confirm").click()
        case _:
            await lawyer.action("sign-out").click()
            await lawyer.action("confirm").click()
    await lawyer.comes_true(f"{kept} === 0")


async def test_the_words_of_a_draft_are_nowhere_in_the_browsers_profile(
    people: People, provider: Provider, tells: Tells, tmp_path: Path
) -> None:
    """The control, a preference, is found in the same files."""
    await tells("Levyltä etsittävän luonnoksen tapaus.")
    word = f"{secrets.token_hex(8)}rikos"
    context = await people.browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=find_chromium(), args=[*CHROMIUM_FLAGS], locale="fi-FI"
    )
    desk = Desk(context.pages[0], people.server.url, provider.lawyer)
    await desk.opens_console()
    await desk.signs_in()
    await desk.action("bell").click()
    await desk.claims("Levyltä etsittävän luonnoksen tapaus.")
    await writes_in(desk, word)
    await context.close()
    assert Searcher(["lyhty-draft-"]).in_files(tmp_path) != []
    assert Searcher(["lettersOn"]).in_files(tmp_path) != []
    assert Searcher([word]).in_files(tmp_path) == []


async def test_closing_the_page_is_asked_about_until_the_draft_is_kept(lawyer: Desk, tells: Tells) -> None:
    await tells("Kysyvän sivun tapaus.")
    await lawyer.claims("Kysyvän sivun tapaus.")
    await lawyer.page.evaluate(
        "void (Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') })"
    )
    await lawyer.writes_part("legal", "Tätä ei saa tallettaa.")
    await expect(lawyer.page.locator('[data-part="kept"]')).to_have_text(lawyer.says("console.editor.notKept"))
    asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert await lawyer.page.evaluate(asks)
    await lawyer.writes_part("legal", "")
    await expect(lawyer.page.locator('[data-part="kept"]')).to_have_count(0)
    await lawyer.comes_true(f"!({asks})")


# --- What is new

_COUNTING_TONES: Final = """
globalThis.tones = 0
const start = OscillatorNode.prototype.start
OscillatorNode.prototype.start = function (...when) { globalThis.tones += 1; return start.apply(this, when) }
"""


async def test_a_message_in_another_case_of_mine_rings_and_is_counted_until_it_is_looked_at(
    people: People, provider: Provider, server: ServerProcess, tells: Tells
) -> None:
    expert = await people.desk(provider.psychologist)
    await expert.page.add_init_script(_COUNTING_TONES)
    await expert.opens_console()
    await expert.signs_in()
    async with reporter(server.url) as pupil:
        await pupil.tells("Laskettavien viestien tapaus.", of=(PSYCHOLOGIST,))
        await expert.claims("Laskettavien viestien tapaus.")
        await tells("Jonkun muun tapaus.", of=(PSYCHOLOGIST,))
        await expert.comes_true("tones > 0")  # a new case
        await expert.card("Jonkun muun tapaus.").click()
        for count, words in enumerate(("Oletko siellä?", "Hei?"), start=1):
            before = await expert.page.evaluate("tones")
            await pupil.writes(words)
            unread = expert.card("Laskettavien viestien tapaus.").locator("[data-unread]")
            await expect(unread).to_have_attribute("data-unread", str(count))
            await expert.comes_true(f"tones > {before}")
            await expect(expert.page).to_have_title(f"({count}) Lyhty")
        await expert.card("Laskettavien viestien tapaus.").click()
        await expect(expert.page).to_have_title("Lyhty")
        before = await expert.page.evaluate("tones")
        await pupil.writes("Nyt näet tämän heti.")
        await expert.has_read("Nyt näet tämän heti.")
        await expert.chats("Niin näen.")
        assert await expert.page.evaluate("tones") == before


async def test_the_bell_stays_off_after_a_reload(lawyer: Desk) -> None:
    await lawyer.action("bell").click()
    await reloads_and_returns(lawyer)
    await expect(lawyer.action("bell")).to_have_attribute("aria-pressed", "false")


# --- What has arrived, what has been read, who is here


async def test_only_what_an_expert_looks_at_is_told_to_be_read(
    people: People, provider: Provider, server: ServerProcess, tells: Tells
) -> None:
    expert = await people.signed_in(provider.psychologist)
    async with reporter(server.url) as pupil:
        await pupil.tells("Kuittausten tapaus.", of=(PSYCHOLOGIST,))
        conversation = pupil.session.conversation
        assert conversation is not None

        async def reaches(nth: int, reach: Reach) -> None:
            async with asyncio.timeout(PATIENCE_MS / 1_000):
                while list(conversation.reach(conversation.reporter).values())[nth] != reach:
                    await expert.page.title()  # a receipt is no happening: the page sets the pace of asking

        await expert.claims("Kuittausten tapaus.")
        await reaches(0, Reach.READ)
        await tells("Toinen tapaus kuittausten rinnalla.", of=(PSYCHOLOGIST,))
        await expert.card("Toinen tapaus kuittausten rinnalla.").click()
        await pupil.writes("Tätä ei vielä katsota.")
        await reaches(1, Reach.DELIVERED)
        await expert.card("Kuittausten tapaus.").click()
        await reaches(1, Reach.READ)


async def test_an_own_message_is_read_once_the_reporter_has_said_so_and_a_reporter_who_is_here_is_shown(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    expert = await people.signed_in(provider.psychologist)
    async with reporter(server.url) as pupil:
        await pupil.tells("Luettavan viestin tapaus.", of=(PSYCHOLOGIST,))
        await expert.claims("Luettavan viestin tapaus.")
        await expect(expert.case_pane.locator('[data-part="here"]')).to_be_visible()
        await expert.chats("Miten voit?")
        mark = expert.message("Miten voit?").locator("[data-reach]")
        await expect(mark).to_have_attribute("data-reach", re.compile("sent|delivered"))
        await pupil.reads("Miten voit?")
        await pupil.writes("Hyvin.")
        await expect(mark).to_have_attribute("data-reach", "read")
        await expect(mark).to_have_text(expert.says("console.reach.read"))


OLDER_PAGE: Final = re.compile(r"/envelopes\?(?=.*before=)(?=.*limit=50)")
"""The first page is shorter."""


async def told_at_length(pupil: Reporter, expert: Desk, first_words: str) -> None:
    """With what tells how far each message has come, this is more than a first page."""
    await pupil.tells(first_words, of=(PSYCHOLOGIST,))
    await expert.claims(first_words)
    await expert.chats("Kerro lisää.")
    for nth in range(25):
        await pupil.writes(f"Viesti {nth}.")
    conversation = pupil.session.conversation
    assert conversation is not None
    async with asyncio.timeout(PATIENCE_MS / 1_000):
        while list(conversation.reach(conversation.reporter).values())[-1] != Reach.READ:
            await expert.page.title()


async def test_a_long_conversation_opens_at_its_newest_and_has_all_of_it(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    expert = await people.signed_in(provider.psychologist)
    async with reporter(server.url) as pupil:
        await told_at_length(pupil, expert, "Pitkän keskustelun tapaus.")
    await reloads_and_returns(expert)
    await expert.card("Pitkän keskustelun tapaus.").click()
    await expect(expert.message("Viesti 24.")).to_be_in_viewport()
    await expect(expert.messages).to_have_count(27)
    await expect(expert.message("Viesti 24.")).to_be_in_viewport()


async def top_of(row: Locator) -> float:
    return float(await row.evaluate("row => row.getBoundingClientRect().top"))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_older_messages_come_in_above_and_what_is_read_stays_in_its_place(
    people: People, provider: Provider, server: ServerProcess, viewport: Any
) -> None:
    expert = await people.signed_in(provider.psychologist, viewport=viewport)
    story = f"Hitaasti tuleva keskustelu ({viewport['width']})."
    may_come = asyncio.Event()

    async def later(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    async with reporter(server.url) as pupil:
        await told_at_length(pupil, expert, story)
    # An hour later: within one, older messages are read before any is shown, to see whether the opening is recorded.
    await expert.page.clock.install(time=time.time() + 3_600)
    await expert.page.route(OLDER_PAGE, later)
    await reloads_and_returns(expert)
    await expert.card(story).click()
    newest = expert.message("Viesti 24.")
    await expect(newest).to_be_in_viewport()
    older = expert.case_pane.locator('[data-part="older"]')
    await expect(older.get_by_role("status")).to_have_text(
        re.compile(expert.says("console.case.older", percent=r"\d+"))
    )
    before = await top_of(newest)
    may_come.set()
    await expect(older).to_have_count(0)
    await expect(expert.messages).to_have_count(27)
    assert abs(await top_of(newest) - before) < 2


# --- Signing in


async def test_a_device_code_pasted_into_the_open_page_is_taken_and_leaves_the_address(
    people: People, provider: Provider
) -> None:
    lawyer = await people.desk(provider.lawyer)
    await lawyer.opens_console(with_device=False)
    await lawyer.page.goto(f"{lawyer.url}/console#device={provider.lawyer.device}")
    await expect(lawyer.page.locator('[data-part="device-known"]')).to_be_visible()
    assert lawyer.page.url == f"{lawyer.url}/console"
    await lawyer.signs_in()


async def test_the_language_is_chosen_before_signing_in_and_is_remembered(people: People, provider: Provider) -> None:
    lawyer = await people.desk(provider.lawyer)
    await lawyer.opens_console()
    await lawyer.action("language").select_option("en")
    await lawyer.page.reload()
    await expect(lawyer.page.locator("h1")).to_have_text("Sign in")
