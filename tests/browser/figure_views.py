"""A walk past the pages of figures, of a service that has published two school years."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from playwright.async_api import expect

from lyhty_server.store.sql import SqlStore
from lyhty_wire.organisation_desk import Organisations
from lyhty_wire.organisations import Kind, Organisation
from tests.browser.conftest import DESKTOP, People
from tests.browser.test_viewers import Viewer, invites
from tests.browser.words import Language
from tests.provider import Provider
from tests.published import signed
from tests.server.figures.published import two_years

LARGE: Final = "564"
"""A municipality of a thousand schools, which has published nothing."""


async def publish(provider: Provider, data: Path) -> None:
    """Into the folder of a server that does not run, as it is stored."""
    published = two_years()
    many = [Organisation(LARGE, Kind.MUNICIPALITY, "Suurkaupunki", "06")]
    many += [Organisation(f"{LARGE}-{nth}", Kind.SCHOOL, f"Suuri koulu {nth}", LARGE, 100) for nth in range(1_000)]
    bodies = sorted([*published.tree.organisations.values(), *many], key=lambda one: one.id)
    store = SqlStore(data / "lyhty.db")
    await store.start()
    try:
        await store.change_organisations(
            await store.organisations(), Organisations(bodies, list(published.tree.agreements))
        )
        for release in published.releases:
            await store.put_release(release.period.name, signed(release, provider.coordinator.keys.sign))
    finally:
        await store.close()


async def viewer_of(
    people: People, provider: Provider, organisation: str, name: str, language: Language = "fi", **look: Any
) -> Viewer:
    """Invited, joined, and signed in."""
    desk = await people.signed_in(provider.coordinator)
    await desk.action("menu").click()
    await desk.action("viewers").click()
    link = await invites(desk, name, organisation)
    locale = {"sv": "sv-FI", "en": "en-GB"}.get(language, "fi-FI")
    page, _ = await people.page(**{"viewport": DESKTOP, "locale": locale} | look)
    viewer = Viewer(page, people.server.url, language)
    await viewer.joins(link, name.lower())
    await viewer.signs_in(name.lower())
    await stands(viewer)
    return viewer


async def goes(viewer: Viewer, organisation: str, period: str) -> None:
    await viewer.page.evaluate("(to) => { location.hash = to }", f"o={organisation}&p={period}")
    await stands(viewer, f'[data-organisation="{organisation}"][data-period="{period}"]')


async def stands(viewer: Viewer, which: str = '[data-page="figures"]') -> None:
    await expect(viewer.page.locator(f'{which}[aria-busy="false"]')).to_be_visible()


async def figure_views(viewer: Viewer) -> AsyncIterator[str]:
    """Of a signed-in viewer of the county."""
    await goes(viewer, "06", "2026-2027")
    yield "figures-county-year"
    for summary in await viewer.page.locator("details.opens > summary").all():
        if not await summary.evaluate("(one) => one.parentElement.open"):
            await summary.click()
    await viewer.field("organisation-search").fill("suuri koulu 9")
    yield "figures-all-open"
    await goes(viewer, "83708", "2027-spring")
    yield "figures-small-school-term"
    await goes(viewer, LARGE, "2026-2027")
    yield "figures-none-yet"
    await viewer.action("methods").click()
    await stands(viewer, '[data-page="methods"]')
    yield "figures-methods"
    await viewer.writes_in_the_address("07")
    await stands(viewer, '[data-page="failed"]')
    yield "figures-foreign"
