"""Without a mouse: Tab, arrows, Space and Enter are enough to tell, to come back and to leave."""

from typing import Final

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import People
from tests.browser.pupil import Pupil
from tests.browser.test_joining import opens_people
from tests.provider import Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT: Final = "Kirjoitan ilman hiirtä."
MOST_TABS: Final = 60


async def tabs_to(pupil: Pupil, target: Locator) -> None:
    """Presses Tab until the focus is there, as somebody does who has no mouse."""
    await expect(target).to_be_attached()
    for _ in range(MOST_TABS):
        if await target.evaluate("(one) => one === document.activeElement || one.contains(document.activeElement)"):
            return
        await pupil.page.keyboard.press("Tab")
    raise AssertionError(f"the focus does not reach {target}")


async def presses(pupil: Pupil, action: str, key: str = "Enter") -> None:
    await tabs_to(pupil, pupil.action(action).first)
    await pupil.page.keyboard.press(key)


async def chooses(pupil: Pupil, value: str) -> None:
    """In a group of answers: Tab leads to its first, the arrow keys to the others."""
    first = pupil.page.locator("fieldset").filter(has=pupil.choice(value)).locator("input").first
    await tabs_to(pupil, first)
    await pupil.page.keyboard.press("Space")
    for _ in range(10):
        if await pupil.choice(value).locator("input").is_checked():
            return
        await pupil.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} cannot be chosen")


async def test_a_pupil_tells_without_a_mouse(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await presses(pupil, "ask")
    await pupil.sees("device")
    await chooses(pupil, "school")
    await presses(pupil, "next")
    await pupil.sees("danger")
    await chooses(pupil, "not-sure")
    await presses(pupil, "next")
    await pupil.sees("what")
    await tabs_to(pupil, pupil.text_field("text"))
    await pupil.page.keyboard.type(TEXT)
    await chooses(pupil, "threats")
    await presses(pupil, "next")
    await pupil.sees("help")
    await chooses(pupil, "both")
    await presses(pupil, "next")
    await pupil.sees("who-reads")
    await presses(pupil, "next")
    await pupil.sees("phrase")
    await presses(pupil, "next")
    await pupil.sees("practice")
    await presses(pupil, "skip")
    await presses(pupil, "skip-anyway")
    await pupil.sees("sent")
    await presses(pupil, "to-case")
    await pupil.sees("case")
    await tabs_to(pupil, pupil.text_field("message"))
    await pupil.page.keyboard.type("Ja vielä tämä.")
    await pupil.page.keyboard.press("Control+Enter")
    await expect(pupil.action("send-now")).to_be_visible()
    await pupil.page.keyboard.press("Shift+Tab")
    await expect(pupil.action("send-now")).to_be_focused()
    await pupil.page.keyboard.press("Enter")
    await pupil.has_sent("Ja vielä tämä.")


async def test_each_step_puts_the_focus_on_its_heading(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.asks_for_help()
    await expect(pupil.main.locator("h1")).to_be_focused()
    await pupil.uses_device("own")
    await expect(pupil.main.locator("h1")).to_be_focused()


async def test_the_first_tab_leads_past_the_menu(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.page.keyboard.press("Tab")
    await pupil.page.keyboard.press("Enter")
    await expect(pupil.main).to_be_focused()


async def test_escape_shuts_a_question_without_deciding_it(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(TEXT)
    await pupil.does("home")
    await pupil.page.keyboard.press("Escape")
    await expect(pupil.page.locator("dialog")).to_have_count(0)
    await expect(pupil.text_field("text")).to_have_value(TEXT)


async def test_a_dialog_from_the_menu_gives_the_focus_back_to_the_menu(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.coordinator)
    for entry in ("people", "shelf", "audit", "security"):
        await desk.action("menu").focus()
        await desk.presses("Enter")
        await desk.page.locator(f'.menu [data-action="{entry}"]').focus()
        await desk.presses("Enter")
        await expect(desk.page.locator(f'[data-dialog="{entry}"]')).to_be_visible()
        await desk.presses("Escape")
        await expect(desk.page.locator("dialog")).to_have_count(0)
        await expect(desk.action("menu")).to_be_focused()


async def test_what_is_asked_once_more_has_the_focus_and_gives_it_back(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.coordinator)
    await opens_people(desk)
    person = desk.page.locator(f'[data-person="{provider.other_lawyer.display_name}"]')
    await person.locator('[data-action="depart"]').focus()
    await desk.presses("Enter")
    await expect(person.locator('[data-part="departing"]')).to_be_focused()
    await desk.presses("Tab", "Enter")
    await expect(person.locator('[data-action="depart"]')).to_be_focused()


async def test_the_focus_stays_in_a_dialog_when_what_had_it_is_removed(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.coordinator)
    await desk.action("duty").click()
    await desk.action("add-shift").click()
    await desk.action("remove-shift").focus()
    await desk.presses("Enter")
    await expect(desk.page.locator("[data-shift]")).to_have_count(0)
    await expect(desk.page.locator('[data-dialog="duty"] h2')).to_be_focused()
