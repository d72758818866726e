"""Wrong input, wrong times, wrong servers: whatever goes wrong is told in plain sentences, and nothing is lost."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Route, WebSocketRoute, expect

from lyhty_wire.encoding import b64encode
from tests.browser.conftest import People
from tests.browser.desk import Desk
from tests.browser.engines import ELSEWHERE
from tests.browser.pupil import Pupil
from tests.browser.watching import AND_OF_INSECURE_PAGES
from tests.provider import DAY_S, Provider, make_provider
from tests.scenarios.actors import Expert, expert
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG: Final = "Tämä on pitkä. " * 2_667  # 40,005 characters
HEBREW_AND_ARABIC: Final = "מישהו שלח תמונה שלי — شخص ما أرسل صورتي"
EMOJI: Final = "👩‍👩‍👧‍👦 Miksi näin? 😭🏳️‍🌈 𝒽𝑒𝓁𝓅"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def lawyer(server: ServerProcess, provider: Provider) -> AsyncIterator[Expert]:
    async with expert(server.url, provider, provider.lawyer) as person:
        yield person


async def claimed(lawyer: Expert, first_words: str) -> Any:
    rows = await lawyer.desk.inbox(lawyer.queue)
    case = next(row.place.case_id for row in rows if row.card and row.card.first_words == first_words)
    return case, await lawyer.claims(case)


async def in_english_too(person: Pupil | Desk) -> AsyncIterator[None]:
    """What stands on the page stays there, and says the same, when its language is changed."""
    yield
    await person.speaks("en")
    yield


async def opened(people: People, text: str) -> Pupil:
    """Somebody who has told of something and has the case open."""
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(text)
    await pupil.opens_the_case()
    return pupil


# --- What people write


async def test_a_text_of_forty_thousand_characters_is_too_long_and_stays(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(LONG)
    await pupil.goes_on()
    async for _ in in_english_too(pupil):
        await pupil.reads("what.tooLong")
    await pupil.sees("what")
    await expect(pupil.text_field("text")).to_have_value(LONG)


async def test_an_empty_text_is_asked_for_kindly(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill(" \n\t ")
    await pupil.goes_on()
    await expect(pupil.text_field("text")).to_be_focused()
    async for _ in in_english_too(pupil):
        await pupil.reads("what.empty")


@pytest.mark.parametrize("character", ["\0", "\x07", "\ud800"], ids=["NUL", "bell", "half a character"])
async def test_a_character_that_cannot_be_sent_is_told_and_the_text_stays(people: People, character: str) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.gets_to_writing()
    await pupil.text_field("text").fill("Ennen")
    await pupil.text_field("text").evaluate(
        "(field, code) => { field.value = 'Ennen' + String.fromCharCode(code) + 'jälkeen';"
        " field.dispatchEvent(new InputEvent('input', { bubbles: true })) }",
        ord(character),
    )
    await pupil.goes_on()
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    await pupil.skips_practice()
    async for _ in in_english_too(pupil):
        await pupil.reads_problem("message-forbidden-character")
    await pupil.goes_back()
    await pupil.sees("what")
    assert (await pupil.text_field("text").input_value()).startswith("Ennen")


@pytest.mark.parametrize("text", [EMOJI, HEBREW_AND_ARABIC], ids=["emoji", "right to left"])
async def test_any_writing_arrives_as_it_was_written(
    people: People, provider: Provider, lawyer: Expert, text: str
) -> None:
    pupil = await opened(people, text)
    await pupil.has_sent(text)
    desk = await people.signed_in(provider.lawyer)
    await desk.claims(text)
    await desk.has_read(text)


async def test_right_to_left_writing_is_shown_from_the_right(people: People) -> None:
    pupil = await opened(people, HEBREW_AND_ARABIC)
    shown = pupil.message(HEBREW_AND_ARABIC).locator("[dir=auto]", has_text=HEBREW_AND_ARABIC)
    assert await shown.evaluate("(one) => one.matches(':dir(rtl)')")
    await pupil.text_field("message").fill(HEBREW_AND_ARABIC)
    assert await pupil.text_field("message").evaluate("(one) => one.matches(':dir(rtl)')")


async def test_a_chat_message_that_cannot_be_sent_stays_in_its_field(people: People) -> None:
    pupil = await opened(people, "Kirjoitan kohta lisää.")
    for text, told in (("   ", "composer.empty"), (LONG, "composer.tooLong")):
        await pupil.tries_to_chat(text)
        async for _ in in_english_too(pupil):
            await pupil.reads(told)
            await expect(pupil.text_field("message")).to_have_value(text)
        await pupil.speaks("fi-simple")
        await expect(pupil.messages).to_have_count(1)


async def test_a_chat_message_with_a_forbidden_character_comes_back_to_its_field(people: People) -> None:
    pupil = await opened(people, "Kirjoitan kohta oudosti.")
    await pupil.tries_to_chat("outo\x07merkki")
    async for _ in in_english_too(pupil):
        await pupil.reads_problem("message-forbidden-character")
    await expect(pupil.text_field("message")).to_have_value("outo\x07merkki")


# --- Whom to trust


async def stopped_by(people: People, bundle: bytes, code: str) -> None:
    pupil = await people.pupil()

    async def answer(route: Route) -> None:
        await route.fulfill(body=bundle, content_type="application/octet-stream")

    await pupil.page.route("**/api/trust", answer)
    await pupil.opens_lyhty()
    async for _ in in_english_too(pupil):
        await pupil.is_stopped(code)
    await expect(pupil.action("ask")).to_have_count(0)


async def test_a_directory_past_its_time_stops_the_page(people: People, provider: Provider) -> None:
    old = int(time.time()) - 15 * DAY_S
    expired = provider.reissued(issued=old, expires=old + 14 * DAY_S)
    await stopped_by(people, expired.bundle.encode(), "directory-expired")


async def test_a_directory_signed_by_a_stranger_stops_the_page(people: People, provider: Provider) -> None:
    stranger = make_provider(int(time.time()))
    forged = replace(provider, directory_key=stranger.directory_key)
    await stopped_by(people, forged.bundle.encode(), "directory-forged")


async def test_a_poster_of_another_instance_stops_the_page(people: People) -> None:
    pupil = await people.pupil()
    await pupil.opens_lyhty(fragment=f"#a={b64encode(bytes(32))}")
    async for _ in in_english_too(pupil):
        await pupil.is_stopped("anchor-mismatch")


async def test_the_posters_own_anchor_is_taken_out_of_the_address(people: People, provider: Provider) -> None:
    pupil = await people.pupil()
    await pupil.opens_lyhty(fragment=f"#a={b64encode(provider.instance)}")
    await pupil.sees("home")
    assert pupil.page.url == f"{pupil.url}/"
    await pupil.tells("Tulin julisteen kautta.")


async def test_an_address_without_https_stops_the_page(people: People, server: ServerProcess) -> None:
    pupil = await people.pupil(url=f"http://{ELSEWHERE}:{server.port}")
    people.expect_complaint(AND_OF_INSECURE_PAGES)
    await pupil.opens_lyhty()
    async for _ in in_english_too(pupil):
        await pupil.is_stopped("insecure-context")


async def test_a_browser_without_cryptography_stops_the_page(people: People) -> None:
    pupil = await people.pupil()
    await pupil.page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    await pupil.opens_lyhty()
    async for _ in in_english_too(pupil):
        await pupil.is_stopped("browser-unsupported")


async def test_a_clock_that_is_an_hour_off_is_mentioned_and_stops_nobody(people: People) -> None:
    pupil = await people.pupil()
    await pupil.page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=1))
    await pupil.opens_lyhty()
    notice = pupil.page.locator('[data-notice="clock-off"]')
    async for _ in in_english_too(pupil):
        for part in ("title", "text", "safe"):
            await expect(notice).to_contain_text(pupil.says(f"clockNotice.{part}"))
    await pupil.does("close-notice")
    await pupil.tells("Kelloni on väärässä.")


# --- Cases that are not what they were


async def test_a_case_closed_while_the_pupil_writes_says_so_and_keeps_the_words(people: People, lawyer: Expert) -> None:
    text = "Tämä suljetaan pian."
    pupil = await opened(people, text)
    await pupil.text_field("message").fill("En ehtinyt lähettää tätä.")
    case, _ = await claimed(lawyer, text)
    await lawyer.closes(case)
    async for _ in in_english_too(pupil):
        await pupil.sees_state("case.state.closed")
        await pupil.reads("case.closedText")
        await pupil.reads_problem("case-closed")
    await expect(pupil.page.locator('[data-part="unsent"]')).to_contain_text("En ehtinyt lähettää tätä.")


async def test_a_case_erased_elsewhere_is_told_in_three_sentences(people: People) -> None:
    pupil = await opened(people, "Poistan tämän kohta.")
    again = await (await people.pupil()).opens_lyhty()
    await again.comes_back_with(" ".join(picture.word for picture in pupil.phrase))
    await again.erases_everything()
    await pupil.chats("Onko täällä ketään?")
    async for _ in in_english_too(pupil):
        await pupil.reads_problem("case-erased")
    await expect(pupil.text_field("message")).to_have_value("Onko täällä ketään?")


async def test_the_expert_who_claims_second_is_told_in_three_sentences(people: People, provider: Provider) -> None:
    text = "Kaksi haluaa tämän."
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(text)
    slower = await people.desk(provider.other_lawyer)

    def hears_too_late(feed: WebSocketRoute) -> None:
        onward = feed.connect_to_server()
        onward.on_message(lambda message: feed.send(message) if '"ready"' in str(message) else None)

    await slower.page.route_web_socket("**/feed", hears_too_late)
    people.expect_complaint("status of 409")
    await slower.opens_console()
    await slower.signs_in()
    await slower.selects(text)
    faster = await people.signed_in(provider.lawyer)
    await faster.claims(text)
    await slower.presses("Enter", "c")
    async for _ in in_english_too(slower):
        await slower.reads_problem("case-already-claimed")


@pytest.mark.parametrize("language", ["fi", "en"])
async def test_a_wrong_password_is_told_in_three_sentences(people: People, provider: Provider, language: Any) -> None:
    desk = await people.desk(provider.lawyer, language=language)
    people.expect_complaint("status of 403")
    await desk.opens_console()
    await desk.tries_to_sign_in(password="wrong")
    await desk.reads_problem("sign-in-failed")


async def test_an_answer_without_a_word_is_told_in_three_sentences(people: People, provider: Provider) -> None:
    text = "Saan tyhjän vastauksen."
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(text)
    desk = await people.signed_in(provider.lawyer)
    await desk.claims(text)
    await desk.presses("Control+Enter")
    async for _ in in_english_too(desk):
        await desk.reads_problem("answer-empty")
