"""Care for the person while they ask: danger, watched devices, changing one's mind, leaving in a hurry."""

import asyncio
import re
from typing import Final

import pytest
from playwright.async_api import Dialog, expect

from tests.browser.conftest import IN_BOTH_ENGINES, PATIENCE_MS, People
from tests.browser.pupil import Pupil
from tests.browser.words import Language, say

pytestmark = pytest.mark.asyncio(loop_scope="session")

LANGUAGES: Final[tuple[Language, ...]] = ("en", "sv", "fi", "fi-simple")
TEXT = "Joku teki minusta valeprofiilin."
SOMEWHERE = "data:text/html,<title>weather</title>"
IN_THE_FOREST = "Metsässä on hiljaista"
"""What the page behind the exit tells."""
ASK_STEPS = ("practice", "phrase", "who-reads", "help", "what", "danger", "device")


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
async def test_who_is_in_danger_sees_whom_to_call_and_can_go_on(people: People, answer: str) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.asks_for_help()
    await pupil.uses_device("own")
    await pupil.choice(answer).click()
    for language in LANGUAGES:
        await pupil.speaks(language)
        await expect(pupil.action("call-112")).to_have_attribute("href", "tel:112")
        await expect(pupil.action("call-helpline")).to_have_attribute(
            "href", "tel:080096116" if language == "sv" else "tel:116111"
        )
        await pupil.reads("danger.cannotSendHelp")
    await pupil.goes_on()
    await pupil.sees("what")


