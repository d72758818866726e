"""What comes into a closed case: whether it helped, which nobody sees; and words that another client puts there."""

import secrets

import pytest
from playwright.async_api import expect

from lyhty_crypto.contributions import state_key
from lyhty_wire import figures_desk
from lyhty_wire.contributions import ReplyCounted
from lyhty_wire.encoding import b64encode
from lyhty_wire.records import Operation, Put
from tests.browser.conftest import People
from tests.browser.desk import Desk
from tests.browser.rehearsal_views import comes_from_a_poster
from tests.browser.test_contributing import KEPT, contributed, keeps_more
from tests.browser.test_lists import goes_to, listed
from tests.provider import Provider
from tests.raw_channel import raw_channel
from tests.scenarios.actors import expert
from tests.scenarios.server_process import ServerProcess
from tests.writing import write_report

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def shows_nothing_new(desk: Desk, first_words: str) -> None:
    await expect(desk.action("tab-closed").locator(".count")).to_have_count(0)
    await goes_to(desk, "closed")
    await expect(listed(desk, first_words)).to_have_count(1)
    await expect(desk.page.locator("[data-part=late]")).to_have_count(0)


async def test_whether_it_helped_is_said_in_a_closed_case_and_reaches_the_figures_and_no_screen(
    people: People, server: ServerProcess, provider: Provider
) -> None:
    school, text = f"koulu-{secrets.token_hex(4)}", f"Viesti {secrets.token_hex(6)}."
    async with expert(server.url, provider, provider.coordinator, listening=False) as coordinator:
        statement = state_key(provider.directory_key, provider.instance)
        await coordinator.desk.desk.state_statistics_key(
            figures_desk.StateStatisticsKey(b64encode(statement.encode()), [])
        )
        pupil = await people.pupil()
        await comes_from_a_poster(pupil, provider.instance, school)
        await pupil.writes(text, "bullying", "snapchat", "pupil")
        await pupil.wants("lawyer")
        await pupil.understands_who_reads()
        await pupil.keeps_the_phrase()
        await pupil.skips_practice()
        await pupil.sees("sent")

        desk = await people.signed_in(provider.lawyer)
        await desk.claims(text)
        await desk.answers(did_right="Hyvä, että kerroit.")
        await keeps_more(desk, "")
        await desk.closes()
        await expect(desk.case_pane).not_to_have_attribute("data-open", "true")
        kept: str = await desk.page.evaluate(KEPT)

        returned = await (await people.pupil()).opens_lyhty()
        await returned.comes_back_with(" ".join(picture.word for picture in pupil.phrase))
        await returned.sees_state("case.state.closed")
        await returned.choice("helped-no").click()
        await returned.reads("helped.askAgain")
        await expect(returned.page.locator("[data-helped-state]")).to_have_attribute("data-helped-state", "sent")
        await returned.sees_state("case.state.closed")
        await expect(returned.action("ask-again")).to_be_visible()

        await keeps_more(desk, kept)
        await shows_nothing_new(desk, text)
        await listed(desk, text).click()
        await expect(desk.messages).to_have_count(2)

        await desk.action("sign-out").click()
        await desk.opens_console()
        async with desk.page.expect_response(lambda answer: answer.url.endswith("/api/contributions")) as brought:
            await desk.signs_in()
        assert (await brought.value).status == 200
        counted = await contributed(coordinator, provider)
        said = [one for one in counted if isinstance(one, ReplyCounted) and one.school == school]
        assert [(one.asked, one.answer) for one in said] == [("impact", "no")]


async def test_words_that_another_client_puts_into_a_closed_case_are_marked_until_somebody_looks(
    people: People, server: ServerProcess, provider: Provider
) -> None:
    story, words = f"Suljettava {secrets.token_hex(4)}.", f"Vielä yksi asia {secrets.token_hex(4)}."
    written = write_report(provider.directory, story)
    desk = await people.signed_in(provider.lawyer)
    async with raw_channel(server.url) as channel:
        await channel.open(written.case, written.keys.auth)
    await desk.claims(story)
    await desk.closes()
    await shows_nothing_new(desk, story)
    async with raw_channel(server.url) as channel:
        await channel.resume(written.keys, provider.instance)
        await channel.perform(Operation.PUT_LATE, Put(written.chat(words).envelope).encode())

    await expect(desk.action("tab-closed").locator(".count [aria-hidden]")).to_have_text("1")
    await expect(listed(desk, story).locator("[data-part=late]")).to_have_text(desk.says("console.state.late"))
    await desk.action("sign-out").click()
    await (await desk.opens_console()).signs_in()
    await expect(desk.action("tab-closed").locator(".count [aria-hidden]")).to_have_text("1")
    await goes_to(desk, "closed")
    await listed(desk, story).click()
    await desk.has_read(words)
    await shows_nothing_new(desk, story)
