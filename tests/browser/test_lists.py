"""An expert's lists: whose turn it is, what is put aside, what is closed; a search; and who else is writing."""

import re
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId
from tests.browser.conftest import PHONE, People
from tests.browser.desk import Desk
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOTH: Final[tuple[QueueId, ...]] = (LAWYER, PSYCHOLOGIST)


@pytest_asyncio.fixture(loop_scope="session")
async def lawyer(people: People, provider: Provider) -> Desk:
    return await people.signed_in(provider.lawyer)


def listed(desk: Desk, first_words: str) -> Locator:
    return desk.page.locator(".queue-list [data-case]").filter(has_text=first_words)


async def goes_to(desk: Desk, name: str) -> None:
    await desk.action(f"tab-{name}").click()


async def stands_in(desk: Desk, name: str, first_words: str) -> None:
    await goes_to(desk, name)
    await expect(listed(desk, first_words)).to_have_count(1)


async def leaves_the_field(desk: Desk) -> None:
    await desk.case_pane.locator("[data-heading=case]").click()


async def test_a_case_moves_between_the_lists_as_its_people_write(lawyer: Desk, server: ServerProcess) -> None:
    story = "Listojen tapaus."
    async with reporter(server.url) as pupil:
        await pupil.tells(story)
        await lawyer.claims(story)
        await stands_in(lawyer, "mine", story)
        await lawyer.chats("Kerro lisää.")
        await expect(listed(lawyer, story)).to_have_count(0)
        await stands_in(lawyer, "awaiting", story)
        await pupil.reads("Kerro lisää.")
        await pupil.writes("Se tapahtui eilen.")
        await expect(listed(lawyer, story)).to_have_count(0)
        await stands_in(lawyer, "mine", story)


async def test_a_case_that_is_put_aside_comes_back_at_once_when_its_reporter_writes_and_not_for_a_receipt(
    lawyer: Desk, server: ServerProcess
) -> None:
    story = "Lykättävä tapaus."
    async with reporter(server.url) as pupil:
        await pupil.tells(story)
        await lawyer.claims(story)
        await lawyer.chats("Palaan tähän huomenna.")
        await leaves_the_field(lawyer)
        await lawyer.presses("s")
        await lawyer.action("snooze-tomorrow").click()
        await expect(lawyer.action("wake")).to_be_visible()
        await stands_in(lawyer, "snoozed", story)
        await pupil.reads("Palaan tähän huomenna.")
        receipt = pupil.session.acknowledge(0)
        assert receipt is not None
        await pupil.channel.settle(receipt)
        await expect(lawyer.message("Palaan tähän huomenna.").locator("[data-reach]")).to_have_attribute(
            "data-reach", "read"
        )
        await expect(listed(lawyer, story)).to_have_count(1)
        await pupil.writes("Nyt se tapahtui taas.")
        await expect(listed(lawyer, story)).to_have_count(0)
        await stands_in(lawyer, "mine", story)
        await expect(lawyer.action("snooze")).to_be_visible()


async def test_a_case_that_is_put_aside_is_taken_up_again_by_hand(lawyer: Desk, server: ServerProcess) -> None:
    story = "Hetkeksi lykättävä tapaus."
    async with reporter(server.url) as pupil:
        await pupil.tells(story)
    await lawyer.claims(story)
    await leaves_the_field(lawyer)
    await lawyer.presses("s")
    own = lawyer.page.locator('[data-field="snooze-own"]')
    await own.fill("2020-01-01T10:00")
    await lawyer.action("snooze-own").click()
    await expect(lawyer.page.get_by_role("alert")).to_have_text(lawyer.says("console.snooze.wrong"))
    await lawyer.action("snooze-tomorrow").click()
    await expect(lawyer.action("wake")).to_be_visible()
    await leaves_the_field(lawyer)
    await lawyer.presses("s")
    await stands_in(lawyer, "mine", story)


async def test_a_case_i_closed_is_read_again_and_opened_again_and_its_reporter_can_write(
    lawyer: Desk, people: People, server: ServerProcess, provider: Provider
) -> None:
    story = "Uudelleen avattava tapaus."
    async with reporter(server.url) as pupil:
        await pupil.tells(story)
        await lawyer.claims(story)
        await lawyer.chats("Hyvää kesää!")
        await lawyer.closes()
        await pupil.sees_state("closed")
        await stands_in(lawyer, "closed", story)
        await listed(lawyer, story).click()
        await expect(lawyer.message("Hyvää kesää!")).to_be_visible()
        await expect(lawyer.page.locator(".composer")).to_have_count(0)
        await lawyer.action("reopen").click()
        await expect(lawyer.page.locator(".composer")).to_be_visible()
        await pupil.sees_state("held")
        await pupil.writes("Kiitos, että avasit.")
        await lawyer.has_read("Kiitos, että avasit.")
        await goes_to(lawyer, "closed")
        await expect(listed(lawyer, story)).to_have_count(0)
    colleague = await people.signed_in(provider.other_lawyer)
    await goes_to(colleague, "closed")
    await expect(colleague.page.locator(".queue-list .empty")).to_have_text(colleague.says("console.empty.closed"))


