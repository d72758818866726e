"""A coordinator at the console: which figures are due, what they cost, and the command that publishes (SPEC 12.4)."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from lyhty_server.store.sql import SqlStore
from lyhty_wire.encoding import b64encode
from lyhty_wire.figures.periods import HELSINKI, Month, Period, Span, month_periods, terms_of, year_of
from lyhty_wire.figures.tables import Table
from lyhty_wire.organisation_desk import Organisations
from lyhty_wire.organisations import Agreement, Kind, Organisation
from tests.browser.conftest import SLOT_MS, People, gathered
from tests.browser.desk import Desk
from tests.browser.looking import SETTINGS, walk_past
from tests.browser.team_views import dialog, opens_from_menu
from tests.browser.words import Language
from tests.provider import Provider
from tests.published import release_of, signed
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

TODAY: Final = datetime.now(HELSINKI).date()
THIS_YEAR: Final = year_of(Month(TODAY.year, TODAY.month))
BEFORE: Final = Period(Span.YEAR, Month(THIS_YEAR.first.year - 1, 8))
COUNTY: Final = [Organisation("06", Kind.COUNTY, "Pohjoinen hyvinvointialue")]


async def plant(provider: Provider, data: Path, *, published: tuple[Period, ...]) -> None:
    """An agreement since the school year before, and what has been published of it."""
    store = SqlStore(data / "lyhty.db")
    await store.start()
    try:
        agreements = [Agreement("06", "06", 100, date(*BEFORE.months[0], 1))]
        await store.change_organisations(await store.organisations(), Organisations(COUNTY, agreements))
        for period in published:
            release = release_of(period.name, provider.directory)
            await store.put_release(period.name, signed(release, provider.coordinator.keys.sign))
    finally:
        await store.close()


def every(year: Period) -> tuple[Period, ...]:
    return (*month_periods(year), *terms_of(year), year)


@pytest.fixture
def own_server(provider: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def here(browser: Browser, own_server: ServerProcess) -> AsyncIterator[People]:
    async with gathered(browser, own_server) as people:
        yield people


async def opens(here: People, provider: Provider, language: Language = "fi") -> tuple[Desk, Locator]:
    desk = await here.signed_in(provider.coordinator, language=language)
    await opens_from_menu(desk, "releases")
    return desk, dialog(desk, "releases").locator('[data-part="standing"]')


async def test_what_is_due_is_named_and_the_command_that_publishes_it_stands_there(
    here: People, provider: Provider
) -> None:
    out = every(BEFORE)[:3]
    await plant(provider, here.server.data, published=out)
    here.server.start()
    desk, standing = await opens(here, provider)
    await expect(standing).to_have_attribute("data-is", "due")
    names = await standing.locator("[data-due]").evaluate_all("(all) => all.map((one) => one.dataset.due)")
    waiting = {each.name for year in (BEFORE, THIS_YEAR) for each in every(year) if each.published <= TODAY}
    assert set(names) == waiting - {each.name for each in out}
    command = (await desk.page.locator('[data-part="copy-publish"]').text_content() or "").strip()
    name = provider.coordinator.name
    assert (
        command
        == f"lyhty stats release '{here.server.url}/#a={b64encode(provider.instance)}' --name '{name}' --publish"
    )
    walk = await walk_past(desk.page, as_it_stands(), at_least=1)
    assert walk.violations == {}
    for setting in SETTINGS:
        told = walk.told(setting, *SETTINGS[setting].looks)
        assert [each for each in told if "sideways: div.table-box" not in each] == [], setting


async def as_it_stands() -> AsyncIterator[str]:
    yield "releases"


async def test_where_all_is_out_the_next_is_told_and_each_table_s_epsilon_is_the_one_that_is_drawn_with(
    here: People, provider: Provider
) -> None:
    out = [each for year in (BEFORE, THIS_YEAR) for each in every(year) if each.published <= TODAY]
    await plant(provider, here.server.data, published=tuple(out))
    here.server.start()
    desk, standing = await opens(here, provider, "en")
    await expect(standing).to_have_attribute("data-is", "whole")
    cells = await desk.page.locator('[data-part="cost"] tbody td:last-child').all_inner_texts()
    assert [Fraction(each) for each in cells] == [*(table.epsilon for table in Table), Fraction(2)]
    assert await desk.page.locator('tr[data-is="published"]').count() == len(out)
    assert await desk.page.locator('tr[data-is="due"]').count() == 0


async def test_who_coordinates_nothing_has_no_such_entry(here: People, provider: Provider) -> None:
    here.server.start()
    desk = await here.signed_in(provider.lawyer)
    await desk.action("menu").click()
    await expect(desk.action("people")).to_be_visible()
    await expect(desk.action("releases")).to_have_count(0)
