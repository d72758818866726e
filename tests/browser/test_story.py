"""The whole story, in real browsers against a real server: asking, answering, talking, closing, erasing."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import IN_BOTH_ENGINES, Browsers, People
from tests.browser.engines import Engine
from tests.provider import Provider

QUEUES = "**/api/queues/**"

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPORT = "Luokan ryhmässä leviää kuvani. En uskalla mennä kouluun."


@IN_BOTH_ENGINES
async def test_a_pupil_asks_and_two_experts_answer_until_the_pupil_erases_it_all(
    people: People, provider: Provider
) -> None:
    lawyer = await people.signed_in(provider.lawyer)
    psychologist = await people.signed_in(provider.psychologist)

    # The pupil, at home on a phone, in plain Finnish.
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.reads_the_lesson("pictures")
    await pupil.does("to-home")
    await pupil.reads_the_lesson("bullying")
    await pupil.does("lesson-ask")
    await pupil.sees("device")
    await pupil.uses_device("own")
    await pupil.says_about_danger("no")
    await pupil.writes(REPORT, "picture-shared", "tiktok", "snapchat", "pupil", "13-15")
    await pupil.wants("unknown")
    await pupil.reads("whoReads.both")
    await pupil.reads("whoReads.dutyChildWelfare")
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    await pupil.practices()
    # From now on a desk can only hear of a case, and cannot read its queue.
    people.expect_complaint("/api/queues/")
    await lawyer.page.route(QUEUES, lambda route: route.abort())
    await pupil.goes_on()
    await pupil.sees("sent")
    await pupil.reads_by_when()
    for step in (1, 2, 3, 4):
        await pupil.reads(f"steps.picture-shared.{step}")

    # The lawyer sees the card by the feed, and works by keyboard alone.
    card = lawyer.card(REPORT)
    await expect(card).to_contain_text(lawyer.says("topics.picture-shared"))
    await expect(card).to_contain_text("TikTok")
    await lawyer.page.unroute(QUEUES)
    await expect(psychologist.card(REPORT)).to_be_visible()
    await lawyer.presses("j", "k", "j", "Enter", "c")
    await expect(lawyer.case_pane).to_have_attribute("data-open", "true")
    await lawyer.presses("v")
    await lawyer.has_read(REPORT)
    await lawyer.answers(
        did_right="Hyvä, että kerroit.",
        legal="Kuvan jakaminen ilman lupaa on rikos.",
        now="Säilytä viestit\nKerro aikuiselle",
        look_again="Luen tämän huomenna.",
    )
    await lawyer.chats("Milloin kuva jaettiin?")
    await psychologist.claims(REPORT)
    await psychologist.has_read(REPORT)
    await psychologist.chats("Miten voit tänään?")

    # The pupil again, on another device, in English, with the words they wrote down in Finnish.
    phrase = " ".join(picture.word for picture in pupil.phrase)
    returned = await (await people.pupil("en")).opens_lyhty()
    await returned.comes_back_with(phrase)
    await returned.sees_state("case.state.answered")
    answer = returned.message("Hyvä, että kerroit.")
    await expect(answer.locator("[data-part]")).to_have_count(4)
    ticks = answer.locator('[data-part="now"] input[type=checkbox]')
    await expect(ticks).to_have_count(2)
    await answer.get_by_label("Kerro aikuiselle").check()
    await expect(answer).to_contain_text(returned.says("answer.doneOf", done=1, total=2))
    await returned.has_received("Milloin kuva jaettiin?")
    await returned.has_received("Miten voit tänään?")

    # All three talk while they are there.
    await returned.chats("Eilen illalla.")
    await returned.has_sent("Eilen illalla.")
    await lawyer.has_read("Eilen illalla.")
    await psychologist.has_read("Eilen illalla.")
    await lawyer.chats("Kiitos. Palaan asiaan.")
    await returned.has_received("Kiitos. Palaan asiaan.")

    # Both close; the pupil can read, and not write any more.
    await psychologist.closes()
    await lawyer.closes()
    await returned.sees_state("case.state.closed")
    await expect(returned.text_field("message")).to_have_count(0)
    await returned.has_received("Kiitos. Palaan asiaan.")

    # Everything is erased: the same words lead nowhere.
    await returned.erases_everything()
    await returned.does("to-home")
    await returned.types_phrase(phrase)
    await returned.does("open")
    await returned.reads_problem("mailbox-unknown")


@pytest.mark.parametrize(("first", "then"), [("chromium", "firefox"), ("firefox", "chromium")])
async def test_a_case_opened_in_one_browser_is_answered_and_goes_on_in_the_other(
    people: People, browsers: Browsers, provider: Provider, first: Engine, then: Engine
) -> None:
    text = f"Kerron tämän selaimella {first}."
    pupil = await (await people.pupil(browser=await browsers.of(first))).opens_lyhty()
    phrase = await pupil.tells(text, "bullying", "tiktok")
    lawyer = await people.signed_in(provider.lawyer, browser=await browsers.of(then))
    await lawyer.claims(text)
    await lawyer.answers(did_right="Hyvä, että kerroit.", now="Kerro aikuiselle")

    returned = await (await people.pupil(browser=await browsers.of(then))).opens_lyhty()
    await returned.comes_back_with(" ".join(picture.word for picture in phrase))
    await returned.has_received("Hyvä, että kerroit.")
    await returned.chats("Kiitos vastauksesta.")
    await returned.has_sent("Kiitos vastauksesta.")
    await lawyer.has_read("Kiitos vastauksesta.")
    await pupil.opens_the_case()
    await pupil.has_received("Hyvä, että kerroit.")
    await lawyer.closes()