async def test_a_search_finds_while_it_is_typed_marks_the_words_and_says_what_it_does_not_see(
    lawyer: Desk, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil, reporter(server.url) as other:
        await pupil.tells("Haettava tapaus yksi.")
        await other.tells("Toinen, jossa on revontulet.")
        await lawyer.claims("Haettava tapaus yksi.")
        await lawyer.chats("Näitkö Revontulet?")
    await leaves_the_field(lawyer)
    await lawyer.presses("f")
    await lawyer.page.keyboard.type("revont")
    hits = lawyer.page.locator('[data-part="found"] .place')
    await expect(hits).to_have_count(2)
    await expect(hits.locator("mark")).to_have_text(["Revont", "revont"])
    await expect(lawyer.page.locator('[data-part="found"]')).to_contain_text(lawyer.says("console.search.hint"))
    await lawyer.page.keyboard.type("ulia ei ole")
    await expect(lawyer.page.locator('[data-part="found"]')).to_contain_text(lawyer.says("console.search.none"))
    await lawyer.presses("Escape")
    await expect(lawyer.page.locator('[data-part="found"]')).to_have_count(0)


async def test_who_holds_as_many_cases_as_they_may_is_told_kindly_and_the_case_waits_on(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    story = "Yksi liikaa."
    async with (
        expert(server.url, provider, provider.other_lawyer, listening=False) as busy,
        reporter(server.url) as pupil,
    ):
        cases = []
        for nth in range(20):
            async with reporter(server.url) as somebody:
                await somebody.tells(f"Täyden pöydän tapaus {nth}.")
                await busy.claims(somebody.case)
                cases.append(somebody.case)
        await pupil.tells(story)
        desk = await people.signed_in(provider.other_lawyer)
        people.expect_complaint(r"status of 40[39]")  # 403: what is given back elsewhere while this desk reads it
        await desk.selects(story)
        await desk.presses("c")
        await desk.reads_problem("capacity-reached")
        await expect(listed(desk, story)).to_have_attribute("data-state", "waiting")
        for case in cases:
            await busy.releases(case)
        await desk.presses("c")
        await expect(desk.case_pane).to_have_attribute("data-open", "true")


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
async def test_a_long_list_makes_its_rows_as_they_come_near(
    people: People, provider: Provider, server: ServerProcess, viewport: object
) -> None:
    for nth in range(50):
        async with reporter(server.url) as somebody:
            await somebody.tells(f"Pitkän listan tapaus {nth}.", of=(PSYCHOLOGIST,))
    desk = await people.signed_in(provider.psychologist, **({} if viewport is None else {"viewport": viewport}))
    rows = desk.page.locator(".queue-list .place")
    await expect(desk.page.locator('[data-action="tab-psychologist"] .count')).to_contain_text(re.compile(r"^\d{2,}"))
    await expect(desk.page.locator(".rows .rest")).to_have_count(1)
    assert await rows.count() < 50
    await desk.page.locator(".rows .rest").evaluate("rest => rest.scrollIntoView({ block: 'end' })")
    await expect(desk.page.locator(".rows .rest")).to_have_count(0)
    assert await rows.count() >= 50


async def test_two_who_hold_one_case_see_that_the_other_is_writing(
    lawyer: Desk, people: People, provider: Provider, server: ServerProcess
) -> None:
    story = "Yhteinen tapaus."
    async with reporter(server.url) as pupil:
        await pupil.tells(story, of=BOTH, urgent=True)  # above all others
    psychologist = await people.signed_in(provider.psychologist)
    await lawyer.claims(story)
    await psychologist.claims(story)
    await psychologist.writes_part("first-aid", "Hengitä rauhassa.")
    notice = lawyer.page.locator('[data-part="answering"]')
    await expect(notice).to_have_text(lawyer.says("console.case.answeringPsychologist"))
    await expect(psychologist.page.locator('[data-part="answering"]')).to_have_count(0)
    await expect(notice).to_have_count(0)  # it goes away by itself
