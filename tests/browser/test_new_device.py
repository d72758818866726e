"""A device code for another device: shown by a desk, read by a camera, gone from the address at once (SPEC 2.3)."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, People
from tests.browser.desk import Desk
from tests.browser.test_links import drawn_code
from tests.browser.test_sign_in import opens_security
from tests.provider import Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def shows_code(desk: Desk) -> None:
    await opens_security(desk)
    await desk.action("add-device").click()


async def addresses(page: Page) -> list[str]:
    """Where the page has been: what its buttons back and forward lead to."""
    protocol = await page.context.new_cdp_session(page)
    history = await protocol.send("Page.getNavigationHistory")
    return [entry["url"] for entry in history["entries"]]


async def has_no_trace(desk: Desk) -> None:
    assert desk.page.url == f"{desk.url}/console"
    assert [each for each in await addresses(desk.page) if desk.account.device in each] == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_a_desk_shows_a_code_with_which_another_device_signs_in(
    people: People, provider: Provider, viewport: dict[str, int]
) -> None:
    here = await people.signed_in(provider.lawyer, viewport=viewport)
    await shows_code(here)
    sheet = here.page.locator('[data-part="sheet"]')
    await expect(sheet.locator('[data-part="device-code"]')).to_have_text(provider.lawyer.device)
    await expect(sheet).to_contain_text(here.says("console.join.sheetName", name=provider.lawyer.name))
    code = sheet.locator(".qr")
    await code.scroll_into_view_if_needed()
    read = await drawn_code(sheet)
    assert read == f"{here.url}/console#device={provider.lawyer.device}"
    there = await people.desk(provider.lawyer, viewport=PHONE)
    await there.page.goto(read)
    await expect(there.page.locator('[data-part="device-known"]')).to_be_visible()
    await has_no_trace(there)
    await there.signs_in()


async def test_the_code_is_shown_only_when_asked_for_and_goes_with_the_dialog_and_the_lock(
    people: People, provider: Provider
) -> None:
    desk = await people.signed_in(provider.lawyer)
    page, code = desk.page.locator("body"), provider.lawyer.device
    await opens_security(desk)
    await expect(page).not_to_contain_text(code)
    await desk.action("add-device").click()
    await expect(page).to_contain_text(code)
    await desk.action("add-device").click()
    await expect(page).not_to_contain_text(code)
    await desk.action("add-device").click()
    await desk.presses("Escape")
    await expect(page).not_to_contain_text(code)
    await shows_code(desk)
    await desk.page.evaluate("dispatchEvent(new Event('pageshow'))")
    await expect(page).to_contain_text(code)
    await desk.presses("Escape", "q")
    await expect(desk.page.locator('[data-view="locked"]')).to_be_visible()
    assert code not in await desk.page.content()


async def test_a_code_in_the_address_is_gone_from_the_history_when_the_page_is_here(
    people: People, provider: Provider
) -> None:
    desk = await people.desk(provider.lawyer)
    await desk.opens_console()
    await has_no_trace(desk)
    await desk.page.go_back()
    await desk.page.go_forward()
    await expect(desk.page.locator('[data-view="sign-in"]')).to_be_visible()
    await has_no_trace(desk)


async def pastes(desk: Desk, code: str) -> None:
    """Into the address line of the open page."""
    await desk.page.goto(f"{desk.url}/console#device={code}")
    await desk.comes_true("location.hash === ''")


async def test_a_code_pasted_into_the_open_sign_in_is_taken_at_once_and_leaves_the_history(
    people: People, provider: Provider
) -> None:
    desk = await people.desk(provider.lawyer)
    await desk.opens_console(with_device=False)
    await pastes(desk, provider.lawyer.device)
    await expect(desk.page.locator('[data-part="device-known"]')).to_be_visible()
    await has_no_trace(desk)
    await desk.signs_in()


async def test_a_code_pasted_into_a_desk_leaves_the_history_and_is_known_at_the_next_sign_in(
    people: People, provider: Provider
) -> None:
    """A colleague's, who signs in next. The desk itself goes on."""
    desk = await people.signed_in(provider.lawyer)
    colleague = Desk(desk.page, desk.url, provider.other_lawyer)
    await pastes(desk, colleague.account.device)
    await has_no_trace(colleague)
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()
    await desk.action("sign-out").click()
    await colleague.signs_in()


async def test_a_code_pasted_into_a_locked_desk_leaves_the_history_and_does_not_change_who_unlocks_it(
    people: People, provider: Provider
) -> None:
    desk = await people.signed_in(provider.lawyer)
    await desk.action("lock-now").click()
    await pastes(desk, provider.other_lawyer.device)
    await has_no_trace(Desk(desk.page, desk.url, provider.other_lawyer))
    await desk.page.locator('[data-field="password"]').fill(desk.account.password)
    await desk.action("unlock").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()


async def test_what_is_no_code_leaves_the_address_too_and_changes_nothing(people: People, provider: Provider) -> None:
    desk = await people.desk(provider.lawyer)
    await desk.opens_console()
    await pastes(desk, "no-code")
    await expect(desk.page.locator('[data-part="device-known"]')).to_be_visible()
    await desk.signs_in()


async def test_a_code_that_the_device_remembers_is_there_after_signing_out_too(
    people: People, provider: Provider
) -> None:
    desk = await people.desk(provider.lawyer)
    await desk.opens_console(with_device=False)
    await desk.page.locator('[data-field="device"]').fill(provider.lawyer.device)
    await desk.page.locator('[data-field="remember"]').check()
    await desk.signs_in()
    await desk.action("sign-out").click()
    await expect(desk.page.locator('[data-part="device-known"]')).to_be_visible()
    await desk.signs_in()
