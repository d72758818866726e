"""Every view of both applications, in light and dark, without a violation of WCAG 2.2 A and AA that axe can find."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.browser_binary import ROOT
from tests.browser.conftest import DESKTOP, PHONE, People
from tests.browser.recovery_views import coordinators, recovery_views
from tests.browser.team_views import WITH_MAIL, a_lawyer_asks_for_eyes, people_views
from tests.browser.views import console_views, public_views, settles
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES, AND_OF_INSECURE_PAGES
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, reporter
from tests.scenarios.observer import Observer, observed
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE: Final = (ROOT / "client" / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SLOW_SLOT_MS: Final = 400
"""So that the view of sending stands long enough to be looked at."""

FIRST_WORDS: Final = "Pelissä joku pyytää minulta kuvia."


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = provider.write(tmp_path_factory.mktemp("slow") / "data")
    with ServerProcess(data, slot_ms=SLOW_SLOT_MS, settings=WITH_MAIL).start() as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session")
async def network(server: ServerProcess) -> AsyncIterator[Observer]:
    async with observed(server.url) as observer:
        yield observer


@pytest_asyncio.fixture(loop_scope="session")
async def lawyer(server: ServerProcess, provider: Provider) -> AsyncIterator[Expert]:
    async with expert(server.url, provider, provider.lawyer) as person:
        yield person


async def violations(page: Page) -> list[str]:
    await settles(page)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    found: list[dict[str, Any]] = await page.evaluate(
        f"axe.run(document, {{ runOnly: {json.dumps(TAGS)} }}).then((result) => result.violations)"
    )
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]


async def all_violations(page: Page, views: AsyncIterator[str], at_least: int = 11) -> dict[str, list[str]]:
    found = {view: await violations(page) async for view in views}
    assert len(found) >= at_least
    return {view: wrong for view, wrong in found.items() if wrong}


@pytest.mark.timeout(200)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_view_of_the_site_has_a_violation(
    people: People, network: Observer, lawyer: Expert, scheme: str
) -> None:
    pupil = await people.pupil(url=network.url, color_scheme=scheme, viewport=PHONE)
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
    people.expect_complaint(AND_OF_INSECURE_PAGES)
    assert await all_violations(pupil.page, public_views(pupil, network, lawyer)) == {}


@pytest.mark.timeout(200)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_view_of_the_console_has_a_violation(
    people: People, server: ServerProcess, provider: Provider, scheme: str
) -> None:
    first_words = f"{FIRST_WORDS} ({scheme})"
    async with reporter(server.url) as pupil:
        await pupil.tells(first_words, urgent=True, topic="picture-shared")
    desk = await people.desk(provider.lawyer, color_scheme=scheme, viewport=DESKTOP)
    people.expect_complaint(r"status of 403")
    assert await all_violations(desk.page, console_views(desk, first_words)) == {}


@pytest.mark.timeout(200)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_view_of_a_coordinator_or_of_joining_has_a_violation(
    people: People, provider: Provider, scheme: str
) -> None:
    desk = await people.desk(provider.coordinator, color_scheme=scheme, viewport=DESKTOP)
    people.expect_complaint("net::ERR_FAILED")
    async with a_lawyer_asks_for_eyes(people.server.url, provider, desk.language):
        assert await all_violations(desk.page, people_views(desk)) == {}


@pytest.mark.timeout(200)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_view_of_recovery_has_a_violation(browser: Browser, tmp_path: Path, scheme: str) -> None:
    async with coordinators(browser, tmp_path, "fi", color_scheme=scheme) as desks:
        assert await all_violations(desks[0].page, recovery_views(*desks), at_least=7) == {}
