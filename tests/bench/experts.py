"""A full working day: 50 experts at their desks, 2,000 open cases, 5 new ones a second; and one console in a browser.

First the server: how long from the moment a report is durably acknowledged until each desk that may see it has heard of
it. All desks read their whole queue once a minute besides, as consoles do. Then a real console in Chromium, four times
slower than this: how long its list of 2,000 takes to open, and what a working day of cases that come, are claimed and
closed leaves behind in its memory.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

import uvloop
from playwright.async_api import CDPSession, Page, async_playwright, expect

from lyhty_client.desk import Desk as Calls
from lyhty_client.load import LoadChannel, Measured, Opening, prepare_openings, run_closed_loop
from lyhty_client.trust import Site
from lyhty_wire.directories import Expert
from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId
from lyhty_wire.proofs import to_prove_sign_in
from tests.browser.browser_binary import CHROMIUM_FLAGS, find_chromium
from tests.browser.desk import Desk
from tests.provider import Account, Provider, make_account, make_provider
from tests.scenarios.server_process import ServerProcess

EXPERTS: Final = 50
OPEN_CASES: Final = 2_000
RATE_PER_S: Final = 5.0
SECONDS: Final = 40.0
READ_AGAIN_S: Final = 60.0
PATIENCE_S: Final = 10.0
PAGE: Final = 100
SLOWER: Final = 4
REPEATS: Final = 5
DAY_EVENTS: Final = 4_000
"""Cases that come and go in the console's day: each is told three times (new, claimed, closed)."""
BATCH: Final = 500


def measure(scratch: Path) -> dict[str, float]:
    return uvloop.run(_measure(scratch))


async def _measure(scratch: Path) -> dict[str, float]:
    provider = staffed(make_provider(int(time.time())))
    with ServerProcess(provider.write(scratch / "experts"), slot_ms=0, effort=1) as server:
        server.start()
        await _fill(server.url, provider, OPEN_CASES)
        live = await _live(server, provider)
        in_browser = await _in_browser(server, provider)
    return {**live, **in_browser}


def staffed(provider: Provider) -> Provider:
    """With as many experts as a large service has, half of each profession."""
    more = tuple(
        make_account(f"expert-{nth}", f"Expert {nth}", (LAWYER if nth % 2 else PSYCHOLOGIST,))
        for nth in range(EXPERTS - len(provider.accounts))
    )
    listed = [
        Expert(each.id, each.display_name, each.keys.sign.public, each.keys.kem.public, each.queues, False)
        for each in more
    ]
    experts = tuple(sorted((*provider.directory_body.experts, *listed), key=lambda each: each.id))
    body = replace(provider.directory_body, experts=experts)
    return replace(provider, accounts=(*provider.accounts, *more), directory_body=body)


# --- The server


@dataclass
class Ears:
    """When each desk heard of each case, on one clock."""

    heard: dict[tuple[str, int], float] = field(default_factory=dict)
    reads: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def have_heard(self, count: int) -> None:
        while len(self.heard) < count:
            self.news.clear()
            await self.news.wait()


async def _live(server: ServerProcess, provider: Provider) -> dict[str, float]:
    site, ears, measured = Site.parse(server.url), Ears(), Measured()
    openings = await _openings(server.url, provider, int(RATE_PER_S * SECONDS))
    async with AsyncExitStack() as stack:
        ready = []
        for nth, account in enumerate(provider.accounts):
            calls = await stack.enter_async_context(Calls(site))
            await sign_in(calls, provider, account)
            ready.append(asyncio.Event())
            listening = asyncio.create_task(_listen(calls, nth, ears, ready[-1]))
            reading = asyncio.create_task(_read_now_and_then(calls, account, nth, ears))
            stack.callback(listening.cancel)
            stack.callback(reading.cancel)
        await asyncio.gather(*(each.wait() for each in ready))
        channel = await LoadChannel.open(site, provider.instance)
        stack.push_async_callback(channel.close)
        began, cpu_s = time.perf_counter(), server.cpu_s()
        for nth, opening in enumerate(openings):
            await asyncio.sleep(max(0.0, began + nth / RATE_PER_S - time.perf_counter()))
            await channel.send(opening, measured)
        async with asyncio.timeout(PATIENCE_S):
            await ears.have_heard(len(openings) * EXPERTS)
        core_share = (server.cpu_s() - cpu_s) / (time.perf_counter() - began)
    waits_ms = sorted(max(0.0, at - measured.acknowledged[case]) * 1_000 for (case, _), at in ears.heard.items())
    last_ms = sorted(
        max(ears.heard[case, nth] for nth in range(EXPERTS)) * 1_000 - measured.acknowledged[case] * 1_000
        for case in measured.acknowledged
    )
    return {
        "experts_feeds": EXPERTS,
        "experts_open_cases": OPEN_CASES,
        "experts_event_p50_ms": round(_at(waits_ms, 0.5), 1),
        "experts_event_p99_ms": round(_at(waits_ms, 0.99), 1),
        "experts_last_desk_p99_ms": round(_at(last_ms, 0.99), 1),
        "experts_whole_reads": ears.reads,
        "experts_server_core_share": round(core_share, 3),
        "experts_server_rss_mb": round(server.memory_bytes() / 1e6, 1),
    }


def _at(sorted_values: list[float], share: float) -> float:
    return sorted_values[int(share * (len(sorted_values) - 1))]


