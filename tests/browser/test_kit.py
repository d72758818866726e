"""A coordinator gets a school's papers at the desk (SPEC 12.6)."""

from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, expect
from pypdf import PdfReader

from lyhty_wire.encoding import b64encode
from tests.browser.conftest import SLOT_MS, gathered
from tests.browser.desk import Desk
from tests.browser.looking import violations
from tests.browser.test_organisations import TWO, body, chooses, file, opens, part
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SITE = "https://lyhty.example.fi"


@pytest.fixture
def own_server(provider: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    settings = {"LYHTY_SITE": SITE}
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS, settings=settings).start() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, own_server: ServerProcess, provider: Provider) -> AsyncIterator[Desk]:
    """A coordinator's, with one school brought in and its papers open."""
    async with gathered(browser, own_server) as people:
        desk = await opens(await people.signed_in(provider.coordinator))
        await chooses(desk, file(TWO))
        await desk.action("import-store").click()
        await body(desk, "03095").locator('[data-action="school-papers"]').click()
        await expect(part(desk, "kit").locator("li")).to_have_count(6)
        yield desk


async def saved(desk: Desk, paper: str, kind: str) -> tuple[str, bytes]:
    async with desk.page.expect_download() as waited:
        await part(desk, "kit").locator(f'[data-paper="{paper}"] [data-action="save-{kind}"]').click()
    download = await waited.value
    return download.suggested_filename, content(await download.path())


def content(file: Path) -> bytes:
    return file.read_bytes()


async def test_papers_are_saved_in_the_language_that_was_chosen_and_lead_to_this_school(
    desk: Desk, provider: Provider
) -> None:
    assert await violations(desk.page) == []
    name, letter = await saved(desk, "letter", "pdf")
    assert name == "lyhty-03095-letter-fi.pdf"
    assert "Rantakoulu" in PdfReader(BytesIO(letter)).pages[0].extract_text()
    await desk.page.locator('[data-field="kit-language"]').select_option("fi-simple")
    await expect(part(desk, "kit").locator("li")).to_have_count(4)
    name, poster = await saved(desk, "poster-a4", "png")
    assert name == "lyhty-03095-poster-a4-fi-simple.png"
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(poster)))
    assert code.text == f"{SITE}/#a={b64encode(provider.instance)}&s=03095"
