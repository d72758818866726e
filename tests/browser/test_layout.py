"""Every view in every language, in narrow windows, with large text, forced colors, more contrast and without motion.

And without a violation that axe can find, in light and in dark. Each language is walked once, a scheme of colors only
until it has been seen whole; on every view the settings are tried in turn, and each test tells of one of them.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.conftest import People
from tests.browser.looking import Walk, walk_past
from tests.browser.recovery_views import coordinators, recovery_views
from tests.browser.team_views import WITH_MAIL, a_lawyer_asks_for_eyes, people_views
from tests.browser.views import STORIES, console_views, public_views
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES, AND_OF_INSECURE_PAGES
from tests.browser.words import Language
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.observer import observed
from tests.scenarios.server_process import ServerProcess

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]

SLOW_SLOT_MS: Final = 200
"""So that the view of sending stands long enough to be looked at."""

Scheme = Literal["light", "dark"]
Application = Literal["site", "console", "people", "recovery"]
WHOLE: Final[list[tuple[Application, Language, Scheme]]] = [
    ("site", "fi-simple", "light"),
    ("site", "fi", "dark"),
    ("console", "fi", "dark"),
    ("console", "sv", "light"),
    ("people", "fi", "light"),
    ("people", "sv", "dark"),
    ("recovery", "fi", "light"),
    ("recovery", "sv", "dark"),
]
ONLY_WORDS: Final[list[tuple[Application, Language, Scheme]]] = [
    ("site", "sv", "light"),
    ("site", "en", "dark"),
    ("console", "en", "dark"),
]
IN_ALL_LANGUAGES: Final = pytest.mark.parametrize(
    "walk", [*WHOLE, *ONLY_WORDS], indirect=True, scope="module", ids="-".join
)
IN_ALL_COLORS: Final = pytest.mark.parametrize("walk", WHOLE, indirect=True, scope="module", ids="-".join)


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = provider.write(tmp_path_factory.mktemp("slow") / "data")
    with ServerProcess(data, slot_ms=SLOW_SLOT_MS, settings=WITH_MAIL).start() as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    shared_people: People,
    server: ServerProcess,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Walk:
    application, language, scheme = request.param
    only_words = request.param in ONLY_WORDS
    look: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce"}
    if application == "site":
        async with (
            observed(server.url) as network,
            expert(server.url, provider, provider.lawyer) as lawyer,
        ):
            pupil = await shared_people.pupil(language, url=network.url, **look)
            shared_people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)
            shared_people.expect_complaint(AND_OF_INSECURE_PAGES)
            return await walk_past(pupil.page, public_views(pupil, network, lawyer), only_words=only_words)
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
    return await walk_past(desk.page, console_views(desk, first_words), only_words=only_words)


@IN_ALL_LANGUAGES
async def test_no_view_scrolls_sideways_in_a_window_of_320_px(walk: Walk) -> None:
    assert walk.told("320 px", "sideways") == []


@IN_ALL_LANGUAGES
async def test_no_button_or_heading_is_cut_off_in_a_window_of_320_px(walk: Walk) -> None:
    assert walk.told("320 px", "cut") == []


@IN_ALL_LANGUAGES
async def test_no_view_scrolls_sideways_with_text_of_twice_the_size(walk: Walk) -> None:
    assert walk.told("text of 200 %", "sideways") == []


@IN_ALL_LANGUAGES
async def test_no_button_or_heading_is_cut_off_with_text_of_twice_the_size(walk: Walk) -> None:
    assert walk.told("text of 200 %", "cut") == []


@IN_ALL_COLORS
async def test_the_focus_is_seen_in_forced_colors(walk: Walk) -> None:
    assert walk.told("forced colors", "unringed") == []


@IN_ALL_COLORS
async def test_the_focus_is_seen_without_motion(walk: Walk) -> None:
    assert walk.told("as it is", "unringed") == []


@IN_ALL_COLORS
async def test_nothing_moves_for_who_wants_no_motion(walk: Walk) -> None:
    assert walk.told("as it is", "moving") == []


@IN_ALL_COLORS
async def test_all_text_reaches_seven_to_one_for_who_wants_more_contrast(walk: Walk) -> None:
    assert walk.told("more contrast", "faint") == []


@IN_ALL_COLORS
async def test_every_box_has_an_edge_for_who_wants_more_contrast(walk: Walk) -> None:
    assert walk.told("more contrast", "edgeless") == []


@IN_ALL_LANGUAGES
async def test_every_placeable_is_filled(walk: Walk) -> None:
    assert walk.told("as it is", "unfilled") == []


@IN_ALL_COLORS
async def test_axe_finds_no_violation(walk: Walk) -> None:
    assert walk.violations == {}
