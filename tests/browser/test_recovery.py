"""The drills: an expert who forgot everything comes back; a queue whose members are all gone is opened (SPEC 9.9)."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from lyhty_wire.ids import PSYCHOLOGIST
from tests.browser.conftest import DESKTOP, SLOT_MS, People, gathered
from tests.browser.desk import Desk
from tests.browser.looking import violations
from tests.browser.recovery_views import AFTER_S, BEFORE_S, HOUR_S
from tests.browser.test_departure import lets_go, person, turning
from tests.browser.test_joining import PASSWORD, answers, opens_people, pictures
from tests.provider import Account, Provider, make_coordinators
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="session")
def staff() -> Provider:
    return make_coordinators(int(time.time()) - 2 * HOUR_S)


@pytest.fixture
def own_server(staff: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(staff.write(tmp_path / "data"), slot_ms=SLOT_MS).start() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def here(browser: Browser, own_server: ServerProcess) -> AsyncIterator[People]:
    async with gathered(browser, own_server) as people:
        yield people


async def signs_in_at(here: People, account: Account, off_s: int, before: Desk | None = None) -> Desk:
    """With a device whose clock is off by so much: a new one, or the one of an earlier desk."""
    if before is None:
        desk = await here.desk(account)
    else:
        page = await before.page.context.new_page()
        await before.page.close()
        desk = Desk(page, before.url, account, before.language)
    await desk.page.clock.install(time=time.time() + off_s)
    await desk.opens_console()
    return await desk.signs_in()


def request(desk: Desk) -> Locator:
    return desk.page.locator('[data-part="request"]')


def of_psychologists(desk: Desk) -> Locator:
    return desk.page.locator('[data-recovery="2"]')


async def holds_shares(desk: Desk, covered: int, total: int) -> None:
    """The coordinators hold shares of so many of the psychologists' keys, says the screen of one of them."""
    await opens_people(desk)
    words = desk.says("console.recovery.covered", covered=covered, total=total)
    await expect(of_psychologists(desk)).to_contain_text(words)


async def shuts_people(desk: Desk) -> None:
    await desk.page.locator('[data-dialog="people"] [data-action="cancel"]').click()


async def asks(desk: Desk) -> None:
    """In People, for the psychologists' queue."""
    await of_psychologists(desk).locator('[data-action="ask-shares"]').click()
    await of_psychologists(desk).locator('[data-action="ask-shares-now"]').click()
    await shuts_people(desk)
    await expect(request(desk)).to_contain_text(desk.says("console.recovery.mine", queue="Psykologit"))


async def gives(desk: Desk) -> None:
    await request(desk).locator('[data-action="give"]').click()
    await request(desk).locator('[data-action="give-now"]').click()
    await expect(request(desk)).to_contain_text(desk.says("console.recovery.gave"))


async def news(desk: Desk, what: str, **values: object) -> None:
    shown = desk.page.locator(f'[data-news="{what}"]')
    await expect(shown).to_have_text(desk.says(f"console.news.{what}", **values))


async def test_drill_all_psychologists_are_gone_and_two_of_three_coordinators_open_their_queue(
    here: People, staff: Provider
) -> None:
    asker, giver, other, psychologist = staff.accounts
    async with reporter(here.server.url) as pupil:
        await pupil.tells("Minua uhkaillaan.", of=(PSYCHOLOGIST,))
    lost = await signs_in_at(here, psychologist, BEFORE_S)
    await expect(lost.card("Minua uhkaillaan.")).to_be_visible()
    desk = await signs_in_at(here, asker, BEFORE_S)
    await holds_shares(desk, 1, 1)
    await shuts_people(desk)
    here.expect_complaint("401")
    await lets_go(desk, psychologist.display_name)
    await expect(of_psychologists(desk)).to_contain_text(desk.says("console.recovery.covered", covered=2, total=2))
    async with reporter(here.server.url) as pupil:
        await pupil.tells("Kukaan ei vastaa.", of=(PSYCHOLOGIST,))
    await asks(desk)

    helper = await signs_in_at(here, giver, BEFORE_S)
    await expect(request(helper)).to_contain_text(
        helper.says("console.recovery.request", name=asker.display_name, queue="Psykologit")
    )
    await expect(request(helper).locator('[data-part="earliest"]')).to_be_visible()
    await expect(request(helper).locator('[data-action="give"]')).to_have_count(0)

    helper = await signs_in_at(here, giver, AFTER_S, helper)
    await gives(helper)
    desk = await signs_in_at(here, asker, AFTER_S, desk)
    await expect(request(desk)).to_contain_text(desk.says("console.recovery.count", given=1, needed=2))
    await request(desk).locator('[data-action="open-queue"]').click()
    await expect(request(desk)).to_have_attribute("data-ended", "true")
    await expect(turning(desk)).to_have_attribute("data-over", "true")
    await turning(desk).locator('[data-action="turned"]').click()
    await request(desk).locator('[data-action="request-read"]').click()
    for text in ("Minua uhkaillaan.", "Kukaan ei vastaa."):
        await desk.action("tab-psychologist").click()
        await desk.claims(text)

    await news(helper, "widened", name=asker.display_name, queues="Psykologit")
    await expect(request(helper)).to_contain_text(
        helper.says("console.recovery.finished", name=asker.display_name, queue="Psykologit")
    )
    late = await signs_in_at(here, other, AFTER_S)
    await holds_shares(late, 2, 2)
    await expect(of_psychologists(late).locator('[data-action="ask-shares"]')).to_be_visible()


