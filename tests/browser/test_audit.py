"""The audit log at a coordinator's desk: what it shows, and how it says that somebody has changed it (SPEC 9.10)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from lyhty_wire.encoding import b64decode, b64encode
from tests.browser.conftest import SLOT_MS, People, gathered
from tests.browser.desk import Desk
from tests.provider import Provider
from tests.scenarios.actors import reporter
from tests.scenarios.lies_about_the_log import LOG_LIES, LogLie
from tests.scenarios.lying_server import Json, LyingServer, lying_server
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

AUDIT = "/api/audit"


@pytest.fixture
def own_server(provider: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    """Whose log nobody else writes into."""
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS).start() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def liar(own_server: ServerProcess) -> AsyncIterator[LyingServer]:
    async with lying_server(own_server.url) as lying:
        yield lying


@pytest_asyncio.fixture(loop_scope="session")
async def here(browser: Browser, own_server: ServerProcess, liar: LyingServer) -> AsyncIterator[People]:
    async with gathered(browser, own_server) as people:
        yield people


async def comes(desk: Desk, liar: LyingServer) -> Desk:
    """Through the liar."""
    desk.url = liar.url
    await desk.opens_console()
    return await desk.signs_in()


async def opens_log(desk: Desk) -> None:
    await desk.action("menu").click()
    await desk.page.locator('.menu [data-action="audit"]').click()


def standing(desk: Desk) -> Locator:
    return desk.page.locator('[data-part="audit-standing"]')


def alarm(desk: Desk) -> Locator:
    return desk.page.locator('[data-part="audit-alarm"]')


async def cases_are_opened(here: People, provider: Provider, *cases: str) -> None:
    """By one lawyer, each known by its words."""
    lawyer = await here.signed_in(provider.lawyer)
    for words in cases:
        async with reporter(here.server.url) as pupil:
            await pupil.tells(words)
        await lawyer.claims(words)


async def has_read_the_log(desk: Desk) -> None:
    """And remembers it."""
    await desk.comes_true("Object.keys(localStorage).some((name) => name.startsWith('lyhty-audit/'))")


async def test_a_coordinator_sees_who_opened_a_case_in_which_hour_and_that_the_log_is_whole(
    here: People, provider: Provider
) -> None:
    await cases_are_opened(here, provider, "Joku jakoi kuvani.")
    desk = await here.signed_in(provider.coordinator)
    await opens_log(desk)
    await expect(standing(desk)).to_have_attribute("data-is", "whole")
    opening = desk.page.locator('[data-entry="opening"]')
    await expect(opening).to_have_count(1)
    await expect(opening).to_contain_text(provider.lawyer.display_name)
    await expect(opening).to_contain_text(desk.says("console.audit.kind.opening"))
    await expect(opening.locator("td").first).to_contain_text("00")  # the beginning of an hour
    await expect(desk.page.locator('[data-entry="opening"] ~ tr')).to_have_count(0)  # the oldest is last
    await expect(alarm(desk)).to_have_count(0)


async def test_who_is_no_coordinator_finds_no_log(here: People, provider: Provider) -> None:
    desk = await here.signed_in(provider.lawyer)
    await desk.action("menu").click()
    await expect(desk.page.locator('.menu [data-action="security"]')).to_be_visible()
    await expect(desk.page.locator('.menu [data-action="audit"]')).to_have_count(0)


@pytest.mark.parametrize("name", ["an hour is changed", "an opening is told twice", "somebody is made up"])
async def test_a_log_that_somebody_has_changed_is_said_on_the_desk_with_what_to_do(
    here: People, liar: LyingServer, provider: Provider, name: str
) -> None:
    lie: LogLie = next(each for each in LOG_LIES if each.name == name)
    await cases_are_opened(here, provider, "Ensimmäinen juttu.", "Toinen juttu.")

    def changed(page: Json) -> Json:
        log = [b64decode(entry) for entry in page["entries"]]
        return {**page, "entries": [b64encode(entry) for entry in lie.change(log, provider)]}

    liar.answers_json("GET", AUDIT, changed)
    desk = await comes(await here.desk(provider.coordinator), liar)
    await expect(alarm(desk)).to_have_attribute("data-breach", lie.breach)
    await expect(alarm(desk)).to_contain_text(desk.says(f"console.audit.breach.{lie.breach}"))
    await expect(alarm(desk)).to_contain_text(desk.says("console.audit.whatNow"))
    assert ("POST", AUDIT) not in {(asked.method, asked.path) for asked in liar.asked}
    await alarm(desk).locator('[data-action="audit"]').click()
    await expect(standing(desk)).to_have_attribute("data-is", "broken")


async def test_a_log_that_became_shorter_is_said_until_somebody_who_knows_why_takes_it_as_it_is(
    here: People, liar: LyingServer, provider: Provider
) -> None:
    await cases_are_opened(here, provider, "Ensimmäinen juttu.", "Toinen juttu.")
    desk = await comes(await here.desk(provider.coordinator), liar)
    await has_read_the_log(desk)
    here.expect_complaint("401")  # of what was just being read
    await desk.action("sign-out").click()
    liar.answers_json(
        "GET", AUDIT, lambda page: {"entries": page["entries"][:1] if len(page["entries"]) > 2 else [], "more": False}
    )
    # What this device has seen stands beside the account, and stays when somebody signs out.
    await desk.opens_console(with_device=True)
    await desk.signs_in()
    await expect(alarm(desk)).to_have_attribute("data-breach", "shorter")
    await alarm(desk).locator('[data-action="audit"]').click()
    await expect(standing(desk)).to_have_attribute("data-is", "broken")
    await desk.action("audit-forget").click()
    await expect(standing(desk)).to_have_attribute("data-is", "whole")
    await desk.page.keyboard.press("Escape")
    await expect(alarm(desk)).to_have_count(0)
