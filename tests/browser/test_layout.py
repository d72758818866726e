"""Every view in every language, in narrow windows, with large text, forced colors, more contrast and without motion.

Each language is walked once; on every view all settings are tried in turn, and each test tells of one of them.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page, ViewportSize

from tests.browser.conftest import People
from tests.browser.recovery_views import coordinators, recovery_views
from tests.browser.team_views import WITH_MAIL, a_lawyer_asks_for_eyes, people_views
from tests.browser.views import STORIES, console_views, public_views, settles
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES, AND_OF_INSECURE_PAGES
from tests.browser.words import Language
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.observer import observed
from tests.scenarios.server_process import ServerProcess

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

LOOKING: Final = Path(__file__).with_name("looking.js").read_text()
SLOW_SLOT_MS: Final = 200
"""So that the view of sending stands long enough to be looked at."""

Scheme = Literal["light", "dark"]
Application = Literal["site", "console", "people", "recovery"]
WALKS: Final[list[tuple[Application, Language, Scheme]]] = [
    ("site", "fi-simple", "light"),
    ("site", "fi", "dark"),
    ("site", "sv", "light"),
    ("site", "en", "dark"),
    ("console", "fi", "dark"),
    ("console", "sv", "light"),
    ("people", "fi", "light"),
    ("people", "sv", "dark"),
    ("console", "en", "dark"),
    ("recovery", "fi", "light"),
    ("recovery", "sv", "dark"),
]


@dataclass(frozen=True)
class Setting:
    looks: tuple[str, ...]
    viewport: ViewportSize | None = None
    text_px: int = 16
    media: dict[str, Any] = field(default_factory=dict)


SETTINGS: Final = {
    "as it is": Setting(("moving", "unringed", "unfilled")),
    "320 px": Setting(("sideways", "cut"), {"width": 320, "height": 640}),
    "text of 200 %": Setting(("sideways", "cut"), {"width": 390, "height": 844}, text_px=32),
    "forced colors": Setting(("unringed",), media={"forced_colors": "active"}),
    "more contrast": Setting(("faint", "edgeless"), media={"contrast": "more"}),
}


@dataclass
class Walk:
    """What was wrong, by setting and view."""

    views: list[str] = field(default_factory=list)
    wrong: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {name: {} for name in SETTINGS})

    def told(self, setting: str, *looks: str) -> list[str]:
        return [
            f"{view}: {each}"
            for view, found in self.wrong[setting].items()
            for each in found
            if each.startswith(tuple(f"{look}: " for look in looks))
        ]


async def set_text(cdp: CDPSession, px: int) -> None:
    """As a person does in the browser's settings: the window stays as it is."""
    await cdp.send("Page.setFontSizes", {"fontSizes": {"standard": px, "fixed": px * 13 // 16}})


async def walk_past(page: Page, views: AsyncIterator[str], at_least: int = 11) -> Walk:
    walk = Walk()
    cdp = await page.context.new_cdp_session(page)
    usual = page.viewport_size
    assert usual is not None
    async for view in views:
        walk.views.append(view)
        for name, setting in SETTINGS.items():
            await page.set_viewport_size(setting.viewport or usual)
            if setting.text_px != 16:
                await set_text(cdp, setting.text_px)
            await page.emulate_media(**{"forced_colors": "none", "contrast": "no-preference"} | setting.media)
            await settles(page)
            walk.wrong[name][view] = await page.evaluate(f"{LOOKING.strip()}({list(setting.looks)})")
            if setting.text_px != 16:
                await set_text(cdp, 16)
        await page.emulate_media(forced_colors="none", contrast="no-preference")
        await page.set_viewport_size(usual)
    assert len(walk.views) >= at_least
    await page.context.close()
    return walk


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = provider.write(tmp_path_factory.mktemp("slow") / "data")
    with ServerProcess(data, slot_ms=SLOW_SLOT_MS, settings=WITH_MAIL).start() as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session", scope="module", params=WALKS, ids="-".join)
async def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    shared_people: People,
    server: ServerProcess,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Walk:
    application, language, scheme = request.param
    look: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce"}
    if application == "site":
        async with (
            observed(server.url) as network,
            expert(server.url, provider, provider.lawyer) as lawyer,
        ):
            pupil = await shared_people.pupil(language, url=network.url, **look)
            shared_people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
            shared_people.expect_complaint(AND_OF_INSECURE_PAGES)
            return await walk_past(pupil.page, public_views(pupil, network, lawyer))
    if application == "people":
        desk = await shared_people.desk(provider.coordinator, language=language, **look)
        shared_people.expect_complaint("net::ERR_FAILED")
        async with a_lawyer_asks_for_eyes(server.url, provider, language):
            return await walk_past(desk.page, people_views(desk))
    if application == "recovery":
        async with coordinators(browser, tmp_path_factory.mktemp("coordinators"), language, **look) as desks:
            return await walk_past(desks[0].page, recovery_views(*desks), at_least=7)
    first_words = f"{STORIES[language]} ({scheme})"
    async with reporter(server.url) as somebody:
        await somebody.tells(first_words, urgent=True, topic="picture-shared")
    desk = await shared_people.desk(provider.lawyer, language=language, **look)
    shared_people.expect_complaint(r"status of 403")
    return await walk_past(desk.page, console_views(desk, first_words))


async def test_no_view_scrolls_sideways_in_a_window_of_320_px(walk: Walk) -> None:
    assert walk.told("320 px", "sideways") == []


async def test_no_button_or_heading_is_cut_off_in_a_window_of_320_px(walk: Walk) -> None:
    assert walk.told("320 px", "cut") == []


async def test_no_view_scrolls_sideways_with_text_of_twice_the_size(walk: Walk) -> None:
    assert walk.told("text of 200 %", "sideways") == []


async def test_no_button_or_heading_is_cut_off_with_text_of_twice_the_size(walk: Walk) -> None:
    assert walk.told("text of 200 %", "cut") == []


async def test_the_focus_is_seen_in_forced_colors(walk: Walk) -> None:
    assert walk.told("forced colors", "unringed") == []


async def test_the_focus_is_seen_without_motion(walk: Walk) -> None:
    assert walk.told("as it is", "unringed") == []


async def test_nothing_moves_for_who_wants_no_motion(walk: Walk) -> None:
    assert walk.told("as it is", "moving") == []


async def test_all_text_reaches_seven_to_one_for_who_wants_more_contrast(walk: Walk) -> None:
    assert walk.told("more contrast", "faint") == []


async def test_every_box_has_an_edge_for_who_wants_more_contrast(walk: Walk) -> None:
    assert walk.told("more contrast", "edgeless") == []


async def test_every_placeable_is_filled(walk: Walk) -> None:
    assert walk.told("as it is", "unfilled") == []
