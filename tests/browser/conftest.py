"""One browser of each engine per test worker, one server per module, a fresh browser profile per person.

Everything of a worker runs in one event loop, because a browser belongs to the loop it was started in.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

from tests.browser.desk import Desk
from tests.browser.engines import ENGINES, Engine, launch
from tests.browser.pupil import Pupil
from tests.browser.watching import Watch
from tests.browser.words import Language
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider, make_provider
from tests.scenarios.actors import reporter
from tests.scenarios.lying_server import LyingServer, lying_server
from tests.scenarios.server_process import ServerProcess

SLOT_MS: Final = 50
"""Twenty times faster than in life; test_rhythm.py keeps life's own pace."""

PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1366, "height": 768}

PATIENCE_MS: Final = 1_000 * PATIENCE_S

IN_BOTH_ENGINES: Final = pytest.mark.parametrize("engine", ENGINES, indirect=True, scope="session")

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Browsers:
    """Started when somebody first wants one."""

    playwright: Playwright
    scratch: Path
    running: dict[Engine, Browser] = field(default_factory=dict)

    async def of(self, engine: Engine) -> Browser:
        if engine not in self.running:
            self.running[engine] = await launch(self.playwright, engine, self.scratch)
        return self.running[engine]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browsers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browsers]:
    async with async_playwright() as playwright:
        browsers = Browsers(playwright, tmp_path_factory.mktemp("browsers"))
        yield browsers
        for browser in browsers.running.values():
            await browser.close()


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """What `IN_BOTH_ENGINES` says; else Chromium. `LYHTY_ENGINE=firefox` is for looking further by hand."""
    return cast("Engine", getattr(request, "param", os.environ.get("LYHTY_ENGINE", "chromium")))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(browsers: Browsers, engine: Engine) -> Browser:
    return await browsers.of(engine)


@pytest.fixture(scope="session")
def provider() -> Provider:
    return make_provider(int(time.time()))


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = provider.write(tmp_path_factory.mktemp("server") / "data")
    with ServerProcess(data, slot_ms=SLOT_MS).start() as process:
        yield process


@dataclass
class People:
    """Brings people to the site, each with a browser of their own, and sees that no page of theirs complains."""

    browser: Browser
    server: ServerProcess
    watches: list[Watch] = field(default_factory=list)
    _closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def page(self, browser: Browser | None = None, **context_options: Any) -> tuple[Page, Watch]:
        options: dict[str, Any] = {"viewport": PHONE, "locale": "fi-FI"} | context_options
        context = await (browser or self.browser).new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        self._closers.append(context.close)
        watch = Watch()
        await watch.over(context)
        self.watches.append(watch)
        return await context.new_page(), watch

    async def pupil(self, language: Language = "fi-simple", *, url: str = "", **context_options: Any) -> Pupil:
        page, _ = await self.page(**context_options)
        return Pupil(page, url or self.server.url, language)

    async def desk(self, account: Account, *, language: Language = "fi", **context_options: Any) -> Desk:
        options = {
            "viewport": DESKTOP,
            "locale": {"sv": "sv-FI", "en": "en-GB"}.get(language, "fi-FI"),
        } | context_options
        page, _ = await self.page(**options)
        return Desk(page, self.server.url, account, language)

    async def signed_in(self, account: Account, **options: Any) -> Desk:
        desk = await self.desk(account, **options)
        await desk.opens_console()
        return await desk.signs_in()

    def expect_complaint(self, pattern: str) -> None:
        for watch in self.watches:
            watch.expect(pattern)

    @property
    def unexpected(self) -> list[str]:
        return [each for watch in self.watches for each in watch.unexpected]

    async def leave(self) -> None:
        while self._closers:
            await self._closers.pop()()


@asynccontextmanager
async def gathered(browser: Browser, server: ServerProcess) -> AsyncIterator[People]:
    """No page may complain about anything the test did not bring about."""
    people = People(browser, server)
    yield people
    await people.leave()
    assert people.unexpected == []


@pytest_asyncio.fixture(loop_scope="session")
async def people(browser: Browser, server: ServerProcess) -> AsyncIterator[People]:
    """Of one test."""
    async with gathered(browser, server) as people:
        yield people


@pytest_asyncio.fixture(loop_scope="session")
async def liar(people: People, server: ServerProcess) -> AsyncIterator[LyingServer]:
    """Between the server and whoever asks `liar.url`. People leave first, or their pages would complain."""
    async with lying_server(server.url) as lying:
        yield lying
        await people.leave()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def shared_people(browser: Browser, server: ServerProcess) -> AsyncIterator[People]:
    """Of all tests of a module, for what takes long to set up."""
    async with gathered(browser, server) as people:
        yield people


Tells = Callable[..., Awaitable[None]]


@pytest.fixture
def tells(server: ServerProcess) -> Tells:
    """Somebody asks for help and goes away again."""

    async def tell(text: str, **how: Any) -> None:
        async with reporter(server.url) as pupil:
            await pupil.tells(text, **how)

    return tell
