"""Somebody is invited to see figures, joins, and sees those of their own body and of nobody else (SPEC 12.2)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, SLOT_MS, People, gathered
from tests.browser.desk import Desk
from tests.browser.looking import violations
from tests.browser.words import Language, say, three_sentences
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, LocalProvider, local_provider, signed
from tests.ports import free_port
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "kolme pitkää sanaa"
BODIES = """tunnus;laji;nimi;kuuluu;oppilaita;luokat
06;hyvinvointialue;Pohjoinen hyvinvointialue
837;kunta;Keskuskaupunki;06
03095;koulu;Keskuskoulu;837;420;1-9
03096;koulu;Rantakoulu;837;210;1-6
560;kunta;Jokikunta;06
04004;koulu;Jokikoulu;560;90;1-6
"""


@dataclass
class Viewer:
    """Somebody at the page of figures."""

    page: Page
    url: str
    language: Language = "fi"

    def action(self, name: str) -> Locator:
        return self.page.locator(f'[data-action="{name}"]')

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[data-field="{name}"]')

    async def joins(self, link: str, name: str) -> str:
        """The device code of the sheet."""
        await self.page.goto(link)
        await self.field("name").fill(name)
        await self.field("password").fill(PASSWORD)
        await self.field("again").fill(PASSWORD)
        await self.action("make").click()
        code = await self.page.locator('[data-part="device-code"]').inner_text()
        await self.field("kept").check()
        await self.action("kept").click()
        await self.action("to-sign-in").click()
        return code

    async def signs_in(self, name: str) -> None:
        await self.field("name").fill(name)
        await self.field("password").fill(PASSWORD)
        await self.action("sign-in").click()
        await self.is_in()

    async def is_in(self) -> None:
        await expect(self.page.locator('[data-view="figures"]')).to_be_visible()

    async def is_told(self, code: str) -> None:
        problem = self.page.locator(f'[data-problem="{code}"]')
        for sentence in three_sentences(self.language, code):
            await expect(problem).to_contain_text(sentence)

    async def writes_in_the_address(self, organisation: str) -> None:
        await self.page.evaluate("(id) => { location.hash = `o=${id}` }", organisation)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def desk(shared_people: People, provider: Provider) -> Desk:
    """One coordinator invites the viewers of all tests: no two have the same name."""
    return await coordinator_of(shared_people, provider)


async def is_clean(page: Page) -> None:
    """By light and in the dark."""
    schemes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        assert await violations(page) == []


async def coordinator_of(people: People, provider: Provider) -> Desk:
    """Who has brought the bodies in, and has the dialog of viewers open."""
    desk = await people.signed_in(provider.coordinator)
    await desk.action("menu").click()
    await desk.action("organisations").click()
    sent = {"name": "bodies.csv", "mimeType": "text/csv", "buffer": BODIES.encode()}
    await desk.page.locator('[data-field="import-file"]').set_input_files(sent)  # type: ignore[arg-type]
    await desk.action("import-store").click()
    await expect(desk.page.locator('[data-part="import"]')).to_have_attribute("data-is", "done")
    await desk.presses("Escape")
    await desk.action("menu").click()
    await desk.action("viewers").click()
    await expect(desk.page.locator('[data-part="invite-viewer"]')).to_be_visible()
    return desk


async def invites(desk: Desk, name: str, organisation: str) -> str:
    """The link."""
    await desk.page.locator('[data-field="viewer-name"]').fill(name)
    await desk.page.locator('[data-field="viewer-organisation"]').select_option(organisation)
    await desk.action("invite-viewer").click()
    made = desk.page.locator('[data-part="made"]').filter(has_text=name)
    return await made.locator('[data-field="link"]').input_value()


async def viewer_at(people: People, **options: object) -> Viewer:
    page, _ = await people.page(viewport=DESKTOP, **options)
    return Viewer(page, people.server.url)


async def test_a_principal_is_invited_joins_and_sees_their_school_and_no_other(people: People, desk: Desk) -> None:
    link = await invites(desk, "Rehtori A", "03095")
    await is_clean(desk.page)
    principal = await viewer_at(people)
    code = await principal.joins(link, "rehtori-a")
    assert principal.page.url == f"{people.server.url}/figures"
    await principal.signs_in("rehtori-a")
    shown = principal.page.locator("[data-organisation]")
    await expect(shown).to_have_attribute("data-organisation", "03095")
    await expect(shown).to_contain_text("Keskuskoulu")
    await is_clean(principal.page)
    for foreign in ("03096", "837", "999"):
        await principal.writes_in_the_address(foreign)
        await principal.is_told("organisation-unknown")
        await expect(shown).to_have_count(0)
        assert await violations(principal.page) == []
    said = await principal.page.content()
    assert not any(name in said for name in ("Rantakoulu", "Keskuskaupunki", "Jokikoulu"))
    assert len(code) == 43


async def test_a_viewer_sees_where_they_are_signed_in_and_ends_the_other(people: People, desk: Desk) -> None:
    first = await viewer_at(people)
    code = await first.joins(await invites(desk, "Rehtori B", "03095"), "rehtori-b")
    await first.signs_in("rehtori-b")
    other = Viewer(await first.page.context.new_page(), people.server.url)
    await other.page.goto(f"{people.server.url}/figures")
    await other.field("device").fill(code)
    await other.signs_in("rehtori-b")
    box = first.page.locator('[data-part="sessions"]')
    await box.locator("summary").click()
    await expect(box.locator("[data-session]")).to_have_count(2)
    await is_clean(first.page)
    await first.action("end-session").click()
    await expect(box).to_contain_text(say("fi", "console.sessions.onlyThis"))
    people.expect_complaint("status of 401")
    await other.writes_in_the_address("837")
    await other.is_told("not-signed-in")


async def test_a_municipality_chooses_among_its_schools_by_keys_alone_and_in_three_languages(
    people: People, desk: Desk
) -> None:
    head = await viewer_at(people)
    await head.joins(await invites(desk, "Johtaja C", "837"), "johtaja-c")
    await head.signs_in("johtaja-c")
    await expect(head.field("organisation").locator("option")).to_have_text(
        ["Keskuskaupunki", "Keskuskoulu", "Rantakoulu"]
    )
    await head.field("organisation").focus()
    await head.page.keyboard.press("ArrowDown")
    await expect(head.page.locator("[data-organisation]")).to_have_attribute("data-organisation", "03095")
    languages: tuple[Language, ...] = ("sv", "en")
    for language in languages:
        await head.action("language").select_option(language)
        await expect(head.page.locator("header")).to_contain_text(say(language, "viewer.title"))
        assert await violations(head.page) == []


async def test_who_is_removed_is_out_at_once_and_told_so(people: People, desk: Desk) -> None:
    viewer = await viewer_at(people)
    await viewer.joins(await invites(desk, "Rehtori D", "837"), "rehtori-d")
    await viewer.signs_in("rehtori-d")
    await desk.presses("Escape")
    await desk.action("menu").click()
    await desk.action("viewers").click()
    row = desk.page.locator('[data-viewer="Rehtori D"]')
    await row.locator('[data-action="remove"]').click()
    await row.locator('[data-action="remove-now"]').click()
    await expect(row).to_have_count(0)
    people.expect_complaint("status of 401")
    await viewer.writes_in_the_address("03095")
    await viewer.is_told("not-signed-in")
    await expect(viewer.page.locator("[data-organisation]")).to_have_count(0)
    people.expect_complaint("status of 403")
    await viewer.field("name").fill("rehtori-d")
    await viewer.field("password").fill(PASSWORD)
    await viewer.action("sign-in").click()
    await viewer.is_told("sign-in-failed")


async def test_a_link_is_for_one_and_a_withdrawn_one_for_nobody(people: People, desk: Desk) -> None:
    used, withdrawn = await invites(desk, "Rehtori E", "03095"), await invites(desk, "Toinen", "03096")
    await desk.page.locator("[data-invitation]").filter(has_text="Toinen").locator('[data-action="withdraw"]').click()
    await expect(desk.page.locator("[data-invitation]").filter(has_text="Toinen")).to_have_count(0)
    principal = await viewer_at(people)
    await principal.page.goto(f"{people.server.url}/figures")
    await principal.joins(used, "rehtori-e")  # the page is open already: only what is behind the # changes
    for link in (used, withdrawn):
        late = await viewer_at(people)
        people.expect_complaint("status of 404")
        await late.page.goto(link)
        await late.is_told("invitation-unknown")
        await is_clean(late.page)


# --- With a municipal account


@pytest_asyncio.fixture(loop_scope="session")
async def municipal(
    browser: Browser, provider: Provider, tmp_path: Path
) -> AsyncIterator[tuple[People, LocalProvider]]:
    port = free_port()
    site = f"http://localhost:{port}"
    async with local_provider(f"{site}/oidc/back") as there:
        settings = {
            "LYHTY_SITE": site,
            "LYHTY_OIDC_ISSUER": there.issuer,
            "LYHTY_OIDC_CLIENT_ID": CLIENT_ID,
            "LYHTY_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }
        data = provider.write(tmp_path / "data")
        with ServerProcess(data, slot_ms=SLOT_MS, port=port, settings=settings).start() as server:
            async with gathered(browser, server) as people:
                server.url = site
                yield people, there


async def test_a_municipal_account_is_bound_by_the_link_and_comes_in_without_it_later(
    municipal: tuple[People, LocalProvider], provider: Provider
) -> None:
    people, there = municipal
    desk = await coordinator_of(people, provider)
    viewer = await viewer_at(people)
    await viewer.page.goto(await invites(desk, "Hyvinvointijohtaja", "837"))
    await viewer.action("provider").click()
    await viewer.is_in()
    assert viewer.page.url == f"{people.server.url}/figures"
    kept = await viewer.page.evaluate("[sessionStorage.length, document.cookie, history.length > 0]")
    assert kept == [0, "", True]
    await viewer.action("sign-out").click()
    await viewer.action("provider").click()
    await viewer.is_in()
    stranger = await viewer_at(people)
    there.who = "vieras"
    people.expect_complaint("status of 403")
    await stranger.page.goto(f"{people.server.url}/figures")
    await stranger.action("provider").click()
    await stranger.is_told("viewer-unknown")
    await is_clean(stranger.page)


async def test_what_a_lying_provider_says_lets_nobody_in_and_the_link_stays_good(
    municipal: tuple[People, LocalProvider], provider: Provider
) -> None:
    people, there = municipal
    desk = await coordinator_of(people, provider)
    viewer = await viewer_at(people)
    there.lie = lambda claims: signed({**claims, "nonce": "another"})
    people.expect_complaint("status of 403")
    await viewer.page.goto(await invites(desk, "Hyvinvointijohtaja", "837"))
    await viewer.action("provider").click()
    await viewer.is_told("provider-refused")
    there.lie = None
    await viewer.action("provider").click()
    await viewer.is_in()


async def test_an_address_that_somebody_else_came_back_with_lets_nobody_in(
    municipal: tuple[People, LocalProvider], provider: Provider
) -> None:
    """Neither as them, nor as oneself: this browser did not set out."""
    people, _ = municipal
    await coordinator_of(people, provider)
    viewer = await viewer_at(people)
    await viewer.page.goto(f"{people.server.url}/oidc/back?state={'A' * 43}&code=code")
    await viewer.is_told("provider-refused")
    assert viewer.page.url == f"{people.server.url}/figures"


async def test_the_page_of_figures_fits_a_phone(people: People, desk: Desk) -> None:
    page, _ = await people.page(viewport=PHONE)
    viewer = Viewer(page, people.server.url)
    await viewer.joins(await invites(desk, "Johtaja F", "06"), "johtaja-f")
    await viewer.signs_in("johtaja-f")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
