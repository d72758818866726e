"""What is left on the device after a visit: the visit itself, and not a word of it.

Forty words are typed and read in a browser that keeps all it can, which then ends in each of the ways it can end.
Everything it has written is taken apart and searched. A control page was open in the same browser before, and left a
word in every place a page can leave one: what the search does not find of that page, it would not find of Lyhty.
"""

import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import pytest
import pytest_asyncio

from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import CaseId
from tests.browser.conftest import Browsers
from tests.browser.control_page import PLACES, ControlPage, control_page
from tests.browser.engines import ENGINES, Engine
from tests.browser.own_browser import OwnBrowser, types, until
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert
from tests.scenarios.searcher import Found, Searcher
from tests.scenarios.server_process import ServerProcess

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]

Ending = Literal["exit", "tab closed", "browser closed", "killed while typing", "killed while reading"]
ENDINGS: Final[tuple[Ending, ...]] = (
    "exit", "tab closed", "browser closed", "killed while typing", "killed while reading",
)  # fmt: skip

HISTORY: Final[dict[Engine, str]] = {"chromium": "Default/History", "firefox": "places.sqlite"}
PACKINGS: Final[dict[Engine, set[str]]] = {
    "chromium": {"as it is", "gzip", "brotli", "SQLite rows", "SQLite rows, cookie", "LevelDB log"},
    "firefox": {"as it is", "gzip", "brotli", "SQLite rows", "SQLite rows, snappy", "mozLz4"},
}
COPIES: Final = 8
"""One after another, until none of the databases in it was being written."""
SESSION_FILES: Final = {"chromium": ("Default/Sessions/*",), "firefox": ("sessionstore-backups/*", "sessionstore*")}

CARELESS_FIELD: Final = "document.body.append(Object.assign(document.createElement('input'), { id: 'careless' }))"


def letters(count: int) -> str:
    return "".join(secrets.choice("abcdefghijklmnoprstuvy") for _ in range(count))


@dataclass
class Words:
    """All planted words of a visit begin with its stem, so that looking for one is looking for all."""

    stem: str = field(default_factory=lambda: letters(8))
    planted: list[str] = field(default_factory=list)
    phrase: list[str] = field(default_factory=list)

    def some(self, count: int) -> str:
        words = [self.stem + letters(8) for _ in range(count)]
        self.planted += words
        return " ".join(words)

    def typed_phrase(self, words: list[str]) -> str:
        """Each picture-word alone is in the program, and so in the cache. Three in a row are a secret."""
        self.phrase = [" ".join(words[at : at + 3]) for at in range(len(words) - 2)]
        return " ".join(words)

    @property
    def count(self) -> int:
        return len(self.planted) + len(self.phrase)

    @property
    def sought(self) -> list[str]:
        return [self.stem, *self.phrase]


@dataclass(frozen=True)
class Left:
    """After one ending: what was found of Lyhty, of the control page, and of the visit itself."""

    engine: Engine
    words: Words
    of_lyhty: list[Found]
    of_the_control_page: list[Found]
    control_words: dict[str, str]
    of_the_visit: list[Found]

    def places_found(self) -> set[str]:
        found = {each.word for each in self.of_the_control_page}
        return {place for place, word in self.control_words.items() if word in found}

    def packings_found(self) -> set[str]:
        return {each.where.rpartition("(")[2].rstrip(")") for each in self.of_the_control_page if "(" in each.where}


