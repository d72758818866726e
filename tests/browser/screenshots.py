"""Photographs every view of both applications, as wide and in the way that is asked for.

    python tests/browser/screenshots.py OUT_DIR [--language fi-simple|fi|sv|en] [--scheme light|dark]
        [--widths 320 390 768 1366] [--walks site console people recovery figures] [--text 200] [--contrast] [--still]
        [--engine chromium|firefox]

Needs the built client (`make web`). It starts a server of its own on a data folder that is thrown away.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.conftest import People
from tests.browser.desk import Desk
from tests.browser.engines import ENGINES, launch
from tests.browser.figure_views import figure_views, publish, viewer_of
from tests.browser.pupil import Pupil
from tests.browser.recovery_views import coordinators, recovery_views
from tests.browser.team_views import WITH_MAIL, a_lawyer_asks_for_eyes, opens_from_menu, people_views
from tests.browser.views import STORIES, console_views, public_views, settles
from tests.browser.words import LANGUAGES, Language
from tests.provider import Provider, make_provider
from tests.scenarios.actors import expert
from tests.scenarios.observer import observed
from tests.scenarios.server_process import ServerProcess

HEIGHTS: Final = {320: 640, 390: 844, 768: 1024, 1366: 768}
SLOT_MS: Final = 400
WALKS: Final = ("site", "console", "people", "recovery", "figures")
OTHER_STORIES: Final[dict[str, str]] = {
    "fi": "Pelikaveri pyysi koodia ja vei tavarani. Maksoin hänelle 40 euroa.",
    "sv": "En spelkompis bad om en kod och tog mina saker. Jag betalade honom 40 euro.",
    "en": "A friend in a game asked for a code and took my things. I paid 40 euros.",
}


async def photograph(page: Page, views: AsyncIterator[str], out: Path, widths: list[int]) -> None:
    """Each view in every width, the widest of which it was brought to."""
    async for view in views:
        for width in widths:
            await page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            await settles(page)
            is_whole = await page.locator("dialog, [data-part=ask]").count() == 0
            if is_whole:
                await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
            await page.screenshot(path=out / f"{view}-{width}.png", full_page=is_whole)


async def site(browser: Browser, server: ServerProcess, provider: Provider, out: Path, options: dict[str, Any]) -> None:
    context = await browser.new_context(**options["context"])
    async with (
        observed(server.url) as network,
        expert(server.url, provider, provider.lawyer) as lawyer,
    ):
        pupil = Pupil(await context.new_page(), network.url, options["language"])
        await photograph(pupil.page, public_views(pupil, network, lawyer), out, options["widths"])
    await context.close()


async def console(
    browser: Browser, server: ServerProcess, provider: Provider, out: Path, options: dict[str, Any]
) -> None:
    language = console_language(options)
    await tell(browser, server, options, OTHER_STORIES[language], "scam", "roblox", "10-12")
    story = STORIES[language]
    await tell(browser, server, options, story, "picture-shared", "tiktok", "pupil", "13-15", danger="yes")
    context = await browser.new_context(**options["context"])
    desk = Desk(await context.new_page(), server.url, provider.lawyer, language)
    await photograph(desk.page, console_views(desk, story), out, options["widths"])
    await context.close()


async def people(
    browser: Browser, server: ServerProcess, provider: Provider, out: Path, options: dict[str, Any]
) -> None:
    context = await browser.new_context(**options["context"])
    desk = Desk(await context.new_page(), server.url, provider.coordinator, console_language(options))
    async with a_lawyer_asks_for_eyes(server.url, provider, desk.language):
        await photograph(desk.page, people_views(desk), out, options["widths"])
    await context.close()


async def recovery(browser: Browser, folder: Path, out: Path, options: dict[str, Any]) -> None:
    async with coordinators(browser, folder, console_language(options), **options["context"]) as desks:
        await photograph(desks[0].page, recovery_views(*desks), out, options["widths"])


async def figures(browser: Browser, folder: Path, out: Path, options: dict[str, Any]) -> None:
    provider = make_provider(int(time.time()))
    data = provider.write(folder / "figures")
    await publish(provider, data)
    language, context = console_language(options), options["context"]
    with ServerProcess(data, slot_ms=SLOT_MS).start() as server:
        people = People(browser, server)
        viewer = await viewer_of(people, provider, "06", "Viewer", language, **context)
        await photograph(viewer.page, figure_views(viewer), out, options["widths"])
        desk = await people.signed_in(provider.coordinator, language=language, **context)
        await photograph(desk.page, release_views(desk), out, options["widths"])
        await people.leave()


async def release_views(desk: Desk) -> AsyncIterator[str]:
    await opens_from_menu(desk, "releases")
    await expect(desk.page.locator('[data-part="standing"]')).to_be_visible()
    yield "console-releases"
    await desk.page.locator('[data-part="cost"]').scroll_into_view_if_needed()
    yield "console-releases-cost"


def console_language(options: dict[str, Any]) -> Language:
    return "fi" if options["language"] == "fi-simple" else options["language"]


async def tell(
    browser: Browser, server: ServerProcess, options: dict[str, Any], text: str, *choices: str, danger: str = "no"
) -> None:
    context = await browser.new_context(**options["context"])
    pupil = Pupil(await context.new_page(), server.url, options["language"])
    await pupil.opens_lyhty()
    await pupil.tells(text, *choices, danger=danger)
    await context.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", choices=LANGUAGES, default="fi-simple")
    parser.add_argument("--scheme", choices=["light", "dark"], default="light")
    parser.add_argument("--widths", type=int, nargs="+", choices=list(HEIGHTS), default=[390, 1366])
    parser.add_argument("--walks", nargs="+", choices=WALKS, default=WALKS)
    parser.add_argument("--text", type=int, default=100, help="size of the text in per cent")
    parser.add_argument("--contrast", action="store_true", help="with the colors of a high-contrast theme")
    parser.add_argument("--still", action="store_true", help="with motion reduced")
    parser.add_argument("--engine", choices=ENGINES, default="chromium")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    locale = {"sv": "sv-FI", "en": "en-GB"}.get(arguments.language, "fi-FI")
    options = {
        "language": arguments.language,
        "widths": sorted(arguments.widths),  # the widest comes last, and stays
        "context": {
            "viewport": {"width": max(arguments.widths), "height": HEIGHTS[max(arguments.widths)]},
            "locale": locale,
            "color_scheme": arguments.scheme,
            "device_scale_factor": 1,
            "forced_colors": "active" if arguments.contrast else "none",
            "reduced_motion": "reduce" if arguments.still else "no-preference",
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        provider = make_provider(int(time.time()))
        data = provider.write(Path(folder) / "data")
        with ServerProcess(data, slot_ms=SLOT_MS, settings=WITH_MAIL).start() as server:
            async with async_playwright() as playwright:
                browser = await launch(playwright, arguments.engine, Path(folder), text_percent=arguments.text)
                for walk in (site, console, people):
                    if walk.__name__ in arguments.walks:
                        await walk(browser, server, provider, arguments.out, options)
                if "recovery" in arguments.walks:
                    await recovery(browser, Path(folder), arguments.out, options)
                if "figures" in arguments.walks:
                    await figures(browser, Path(folder), arguments.out, options)
                await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
