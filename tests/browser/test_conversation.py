"""The conversation as the pupil sees it: how far a message has come, who is here, days, and a long thread."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from lyhty_client.expert import HeldCase
from lyhty_crypto.receipts import Reach
from lyhty_wire.contents import Chat, Receipt
from tests.browser.conftest import People
from tests.browser.pupil import Pupil
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, now
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def lawyer(server: ServerProcess, provider: Provider) -> AsyncIterator[Expert]:
    """At the desk, with no feed open: nobody sees them there."""
    async with expert(server.url, provider, provider.lawyer, listening=False) as person:
        yield person


async def held_by(lawyer: Expert, first_words: str) -> HeldCase:
    rows = await lawyer.desk.inbox(lawyer.queue)
    (case,) = [row.place.case_id for row in rows if row.card and row.card.first_words == first_words]
    return await lawyer.claims(case)


async def told(people: People, text: str) -> Pupil:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(text)
    await pupil.opens_the_case()
    return pupil


async def says_delivered(lawyer: Expert, held: HeldCase) -> None:
    """As a console does that holds the case and shows another."""
    envelope = held.seal(Receipt(now(), read=False))
    await lawyer.desk.desk.put(held.place.case_id, envelope)
    await lawyer.desk.catch_up(held)


ROW_BEING_READ: Final = """() => {
    const row = [...document.querySelectorAll('[data-message]')].find((one) => one.getBoundingClientRect().top > 100)
    return [row.dataset.message, row.getBoundingClientRect().top]
}"""


async def top_of(row: Locator) -> float:
    return float(await row.evaluate("row => row.getBoundingClientRect().top"))


async def test_a_message_is_sent_then_delivered_then_read(people: People, lawyer: Expert) -> None:
    pupil = await told(people, "Luetaanko tämä?")
    await expect(pupil.message("Luetaanko tämä?")).to_contain_text(pupil.says("case.message.sent"))
    held = await held_by(lawyer, "Luetaanko tämä?")
    await pupil.sees_read("Luetaanko tämä?")
    await pupil.chats("Entä tämä?")
    message = pupil.message("Entä tämä?")
    await expect(message).to_contain_text(pupil.says("case.message.sent"))
    await lawyer.desk.catch_up(held)
    await says_delivered(lawyer, held)
    await expect(message).to_contain_text(pupil.says("case.message.delivered"))
    await lawyer.desk.acknowledge(held)
    await pupil.sees_read("Entä tämä?")
    await expect(pupil.messages).to_have_count(2)


async def test_the_expert_learns_that_an_answer_was_on_the_pupils_screen(people: People, lawyer: Expert) -> None:
    pupil = await told(people, "Vastaa minulle.")
    held = await held_by(lawyer, "Vastaa minulle.")
    await lawyer.writes(held, "Tässä on vastaus.")
    await pupil.has_received("Tässä on vastaus.")
    # Below the fold while the service is closed and says so above.
    await pupil.message("Tässä on vastaus.").scroll_into_view_if_needed()
    own = lawyer.desk.expertise.keys.sign.public
    async with asyncio.timeout(PATIENCE_S):
        while held.conversation.reach(own)[held.conversation.messages[-1].seq] != Reach.READ:
            await lawyer.desk.catch_up(held)
    assert len(held.conversation.messages) == 2


async def test_the_pupil_sees_the_lawyer_come_and_go(
    people: People, lawyer: Expert, provider: Provider, server: ServerProcess
) -> None:
    pupil = await told(people, "Onko siellä joku?")
    held = await held_by(lawyer, "Onko siellä joku?")
    await pupil.sees_state("case.state.heldLawyer")
    here = pupil.page.locator('[data-part="here"]')
    await expect(here).to_have_count(0)
    async with expert(server.url, provider, provider.lawyer) as present:
        await expect(here).to_have_text(pupil.says("case.hereLawyer"))
        await pupil.reads("case.hereHint")
        event = await present.hears("here", held.place.case_id)
        assert event.here is True
        await present.releases(held.place.case_id)
        await expect(here).to_have_count(0)


async def test_the_days_are_told_apart(people: People, lawyer: Expert) -> None:
    pupil = await told(people, "Monta päivää.")
    await expect(pupil.page.locator(".message-day")).to_have_text("tänään")
    held = await held_by(lawyer, "Monta päivää.")
    lawyer.desk._clock = lambda: now() + 86_400 * 400
    await lawyer.writes(held, "Vuoden päästä.")
    lawyer.desk._clock = now
    await pupil.has_received("Vuoden päästä.")
    await expect(pupil.page.locator(".message-day").last).to_have_text(re.compile(r"^\d+\. \S+ 20\d\d$"))


async def test_the_bell_is_off_on_a_school_device_until_it_is_wanted(people: People, lawyer: Expert) -> None:
    pupil = await people.pupil()
    await pupil.page.add_init_script(
        "const start = OscillatorNode.prototype.start; let tones = 0\n"
        "OscillatorNode.prototype.start = function (when) {\n"
        "  document.documentElement.dataset.tones = ++tones; start.call(this, when) }"
    )
    await pupil.opens_lyhty()
    await pupil.gets_to_writing(device="school")
    await pupil.writes("Koulun koneella.")
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    await pupil.skips_practice()
    await pupil.sees("sent")
    await pupil.opens_the_case()
    held = await held_by(lawyer, "Koulun koneella.")
    await lawyer.writes(held, "Ensin hiljaa.")
    await pupil.has_received("Ensin hiljaa.")
    await expect(pupil.page.locator("html[data-tones]")).to_have_count(0)
    await pupil.does("bell")
    await expect(pupil.action("bell")).to_have_attribute("aria-pressed", "true")
    await lawyer.desk.acknowledge(held)
    await lawyer.writes(held, "Sitten soi.")
    await pupil.has_received("Sitten soi.")
    await expect(pupil.page.locator("html")).to_have_attribute("data-tones", "2")


async def test_a_long_thread_opens_at_its_newest_and_fetches_the_rest_in_words(people: People, lawyer: Expert) -> None:
    pupil = await told(people, "Pitkä keskustelu.")
    held = await held_by(lawyer, "Pitkä keskustelu.")
    await pupil.page.close()
    for number in range(2, 301):
        envelope = held.seal(Chat(now(), f"Viesti numero {number}."))
        held.accept(await lawyer.desk.desk.put(held.place.case_id, envelope), envelope)
    again = await (await people.pupil()).opens_lyhty()
    await again.comes_back_with(" ".join(picture.word for picture in pupil.phrase))
    newest = again.message("Viesti numero 300.")
    await expect(newest).to_be_in_viewport()
    older = again.page.locator('[data-part="older"]')
    await expect(older).to_contain_text(again.says("case.olderCheck"))
    await expect(older.locator("progress")).to_have_attribute("max", "100")
    # Who reads further up stays there while older messages come in above.
    await again.page.mouse.wheel(0, -500)
    await expect(again.action("to-newest")).to_be_visible()
    key, top = await again.page.evaluate(ROW_BEING_READ)
    reading = again.page.locator(f'[data-message="{key}"]')
    await expect(older).to_have_count(0)
    await expect(again.messages).to_have_count(300)
    assert abs(await top_of(reading) - top) < 10
    await expect(again.page.locator("[data-problem]")).to_have_count(0)
    # New words further down are counted, not jumped to.
    to_newest = again.action("to-newest")
    await expect(to_newest).to_contain_text(again.says("case.toNewest"))
    await lawyer.desk.catch_up(held)
    await lawyer.writes(held, "Aivan uusi.")
    await expect(to_newest).to_contain_text(again.says("case.toNew_one", count=1))
    assert abs(await top_of(reading) - top) < 10
    await to_newest.click()
    await expect(again.message("Aivan uusi.")).to_be_in_viewport()
    await expect(to_newest).to_have_count(0)
    assert await again.page.title() == "Lyhty"
