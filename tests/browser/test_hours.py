"""The clock that reporter and expert share: closed, promised, missed, and kept."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import SLOT_MS, People
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPORT: Final = "Minua kiristetään kuvalla."
ALWAYS: Final = {"LYHTY_OPEN": "mon-sun 0-24", "LYHTY_HOLIDAYS": "none"}
DAYS_AGO: Final = 48


@asynccontextmanager
async def service(browser: Browser, provider: Provider, folder: Path, **settings: str) -> AsyncIterator[People]:
    data = provider.write(folder / "data")
    with ServerProcess(data, slot_ms=SLOT_MS, settings=ALWAYS | settings).start() as server:
        people = People(browser, server)
        yield people
        await people.leave()
    assert people.unexpected == []


def let_time_pass(server: ServerProcess, hours: int) -> None:
    """For the cases that are there: they came so many hours earlier."""
    server.stop()
    with sqlite3.connect(server.data / "lyhty.db") as database:
        database.execute("UPDATE cases SET opened_hour = opened_hour - ?", (hours,))
    database.close()
    server.restart()


async def test_who_asks_while_it_is_closed_is_told_when_it_opens_and_whom_to_call(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    now = datetime.now(ZoneInfo("Europe/Helsinki"))
    closed = ", ".join(f"{(now + timedelta(days=ahead)):%Y-%m-%d}" for ahead in (-1, 0, 1))
    async with service(browser, provider, tmp_path, LYHTY_CLOSED_DAYS=closed) as people:
        pupil = await (await people.pupil()).opens_lyhty()
        await pupil.tells(REPORT)
        shown = pupil.page.locator('[data-part="closed-now"]')
        await expect(shown).to_contain_text(pupil.says("clock.closedNow", when="|").split("|")[0].strip())
        await expect(shown.locator('a[href="tel:116111"]')).to_be_visible()
        await pupil.reads_by_when()
        await pupil.opens_the_case()
        await expect(shown).to_be_visible()
        await expect(pupil.page.locator('[data-part="clock"] a[href="tel:112"]')).to_be_visible()


async def test_a_missed_promise_is_seen_on_both_sides_until_somebody_answers(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    async with service(browser, provider, tmp_path) as people:
        pupil = await (await people.pupil()).opens_lyhty()
        await pupil.tells(REPORT, help_wanted="lawyer")
        await pupil.opens_the_case()
        await pupil.reads_by_when()
        lawyer = await people.signed_in(provider.lawyer)
        due = lawyer.card(REPORT).locator('[data-part="due"]')
        await expect(due).to_contain_text(lawyer.says("console.due.by", when="|", left="|").split("|")[0].strip())

        for pattern in ("WebSocket", "ERR_", "Failed to load", "503", "401"):
            people.expect_complaint(pattern)
        let_time_pass(people.server, DAYS_AGO)
        await pupil.reads_by_when("clock.late")
        await pupil.reads("clock.lateNow")
        await expect(pupil.page.locator('[data-part="clock"]')).to_have_attribute("data-late", "true")

        late = lawyer.card(REPORT).locator('[data-part="due"][data-late]')
        await expect(late).to_contain_text(lawyer.says("console.due.late", when="|").split("|")[0].strip())
        await lawyer.claims(REPORT)
        await lawyer.answers(did_right="Hyvä, että kerroit.")
        await expect(late).to_have_count(0)
        await expect(pupil.page.locator('[data-part="clock"]')).not_to_contain_text(pupil.says("clock.lateNow"))


async def test_a_quick_word_keeps_the_promise_and_a_read_mark_does_not(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    async with service(browser, provider, tmp_path) as people:
        pupil = await (await people.pupil()).opens_lyhty()
        await pupil.tells(REPORT, help_wanted="lawyer")
        await pupil.opens_the_case()
        lawyer = await people.signed_in(provider.lawyer)
        await lawyer.claims(REPORT)
        await pupil.sees_read(REPORT)
        due = lawyer.card(REPORT).locator('[data-part="due"]')
        await expect(due).to_be_visible()
        await pupil.reads_by_when()
        await lawyer.chats("Milloin tämä tapahtui?")
        await expect(due).to_have_count(0)
