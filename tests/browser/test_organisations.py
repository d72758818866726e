"""Schools and municipalities at a coordinator's desk: bringing them in by a file, and looking at them (SPEC 12.1)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Locator, expect

from tests.browser.conftest import SLOT_MS, gathered
from tests.browser.desk import Desk
from tests.browser.looking import violations
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEADER = "tunnus;laji;nimi;kuuluu;oppilaita;luokat;maksaja;osuus;alkaa;viimeinen päivä\n"
TWO = """06;hyvinvointialue;Pirkanmaa
837;kunta;Tampere;06
03095;koulu;Rantakoulu;837;420;1-9
837;sopimus;;;;;837;60;1.8.2026;31.7.2027
837;sopimus;;;;;06;40;1.8.2026;31.7.2027
"""


@pytest.fixture
def own_server(provider: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    """Where nobody has brought in anything yet."""
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS).start() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, own_server: ServerProcess, provider: Provider) -> AsyncIterator[Desk]:
    """A coordinator's, with the dialog open."""
    async with gathered(browser, own_server) as people:
        yield await opens(await people.signed_in(provider.coordinator))


async def opens(desk: Desk) -> Desk:
    await desk.action("menu").click()
    await desk.action("organisations").click()
    await expect(desk.page.locator('[data-part="import"]')).to_be_visible()
    return desk


def file(lines: str, encoding: str = "utf-8", header: str = HEADER) -> FilePayload:
    return {"name": "schools.csv", "mimeType": "text/csv", "buffer": (header + lines).encode(encoding)}


async def chooses(desk: Desk, chosen: FilePayload) -> None:
    await desk.page.locator('[data-field="import-file"]').set_input_files(chosen)


def part(desk: Desk, name: str) -> Locator:
    return desk.page.locator(f'[data-part="{name}"]')


def body(desk: Desk, name: str) -> Locator:
    return desk.page.locator(f'[data-organisation="{name}"]')


async def test_a_file_is_first_shown_and_then_with_a_second_word_brought_in(desk: Desk) -> None:
    await chooses(desk, file(TWO))
    await expect(part(desk, "import-changes")).to_contain_text(desk.says("console.organisations.added", count=3))
    assert await violations(desk.page) == []
    await desk.action("import-dismiss").click()
    await expect(part(desk, "import-changes")).to_have_count(0)
    await desk.presses("Escape")
    await opens(desk)
    await expect(desk.page.locator("dialog")).to_contain_text(desk.says("console.organisations.none"))
    await chooses(desk, file(TWO))
    await desk.action("import-store").click()
    await expect(part(desk, "import")).to_have_attribute("data-is", "done")
    await expect(body(desk, "03095")).to_contain_text("420")
    await expect(part(desk, "paid")).to_contain_text("Pirkanmaa 40 %, 1.8.2026–31.7.2027; Tampere 60 %")
    assert await violations(desk.page) == []
    await chooses(desk, file(TWO))
    await expect(part(desk, "import-same")).to_be_visible()


async def test_what_is_wrong_with_a_file_is_told_by_row_and_nothing_can_be_stored(desk: Desk) -> None:
    await chooses(desk, file(TWO.replace("420", "many").replace("40;", "30;")))
    problems = part(desk, "import-problems").locator("li")
    await expect(problems).to_have_count(2)
    await expect(problems.nth(0)).to_contain_text("many")
    await expect(problems.nth(0)).to_contain_text(desk.says("console.organisations.faults.pupils-invalid"))
    await expect(problems.nth(1)).to_contain_text("90 %")
    await expect(desk.action("import-store")).to_have_count(0)
    assert await violations(desk.page) == []
    await chooses(desk, file(TWO, encoding="cp1252"))
    await expect(problems).to_have_attribute("data-fault", "encoding")
    await chooses(desk, {"name": "large.csv", "mimeType": "text/csv", "buffer": b"x" * 1_048_577})
    await expect(part(desk, "import")).to_have_attribute("data-is", "too-large")


async def test_everything_is_done_by_keys_alone(desk: Desk) -> None:
    await chooses(desk, file(TWO + "".join(f"0{n:04};koulu;Koulu {n};837;90\n" for n in range(40))))
    await expect(desk.action("import-store")).to_be_visible()
    await desk.page.locator('[data-field="import-file"]').focus()
    await desk.presses("Tab", "Tab", "Enter")
    await expect(part(desk, "import")).to_have_attribute("data-is", "done")
    summary = body(desk, "837").locator("summary")
    await expect(body(desk, "00007")).to_have_count(0)
    await summary.focus()
    await desk.presses("Enter")
    await expect(body(desk, "00007")).to_be_visible()
    await desk.page.locator('[data-field="organisation-search"]').fill("ranta")
    await expect(part(desk, "organisations-found")).to_have_text(desk.says("console.organisations.found", count=1))
    await expect(body(desk, "03095")).to_be_visible()
    await desk.presses("Escape")
    await expect(desk.page.locator("dialog")).to_have_count(0)


async def test_a_thousand_schools_are_listed_and_searched(desk: Desk) -> None:
    towns = "".join(f"{n:03};kunta;Kunta {n};06\n" for n in range(100, 130))
    schools = "".join(f"{n:05};koulu;Koulu {n};{100 + n % 30};{100 + n}\n" for n in range(1_000))
    await chooses(desk, file("06;hyvinvointialue;Pirkanmaa\n" + towns + schools))
    await desk.action("import-store").click()
    await expect(part(desk, "organisations-sum")).to_contain_text("1000")
    await desk.page.locator('[data-field="organisation-search"]').fill("koulu 99")
    await expect(part(desk, "organisations-found")).to_have_text(desk.says("console.organisations.found", count=11))
    await desk.page.locator('[data-field="organisation-search"]').fill("koulu")
    await expect(desk.page.locator(".schools > li")).to_have_count(50)
    await desk.action("more").click()
    await expect(desk.page.locator(".schools > li")).to_have_count(100)


async def test_who_is_no_coordinator_has_no_such_entry_in_the_menu(
    browser: Browser, own_server: ServerProcess, provider: Provider
) -> None:
    async with gathered(browser, own_server) as people:
        lawyer = await people.signed_in(provider.lawyer)
        await lawyer.action("menu").click()
        await expect(lawyer.action("people")).to_be_visible()
        await expect(lawyer.action("organisations")).to_have_count(0)
