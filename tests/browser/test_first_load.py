"""The first page on a slow line: everything it needs fits into 100 kB."""

from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Request, Route

from tests.browser.conftest import People
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUDGET_BYTES: Final = 100_000


def follows(path: str, page: str) -> bool:
    """Other languages, later views and the page behind the exit come when the page stands, for everybody: the page
    itself does not name them."""
    return path.startswith(("/assets/", "/clean", "/bye")) and "/worker-" not in path and path not in page


async def wire_bytes(server: ServerProcess, path: str) -> int:
    """Of one answer's body as a browser gets it: compressed."""
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(server.url + path, headers={"Accept-Encoding": "gzip, deflate, br"}) as response,
    ):
        assert response.status == 200
        return len(await response.read())


async def test_everything_a_first_visit_fetches_fits_into_a_hundred_kilobytes(
    people: People, server: ServerProcess
) -> None:
    pupil = await people.pupil()
    fetched: list[str] = []

    def note(request: Request) -> None:
        fetched.append(urlsplit(request.url).path)

    pupil.page.context.on("request", note)
    await pupil.opens_lyhty()
    await pupil.page.wait_for_load_state("networkidle")
    needed = {"/", "/anchor.json", "/api/hours", "/api/trust"}
    assert needed <= set(fetched)
    assert any("/worker-" in path for path in fetched)
    page = await (await pupil.page.request.get(server.url)).text()
    sizes = {path: await wire_bytes(server, path) for path in set(fetched) if not follows(path, page)}
    assert any("/assets/site-" in path for path in sizes)
    assert not any("/assets/others-" in path for path in sizes)
    assert sum(sizes.values()) <= BUDGET_BYTES, sizes


async def test_a_lesson_that_cannot_be_fetched_is_waited_for_in_words_and_comes_when_the_line_is_back(
    people: People,
) -> None:
    pupil = await people.pupil()
    people.expect_complaint("Failed to load resource: net::ERR_FAILED")
    tries: list[str] = []

    async def fail(route: Route) -> None:
        tries.append(route.request.url)
        await route.abort()

    await pupil.page.route("**/assets/later-*", fail)
    await pupil.opens_lyhty()
    await pupil.does("lesson-bullying")
    await pupil.reads("common.loadingFailed")
    await pupil.page.unroute("**/assets/later-*")
    await pupil.reads("lesson.bullying.1.title")
    assert tries
