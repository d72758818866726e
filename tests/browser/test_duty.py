"""On call and notices: a coordinator makes the list, an expert asks for letters, one comes through a mail server."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from lyhty_wire.encoding import b64encode
from tests.browser.conftest import SLOT_MS, People
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess
from tests.server.test_notices import Inbox, eventually, mail_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPORT: Final = "Kuvani levitettiin Snapchatissa."
ADDRESS: Final = "juristi@example.fi"


def mailing(inbox: Inbox) -> dict[str, str]:
    """Settings of a server that sends by it."""
    return {
        "LYHTY_SMTP_HOST": "127.0.0.1",
        "LYHTY_SMTP_PORT": str(inbox.port),
        "LYHTY_SMTP_TLS": "none",
        "LYHTY_SMTP_FROM": "lyhty@example.fi",
    }


@asynccontextmanager
async def service(browser: Browser, provider: Provider, folder: Path, inbox: Inbox) -> AsyncIterator[People]:
    """The second lawyer is a coordinator."""
    experts = tuple(
        replace(each, coordinator=each.id == provider.other_lawyer.id) for each in provider.directory_body.experts
    )
    data = provider.reissued(experts=experts).write(folder / "data")
    with ServerProcess(data, slot_ms=SLOT_MS, settings=mailing(inbox)).start() as server:
        people = People(browser, server)
        yield people
        await people.leave()
    assert people.unexpected == []


async def test_a_coordinator_puts_somebody_on_call_and_everybody_sees_it(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    async with mail_server() as inbox, service(browser, provider, tmp_path, inbox) as people:
        coordinator = await people.signed_in(provider.other_lawyer)
        await coordinator.action("duty").click()
        await expect(coordinator.page.locator('[data-part="open-now"]')).to_contain_text("8")
        await coordinator.page.locator('[data-field="shift-weekday"]').select_option("4")
        await coordinator.page.locator('[data-field="shift-to"]').fill("14:30")
        await coordinator.action("add-shift").click()
        shift = coordinator.page.locator("[data-shift]")
        await expect(shift).to_contain_text("08:00–14:30")
        await expect(shift).to_contain_text("perjantai")

        lawyer = await people.signed_in(provider.lawyer, language="sv")
        await lawyer.action("duty").click()
        await expect(lawyer.page.locator("[data-shift]")).to_contain_text("fredag 08:00–14:30")
        await expect(lawyer.action("add-shift")).to_have_count(0)
        await expect(lawyer.action("remove-shift")).to_have_count(0)

        await coordinator.action("remove-shift").click()
        await expect(shift).to_have_count(0)


async def test_a_time_that_is_none_cannot_be_added(browser: Browser, provider: Provider, tmp_path: Path) -> None:
    async with mail_server() as inbox, service(browser, provider, tmp_path, inbox) as people:
        coordinator = await people.signed_in(provider.other_lawyer)
        await coordinator.action("duty").click()
        await coordinator.page.locator('[data-field="shift-to"]').fill("7")
        await expect(coordinator.action("add-shift")).to_have_attribute("aria-disabled", "true")


async def test_an_expert_who_is_away_gets_a_letter_that_says_nothing_of_the_case(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    async with mail_server() as inbox, service(browser, provider, tmp_path, inbox) as people:
        lawyer = await people.signed_in(provider.lawyer)
        await lawyer.action("duty").click()
        await lawyer.page.locator('[data-field="notice-address"]').fill("not an address")
        await lawyer.action("notice-new_case").check()
        await lawyer.action("save-notices").click()
        wrong = lawyer.page.locator('[data-part="notices"] [role=alert]')
        await expect(wrong).to_have_text(lawyer.says("console.notices.wrong"))
        await lawyer.page.locator('[data-field="notice-address"]').fill(ADDRESS)
        await lawyer.action("save-notices").click()
        await expect(lawyer.page.locator('[data-part="notices"]')).to_contain_text(lawyer.says("console.notices.saved"))
        await lawyer.page.keyboard.press("Escape")
        await lawyer.action("sign-out").click()
        await expect(lawyer.page.locator('[data-view="sign-in"]')).to_be_visible()

        pupil = await (await people.pupil()).opens_lyhty()
        await pupil.tells(REPORT, "picture-shared", "snapchat", danger="yes")
        await eventually(lambda: bool(inbox.letters))
        [letter] = inbox.letters
        assert letter.rcpt_tos == [ADDRESS]
        said = (letter.content or b"").lower()
        for planted in (REPORT, "Snapchat", "kuva", "kiire", "brådskande", "urgent", "danger", "http"):
            assert planted.lower().encode() not in said, planted
        assert case_of(people) not in (letter.content or b"")


def case_of(people: People) -> bytes:
    """The case's id, as whoever has the database can tell it."""
    database = sqlite3.connect(people.server.data / "lyhty.db")
    ((case_id,),) = database.execute("SELECT case_id FROM cases").fetchall()
    database.close()
    return b64encode(case_id).encode()
