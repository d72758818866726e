"""How long a conversation is kept, as its reporter is told; and what there is to see when its time was over."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from lyhty_server.domain.retention import DAY_S, KEEP_DAYS, SPREAD_DAYS
from tests.browser.test_hours import service
from tests.browser.words import Language
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPORT: Final = "Minua kiristetään kuvalla."


def let_its_time_pass(server: ServerProcess) -> None:
    """As if nothing had happened in any case for so long, and each had been answered."""
    long_ago = int(datetime.now(UTC).timestamp()) // DAY_S - KEEP_DAYS - SPREAD_DAYS
    server.stop()
    with sqlite3.connect(server.data / "lyhty.db") as database:
        database.execute("UPDATE places SET answered = 1")
        database.execute("INSERT OR REPLACE INTO quiet_cases SELECT case_seq, last_seq, 0, ? FROM cases", (long_ago,))
    database.close()
    server.restart()


@pytest.mark.parametrize("language", ["fi-simple"])
async def test_a_pupil_sees_how_long_it_is_kept_and_afterwards_that_it_is_gone_and_asks_anew(
    browser: Browser, provider: Provider, tmp_path: Path, language: Language
) -> None:
    async with service(browser, provider, tmp_path) as people:
        pupil = await (await people.pupil()).opens_lyhty()
        await pupil.speaks(language)
        phrase = " ".join(picture.word for picture in await pupil.tells(REPORT))
        await pupil.opens_the_case()
        kept = pupil.page.locator('[data-part="kept"]')
        until = datetime.now(UTC) + timedelta(days=KEEP_DAYS - SPREAD_DAYS)
        await expect(kept).to_contain_text(re.compile(rf"{until.day}\b.*{until.year}"))
        for pattern in ("WebSocket", "ERR_", "Failed to load", "503"):
            people.expect_complaint(pattern)
        let_its_time_pass(people.server)

        again = await (await people.pupil()).opens_lyhty()
        await again.speaks(language)
        await again.types_phrase(phrase)
        await again.does("open")
        await again.reads_problem("case-erased")
        await again.does("ask-again")
        await again.sees("device")
