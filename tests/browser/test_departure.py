"""Somebody leaves, or a device is stolen: what a coordinator does at the desk, and what others see of it (SPEC 9.7)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Route, expect

from tests.browser.conftest import SLOT_MS, People, gathered
from tests.browser.desk import Desk
from tests.browser.test_joining import opens_people
from tests.provider import DAY_S, DIRECTORY_LIFE_S, Provider
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def own_server(provider: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    """Its people come and go without the other tests' noticing."""
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS).start() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def here(browser: Browser, own_server: ServerProcess) -> AsyncIterator[People]:
    async with gathered(browser, own_server) as people:
        yield people


def person(desk: Desk, name: str) -> Locator:
    return desk.page.locator(f'[data-person="{name}"]')


def turning(desk: Desk) -> Locator:
    return desk.page.locator('[data-part="turning"]')


async def lets_go(desk: Desk, name: str) -> None:
    await opens_people(desk)
    await person(desk, name).locator('[data-action="depart"]').click()
    await person(desk, name).locator('[data-action="depart-now"]').click()


async def test_one_action_signs_somebody_out_and_gives_every_open_case_a_new_lock(
    here: People, provider: Provider
) -> None:
    leaver = await here.signed_in(provider.other_lawyer)
    pupil = await (await here.pupil("fi")).opens_lyhty()
    await pupil.tells("Joku jakoi kuvani.")
    await pupil.opens_the_case()
    await leaver.claims("Joku jakoi kuvani.")
    desk = await here.signed_in(provider.coordinator)
    here.expect_complaint("401|403")  # the leaver's desk, and their try to come back
    await lets_go(desk, provider.other_lawyer.display_name)
    await expect(turning(desk)).to_have_attribute("data-over", "true")
    await expect(turning(desk)).to_contain_text(desk.says("console.turning.over", done=1))
    await expect(person(desk, provider.other_lawyer.display_name)).to_have_count(0)
    await leaver.reads_problem("not-signed-in")
    await expect(pupil.page.locator(".message.turn")).to_have_text(pupil.says("case.newKey"))
    await leaver.tries_to_sign_in()
    await leaver.reads_problem("sign-in-failed")
    stayer = await here.signed_in(provider.lawyer)
    await stayer.claims("Joku jakoi kuvani.")


async def test_a_change_of_locks_that_was_cut_short_goes_on_when_a_coordinator_signs_in(
    here: People, provider: Provider
) -> None:
    for text in ("Ensimmäinen.", "Toinen.", "Kolmas."):
        async with reporter(here.server.url) as pupil:
            await pupil.tells(text)
    desk = await here.signed_in(provider.coordinator)
    turned = 0

    async def one_and_no_more(route: Route) -> None:
        nonlocal turned
        turned += route.request.method == "POST"
        await (route.abort() if turned > 1 else route.continue_())

    await desk.page.route("**/turn/*", one_and_no_more)
    here.expect_complaint("Failed to load|net::ERR_FAILED")
    await lets_go(desk, provider.other_lawyer.display_name)
    await expect(turning(desk)).to_contain_text(desk.says("console.turning.stopped", done=1, total=3))
    await expect(turning(desk).locator('[data-action="turn-on"]')).to_be_visible()
    await desk.page.close()

    again = await here.signed_in(provider.coordinator)
    await expect(turning(again)).to_contain_text(again.says("console.turning.over", done=2))
    await turning(again).locator('[data-action="turned"]').click()
    await expect(turning(again)).to_have_count(0)


async def test_somebody_is_signed_out_everywhere_and_stays_one_of_the_experts(here: People, provider: Provider) -> None:
    other = await here.signed_in(provider.other_lawyer)
    desk = await here.signed_in(provider.coordinator)
    here.expect_complaint("401")
    await opens_people(desk)
    await person(desk, provider.other_lawyer.display_name).locator('[data-action="sign-out-everywhere"]').click()
    await other.reads_problem("not-signed-in")
    await other.signs_in()


async def test_nobody_can_be_let_go_by_who_is_no_coordinator_nor_by_oneself(here: People, provider: Provider) -> None:
    desk = await here.signed_in(provider.coordinator)
    await opens_people(desk)
    await expect(person(desk, provider.coordinator.display_name).locator("button")).to_have_count(0)
    lawyer = await here.signed_in(provider.lawyer)
    await opens_people(lawyer)
    await expect(lawyer.page.locator('[data-action="depart"]')).to_have_count(0)


async def test_whoever_thinks_better_of_it_lets_nobody_go(here: People, provider: Provider) -> None:
    desk = await here.signed_in(provider.coordinator)
    await opens_people(desk)
    await person(desk, provider.other_lawyer.display_name).locator('[data-action="depart"]').click()
    await person(desk, provider.other_lawyer.display_name).locator('[data-action="stay"]').click()
    await expect(person(desk, provider.other_lawyer.display_name).locator('[data-action="depart"]')).to_be_visible()


async def test_the_last_week_of_the_directory_is_told_until_a_coordinator_signs_in(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    issued = provider.directory_body.issued - 10 * DAY_S
    old = provider.reissued(issued=issued, expires=issued + DIRECTORY_LIFE_S)
    with ServerProcess(old.write(tmp_path / "data")).start() as server:
        people = People(browser, server)
        lawyer = await people.signed_in(old.lawyer)
        warned = lawyer.page.locator('[data-part="directory-ends"]')
        await expect(warned).to_be_visible()
        await people.signed_in(old.coordinator)
        await expect(warned).to_have_count(0)
        await people.leave()
        assert people.unexpected == []