async def test_everybody_sees_who_asks_and_anybody_stops_it(here: People, staff: Provider) -> None:
    asker, giver, _, psychologist = staff.accounts
    reader = await signs_in_at(here, psychologist, BEFORE_S)
    desk = await signs_in_at(here, asker, BEFORE_S)
    helper = await signs_in_at(here, giver, BEFORE_S)
    await holds_shares(desk, 1, 1)
    await asks(desk)
    await expect(request(helper)).to_be_visible()
    await expect(request(reader).locator('[data-action="give"]')).to_have_count(0)
    await request(reader).locator('[data-action="stop-request"]').click()
    said = {"by": psychologist.display_name, "name": asker.display_name, "queue": "Psykologit"}
    for each in (desk, reader, helper):
        await expect(request(each)).to_have_text(
            f"{each.says('console.recovery.stopped', **said)}{each.says('common.ok')}"
        )
    helper = await signs_in_at(here, giver, AFTER_S, helper)
    await expect(request(helper)).to_have_attribute("data-ended", "true")
    await request(helper).locator('[data-action="request-read"]').click()
    await expect(request(helper)).to_have_count(0)


async def test_a_psychologist_can_join_though_nobody_has_their_queues_keys_and_reads_what_comes(
    here: People, staff: Provider
) -> None:
    asker, psychologist = staff.accounts[0], staff.accounts[3]
    desk = await here.signed_in(asker)
    await lets_go(desk, psychologist.display_name)
    await expect(person(desk, psychologist.display_name)).to_have_count(0)
    page = await joins(here, desk, "Uusi psykologi", "uusi.psykologi", 2)
    await expect(page.page.locator('[data-view="desk"]')).to_be_visible()
    async with reporter(here.server.url) as pupil:
        await pupil.tells("Nyt joku vastaa.", of=(PSYCHOLOGIST,))
    await page.claims("Nyt joku vastaa.")


async def joins(here: People, desk: Desk, name: str, account: str, queue: int) -> Desk:
    """Invited at that desk, which shows People; signed in at a new one."""
    await desk.page.locator('[data-field="invited-name"]').fill(name)
    await desk.page.locator(f'[data-queue="{queue}"]').check()
    await desk.action("invite").click()
    card = desk.page.locator("[data-invitation]").filter(has_text=name)
    link = await card.locator('[data-field="link"]').input_value()
    page, _ = await here.page(viewport=DESKTOP)
    here.expect_complaint("status of 404")  # that the invitation is gone is how the page learns that it was accepted
    await answers(page, link, account)
    assert await pictures(card) == await pictures(page)
    await desk.action("same").click()
    await expect(person(desk, name)).to_be_visible()
    await page.locator('[data-action="to-sign-in"]').click()
    await page.locator('[data-field="name"]').fill(account)
    await page.locator('[data-field="password"]').fill(PASSWORD)
    await page.locator('[data-action="sign-in"]').click()
    await expect(page.locator('[data-view="desk"]')).to_be_visible()
    return Desk(page, desk.url, desk.account)


async def test_what_nobody_could_open_any_more_is_said_before_the_last_of_a_queue_or_a_coordinator_goes(
    here: People, staff: Provider
) -> None:
    coordinator, colleague, psychologist = staff.accounts[0], staff.accounts[1], staff.accounts[3]
    desk = await here.signed_in(coordinator)
    await opens_people(desk)

    async def is_told(name: str, *lines: str) -> None:
        await person(desk, name).locator('[data-action="depart"]').click()
        said = person(desk, name).locator('[data-part="losses"] p')
        values = {"name": name, "queue": desk.says("console.queues.psychologist")}
        await expect(said).to_have_text([desk.says(f"console.people.loss.{line}", **values) for line in lines])

    await is_told(psychologist.display_name, "closed")  # the keys of the queue are in no parts yet
    button = person(desk, psychologist.display_name).locator('[data-action="depart-now"]')
    await expect(button).to_have_text(desk.says("console.people.departAnyway"))
    assert await violations(desk.page) == []
    await person(desk, psychologist.display_name).locator('[data-action="stay"]').click()
    await here.signed_in(psychologist)
    await expect(of_psychologists(desk)).to_contain_text(desk.says("console.recovery.covered", covered=1, total=1))
    await is_told(psychologist.display_name, "waits")
    await person(desk, psychologist.display_name).locator('[data-action="stay"]').click()
    await is_told(colleague.display_name)  # a colleague is in the queue, and would split anew
    key = person(desk, colleague.display_name).locator('[data-part="directory-key"]')
    await expect(key).to_have_text(desk.says("console.people.depart.directoryKey", name=colleague.display_name))


async def test_drill_an_expert_who_forgot_everything_is_back_and_reads_the_open_cases_again(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS).start() as server:
        here = People(browser, server)
        async with reporter(server.url) as pupil:
            await pupil.tells("Joku jakoi kuvani.")
        name = provider.lawyer.display_name
        colleague = await here.signed_in(provider.other_lawyer)
        forgetful = await here.signed_in(provider.lawyer)
        await forgetful.claims("Joku jakoi kuvani.")
        await forgetful.page.close()
        desk = await here.signed_in(provider.coordinator)
        await lets_go(desk, name)
        await expect(turning(desk)).to_have_attribute("data-over", "true")
        await news(colleague, "left", name=name)
        back = await joins(here, desk, name, "lakimies.uudelleen", 1)
        await back.claims("Joku jakoi kuvani.")
        await news(colleague, "returned", name=name)
        await colleague.action("news-read").click()
        await expect(colleague.page.locator('[data-part="people-news"]')).to_have_count(0)
        await here.leave()
        assert here.unexpected == []