async def test_who_does_not_answer_about_danger_can_go_on(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.asks_for_help()
    await pupil.uses_device("own")
    await pupil.goes_on()
    await pupil.sees("what")


async def test_a_device_that_others_watch_is_told_honestly(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.asks_for_help()
    for language in LANGUAGES:
        await pupil.speaks(language)
        for device in ("school", "shared"):
            await pupil.choice(device).click()
            await pupil.reads(f"device.{device}Notice")
            await expect(pupil.action("next")).to_have_text(pupil.says("device.goOnAnyway"))


@pytest.mark.parametrize(("device", "copies"), [("own", 1), ("school", 0), ("shared", 0)])
async def test_the_phrase_can_be_copied_on_the_own_device_only(people: People, device: str, copies: int) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing(device=device)
    await pupil.writes(TEXT)
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()
    await expect(pupil.action("print")).to_have_count(1)
    await expect(pupil.action("copy")).to_have_count(copies)


async def test_changing_the_language_keeps_all_that_was_typed_and_chosen(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(TEXT)
    await pupil.choice("fake-profile").click()
    for language in LANGUAGES:
        await pupil.speaks(language)
        await pupil.reads("what.title")
        await expect(pupil.text_field("text")).to_have_value(TEXT)
        await expect(pupil.choice("fake-profile").locator("input")).to_be_checked()


async def test_the_back_button_works_at_every_step_and_keeps_the_text(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_practice(TEXT)
    for step in ASK_STEPS:
        await pupil.sees(step)
        if step == "what":
            await expect(pupil.text_field("text")).to_have_value(TEXT)
        if step != "device":
            await pupil.goes_back()


async def test_the_browsers_own_back_works_at_every_step_and_keeps_the_text(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_practice(TEXT)
    for step in ASK_STEPS:
        await pupil.sees(step)
        if step == "what":
            await expect(pupil.text_field("text")).to_have_value(TEXT)
        if step != "device":
            await pupil.page.go_back()


async def test_the_phrase_stays_the_same_when_the_person_goes_back_and_forth(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_practice(TEXT)
    before = pupil.phrase
    await pupil.goes_back()
    await pupil.goes_back()
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    assert pupil.phrase == before


async def test_a_wrong_picture_at_practice_is_met_kindly(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_practice(TEXT)
    position = int(await pupil.page.locator("[data-question]").get_attribute("data-question") or "")
    right = pupil.phrase[position].index
    await pupil.page.locator(f'[data-question] [data-picture]:not([data-picture="{right}"])').first.click()
    await pupil.reads("practice.wrong")
    await pupil.does("see-again")
    await pupil.sees("phrase")


async def test_skipping_the_practice_warns_first(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_practice(TEXT)
    await pupil.does("skip")
    await pupil.reads("practice.skipWarning")
    await pupil.does("skip-back")
    await pupil.sees("phrase")


# --- Leaving by accident


async def asked_before_unloading(pupil: Pupil) -> bool:
    """Closes the page as a person does with the tab's cross; whether the browser asks first."""
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    pupil.page.on("dialog", stay)
    gone = asyncio.create_task(pupil.page.wait_for_event("close"))
    await pupil.page.close(run_before_unload=True)
    while not asked and not gone.done():
        await asyncio.wait([gone], timeout=0.05)
    if asked:
        gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    return asked == ["beforeunload"]


async def test_closing_the_page_with_unsent_words_is_asked_about(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(TEXT)
    assert await asked_before_unloading(pupil)
    await expect(pupil.text_field("text")).to_have_value(TEXT)


async def test_closing_the_page_with_an_unsent_chat_message_is_asked_about(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(TEXT)
    await pupil.opens_the_case()
    await pupil.text_field("message").fill("En ole vielä valmis.")
    assert await asked_before_unloading(pupil)
    await expect(pupil.text_field("message")).to_have_value("En ole vielä valmis.")


async def test_closing_the_page_is_not_asked_about_when_everything_is_sent(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(TEXT)
    assert not await asked_before_unloading(pupil)


async def test_going_elsewhere_with_unsent_words_is_asked_about_and_staying_keeps_them(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(TEXT)
    await pupil.does("home")
    await expect(pupil.page.locator('[data-dialog="leave"]')).to_contain_text(pupil.says("leave.notSent"))
    await pupil.does("stay")
    await expect(pupil.text_field("text")).to_have_value(TEXT)


async def test_leaving_anyway_forgets_the_words(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(TEXT)
    await pupil.does("home")
    await pupil.does("leave-anyway")
    await pupil.sees("home")
    await pupil.gets_to_writing()
    await expect(pupil.text_field("text")).to_have_value("")


# --- Leaving in a hurry


async def with_words_on_the_screen(people: People, *, coming_from: str = "about:blank") -> Pupil:
    pupil = await people.pupil()
    await pupil.page.goto(coming_from)
    await pupil.opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(TEXT)
    return pupil


async def is_away(pupil: Pupil) -> None:
    """On the first page of this visit: a slow browser is for a moment on /bye before it has gone that far back."""
    await pupil.page.wait_for_url("**/bye")
    async with asyncio.timeout(PATIENCE_MS / 1_000):
        while await pupil.page.evaluate("navigation.currentEntry.index") > 0:
            await pupil.page.wait_for_timeout(20)
    await expect(pupil.page.locator("body")).to_contain_text(IN_THE_FOREST)
    await expect(pupil.page.locator("body")).not_to_contain_text("Lyhty")


@IN_BOTH_ENGINES
@pytest.mark.parametrize("way", ["button", "shift", "button in a dialog"])
async def test_the_exit_leads_to_a_page_that_says_nothing_of_this_one(people: People, way: str) -> None:
    pupil = await with_words_on_the_screen(people)
    if way == "shift":
        for _ in range(3):
            await pupil.page.keyboard.press("Shift")
    elif way == "button":
        await pupil.does("exit")
    else:
        await pupil.does("home")
        await pupil.page.locator("dialog").locator('[data-action="exit"]').click()
    await is_away(pupil)


async def test_capital_letters_are_no_exit(people: People) -> None:
    pupil = await with_words_on_the_screen(people)
    await pupil.text_field("text").fill("")
    await pupil.text_field("text").press_sequentially("ABC DEF")
    await expect(pupil.text_field("text")).to_have_value("ABC DEF")


async def test_nothing_of_the_page_is_left_when_the_browser_s_history_first_moves(people: People) -> None:
    pupil = await with_words_on_the_screen(people)
    seen: list[str] = []
    pupil.page.on("console", lambda message: seen.append(message.text))
    await pupil.page.evaluate(
        "navigation.addEventListener('navigate', ({ destination }) =>"
        " console.log(`to ${new URL(destination.url).pathname}: ${document.body.innerText}`))"
    )
    await pupil.does("exit")
    await is_away(pupil)
    moves = [each for each in seen if each.startswith("to ")]
    assert moves[-1].startswith("to /bye: ")
    assert [each for each in moves if not re.fullmatch(rf"to /\w*: {IN_THE_FOREST}\..*", each, re.DOTALL)] == []


@IN_BOTH_ENGINES
async def test_the_exit_leads_to_the_same_page_by_the_network_when_it_had_not_come_yet(people: People) -> None:
    page, _ = await people.page()
    await page.route("**/bye.svg", lambda route: route.abort())
    people.expect_complaint("bye.svg")
    pupil = await Pupil(page, people.server.url).opens_lyhty()
    await pupil.does("exit")
    await is_away(pupil)


async def test_the_exit_ends_the_channel_and_all_that_was_being_worked_out(people: People) -> None:
    pupil = await with_words_on_the_screen(people)
    assert len(pupil.page.workers) == 2
    await pupil.does("exit")
    await is_away(pupil)
    async with asyncio.timeout(PATIENCE_MS / 1_000):
        while pupil.page.workers:
            await pupil.page.wait_for_timeout(20)


@IN_BOTH_ENGINES
async def test_back_after_the_exit_brings_no_typed_word_back(people: People) -> None:
    pupil = await with_words_on_the_screen(people)
    await pupil.does("exit")
    await is_away(pupil)
    for _ in range(3):
        await pupil.page.go_back()
        await expect(pupil.page.locator("body")).not_to_contain_text(TEXT)
        assert await pupil.page.evaluate(
            "[...document.querySelectorAll('textarea, input')].every((one) => one.value === '')"
        )
        assert TEXT not in await pupil.page.content()


@IN_BOTH_ENGINES
async def test_back_after_the_exit_leads_to_where_the_person_came_from(people: People) -> None:
    pupil = await with_words_on_the_screen(people, coming_from=SOMEWHERE)
    await pupil.does("exit")
    await is_away(pupil)
    await pupil.page.go_back()
    # Firefox may say that it has gone back before it is there.
    await pupil.page.wait_for_url(SOMEWHERE)


async def test_the_exit_button_is_in_sight_on_a_small_phone(people: People) -> None:
    pupil = await (await people.pupil(viewport={"width": 320, "height": 568})).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.page.mouse.wheel(0, 5_000)
    await expect(pupil.action("exit")).to_be_in_viewport()
    assert await pupil.action("exit").inner_text() != ""
    assert say("fi-simple", "exit.button") in await pupil.action("exit").inner_text()
