"""What an expert writes with: templates by the keyboard, the law in words, two layers for the child."""

import json
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.browser_binary import ROOT
from tests.browser.conftest import PHONE, People
from tests.browser.desk import Desk
from tests.browser.words import LANGUAGES, Language
from tests.provider import Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWERING: Final = ROOT / "client" / "web" / "src" / "console" / "answering"
DAYS: Final[dict[Language, str]] = {
    "fi-simple": "maanantaina",
    "fi": "maanantaina",
    "sv": "på måndag",
    "en": "on Monday",
}


def template(language: Language, name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((ANSWERING / "templates" / f"{language}.json").read_text())[name]
    return value


def provision(name: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = json.loads((ANSWERING / "provisions.json").read_text())["provisions"]
    return next(row for row in rows if row["id"] == name)


@pytest_asyncio.fixture(loop_scope="session")
async def lawyer(people: People, provider: Provider) -> Desk:
    return await people.signed_in(provider.lawyer)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_lawyer_answers_from_a_template_by_keyboard_and_the_child_sees_two_layers(
    people: People, lawyer: Desk, language: Language
) -> None:
    story = f"Joku uhkaa jakaa kuvani ({language})."
    pupil = await (await people.pupil(language, viewport=PHONE)).opens_lyhty()
    await pupil.tells(story, "blackmail", "snapchat")
    await pupil.opens_the_case()
    await lawyer.claims(story)
    words = template(language, "sextortion")

    # A slash where a part begins, a few letters, Shift + Enter: the whole answer, in the child's language.
    await lawyer.part("now").focus()
    await lawyer.presses("/")
    await lawyer.page.keyboard.type("kiri")
    await expect(lawyer.found.first).to_contain_text(template("fi", "sextortion")["title"])
    await lawyer.presses("Shift+Enter")
    await expect(lawyer.part("protect")).to_have_value(words["parts"]["protect"].replace("{service}", "Snapchat"))
    await expect(lawyer.part("did-right")).to_have_value(words["parts"]["did-right"])

    # A day nobody has promised yet keeps it from being sent; the same keys lead to it.
    await lawyer.presses("Control+Enter")
    await lawyer.reads_problem("variable-unfilled")
    await expect(lawyer.part("look-again")).to_be_focused()
    await lawyer.page.keyboard.type(DAYS[language])
    await expect(lawyer.case_pane.locator("[data-variable]")).to_have_count(0)

    # The law, by its name, with what the child will read.
    await lawyer.action("add-law").focus()
    await lawyer.presses("Enter")
    await lawyer.page.keyboard.type("kiristys")
    await lawyer.presses("Enter")
    law = provision("extortion")
    row = lawyer.case_pane.locator('.assessment [data-law="extortion"]')
    await expect(row).to_contain_text(law["explained"][language])
    await expect(row).to_contain_text(lawyer.says("console.law.needsCheck"))
    await row.locator("select").select_option("may-fulfil")
    await row.locator("textarea").fill("Näin arvioin.")
    await lawyer.presses("Control+Enter")
    await lawyer.has_said(words["parts"]["did-right"].split("\n")[0])

    # The child: the lines and the boxes first, the rest when they want it.
    for line in words["plain"]:
        await pupil.has_received(line)
    answer = pupil.messages.filter(has_text=words["plain"][0])
    await expect(answer.locator(".tick")).to_have_count(len(words["ticks"]))
    await expect(answer).not_to_contain_text(words["parts"]["first-aid"].split("\n")[0])
    await answer.locator(".tick").first.click()
    await expect(answer).to_contain_text(pupil.says("answer.doneOf", done=1, total=len(words["ticks"])))
    await pupil.does("whole-answer")
    await expect(answer).to_contain_text(words["parts"]["first-aid"].split("\n")[0])
    await expect(answer).to_contain_text(law["explained"][language])
    await expect(answer).to_contain_text(pupil.says("answer.law.may-fulfil"))
    await expect(answer).to_contain_text("Näin arvioin.")
    await expect(answer).to_contain_text(DAYS[language])
    # What is ticked on top is not ticked a second time below.
    await expect(answer.locator(".tick")).to_have_count(len(words["ticks"]))
    await pupil.does("whole-answer")
    await expect(answer).not_to_contain_text(law["explained"][language])


async def test_a_slash_further_on_is_a_slash_and_two_at_the_beginning_are_one(people: People, lawyer: Desk) -> None:
    story = "Kauttaviivan tapaus."
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(story, "bullying")
    await lawyer.claims(story)
    await lawyer.part("now").focus()
    await lawyer.page.keyboard.type("ja/tai")
    await expect(lawyer.part("now")).to_have_value("ja/tai")
    await lawyer.part("tell").focus()
    await lawyer.presses("/", "/")
    await expect(lawyer.part("tell")).to_have_value("/")
    await expect(lawyer.part("tell")).to_be_focused()
    await lawyer.part("legal").focus()
    await lawyer.presses("/", "Escape")
    await expect(lawyer.part("legal")).to_be_focused()
    await expect(lawyer.part("legal")).to_have_value("")
    await expect(lawyer.case_pane).to_be_visible()


async def test_what_an_expert_writes_with_is_fetched_apart_from_the_first_load(
    people: People, provider: Provider
) -> None:
    desk = await people.desk(provider.psychologist)
    fetched: list[str] = []
    desk.page.on("request", lambda request: fetched.append(request.url))
    await desk.opens_console()
    assert not [url for url in fetched if "/books-" in url]
    async with desk.page.expect_request(lambda request: "/books-" in request.url):
        await desk.signs_in()


async def test_a_psychologist_is_offered_words_for_the_mind_and_no_legal_assessment(
    people: People, provider: Provider
) -> None:
    psychologist = await people.signed_in(provider.psychologist)
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells("Psykologin tapaus.", "bullying", help_wanted="psychologist")
    await psychologist.claims("Psykologin tapaus.")
    await expect(psychologist.action("add-law")).to_have_count(0)
    await psychologist.part("first-aid").focus()
    await psychologist.presses("/", "Enter")
    own = template("fi-simple", "group-chat-bullying")["psychologist"]["first-aid"]
    await expect(psychologist.part("first-aid")).to_have_value(own)


# --- Duties


async def test_what_is_open_of_the_duties_is_asked_before_closing_and_kept_over_a_reload(
    people: People, lawyer: Desk
) -> None:
    story = "Velvollisuuden tapaus."
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(story, "scam", "pupil")
    await lawyer.claims(story)
    duties = lawyer.case_pane.locator("details.duty")
    await duties.locator("> summary").click()
    await expect(duties.locator("[data-open-duties]")).to_have_attribute("data-open-duties", "2")
    for duty in ("danger-now", "child-welfare"):
        await expect(duties.locator(f'[data-duty="{duty}"]')).to_be_visible()
    await duties.locator('[data-step="danger-now.concern"] [data-answer="no"]').click()
    await duties.locator('[data-step="child-welfare.concern"] [data-answer="yes"]').click()
    await duties.locator('[data-step="child-welfare.told"] [data-answer="yes"]').click()

    # The case is not answered by a list: closing asks, and leads back to it.
    await lawyer.case_pane.locator("[data-heading=case]").click()
    await lawyer.presses("e")
    still_open = lawyer.page.locator('[data-part="open-duties"]')
    await expect(still_open).to_contain_text("Lastensuojeluilmoitus")
    await lawyer.action("to-duties").click()
    await expect(duties).to_have_attribute("open", "")
    await expect(duties.locator("> summary")).to_be_focused()

    # Stored for all who hold the case, so that nothing of it is left on this device, and there again after a reload.
    await lawyer.comes_true("!Object.keys(localStorage).some((name) => name.startsWith('lyhty-duty-'))")
    await lawyer.opens_console()
    await lawyer.signs_in()
    await lawyer.action("tab-mine").click()
    await lawyer.selects(story)
    await lawyer.presses("Enter")
    await expect(lawyer.message(story).first).to_be_visible()
    await duties.locator("> summary").click()
    told = duties.locator('[data-step="child-welfare.told"] [data-answer="yes"]')
    await expect(told).to_have_attribute("aria-pressed", "true")
    for step in ("consulted", "identity", "notified"):
        await duties.locator(f'[data-step="child-welfare.{step}"] [data-answer="no"]').click()
    await lawyer.case_pane.locator("[data-heading=case]").click()
    await lawyer.presses("e")
    await expect(lawyer.action("confirm")).to_be_visible()
    await expect(still_open).to_have_count(0)
    await lawyer.action("confirm").click()
    await lawyer.comes_true("!Object.keys(localStorage).some((name) => name.startsWith('lyhty-duty-'))")


# --- Care


async def test_a_heavy_text_is_covered_until_the_expert_asks_and_is_read_by_nobody_before(
    people: People, lawyer: Desk
) -> None:
    story = "Raskas tapaus."
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(story, "threats")
    await pupil.opens_the_case()
    own = pupil.messages.filter(has_text=story)
    await lawyer.selects(story)
    await expect(lawyer.card(story)).to_contain_text(lawyer.says("console.cover.words"))
    await lawyer.presses("Enter")
    await expect(lawyer.cover).to_contain_text(lawyer.says("topics.threats"))
    await lawyer.presses("c")
    await expect(lawyer.case_pane).to_have_attribute("data-open", "true")
    await expect(own).to_have_attribute("data-message-state", "delivered")
    await expect(lawyer.message(story)).to_have_count(0)
    await lawyer.presses("v")
    await expect(lawyer.message(story).first).to_be_visible()
    await expect(own).to_have_attribute("data-message-state", "read")


async def test_content_warnings_are_chosen_topic_by_topic_and_remembered(people: People, lawyer: Desk) -> None:
    story = "Uhkaus ilman varoitusta."
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(story, "threats")
    await lawyer.selects(story)
    await lawyer.presses("Enter")
    await expect(lawyer.cover).to_be_visible()
    await lawyer.presses("?")
    await lawyer.page.locator(".warnings summary").click()
    await lawyer.page.locator('[data-warn="threats"]').uncheck()
    await lawyer.presses("Escape")
    await expect(lawyer.cover).to_have_count(0)
    await lawyer.opens_console()
    await lawyer.signs_in()
    await lawyer.selects(story)
    await lawyer.presses("Enter")
    await expect(lawyer.case_pane).to_contain_text(story)
    await expect(lawyer.cover).to_have_count(0)


async def test_one_key_begins_a_break_and_ends_it_and_nothing_is_seen_or_read_meanwhile(
    people: People, lawyer: Desk
) -> None:
    story = "Tauon tapaus."
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(story)
    await pupil.opens_the_case()
    await lawyer.claims(story)
    await lawyer.case_pane.locator("[data-heading=case]").click()
    calls: list[str] = []
    lawyer.page.on("request", lambda request: calls.append(f"{request.method} {request.url}"))
    await lawyer.presses("b")
    pause = lawyer.page.locator('dialog[data-dialog="break"]')
    await expect(pause).to_contain_text(lawyer.says("console.break.text"))
    await expect(lawyer.page.locator(".desk")).to_have_attribute("data-break", "true")
    await pupil.chats("Oletko siellä?")
    await expect(pupil.messages.filter(has_text="Oletko siellä?")).to_have_attribute("data-message-state", "delivered")
    assert await lawyer.page.title() == "Lyhty"
    assert not [call for call in calls if "break" in call]
    await lawyer.presses("b")
    await expect(pause).to_have_count(0)
    await expect(pupil.messages.filter(has_text="Oletko siellä?")).to_have_attribute("data-message-state", "read")
