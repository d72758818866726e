"""Somebody joins: one browser invites, another makes keys, both show the same six pictures."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from lyhty_client import cli
from tests.browser.conftest import DESKTOP, PHONE, People
from tests.browser.desk import Desk
from tests.browser.words import say
from tests.provider import Provider
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "kolme pitkää sanaa"


async def opens_people(desk: Desk) -> None:
    await desk.action("menu").click()
    await desk.action("people").click()
    await expect(desk.page.locator('[data-dialog="people"]')).to_be_visible()


async def invites(desk: Desk, name: str) -> str:
    """The link."""
    await desk.page.locator('[data-field="invited-name"]').fill(name)
    await desk.page.locator('[data-queue="1"]').check()
    await desk.action("invite").click()
    link = desk.page.locator("[data-invitation]").filter(has_text=name).locator('[data-field="link"]')
    return await link.input_value()


async def pictures(within: Page | Locator) -> list[str | None]:
    shown = within.locator(".six [data-picture]")
    await expect(shown).to_have_count(6)
    return [await each.get_attribute("data-picture") for each in await shown.all()]


async def fills(page: Page, name: str) -> None:
    await page.locator('[data-field="name"]').fill(name)
    await page.locator('[data-field="password"]').fill(PASSWORD)
    await page.locator('[data-field="again"]').fill(PASSWORD)
    await page.locator('[data-action="make"]').click()


async def answers(page: Page, link: str, name: str) -> str:
    """As far as the pictures. The device code of the sheet."""
    await page.goto(link)
    await fills(page, name)
    code = await page.locator('[data-part="device-code"]').inner_text()
    await page.locator('[data-field="kept"]').check()
    await page.locator('[data-action="kept"]').click()
    await expect(page.locator('[data-step="pictures"]')).to_be_visible()
    return code


async def test_an_invited_lawyer_joins_signs_in_and_claims_a_case(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Joku jakoi kuvani.")
    desk = await people.signed_in(provider.coordinator)
    await opens_people(desk)
    link = await invites(desk, "Uusi juristi")
    page, _ = await people.page(viewport=DESKTOP)
    people.expect_complaint("status of 404")  # that the invitation is gone is how the page learns that it was accepted
    code = await answers(page, link, "uusi.juristi")
    assert "#" not in page.url
    card = desk.page.locator("[data-invitation]").filter(has_text="Uusi juristi")
    assert await pictures(card) == await pictures(page)
    await desk.action("same").click()
    await expect(desk.page.locator('[data-person="Uusi juristi"]')).to_be_visible()
    await page.locator('[data-action="to-sign-in"]').click()
    assert len(code) == 43
    await page.locator('[data-field="name"]').fill("uusi.juristi")
    await page.locator('[data-field="password"]').fill(PASSWORD)
    await page.locator('[data-action="sign-in"]').click()
    newcomer = Desk(page, server.url, provider.lawyer)
    await expect(newcomer.card("Joku jakoi")).to_be_visible()
    await newcomer.claims("Joku jakoi")


async def test_who_types_two_passwords_or_keeps_no_sheet_is_told_so(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.coordinator)
    await opens_people(desk)
    link = await invites(desk, "Toinen uusi")
    page, _ = await people.page(viewport=PHONE)
    await page.goto(link)
    await page.locator('[data-field="name"]').fill("toinen.uusi")
    await page.locator('[data-field="password"]').fill(PASSWORD)
    await page.locator('[data-field="again"]').fill("jotain muuta pitkää")
    await page.locator('[data-action="make"]').click()
    await expect(page.locator('[role="alert"]')).to_have_text(say("fi", "console.join.wrong.differ"))
    await page.locator('[data-field="again"]').fill(PASSWORD)
    await page.locator('[data-action="make"]').click()
    await page.locator('[data-action="kept"]').click()
    await expect(page.locator('[role="alert"]')).to_have_text(say("fi", "console.join.keepFirst"))


async def test_a_withdrawn_link_opens_a_page_that_says_what_now(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.coordinator)
    await opens_people(desk)
    link = await invites(desk, "Peruttu")
    await desk.page.locator("[data-invitation]").filter(has_text="Peruttu").locator('[data-action="withdraw"]').click()
    await expect(desk.page.locator("[data-invitation]").filter(has_text="Peruttu")).to_have_count(0)
    page, _ = await people.page()
    people.expect_complaint("status of 404")
    await page.goto(link)
    await expect(page.locator('[data-problem="invitation-unknown"]')).to_be_visible()


async def test_who_is_no_coordinator_sees_who_is_here_and_invites_nobody(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.lawyer)
    await opens_people(desk)
    await expect(desk.page.locator('[data-person="Psychologist"]')).to_be_visible()
    await expect(desk.page.locator('[data-part="invite"]')).to_have_count(0)


async def test_the_first_coordinator_founds_by_the_link_and_signs_in(
    people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "stick" / "root.json"
    flags = ["--root-key", str(root), "--coordinator", "Ensimmäinen", "--url", "https://lyhty.example"]
    assert cli.main(["init", str(tmp_path / "data"), *flags]) == 0
    fragment = re.search(r"#f=[A-Za-z0-9_-]{43}", capsys.readouterr().out)
    assert fragment is not None
    with ServerProcess(tmp_path / "data").start() as begun:
        page, _ = await people.page(viewport=DESKTOP)
        await page.goto(f"{begun.url}/console{fragment[0]}")
        await fills(page, "ensin")
        await page.locator('[data-field="kept"]').check()
        await page.locator('[data-action="kept"]').click()
        await page.locator('[data-action="to-sign-in"]').click()
        await page.locator('[data-field="name"]').fill("ensin")
        await page.locator('[data-field="password"]').fill(PASSWORD)
        await page.locator('[data-action="sign-in"]').click()
        await page.locator('[data-action="menu"]').click()
        await page.locator('[data-action="people"]').click()
        await expect(page.locator('[data-part="invite"]')).to_be_visible()
        await page.close()
