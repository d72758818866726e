"""The school of a poster: known to the browser, sealed into the report, and nowhere else."""

import secrets
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from lyhty_wire.contents import Report
from tests.browser.conftest import People
from tests.browser.rehearsal_views import comes_from_a_poster
from tests.browser.test_traces import NOTHING, ON_THE_DEVICE
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES
from tests.provider import Provider
from tests.scenarios.actors import expert
from tests.scenarios.observer import observed
from tests.scenarios.searcher import Searcher
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def report_with(server: ServerProcess, provider: Provider, text: str) -> Report:
    async with expert(server.url, provider, provider.lawyer) as lawyer:
        rows = await lawyer.desk.inbox(lawyer.queue)
        row = next(row for row in rows if row.card is not None and row.card.first_words == text)
        held = await lawyer.claims(row.place.case_id)
        (report,) = [each.content for each in held.conversation.messages if isinstance(each.content, Report)]
        return report


async def test_the_school_of_the_poster_reaches_the_report_and_no_other_place(
    people: People, server: ServerProcess, provider: Provider
) -> None:
    school, text = f"koulu-{secrets.token_hex(6)}", f"Viesti {secrets.token_hex(6)}."
    sent = bytearray()
    async with observed(server.url) as network:
        network.read = lambda _direction, payload: sent.extend(payload)
        pupil = await people.pupil(url=network.url)
        await comes_from_a_poster(pupil, provider.instance, school)
        assert urlsplit(pupil.page.url).fragment == ""
        assert school not in await pupil.page.evaluate("JSON.stringify(history.state)")
        await pupil.writes(text)
        await pupil.wants("lawyer")
        await pupil.understands_who_reads()
        await pupil.keeps_the_phrase()
        await pupil.skips_practice()
        await pupil.sees("sent")
        assert await pupil.page.evaluate(ON_THE_DEVICE) == NOTHING
        assert school not in await pupil.page.evaluate("location.href")
        asked = " ".join(network.requests)
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    assert school not in asked
    assert len(sent) > 10_000
    assert school.encode() not in sent
    searcher = Searcher([school])
    assert searcher.in_files(server.data, server.said) + searcher.in_memory(server.pid) == []
    assert (await report_with(server, provider, text)).school == school


async def test_one_tap_takes_the_school_away(people: People, server: ServerProcess, provider: Provider) -> None:
    text = f"Viesti {secrets.token_hex(6)}."
    pupil = await people.pupil()
    await comes_from_a_poster(pupil, provider.instance, "03095")
    await pupil.does("no-school")
    await pupil.reads("school.gone")
    await pupil.writes(text)
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    await pupil.skips_practice()
    await pupil.sees("sent")
    assert (await report_with(server, provider, text)).school is None


@pytest.mark.parametrize("damaged", ["#s=", "#s=KOULU", "#s=%00", "#s=" + "a" * 33])
async def test_a_damaged_school_is_no_matter_of_the_child(people: People, damaged: str) -> None:
    pupil = await (await people.pupil()).opens_lyhty(damaged)
    await pupil.sees("home")
    await pupil.gets_to_writing()
    await expect(pupil.text_field("text")).to_be_visible()
    await expect(pupil.page.locator("[data-part=school]")).to_have_count(0)


async def test_the_console_does_not_show_the_school(people: People, provider: Provider) -> None:
    school, text = f"koulu-{secrets.token_hex(6)}", f"Viesti {secrets.token_hex(6)}."
    pupil = await people.pupil()
    await comes_from_a_poster(pupil, provider.instance, school)
    await pupil.writes(text)
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()
    await pupil.keeps_the_phrase()
    await pupil.skips_practice()
    await pupil.sees("sent")
    desk = await people.signed_in(provider.lawyer)
    await desk.claims(text)
    await desk.has_read(text)
    assert school not in await desk.page.content()
