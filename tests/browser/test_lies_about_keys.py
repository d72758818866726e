"""Lies of a malicious server about turns, handovers and openings, told to people in a browser.

Which lies there are, and their names, stands in tests/scenarios/lies_about_turns.py, lies_about_handovers.py and
test_lies_about_openings.py; the Python client is told all of them, a page and a console a good part: they have rules of
their own for how they read (newest first). One picture of a case is lied about, and what a page says by itself of what
it has got and shown goes no further than the liar.
"""

from collections.abc import Iterable
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from lyhty_crypto.lexicon import spell
from lyhty_crypto.sealing import open_envelope
from lyhty_wire.contents import Wordless
from lyhty_wire.encoding import b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.records import Operation, Put, Resumed
from tests.browser.conftest import DESKTOP, People
from tests.browser.desk import Desk
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.handed_cases import BEFORE as BEFORE_YES
from tests.scenarios.handed_cases import WHY, handed_cases, words_of
from tests.scenarios.lies_about_cases import FORGED_WORDS
from tests.scenarios.lies_about_handovers import ASKED_LIES, AskedLie
from tests.scenarios.lies_about_turns import (
    LINK_LIES,
    OWN_KEY_LIES,
    TURN_LIES,
    TURNED_HISTORY_LIES,
    LinkLie,
    OwnKeyLie,
    TurnedHistoryLie,
    TurnLie,
)
from tests.scenarios.lying_server import LyingServer
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.stored_case import ENVELOPES, StoredCase, lies_to_experts, lies_to_reporters
from tests.scenarios.test_lies_about_cases import falsely_stored
from tests.scenarios.test_lies_about_openings import LEDGER_LIES, LedgerLie
from tests.scenarios.turned_case import BEFORE, WORDS, turned_case

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPENED: Final = r"/api/cases/[^/]+/places/1"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def turned(server: ServerProcess, provider: Provider) -> StoredCase:
    return await turned_case(server.url, provider)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def handed(server: ServerProcess, provider: Provider) -> dict[str, StoredCase]:
    return await handed_cases(server.url, provider)


@pytest.fixture
def liar(liar: LyingServer) -> LyingServer:
    return liar.invents("PUT", ENVELOPES, {"seq": 99}).hears(Operation.PUT, falsely_stored(99))


async def comes_back(people: People, liar: LyingServer, stored: StoredCase) -> Pupil:
    pupil = await (await people.pupil(url=liar.url)).opens_lyhty()
    await pupil.types_phrase(" ".join(spell(stored.phrase, "fi")))
    await pupil.does("open")
    return pupil


async def opens_case(people: People, liar: LyingServer, provider: Provider, stored: StoredCase) -> Desk:
    page, _ = await people.page(viewport=DESKTOP)
    desk = await (await Desk(page, liar.url, provider.lawyer).opens_console()).signs_in()
    await desk.page.locator(f'[data-case^="{b64encode(stored.case)}"]').click()
    return desk


async def reads(someone: Pupil | Desk, codes: Iterable[str]) -> None:
    for code in codes:
        await someone.reads_problem(code)


async def check_shown(page: Page, true: Iterable[str], missing: Iterable[str]) -> None:
    """What holds is on the screen, and what does not is not."""
    for words in true:
        shown = page.locator("[data-message]").filter(has_text=words)
        await expect(shown, words).to_have_count(0 if words in missing else 1)
    await expect(page.locator("[data-message]").filter(has_text=FORGED_WORDS)).to_have_count(0)


def check_wordless(liar: LyingServer, stored: StoredCase) -> None:
    """Whatever was put has no words in it, and nothing else that carries content came up at all."""
    assert {record.operation for record in liar.operations} <= {
        Operation.TRUST, Operation.RESUME, Operation.FETCH, Operation.PUT, Operation.SLIPS,
    }  # fmt: skip
    own_case = f"/api/cases/{b64encode(stored.case)}/"
    puts = [Put.decode(record.body).envelope for record in liar.operations if record.operation is Operation.PUT]
    puts += [asked.body for asked in liar.asked if asked.method == "PUT" and asked.path.startswith(own_case)]
    for envelope in puts:
        key = stored.keys[decode_header(envelope).generation]
        opened = open_envelope(envelope, key, instance=stored.provider.instance, case=stored.case)
        assert isinstance(opened.content, Wordless)


# --- The next key


