"""A conversation of 500 messages at the expert's desk: a real server, real Chromium, six times slower than this.

From the press of "claim" until the newest messages are on the screen, until all are; and key presses then.
"""

import asyncio
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.async_api import Page, async_playwright

from lyhty_crypto.passphrase import draw_phrase
from tests.bench.page import MESSAGES, SLOWER
from tests.browser.browser_binary import CHROMIUM_FLAGS, find_chromium
from tests.browser.conftest import DESKTOP
from tests.browser.desk import Desk
from tests.provider import Provider, make_provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.server_process import ServerProcess

REPEATS: Final = 3
FIRST_WORDS: Final = "Joku jakoi minusta kuvan."
TEXT: Final = "Olen lukenut viestisi. Jutellaan tästä rauhassa, sinulla ei ole kiirettä."
RELEASED: Final = '[data-action="claim"]'

OPENING: Final = """async (count) => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    const rows = () => document.querySelectorAll('.conversation [data-message]').length
    const begun = performance.now()
    document.querySelector('[data-action="claim"]').click()
    while (rows() === 0) await painted()
    await painted()
    const openMs = performance.now() - begun
    while (document.querySelector('[data-part="older"]') !== null || rows() < count) await painted()
    const allMs = performance.now() - begun
    document.querySelector('[data-mode="chat"]').click()
    await new Promise((rested) => requestIdleCallback(rested))
    const field = document.querySelector('[data-field="chat"]')
    const keyPressMs = []
    for (let nth = 0; nth < 30; nth++) {
        const pressed = performance.now()
        field.value += 'a'
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
        await painted()
        keyPressMs.push(performance.now() - pressed)
    }
    field.value = ''
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
    return { openMs, allMs, keyPressMs }
}"""


def measure(scratch: Path) -> dict[str, float]:
    return asyncio.run(_measure(scratch))


async def _measure(scratch: Path) -> dict[str, float]:
    provider = make_provider(int(time.time()))
    with ServerProcess(provider.write(scratch / "console"), slot_ms=0, effort=1) as server:
        server.start()
        await _fill(server.url, provider)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
            page = await browser.new_page(viewport=DESKTOP, locale="fi-FI")
            desk = await Desk(page, server.url, provider.lawyer).opens_console()
            await desk.signs_in()
            await _opened(desk)  # compiled and warm
            slowed = await page.context.new_cdp_session(page)
            await slowed.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            opened = [await _opened(desk) for _ in range(REPEATS)]
            await browser.close()
    presses = sorted(press for each in opened for press in each["keyPressMs"])
    return {
        "desk_500_open_ms_at_6x": round(median(each["openMs"] for each in opened)),
        "desk_500_all_ms_at_6x": round(median(each["allMs"] for each in opened)),
        "desk_500_key_press_ms_at_6x": round(presses[len(presses) * 95 // 100], 1),
    }


async def _fill(url: str, provider: Provider) -> None:
    """A report and messages from both sides, alternating; then nobody holds the case."""
    async with reporter(url, phrase=draw_phrase()) as pupil, expert(url, provider, provider.lawyer) as lawyer:
        await pupil.tells(FIRST_WORDS)
        held = await lawyer.claims(pupil.case)
        for nth in range(1, MESSAGES, 2):
            await lawyer.desk.catch_up(held)
            await lawyer.writes(held, f"{nth}. {TEXT}")
            await pupil.reads(f"{nth}. ")
            await pupil.writes(f"{nth + 1}. {TEXT}")
        await lawyer.releases(pupil.case)


async def _opened(desk: Desk) -> dict[str, Any]:
    """Claims the case, and gives it back."""
    page: Page = desk.page
    await desk.action("tab-lawyer").click()
    await desk.card(FIRST_WORDS).click()
    await page.locator(RELEASED).wait_for()
    found: dict[str, Any] = await page.evaluate(OPENING, MESSAGES)
    await desk.action("release").click()
    await desk.action("confirm").click()
    await page.locator(RELEASED).wait_for()
    return found
