"""How a view looks in every setting that people need, and what axe finds wrong with it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import CDPSession, Page, ViewportSize

from tests.browser.browser_binary import ROOT
from tests.browser.views import settles

LOOKING: Final = Path(__file__).with_name("looking.js").read_text().strip()
AXE: Final = (ROOT / "client" / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


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
OF_WORDS: Final = ("as it is", "320 px", "text of 200 %")
"""What another language can change: how long its words are."""


@dataclass
class Walk:
    """What was wrong, by setting and view."""

    views: list[str] = field(default_factory=list)
    violations: dict[str, list[str]] = field(default_factory=dict)
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


async def violations(page: Page) -> list[str]:
    """Of WCAG 2.2 A and AA, as far as axe can find them."""
    usual = page.viewport_size
    assert usual is not None
    # As a whole: what the bar at the bottom covers while one scrolls is no smaller a target.
    height: int = await page.evaluate("document.documentElement.scrollHeight")
    # From here on: what comes under the mouse or lets go of it changes its color at once, not while axe looks.
    await page.emulate_media(reduced_motion="reduce")
    await page.set_viewport_size({"width": usual["width"], "height": max(usual["height"], height)})
    await settles(page)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    found: list[dict[str, Any]] = await page.evaluate(
        f"axe.run(document, {{ runOnly: {json.dumps(TAGS)} }}).then((result) => result.violations)"
    )
    await page.set_viewport_size(usual)
    return [f"{each['id']}: {node['html'][:150]}" for each in found for node in each["nodes"]]


async def walk_past(page: Page, views: AsyncIterator[str], at_least: int = 11, *, only_words: bool = False) -> Walk:
    """`only_words`: nothing that colors or the page's structure decide."""
    walk = Walk()
    settings = {name: setting for name, setting in SETTINGS.items() if not only_words or name in OF_WORDS}
    cdp = await page.context.new_cdp_session(page)
    usual = page.viewport_size
    assert usual is not None
    async for view in views:
        walk.views.append(view)
        for name, setting in settings.items():
            await page.set_viewport_size(setting.viewport or usual)
            if setting.text_px != 16:
                await set_text(cdp, setting.text_px)
            if setting.media:
                await page.emulate_media(**{"forced_colors": "none", "contrast": "no-preference"} | setting.media)
            await settles(page)
            walk.wrong[name][view] = await page.evaluate(f"{LOOKING}({list(setting.looks)})")
            if setting.text_px != 16:
                await set_text(cdp, 16)
        await page.set_viewport_size(usual)
        if only_words:
            continue
        await page.emulate_media(forced_colors="none", contrast="no-preference")
        if found := await violations(page):
            walk.violations[view] = found
    assert len(walk.views) >= at_least
    await page.context.close()
    return walk