@pytest.mark.parametrize("lie", TURN_LIES[::3], ids=str)
async def test_an_expert_who_is_told_a_false_turn_is_alarmed_and_reads_and_writes_nothing(
    people: People, liar: LyingServer, provider: Provider, turned: StoredCase, lie: TurnLie
) -> None:
    mine = b64encode(turned.case)
    liar.answers_json("GET", OPENED, lambda told: lie.opened(turned) if told["place"]["case"] == mine else told)
    desk = await opens_case(people, liar, provider, turned)
    await desk.reads_problem("wrap-tampered")
    await expect(desk.messages).to_have_count(0)
    assert not [asked for asked in liar.asked if asked.path.endswith(f"{mine}/envelopes")]


@pytest.mark.parametrize("lie", [*TURN_LIES[1::3], *OWN_KEY_LIES], ids=str)
async def test_a_pupil_who_comes_back_to_a_false_turn_is_told_and_nothing_is_opened(
    people: People, liar: LyingServer, turned: StoredCase, lie: TurnLie | OwnKeyLie
) -> None:
    liar.results(Operation.RESUME, lambda body: lie.resumed(Resumed.decode(body), turned).encode())
    pupil = await comes_back(people, liar, turned)
    await expect(pupil.page.locator("[data-problem]")).to_be_visible()
    await expect(pupil.messages).to_have_count(0)
    assert liar.content_bytes == 0
    assert liar.count(Operation.FETCH) == 0


@pytest.mark.parametrize("lie", LINK_LIES[::2], ids=str)
async def test_an_expert_to_whom_the_way_back_is_closed_is_told_and_reads_what_is_newer(
    people: People, liar: LyingServer, provider: Provider, turned: StoredCase, lie: LinkLie
) -> None:
    mine = b64encode(turned.case)
    links = [None, lie.link(turned)]
    liar.answers_json("GET", OPENED, lambda told: told | {"links": links} if told["place"]["case"] == mine else told)
    desk = await opens_case(people, liar, provider, turned)
    await desk.reads_problem("envelope-tampered")
    await check_shown(desk.page, WORDS, BEFORE)
    check_wordless(liar, turned)


@pytest.mark.parametrize("lie", TURNED_HISTORY_LIES[::2], ids=str)
async def test_a_pupil_is_told_of_a_false_history_around_a_turn(
    people: People, liar: LyingServer, turned: StoredCase, lie: TurnedHistoryLie
) -> None:
    lies_to_reporters(liar, lie.change, turned)
    pupil = await comes_back(people, liar, turned)
    await reads(pupil, lie.codes)
    await check_shown(pupil.page, WORDS, lie.missing)
    check_wordless(liar, turned)


@pytest.mark.parametrize("lie", TURNED_HISTORY_LIES[1::2], ids=str)
async def test_an_expert_is_told_of_a_false_history_around_a_turn(
    people: People, liar: LyingServer, provider: Provider, turned: StoredCase, lie: TurnedHistoryLie
) -> None:
    lies_to_experts(liar, lie.change, turned, len(WORDS))
    desk = await opens_case(people, liar, provider, turned)
    await reads(desk, lie.codes)
    await check_shown(desk.page, WORDS, lie.missing)
    check_wordless(liar, turned)


# --- Questions, answers, openings


@pytest.mark.parametrize("lie", ASKED_LIES[::3], ids=str)
async def test_a_pupil_is_told_of_a_false_question_or_answer(
    people: People, liar: LyingServer, handed: dict[str, StoredCase], lie: AskedLie
) -> None:
    stored = handed[lie.answer]
    lies_to_reporters(liar, lie.change, stored)
    pupil = await comes_back(people, liar, stored)
    await reads(pupil, lie.codes)
    spoken = [words for words in words_of(lie.answer) if words != lie.answer]
    await check_shown(pupil.page, spoken, lie.missing)
    await expect(pupil.message("Let me see more.")).to_have_count(0)
    check_wordless(liar, stored)


@pytest.mark.parametrize("lie", LEDGER_LIES[::3], ids=str)
async def test_a_pupil_is_told_of_a_false_opening_and_it_names_nobody_more(
    people: People, liar: LyingServer, handed: dict[str, StoredCase], lie: LedgerLie
) -> None:
    stored = handed[lie.answer]
    lies_to_reporters(liar, lie.change, stored)
    pupil = await comes_back(people, liar, stored)
    await reads(pupil, lie.codes)
    openings = pupil.page.locator('[data-part="openings"]')
    await openings.locator("summary").click()
    true = 1 if lie.answer == "no" else 2
    await expect(openings.locator("[data-opening]")).to_have_count(true - lie.hides)
    await check_shown(pupil.page, (*BEFORE_YES, WHY), ())
    check_wordless(liar, stored)
