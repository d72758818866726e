"""Signing in to the desk, where one is signed in, and what failures of others cost."""

import asyncio

import pytest
from playwright.async_api import expect

from lyhty_client.desk import Desk as Calls
from lyhty_client.errors import RefusedError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.trust import Site
from lyhty_server.domain.guessing import FREE_FAILURES
from tests.browser.conftest import People
from tests.browser.desk import Desk
from tests.provider import Account, Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTICED: int = FREE_FAILURES + 5
"""Failures after which the work takes as long as somebody notices."""


async def opens_security(desk: Desk) -> None:
    await desk.action("menu").click()
    await desk.action("security").click()
    await expect(desk.page.locator('[data-dialog="security"]')).to_be_visible()


async def test_somebody_sees_where_they_are_signed_in_and_ends_it_there(people: People, provider: Provider) -> None:
    elsewhere = await people.signed_in(provider.lawyer)
    here = await people.signed_in(provider.lawyer)
    people.expect_complaint("status of 401")
    await opens_security(here)
    rows = here.page.locator("[data-session]")
    await expect(rows).to_have_count(2)
    assert await rows.evaluate_all("rows => rows.map((row) => row.dataset.session)") == ["other", "this"]
    await here.action("end-session").click()
    await expect(rows).to_have_count(1)
    await elsewhere.reads_problem("not-signed-in")
    await expect(here.page.locator(".connection")).to_have_text(here.says("console.connection.open"))


async def test_all_others_are_ended_with_one_press(people: People, provider: Provider) -> None:
    others = [await people.signed_in(provider.other_lawyer) for _ in range(2)]
    here = await people.signed_in(provider.other_lawyer)
    people.expect_complaint("status of 401")
    await opens_security(here)
    await here.action("end-others").click()
    for other in others:
        await other.reads_problem("not-signed-in")
    await expect(here.page.locator('[data-part="sessions"]')).to_contain_text(here.says("console.sessions.onlyThis"))


async def test_the_menu_opens_and_shuts_by_keyboard(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.lawyer)
    await desk.action("menu").focus()
    await desk.presses("Enter")
    await expect(desk.action("security")).to_be_visible()
    await desk.presses("Tab", "Escape")
    await expect(desk.action("security")).to_be_hidden()
    await expect(desk.action("menu")).to_be_focused()


async def _fails(url: str, account: Account, provider: Provider, times: int) -> None:
    """As somebody who has the device code and guesses passwords."""
    async with Calls(Site.parse(url)) as calls:
        for nth in range(times):
            credentials = Credentials(account.name, f"guess {nth}", account.device_secret)
            with pytest.raises(RefusedError):
                await ExpertDesk.sign_in(calls, credentials, provider.directory)


async def test_after_many_failures_of_others_the_right_password_gets_in_and_the_screen_says_why_it_takes_longer(
    people: People, provider: Provider
) -> None:
    account = provider.psychologist
    await _fails(people.server.url, account, provider, NOTICED)
    desk = await people.desk(account)
    await desk.opens_console()
    words = desk.page.locator('[data-part="work"]')
    await asyncio.gather(expect(words).to_be_visible(), desk.tries_to_sign_in())
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()
