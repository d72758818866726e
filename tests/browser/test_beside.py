"""What experts write for one another beside a case: notes, and questions to colleagues."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People, Tells
from tests.browser.desk import Desk
from tests.provider import Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = "Kuvani jaettiin luokan ryhmässä"


async def claims(desk: Desk, words: str) -> None:
    await desk.card(words).click()
    await desk.page.keyboard.press("c")
    await expect(desk.messages).to_have_count(1)


async def test_a_note_written_by_keyboard_waits_for_the_next_lawyer(
    people: People, provider: Provider, tells: Tells
) -> None:
    words = f"{WORDS}, muistiinpano"
    await tells(words)
    lawyer = await people.signed_in(provider.lawyer)
    await claims(lawyer, words)
    await lawyer.page.keyboard.press("n")
    await lawyer.page.keyboard.type("Rehtori tietää jo.")
    await lawyer.action("save-note").click()
    await expect(lawyer.case_pane.locator(".aside")).to_contain_text("Rehtori tietää jo.")
    await expect(lawyer.case_pane.locator('[data-aside="save-note"]')).to_have_value("")
    await lawyer.action("release").click()
    await lawyer.action("confirm").click()
    other = await people.signed_in(provider.other_lawyer)
    await claims(other, words)
    await other.action("beside").click()
    await expect(other.case_pane.locator(".aside")).to_contain_text("Rehtori tietää jo.")


async def test_a_psychologist_is_asked_and_advises_without_the_conversation(
    people: People, provider: Provider, tells: Tells
) -> None:
    words = f"{WORDS}, neuvo"
    await tells(words)
    lawyer = await people.signed_in(provider.lawyer)
    psychologist = await people.signed_in(provider.psychologist)
    await claims(lawyer, words)
    await lawyer.action("beside").click()
    await lawyer.case_pane.locator('[data-ask="psychologist"]').check()
    await lawyer.case_pane.locator('[data-aside="ask"]').fill("Miten puhuisit unesta?")
    await lawyer.action("ask").click()
    await psychologist.action("advice").click()
    room = psychologist.case_pane.locator(".consultation")
    await expect(room).to_contain_text("Miten puhuisit unesta?")
    await expect(psychologist.case_pane).not_to_contain_text(words)
    await room.locator("textarea").fill("Kysy ensin, nukuttaako.")
    await room.locator('[data-action="reply-room"]').click()
    await expect(lawyer.case_pane.locator(".consultation")).to_contain_text("Kysy ensin, nukuttaako.")
    await lawyer.action("end-room").click()
    await expect(lawyer.case_pane.locator(".consultation")).to_contain_text(lawyer.says("console.beside.ended"))
    await expect(psychologist.action("advice")).to_have_count(0)


async def test_an_empty_note_is_not_sent_and_the_reason_is_said(
    people: People, provider: Provider, tells: Tells
) -> None:
    words = f"{WORDS}, tyhjä"
    await tells(words)
    lawyer = await people.signed_in(provider.lawyer)
    await claims(lawyer, words)
    await lawyer.action("beside").click()
    await lawyer.action("save-note").click()
    await expect(lawyer.case_pane.locator('[data-problem="message-empty"]')).to_be_visible()


async def test_a_note_goes_on_its_way_again_when_the_line_is_back_and_is_there_once(
    people: People, provider: Provider, tells: Tells
) -> None:
    words = f"{WORDS}, katko"
    await tells(words)
    lawyer = await people.signed_in(provider.lawyer)
    await claims(lawyer, words)
    await lawyer.action("beside").click()
    field = lawyer.case_pane.locator('[data-aside="save-note"]')
    lost = 0

    async def lose_the_answer(route: Any) -> None:
        nonlocal lost
        if route.request.method != "POST" or lost:
            await route.continue_()
        else:
            lost += 1
            await route.fetch()  # stored; the answer never arrives
            await route.abort()

    people.expect_complaint("ERR_FAILED")
    await lawyer.page.route("**/rooms", lose_the_answer)
    await field.fill("Soitettu kotiin.")
    await lawyer.action("save-note").click()
    await expect(lawyer.case_pane.locator('[data-problem="connection-lost"]')).to_be_visible()
    await expect(field).to_have_value("Soitettu kotiin.")
    await lawyer.action("save-note").click()
    await expect(field).to_have_value("")
    await expect(lawyer.case_pane.locator(".aside")).to_have_count(1)
    assert lost == 1


async def test_a_case_is_closed_after_what_was_being_read_beside_it(
    people: People, provider: Provider, tells: Tells
) -> None:
    words = f"{WORDS}, sulkeminen"
    await tells(words)
    lawyer = await people.signed_in(provider.lawyer)
    await claims(lawyer, words)
    await lawyer.action("beside").click()
    asked, may_read = asyncio.Event(), asyncio.Event()
    closings = 0

    async def keep_waiting(route: Any) -> None:
        if route.request.method == "GET":
            asked.set()
            await may_read.wait()
        await route.continue_()

    async def count(route: Any) -> None:
        nonlocal closings
        closings += 1
        await route.continue_()

    await lawyer.page.route("**/api/rooms/*/envelopes*", keep_waiting)
    await lawyer.page.route("**/places/*/close", count)
    await lawyer.case_pane.locator('[data-aside="save-note"]').fill("Soitettu kotiin.")
    await lawyer.action("save-note").click()
    await asyncio.wait_for(asked.wait(), 20)
    await lawyer.closes()
    await expect(lawyer.action("close")).to_contain_text(lawyer.says("console.action.closing"))
    assert closings == 0
    may_read.set()
    await expect(lawyer.card(words)).to_have_count(0)
    assert closings == 1