@dataclass
class Visit:
    """Of a pupil to Lyhty, and of the same browser to the control page."""

    browser: OwnBrowser
    server: ServerProcess
    control: ControlPage
    lawyer: Expert
    anchor: str
    words: Words = field(default_factory=Words)

    async def begins(self) -> None:
        """The control page in an earlier run of the browser: some things are written, or packed, only at the next."""
        context = await self.browser.starts()
        await self.control.leaves_everything(context.pages[0])
        await self.is_kept(self.control.words["typed"])
        await self.browser.closes()
        context = await self.browser.starts()
        await self.control.leaves_what_a_start_forgets(context.pages[0])
        self.pupil = Pupil(await self.browser.page(), self.server.url)
        await self.pupil.opens_lyhty(f"#a={self.anchor}")

    async def talks(self) -> None:
        """Tells, comes back with the typed phrase, reads an answer, writes, reads, and begins to write again."""
        pupil = self.pupil
        await pupil.gets_to_writing()
        await types(pupil.text_field("text"), self.words.some(13))
        await pupil.goes_on()
        await pupil.wants("lawyer")
        await pupil.understands_who_reads()
        await pupil.keeps_the_phrase()
        await pupil.practices()
        await pupil.goes_on()
        await pupil.sees("sent")
        case = await self._case_of()
        held = await self.lawyer.claims(case)
        answer = {part: self.words.some(2) for part in ("did_right", "legal", "now", "tell")}
        await self.lawyer.answers(held, **answer)
        await pupil.page.goto("about:blank")
        await pupil.opens_lyhty()
        await pupil.does("continue")
        await pupil.does("by-typing")
        await types(pupil.text_field("phrase"), self.words.typed_phrase([each.word for each in pupil.phrase]))
        await pupil.does("open")
        await pupil.sees("case")
        await pupil.has_received(answer["tell"])
        written = self.words.some(6)
        await types(pupil.text_field("message"), written)
        await pupil.does("send")
        await pupil.does("send-now")
        await pupil.has_sent(written)
        asked = self.words.some(3)
        await self.lawyer.writes(held, asked)
        await pupil.has_received(asked)
        await types(pupil.text_field("message"), self.words.some(4))

    async def _case_of(self) -> CaseId:
        rows = await self.lawyer.desk.inbox(self.lawyer.queue)
        return next(
            row.place.case_id
            for row in rows
            if row.card is not None and row.card.first_words.startswith(self.words.stem)
        )

    async def only_types(self) -> None:
        await self.pupil.gets_to_writing()
        await types(self.pupil.text_field("text"), self.words.some(40))

    async def is_kept(self, word: str) -> None:
        """A browser writes its session when it likes; here it has."""
        searcher, copy = Searcher([word]), self.browser.folder / "session"

        def found() -> bool:
            shutil.rmtree(copy, ignore_errors=True)
            copy.mkdir()
            for pattern in SESSION_FILES[self.browser.engine]:
                for file in self.browser.profile.glob(pattern):
                    _copied(str(file), str(copy / file.name))
            return bool(searcher.in_profile(copy))

        await until(found, "the browser has written its session")

    async def types_into_a_careless_field(self) -> None:
        """On Lyhty's own page. When this word is on the disk, the others of that page could be there too."""
        word = letters(16)
        await self.pupil.page.evaluate(
            "document.body.append(Object.assign(document.createElement('input'), {id: 'careless'}))"
        )
        await types(self.pupil.page.locator("#careless"), word)
        await self.is_kept(word)

    async def ends(self, ending: Ending) -> list[Found]:
        """Returns what was found of Lyhty while the browser still ran, for endings that it outlives."""
        match ending:
            case "exit":
                await self.pupil.does("exit")
                await self.pupil.page.wait_for_url("**/bye")
                found = self.searched(self.words.sought)
                await self.browser.closes()
            case "tab closed":
                await self.pupil.page.close()
                found = self.searched(self.words.sought)
                await self.browser.closes()
            case "browser closed":
                found = []
                await self.browser.closes()
            case "killed while typing" | "killed while reading":
                found = []
                field = self.pupil.text_field("text" if ending == "killed while typing" else "message")
                await field.press_sequentially(self.words.stem)
                # Not more often: each time the whole profile is taken apart.
                await until(self._slow_writers_have_written, "the browser has written its history and storages", 2)
                await field.press_sequentially(self.words.stem)
                await self.browser.is_killed()
        return found

    def _slow_writers_have_written(self) -> bool:
        """Else a kill would prove little: Chromium writes its history after 10 s and storages after 5 s."""
        expected = {*self.control.words.values(), self.anchor}
        try:
            found = self.searched(expected)
        except sqlite3.DatabaseError:  # it is writing
            return False
        in_history = {each.word for each in found if _is_history(self.browser.engine, each)}
        return {each.word for each in found} == expected and self.anchor in in_history

    def searched(self, words: Iterable[str]) -> list[Found]:
        """A database that a running browser was writing when it was copied is malformed: then another copy is taken."""
        searcher = Searcher(words)
        for _ in range(COPIES - 1):
            with suppress(sqlite3.DatabaseError):
                return self._searched_in_a_copy(searcher)
        return self._searched_in_a_copy(searcher)

    def _searched_in_a_copy(self, searcher: Searcher) -> list[Found]:
        """Reading a database may change it, and a running browser has it locked."""
        copy = self.browser.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.browser.profile, copy, symlinks=True, ignore_dangling_symlinks=True, copy_function=_copied)
        others = [self.browser.folder / name for name in ("home", "temporary")]
        return searcher.in_profile(copy, *others, self.browser.copy_shared_memory())


def _is_history(engine: Engine, found: Found) -> bool:
    return found.where.endswith(f"{HISTORY[engine]} (SQLite rows)")


def _copied(source: str, to: str) -> None:
    """Sockets and what is gone by now are left out."""
    if Path(source).is_file():
        shutil.copyfile(source, to)


@pytest_asyncio.fixture(
    loop_scope="session", scope="module", params=[(e, x) for e in ENGINES for x in ENDINGS], ids="-".join
)
async def left(
    request: pytest.FixtureRequest,
    browsers: Browsers,
    server: ServerProcess,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Left]:
    engine, ending = request.param
    stem = letters(8)
    words = {place: stem + letters(8) for place in PLACES}
    anchor = b64encode(provider.instance)
    browser = OwnBrowser(browsers.playwright, engine, tmp_path_factory.mktemp("own"))
    async with control_page(words) as control, expert(server.url, provider, provider.lawyer) as lawyer:
        visit = Visit(browser, server, control, lawyer, anchor)
        await visit.begins()
        await (visit.only_types() if ending == "killed while typing" else visit.talks())
        await visit.types_into_a_careless_field()
        found = await visit.ends(ending)
        found += visit.searched([*visit.words.sought, *words.values(), server.url, anchor])

    def of(sought: Collection[str]) -> list[Found]:
        return [each for each in found if each.word in sought]

    yield Left(engine, visit.words, of(visit.words.sought), of(words.values()), words, of([server.url, anchor]))
    shutil.rmtree(browser.folder)


async def test_none_of_forty_words_is_left(left: Left) -> None:
    assert left.words.count == 40
    assert left.of_lyhty == []


async def test_the_same_search_finds_a_word_in_every_place_where_a_page_can_leave_one(left: Left) -> None:
    assert set(PLACES) - left.places_found() == set()


async def test_the_same_search_takes_words_out_of_all_that_browsers_pack_things_in(left: Left) -> None:
    assert PACKINGS[left.engine] - left.packings_found() == set()


async def test_that_the_site_was_visited_stays_and_so_does_the_fragment_of_its_address(left: Left) -> None:
    """As the threat model says: a fragment may say which school's poster it was, and never more."""
    assert len({each.word for each in left.of_the_visit if _is_history(left.engine, each)}) == 2
