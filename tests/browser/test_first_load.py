"""The first page on a slow line: everything it needs fits into 100 kB."""

from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Request

from tests.browser.conftest import People
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUDGET_BYTES: Final = 100_000
LATER: Final = "/assets/others-"
"""The other languages follow when the page stands, for everybody, whatever they do."""


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
    needed = {"/", "/anchor.json", "/api/trust"}
    assert needed <= set(fetched)
    assert any("/worker-" in path for path in fetched)
    sizes = {path: await wire_bytes(server, path) for path in set(fetched) if not path.startswith(LATER)}
    assert sum(sizes.values()) <= BUDGET_BYTES, sizes
