"""A class that walks through a made-up case, from view to view; and the note about the school on a poster."""

from collections.abc import AsyncIterator

from playwright.async_api import expect

from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import InstanceId
from tests.browser.pupil import PHRASE_LENGTH, Pupil
from tests.browser.words import Language

FOLLOW_UPS: dict[Language, str] = {
    "fi-simple": "Kenelle voin kertoa?",
    "fi": "Kenelle voin kertoa?",
    "sv": "Vem kan jag berätta för?",
    "en": "Whom can I tell?",
}


async def stands_at(pupil: Pupil, stage: str) -> None:
    await expect(pupil.page.locator("[data-part=rehearsal]")).to_have_attribute("data-stage", stage)


async def rehearsal_views(pupil: Pupil) -> AsyncIterator[str]:
    """From the first view of the rehearsal to its end."""
    await pupil.sees("rehearsal")
    yield "rehearsal-intro"
    await pupil.does("rehearsal-start")
    await stands_at(pupil, "tell")
    yield "rehearsal-what"
    await pupil.text_field("text").fill(pupil.says("rehearsal.story") + " ")
    await pupil.choice("bullying").click()
    await pupil.goes_on()
    await pupil.choice("both").click()
    await pupil.goes_on()
    yield "rehearsal-who-reads"
    await pupil.goes_on()
    await stands_at(pupil, "keep")
    pictures = pupil.page.locator(".phrase [data-picture]")
    await expect(pictures).to_have_count(PHRASE_LENGTH)
    phrase = [int(one) for one in await pictures.evaluate_all("all => all.map(one => one.dataset.picture)")]
    yield "rehearsal-phrase"
    await pupil.goes_on()
    await pupil.skips_practice()
    await stands_at(pupil, "sent")
    await expect(pupil.action("to-case")).to_be_visible()
    yield "rehearsal-sent"
    await pupil.does("to-case")
    await stands_at(pupil, "wait")
    yield "rehearsal-waiting"
    await pupil.does("rehearsal-tomorrow")
    await stands_at(pupil, "read")
    await pupil.reads("rehearsal.answer.plain1")
    yield "rehearsal-answer"
    await pupil.choice("helped-somewhat").click()
    await pupil.does("whole-answer")
    await pupil.reads("rehearsal.answer.tell")
    yield "rehearsal-whole-answer"
    await pupil.tries_to_chat(FOLLOW_UPS[pupil.language])
    await pupil.reads("rehearsal.reply")
    await stands_at(pupil, "leave")
    yield "rehearsal-reply"
    await pupil.does("rehearsal-leave")
    await stands_at(pupil, "back")
    await pupil.does("rehearsal-pictures")
    yield "rehearsal-back"
    await pupil.does("rehearsal-pictures")
    for picture in phrase:
        await pupil.taps(picture)
    await pupil.does("open")
    await stands_at(pupil, "erase")
    await pupil.does("erase")
    yield "rehearsal-erase"
    await pupil.does("erase-confirm")
    await stands_at(pupil, "end")
    yield "rehearsal-end"


async def comes_from_a_poster(pupil: Pupil, instance: InstanceId, school: str) -> None:
    await pupil.opens_lyhty(f"#a={b64encode(instance)}&s={school}")
    await pupil.gets_to_writing()
    await expect(pupil.page.locator("[data-part=school]")).to_contain_text(school)
