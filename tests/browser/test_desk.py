"""The experts' console at work: what an expert sees, hears and can do there by keyboard."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.conftest import DESKTOP, PHONE, People
from tests.browser.desk import Desk
from tests.provider import Provider
from tests.scenarios.actors import reporter
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

Tells = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture(loop_scope="session")
async def tells(server: ServerProcess) -> AsyncIterator[Tells]:
    """Somebody asks for help and goes away again."""

    async def tell(text: str, **how: Any) -> None:
        async with reporter(server.url) as pupil:
            await pupil.tells(text, **how)

    yield tell


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
    await lawyer.presses("Control+Enter")
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
    await does("list")
    await expect(lawyer.action("tab-lawyer")).to_have_attribute("aria-pressed", "true")
    await page.evaluate("document.activeElement.blur()")
    await does("open")
    await expect(lawyer.case_pane).to_have_attribute("data-open", "false")
    await does("claim")
    await expect(lawyer.case_pane).to_have_attribute("data-open", "true")
    await does("preview")
    await expect(page.locator('[data-part="preview"]')).to_be_visible()
    await does("reply")
    await expect(page.locator('textarea[data-part="did-right"]')).to_be_focused()
    await page.keyboard.type("Hyvä, jcrekp?")
    await expect(page.locator('textarea[data-part="did-right"]')).to_have_value("Hyvä, jcrekp?")
    await does("send")
    await lawyer.has_said("Hyvä, jcrekp?")
    await does("back")
    await expect(current).to_be_focused()
    await does("release")
    await expect(page.locator('[data-dialog="release"]')).to_be_visible()
    await lawyer.presses("Escape")
    await does("close")
    await expect(page.locator('[data-dialog="close"]')).to_be_visible()
    await lawyer.presses("Escape")
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
