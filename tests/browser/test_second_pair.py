"""Duties that all holders of a case see, and two who have seen a notice to an authority."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from tests.browser.conftest import People, Tells
from tests.browser.desk import Desk
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

REASON = "Koti ei ole turvassa. Arvioisitko?"


async def claims(desk: Desk, words: str) -> Locator:
    await desk.card(words).click()
    await desk.page.keyboard.press("c")
    await expect(desk.messages).to_have_count(1)
    duties = desk.case_pane.locator("details.duty")
    await duties.locator("summary").first.click()
    return duties


def step(duties: Locator, step: str, answer: str) -> Locator:
    return duties.locator(f'[data-step="child-welfare.{step}"] [data-answer="{answer}"]')


def notice(duties: Locator) -> Locator:
    return duties.locator('[data-step="child-welfare.notified"]')


async def asks(duties: Locator) -> None:
    await notice(duties).locator('[data-part="ask-to-see"] summary').click()
    await notice(duties).locator("textarea").fill(REASON)
    await notice(duties).locator('[data-action="ask-to-see"]').click()


async def test_a_notice_is_made_when_a_colleague_who_reads_no_conversation_has_agreed(
    people: People, provider: Provider, tells: Tells, server: ServerProcess
) -> None:
    words = "Kotona lyödään, toinen silmäpari"
    await tells(words)
    lawyer = await people.signed_in(provider.lawyer)
    duties = await claims(lawyer, words)
    await step(duties, "concern", "yes").click()
    await expect(notice(duties)).to_have_attribute("data-eyes", "not-asked")
    await expect(step(duties, "notified", "yes")).to_be_disabled()
    await asks(duties)
    await expect(notice(duties)).to_have_attribute("data-eyes", "asked")
    other = await people.signed_in(provider.other_lawyer)
    await other.action("advice").click()
    asked = other.case_pane.locator("[data-notice]")
    await expect(asked).to_contain_text(REASON)
    await expect(other.case_pane).not_to_contain_text(words)
    if out := os.environ.get("LYHTY_PICTURES"):
        await pictures(lawyer, other, duties, Path(out))
    await asked.locator('[data-action="agree"]').click()
    await expect(notice(duties)).to_have_attribute("data-eyes", "agreed")
    await expect(notice(duties)).to_contain_text(provider.other_lawyer.display_name)
    await step(duties, "notified", "yes").click()
    await expect(notice(duties)).to_have_attribute("data-made", "yes")
    stored = b"".join(file.read_bytes() for file in server.data.rglob("*") if file.is_file())
    assert REASON.encode() not in stored


async def pictures(lawyer: Desk, other: Desk, duties: Locator, out: Path) -> None:
    for language in ("fi", "en"):
        for width, height in ((390, 844), (1366, 768)):
            for name, desk in (("duties", lawyer), ("asked", other)):
                await desk.page.set_viewport_size({"width": width, "height": height})
                if name == "duties":
                    await notice(duties).scroll_into_view_if_needed()
                await desk.page.screenshot(path=out / f"pair-{name}-{language}-{width}.png")
        if language == "fi":
            await lawyer.speaks("en")
            await other.speaks("en")


async def test_a_notice_in_danger_is_made_at_once_and_a_second_pair_of_eyes_stays_owed(
    people: People, provider: Provider, tells: Tells
) -> None:
    words = "Nyt heti vaarassa, toinen silmäpari"
    await tells(words)
    lawyer = await people.signed_in(provider.lawyer)
    duties = await claims(lawyer, words)
    await step(duties, "concern", "yes").click()
    await step(duties, "notified", "at-once").click()
    await expect(notice(duties)).to_contain_text(lawyer.says("console.pair.owed"))
    for question in ("consulted", "identity", "told"):
        await step(duties, question, "no").click()
    await expect(duties.locator('[data-duty="child-welfare"]')).to_have_attribute("data-done", "false")
    await asks(duties)
    other = await people.signed_in(provider.other_lawyer)
    await other.action("advice").click()
    await (
        other.case_pane.locator("[data-notice]").last.locator('[data-aside="disagree"]').fill("Kysyisin ensin neuvoa.")
    )
    await other.case_pane.locator("[data-notice]").last.locator('[data-action="disagree"]').click()
    await expect(notice(duties)).to_have_attribute("data-eyes", "refused")
    await expect(notice(duties)).to_contain_text("Kysyisin ensin neuvoa.")
    await expect(notice(duties)).to_contain_text(lawyer.says("console.pair.owed"))
    await other.case_pane.locator("[data-notice]").last.locator('[data-action="agree"]').click()
    await expect(duties.locator('[data-duty="child-welfare"]')).to_have_attribute("data-done", "true")


async def test_a_psychologist_who_holds_the_same_case_sees_the_answers_and_whose_they_are_and_agrees(
    people: People, provider: Provider, tells: Tells
) -> None:
    words = "Molemmille kerrottu, toinen silmäpari"
    await tells(words, of=(LAWYER, PSYCHOLOGIST))
    lawyer = await people.signed_in(provider.lawyer)
    psychologist = await people.signed_in(provider.psychologist)
    of_lawyer, of_psychologist = await claims(lawyer, words), await claims(psychologist, words)
    await step(of_lawyer, "concern", "yes").click()
    await expect(step(of_psychologist, "concern", "yes")).to_have_attribute("aria-pressed", "true")
    concern = of_psychologist.locator('[data-step="child-welfare.concern"]')
    await expect(concern).to_contain_text(provider.lawyer.display_name)
    await asks(of_lawyer)
    await psychologist.action("beside").click()
    await psychologist.case_pane.locator('[data-notice] [data-action="agree"]').click()
    await expect(notice(of_lawyer)).to_have_attribute("data-eyes", "agreed")
    await expect(notice(of_psychologist)).to_have_attribute("data-eyes", "agreed")
