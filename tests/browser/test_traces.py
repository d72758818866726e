"""What is left behind: nothing on the device, and on the server nothing that anybody wrote."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from lyhty_wire.encoding import b64encode
from tests.browser.conftest import SLOT_MS, People
from tests.browser.pupil import Pupil
from tests.browser.views import public_views
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES, AND_OF_INSECURE_PAGES
from tests.provider import Provider
from tests.scenarios.actors import expert
from tests.scenarios.observer import observed
from tests.scenarios.searcher import Found, Searcher
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

ON_THE_DEVICE: Final = """
async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    cookies: document.cookie,
    serviceWorkers: (await navigator.serviceWorker.getRegistrations()).length,
})
"""
NOTHING: Final = {"local": [], "session": [], "databases": [], "caches": [], "cookies": "", "serviceWorkers": 0}
LOOSE_FIELDS: Final = """
() => [...document.querySelectorAll('input, textarea, select')]
    .filter((field) => field.autocomplete !== 'off')
    .map((field) => field.outerHTML)
"""


# --- On the device


@dataclass(frozen=True)
class Walk:
    """Past every view of the site."""

    loose_fields: dict[str, list[str]]
    storage: dict[str, Any]
    cookies: list[Any]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def walk(shared_people: People, server: ServerProcess, provider: Provider) -> Walk:
    page, watch = await shared_people.page()
    watch.expect(A_BROWSER_TELLS_OF_LOST_LINES)
    watch.expect(AND_OF_INSECURE_PAGES)
    loose: dict[str, list[str]] = {}
    storage: dict[str, Any] = {}
    async with observed(server.url) as network, expert(server.url, provider, provider.lawyer) as lawyer:
        pupil = Pupil(page, network.url)
        async for view in public_views(pupil, network, lawyer):
            loose[view] = await page.evaluate(LOOSE_FIELDS)
            if not view.startswith("stop-insecure"):  # no storage is to be had there
                storage[view] = await page.evaluate(ON_THE_DEVICE)
    return Walk(loose, storage, list(await page.context.cookies()))


async def test_every_field_of_every_view_keeps_what_is_typed_off_the_disk(walk: Walk) -> None:
    assert len(walk.loose_fields) > 20
    assert {view: fields for view, fields in walk.loose_fields.items() if fields} == {}


async def test_no_view_writes_anything_to_the_device(walk: Walk) -> None:
    assert len(walk.storage) > 20
    assert {view: kept for view, kept in walk.storage.items() if kept != NOTHING} == {}


async def test_no_cookie_is_set(walk: Walk) -> None:
    assert walk.cookies == []


# --- On the server

STEM: Final = "".join(secrets.choice("abcdefghijklmnoprstuvy") for _ in range(14))
"""All planted words begin with it, so that looking for one is looking for all."""


def planted(count: int) -> str:
    return " ".join(f"{STEM}{secrets.token_hex(4)}" for _ in range(count))


@dataclass(frozen=True)
class AfterATalk:
    server: ServerProcess
    temporary: Path
    control: str


@pytest.fixture(scope="module")
def private_server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("private")
    (folder / "temporary").mkdir()
    data = provider.write(folder / "data")
    with ServerProcess(data, slot_ms=SLOT_MS, settings={"TMPDIR": str(folder / "temporary")}).start() as process:
        yield process


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def talk(browser: Browser, private_server: ServerProcess, provider: Provider) -> AsyncIterator[AfterATalk]:
    """Two hundred random words, written on the screens of a pupil and of two experts, whose pages stay open."""
    server = private_server
    people = People(browser, server)
    pupil = await (await people.pupil()).opens_lyhty()
    report = planted(50)
    await pupil.tells(report, "bullying", "tiktok", help_wanted="both")
    await pupil.opens_the_case()
    for account in (provider.lawyer, provider.psychologist):
        desk = await people.signed_in(account)
        await desk.claims(report[:40])
        parts = {part: planted(10) for part in ("did_right", "legal", "now", "protect", "tell")}
        await desk.answers(**parts)
        await pupil.has_received(parts["tell"])
        words = planted(10)
        await pupil.chats(words)
        await pupil.has_sent(words)
        await desk.has_read(words)
        words = planted(15)
        await desk.chats(words)
        await pupil.has_received(words)
    yield AfterATalk(server, server.data.with_name("temporary"), b64encode(provider.instance))
    await people.leave()
    assert people.unexpected == []


def everywhere(talk: AfterATalk, word: str) -> list[Found]:
    searcher = Searcher([word])
    found = searcher.in_files(talk.server.data, talk.server.said, talk.temporary)
    return found + searcher.in_memory(talk.server.pid)


async def test_none_of_two_hundred_words_is_in_any_file_or_in_the_memory_of_the_server(talk: AfterATalk) -> None:
    assert everywhere(talk, STEM) == []


async def test_the_same_search_finds_what_the_server_does_know(talk: AfterATalk) -> None:
    wheres = {found.where for found in everywhere(talk, talk.control)}
    assert any(where.startswith("memory") for where in wheres)
    assert any(where.endswith("anchor.json") for where in wheres)


async def test_no_password_and_no_device_code_is_on_the_server(talk: AfterATalk, provider: Provider) -> None:
    assert everywhere(talk, provider.lawyer.password) == []
    assert everywhere(talk, provider.lawyer.device) == []
