"""The desk's lists beside a million closed cases, and a list of two thousand on the screen.

Store: 10,000 open cases, without closed ones and with a million; each page of each list and the counts, as the server
asks for them. Sizes of cards and wraps are real, what is in them is not. Screen: real Chromium, four times slower than
this, from the press of a tab until its first rows stand there with their opened cards.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Final

from playwright.async_api import Page, async_playwright, expect

from lyhty_server.store.interface import QueueCursor
from lyhty_server.store.sql import SqlStore
from lyhty_wire.ids import LAWYER, ExpertId
from tests.browser.browser_binary import CHROMIUM_FLAGS, find_chromium
from tests.browser.conftest import DESKTOP
from tests.browser.desk import Desk
from tests.provider import Provider, make_provider
from tests.raw_channel import raw_channel
from tests.scenarios.server_process import ServerProcess
from tests.writing import write_report

OPEN: Final = 10_000
CLOSED: Final = 1_000_000
URGENT_EVERY: Final = 20
EXPERTS: Final = 50
PAGE: Final = 100
ASKED: Final = 300
CARD_BYTES, WRAP_BYTES = 1_024, 1_213
"""What a row of a list brings along; envelopes and rosters are in no list."""
ROWS_AT_ONCE: Final = 10_000
"""Together in one transaction, while the database is made."""


def measure(scratch: Path) -> dict[str, float]:
    """`alone` is without closed cases, `beside` with them."""
    few, many = scratch / "few", scratch / "many"
    few.mkdir()
    many.mkdir()
    alone = asyncio.run(_asked(few, closed=0))
    beside = asyncio.run(_asked(many, closed=CLOSED))
    return {
        **{f"list_{name}_us_alone": value for name, value in alone.items()},
        **{f"list_{name}_us_beside": value for name, value in beside.items()},
        **asyncio.run(_on_screen(scratch)),
    }


# --- The store


async def _asked(folder: Path, closed: int) -> dict[str, float]:
    path = folder / "lyhty.db"
    tables = SqlStore(path)
    await tables.start()
    await tables.close()
    _fill(path, closed)
    store = SqlStore(path)
    await store.start()
    try:
        return {
            f"{name}_{quantile}": value
            for name, ask in _questions(store, closed).items()
            for quantile, value in (await _timed(ask)).items()
        }
    finally:
        await store.close()


def _questions(store: SqlStore, closed: int) -> dict[str, Callable[[int], Awaitable[object]]]:
    """Each with the number of the time it is asked, so that no two ask for the same rows."""
    of_list: dict[str, Callable[[int], Awaitable[object]]] = {
        "first_page": lambda _nth: store.queue_page(LAWYER, None, PAGE),
        "later_page": lambda nth: store.queue_page(LAWYER, QueueCursor(False, closed + nth * 30), PAGE),
        "counts": lambda _nth: store.queue_counts(LAWYER),
        "held": lambda nth: store.held_by(_expert(nth)),
    }
    if closed:
        of_list |= {
            "closed_first_page": lambda _nth: store.closed_page(LAWYER, None, None, PAGE),
            "closed_later_page": lambda nth: store.closed_page(LAWYER, None, closed - nth * (closed // ASKED), PAGE),
            "closed_by_one": lambda nth: store.closed_page(
                LAWYER, _expert(nth), closed - nth * (closed // ASKED), PAGE
            ),
        }
    return of_list


async def _timed(ask: Callable[[int], Awaitable[object]]) -> dict[str, float]:
    await ask(0)  # the statement is prepared
    times = []
    for nth in range(ASKED):
        began = time.perf_counter()
        await ask(nth)
        times.append((time.perf_counter() - began) * 1e6)
    times.sort()
    return {"p50": round(median(times)), "p99": round(times[ASKED * 99 // 100])}


def _expert(nth: int) -> ExpertId:
    return ExpertId((nth % EXPERTS).to_bytes(16, "big"))


def _fill(path: Path, closed: int) -> None:
    """Closed cases first, as in life; then the open ones, a fifth of them held. Not durable: nobody misses it."""
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -200000"):
        raw.execute(f"PRAGMA {pragma}")
    for first in range(1, closed + OPEN + 1, ROWS_AT_ONCE):
        numbers = range(first, min(first + ROWS_AT_ONCE, closed + OPEN + 1))
        raw.execute("BEGIN")
        raw.executemany(
            "INSERT INTO cases VALUES (?, ?, ?, 495000, 3, ?)",
            [(number, os.urandom(32), os.urandom(32), os.urandom(16)) for number in numbers],
        )
        raw.executemany("INSERT INTO cards VALUES (?, ?)", [(number, os.urandom(CARD_BYTES)) for number in numbers])
        raw.executemany(
            "INSERT INTO wraps VALUES (?, ?, 1, 1, ?)",
            [(number, generation, os.urandom(WRAP_BYTES)) for number in numbers for generation in (0, 1)],
        )
        raw.executemany(
            "INSERT INTO places (case_seq, queue, rank, state, holder, lease_until_s, closer, closed_hour, closed_nth)"
            " VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)",
            list(_places(numbers, closed)),
        )
        raw.execute("COMMIT")
    raw.close()


def _places(numbers: range, closed: int) -> Iterator[tuple[object, ...]]:
    for number in numbers:
        rank = 0 if number % URGENT_EVERY == 0 else 1
        if number <= closed:
            yield number, rank, 3, None, None, _expert(number), 495_000, number
        elif number % 5 == 0:
            yield number, rank, 2, _expert(number), 2_000_000_000, None, None, None
        else:
            yield number, rank, 1, None, None, None, None, None


# --- The screen

ON_SCREEN: Final = 2_000
SLOWER: Final = 4
REPEATS: Final = 7
LOADED_MS: Final = 300_000

OPENING: Final = """async () => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    const opened = () => document.querySelectorAll('.queue-list .place-words').length >= 8
    document.querySelector('[data-action="tab-mine"]').click()
    await painted()
    await new Promise((rested) => requestIdleCallback(rested))
    const begun = performance.now()
    document.querySelector('[data-action="tab-lawyer"]').click()
    while (!opened()) await painted()
    await painted()
    return performance.now() - begun
}"""

FINDING: Final = """async () => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    const field = document.querySelector('[data-field="search"]')
    const pressMs = []
    for (const letter of 'report 199') {
        const pressed = performance.now()
        field.value += letter
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
        await painted()
        pressMs.push(performance.now() - pressed)
    }
    field.value = ''
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
    await painted()
    return pressMs
}"""

STEPPING: Final = """async () => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    document.activeElement.blur()
    const pressMs = []
    for (let nth = 0; nth < 40; nth++) {
        const pressed = performance.now()
        document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }))
        await painted()
        pressMs.push(performance.now() - pressed)
    }
    return pressMs
}"""


async def _on_screen(scratch: Path) -> dict[str, float]:
    provider = make_provider(int(time.time()))
    with ServerProcess(provider.write(scratch / "screen"), slot_ms=0, effort=1) as server:
        server.start()
        await _arrive(server.url, provider)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
            page = await browser.new_page(viewport=DESKTOP, locale="fi-FI")
            desk = await Desk(page, server.url, provider.lawyer).opens_console()
            began = time.perf_counter()
            await desk.signs_in()
            await page.locator(".place-words").first.wait_for()
            first_s = time.perf_counter() - began
            await expect(desk.action("tab-lawyer").locator(".count")).to_contain_text(str(ON_SCREEN), timeout=LOADED_MS)
            await _idle(page)
            await page.evaluate(OPENING)  # compiled and warm
            slowed = await page.context.new_cdp_session(page)
            await slowed.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            opened = [float(await page.evaluate(OPENING)) for _ in range(REPEATS)]
            steps: list[float] = await page.evaluate(STEPPING)
            found: list[float] = await page.evaluate(FINDING)
            await browser.close()
    return {
        f"desk_list_{ON_SCREEN}_open_ms_at_4x": round(median(opened)),
        f"desk_list_{ON_SCREEN}_open_most_ms_at_4x": round(max(opened)),
        f"desk_list_{ON_SCREEN}_key_press_ms_at_4x": round(_p95(steps), 1),
        f"desk_list_{ON_SCREEN}_search_key_ms_at_4x": round(_p95(found), 1),
        f"desk_list_{ON_SCREEN}_first_card_s": round(first_s, 2),
    }


async def _arrive(url: str, provider: Provider) -> None:
    async with raw_channel(url) as channel:
        for nth in range(ON_SCREEN):
            written = write_report(provider.directory, f"report {nth:04} of a child", urgent=nth % URGENT_EVERY == 0)
            await channel.open(written.case, written.keys.auth)


async def _idle(page: Page) -> None:
    """Every card is open: the search, which knows only opened ones, finds them all. It is asked now and then only."""
    field, status = page.locator('[data-field="search"]'), page.locator(".found [role=status]")
    async with asyncio.timeout(LOADED_MS / 1_000):
        while True:
            await field.fill("report")
            found = await status.inner_text()
            await field.fill("")
            if str(ON_SCREEN) in found:
                return
            await page.wait_for_timeout(1_000)


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]