async def sign_in(calls: Calls, provider: Provider, account: Account) -> None:
    challenge = await calls.start_sign_in(account.name)
    proved = to_prove_sign_in(provider.instance, b64decode(challenge.challenge), account.name)
    await calls.finish_sign_in(challenge.challenge, account.name, provider.login(account).sign(proved), None)


async def _listen(calls: Calls, nth: int, ears: Ears, ready: asyncio.Event) -> None:
    async for event in calls.feed():
        if event.type == "ready":
            ready.set()
        elif event.place is not None:
            ears.heard.setdefault((event.place.case, nth), time.perf_counter())
            ears.news.set()


async def _read_now_and_then(calls: Calls, account: Account, nth: int, ears: Ears) -> None:
    await asyncio.sleep(READ_AGAIN_S * nth / EXPERTS)
    while True:
        after: str | None = None
        while True:
            page = await calls.queue(account.queues[0], after, PAGE)
            after = page.next
            if after is None:
                break
        ears.reads += 1
        await asyncio.sleep(READ_AGAIN_S)


async def _openings(url: str, provider: Provider, count: int) -> list[Opening]:
    """For both professions: every desk may see them."""
    channel = await LoadChannel.open(Site.parse(url), provider.instance)
    await channel.close()
    both = (LAWYER, PSYCHOLOGIST)
    return await asyncio.to_thread(
        prepare_openings, provider.directory, channel.terms, count, both, "Joku jakoi kuvani."
    )


async def _fill(url: str, provider: Provider, count: int) -> list[str]:
    """So many more open cases; their ids."""
    openings = await _openings(url, provider, count)
    result = await run_closed_loop(url, provider.instance, openings, 8, 600.0)
    if result["accepted"] != count:
        raise RuntimeError(f"the server took {result['accepted']} of {count}: the figures would mean nothing")
    return [opening.case for opening in openings]


# --- The console

OPEN_LIST: Final = """async (count) => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    const total = () => Number(document.querySelector('[data-action="tab-lawyer"] .count [aria-hidden]').textContent)
    document.querySelector('[data-action="tab-mine"]').click()
    await painted()
    await new Promise((rested) => requestIdleCallback(rested))
    const begun = performance.now()
    document.querySelector('[data-action="tab-lawyer"]').click()
    while (document.querySelectorAll('[data-case]').length === 0) await painted()
    await painted()
    if (total() < count) throw new Error(`only ${total()} cases`)
    return performance.now() - begun
}"""
COUNTED: Final = """(count) => {
    const total = document.querySelector('[data-action="tab-lawyer"] .count [aria-hidden]')
    return total !== null && Number(total.textContent) === count
}"""


async def _in_browser(server: ServerProcess, provider: Provider) -> dict[str, float]:
    async with async_playwright() as playwright, AsyncExitStack() as stack:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        stack.push_async_callback(browser.close)
        page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="fi-FI")
        page.set_default_timeout(PATIENCE_S * 12_000)
        expect.set_options(timeout=PATIENCE_S * 6_000)
        desk = await Desk(page, server.url, provider.lawyer).opens_console()
        began = time.perf_counter()
        await desk.signs_in()
        calls = await stack.enter_async_context(Calls(Site.parse(server.url)))
        await sign_in(calls, provider, provider.other_lawyer)
        waiting = await _waiting(calls)
        await page.wait_for_function(COUNTED, arg=waiting)
        whole_s = time.perf_counter() - began
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        opened = [float(await page.evaluate(OPEN_LIST, waiting)) for _ in range(REPEATS)]
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        heaps = [await _heap_mb(devtools)]
        for _ in range(DAY_EVENTS // BATCH):
            await _come_and_go(server.url, provider, calls, page, waiting)
            heaps.append(await _heap_mb(devtools))
    # What one batch leaves behind is caches, up and down by a third: the halves of the day are compared.
    morning, evening = median(heaps[: len(heaps) // 2]), median(heaps[len(heaps) // 2 :])
    return {
        "console_2000_first_whole_s": round(whole_s, 1),
        "console_2000_list_open_ms_at_4x": round(median(opened)),
        "console_day_cases": DAY_EVENTS,
        "console_heap_start_mb": heaps[0],
        "console_heap_most_mb": max(heaps),
        "console_heap_end_mb": heaps[-1],
        "console_heap_growth_percent": round(100 * (evening - morning) / morning, 1),
    }


async def _waiting(calls: Calls) -> int:
    count = 0
    after: str | None = None
    while True:
        page = await calls.queue(LAWYER, after, PAGE)
        count += len(page.cases)
        after = page.next
        if after is None:
            return count


async def _come_and_go(url: str, provider: Provider, calls: Calls, page: Page, waiting: int) -> None:
    """Half an hour of a busy day: cases come, another lawyer claims each and closes it."""
    cases = [CaseId(b64decode(case)) for case in await _fill(url, provider, BATCH)]
    for case in cases:
        await calls.claim(case, LAWYER)
        await calls.close(case, LAWYER)
    await page.wait_for_function(COUNTED, arg=waiting)


async def _heap_mb(devtools: CDPSession) -> float:
    for _ in range(3):  # what a first collection frees may free more
        await devtools.send("HeapProfiler.collectGarbage")
    usage: dict[str, Any] = await devtools.send("Runtime.getHeapUsage")
    return round(float(usage["usedSize"]) / 1e6, 2)
