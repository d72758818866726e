"""Figures in a browser: read, changed, downloaded, printed, and of nobody whom the viewer may not see (SPEC 12.5)."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from pypdf import PdfReader

from tests.browser.conftest import SLOT_MS, People, gathered
from tests.browser.figure_views import LARGE, figure_views, goes, publish, stands, viewer_of
from tests.browser.looking import SETTINGS, walk_past
from tests.browser.test_viewers import Viewer
from tests.browser.words import Language, say
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

THEIR_OWN_BOXES: Final = ("sideways: div.table-box", "sideways: div.picture-box.standing")
"""Tables of figures and pictures over time keep their width, and scroll alone (WCAG 1.4.10 excepts them)."""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def data(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = provider.write(tmp_path_factory.mktemp("figures") / "data")
    await publish(provider, folder)
    return folder


@pytest.fixture(scope="module")
def own_server(data: Path) -> Iterator[ServerProcess]:
    with ServerProcess(data, slot_ms=SLOT_MS).start() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def here(browser: Browser, own_server: ServerProcess) -> AsyncIterator[People]:
    async with gathered(browser, own_server) as people:
        yield people


async def downloaded(viewer: Viewer, action: str) -> tuple[str, bytes]:
    async with viewer.page.expect_download() as coming:
        await viewer.action(action).click()
    download = await coming.value
    return download.suggested_filename, await asyncio.to_thread((await download.path()).read_bytes)


async def test_a_municipality_reads_changes_the_period_and_takes_every_file_home(
    here: People, provider: Provider
) -> None:
    viewer = await viewer_of(here, provider, "837", "Johtaja")
    heading = viewer.page.locator("h1")
    await expect(heading).to_have_text("Koskikaupunki: kevätlukukausi 2027")
    await expect(heading).to_be_focused()
    await viewer.field("period").select_option("2026-2027")
    await expect(heading).to_have_text("Koskikaupunki: lukuvuosi 2026–2027")
    await stands(viewer, '[data-period="2026-2027"]')
    assert await viewer.page.locator("h2").first.inner_text() == "Lyhyesti"
    buttons = await viewer.page.locator('[data-action^="save-"]').evaluate_all(
        "(buttons) => buttons.map((button) => button.dataset.action)"
    )
    files = {action: await downloaded(viewer, action) for action in buttons}
    names = {name for name, _ in files.values()}
    assert len(names) == len(files) > 20
    assert all(name == f"lyhty-837-2026-2027-fi-{action.removeprefix('save-')}" for action, (name, _) in files.items())
    assert "tapaukset" in PdfReader(io.BytesIO(files["save-figures.pdf"][1])).pages[0].extract_text().lower()
    assert PdfReader(io.BytesIO(files["save-report.pdf"][1])).pages
    assert zipfile.ZipFile(io.BytesIO(files["save-figures.xlsx"][1])).testzip() is None
    assert json.loads(files["save-figures.json"][1])["version"] == "2.0"
    assert b"Koskikaupunki" in files["save-figures.csv"][1]
    assert files["save-topics.px"][1].startswith(b"CHARSET")
    assert files["save-topics.svg"][1].startswith(b"<svg")


async def test_whoever_writes_another_s_school_into_the_address_is_told_and_sees_nothing(
    here: People, provider: Provider
) -> None:
    viewer = await viewer_of(here, provider, "83701", "Rehtori")
    answers = set()
    for foreign in ("83702", "837", "06", "all", "nobody"):
        await viewer.writes_in_the_address(foreign)
        await viewer.is_told("organisation-unknown")
        answers.add(await viewer.page.locator("main").inner_text())
        await expect(viewer.page.locator("table, svg.chart")).to_have_count(0)
    assert len(answers) == 1
    await viewer.action("own").click()
    await stands(viewer)
    await expect(viewer.page.locator("h1")).to_contain_text("Keskustan koulu")
    await viewer.page.go_back()
    await viewer.is_told("organisation-unknown")


async def test_tables_and_reading_help_open_by_keys_and_a_picture_is_drawn_as_it_was_sent(
    here: People, provider: Provider
) -> None:
    viewer = await viewer_of(here, provider, "837", "Näppäilijä")
    async with viewer.page.expect_response(lambda answer: answer.url.endswith("period=2026-2027")) as coming:
        await goes(viewer, "837", "2026-2027")
    section = viewer.page.locator('[data-section="topics"]')
    table = section.locator('details[data-part="table"]')
    await table.locator("summary").focus()
    await viewer.page.keyboard.press("Enter")
    await expect(table.locator("tbody tr")).to_have_count(11)
    await expect(table.locator("caption")).to_be_visible()
    page = await (await coming.value).json()
    drawings = {each["id"]: each["chart"]["drawing"] for each in page["sections"] if each["chart"]}
    assert len(drawings) > 5
    for name, drawing in drawings.items():
        drawn = await viewer.page.locator(f'[data-section="{name}"] svg.chart').evaluate(TREE)
        assert drawn == as_tree(drawing), name


TREE: Final = """(svg) => {
    const tree = (one) => [
        one.localName, Object.fromEntries([...one.attributes].map(({ name, value }) => [name, value])),
        [...one.childNodes].map((child) => child.nodeType === Node.TEXT_NODE ? child.data : tree(child)),
    ]
    return tree(svg)
}"""


def as_tree(shape: dict[str, Any]) -> list[Any]:
    text = [shape["text"]] if shape["text"] else []
    return [shape["tag"], shape["attributes"], [*text, *map(as_tree, shape["children"])]]


async def test_among_a_thousand_schools_one_is_found_by_the_beginning_of_its_name(
    here: People, provider: Provider
) -> None:
    viewer = await viewer_of(here, provider, LARGE, "Kaupunki")
    await viewer.page.locator('[data-part="whose"] > summary').click()
    await viewer.field("organisation-search").fill("koulu 99")
    found = viewer.page.locator("[data-choose]")
    await expect(found).to_have_count(11)
    await viewer.field("organisation-search").fill("suuri 997")
    await expect(found).to_have_text(["Suuri koulu 997"])
    await found.click()
    await expect(viewer.page.locator("h1")).to_contain_text("Suuri koulu 997")


async def test_on_paper_every_table_is_open_and_no_button_is_left(here: People, provider: Provider) -> None:
    viewer = await viewer_of(here, provider, "837", "Tulostaja", color_scheme="dark")
    await goes(viewer, "837", "2026-2027")
    printed = PdfReader(io.BytesIO(await viewer.page.pdf(prefer_css_page_size=True)))
    text = "\n".join(page.extract_text() for page in printed.pages)
    rows = await viewer.page.locator("tbody th").evaluate_all("(cells) => cells.map((cell) => cell.firstChild.data)")
    assert len(rows) > 50
    assert [row for row in rows if row not in text.replace("\n", " ")] == []
    for key in ("figures.choose", "figures.saveThis", "figures.filesText", "figures.methods", "console.signOut"):
        assert say("fi", key) not in text
    assert "127.0.0.1" not in text
    assert await viewer.page.locator("details.opens[open]").count() < 5


@pytest.mark.parametrize(("language", "scheme"), [("fi", "light"), ("sv", "dark"), ("en", "light")])
async def test_no_page_of_figures_has_a_violation_or_breaks_in_a_narrow_window(
    here: People, provider: Provider, language: Language, scheme: str
) -> None:
    name = f"Maakunta-{language}"
    viewer = await viewer_of(here, provider, "06", name, language, color_scheme=scheme, reduced_motion="reduce")
    walk = await walk_past(viewer.page, figure_views(viewer), at_least=6)
    assert walk.violations == {}
    for setting in SETTINGS:
        told = walk.told(setting, *SETTINGS[setting].looks)
        assert [each for each in told if not any(box in each for box in THEIR_OWN_BOXES)] == [], setting
