"""Lies of a malicious server, told to people in a browser: each is refused and told on the screen, and nothing leaves.

The pages come from `LyingServer` too, as they would. (A server that changes the pages themselves is another matter: for
that there are the manifest and the Python client.) Which lies there are, and their names, stands in
tests/scenarios/lies_of_trust.py and lies_about_cases.py; the Python client is told all of them as each of its people, a
browser every one of a history to one of its people, and of the others a good part.

What is checked to be 0 is counted on the wire by the liar: bytes of OPEN, PUT, TURN and ERASE in frames, and of
bodies that change a case over HTTP. After a lie about a history a page may still say by itself what it has got and
shown of the rest: such a receipt has no words, and is opened here with the stolen case key to see that it is one.
"""

from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from lyhty_crypto.lexicon import spell
from lyhty_wire.encoding import b64encode, canonical_json
from lyhty_wire.records import Operation, Put, Resumed
from tests.browser.conftest import DESKTOP, People
from tests.browser.desk import Desk
from tests.browser.pupil import Pupil
from tests.provider import Provider, make_provider
from tests.scenarios.actors import now
from tests.scenarios.lies_about_cases import (
    EXPERT_TURNED,
    FORGED_WORDS,
    HISTORY_LIES,
    OPENED_LIES,
    PLACE_LIES,
    RESUMED_LIES,
    WORDS,
    HistoryLie,
    OpenedLie,
    PlaceLie,
    ResumedLie,
)
from tests.scenarios.lies_of_trust import TRUST_LIES, TrustLie
from tests.scenarios.lying_server import Json, LyingServer
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.stored_case import ENVELOPES
from tests.scenarios.test_lies_about_cases import (
    OPENED,
    Talk,
    check_wordless,
    falsely_stored,
    lies_to_experts,
    lies_to_reporters,
    talking,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET: Final = "Tämä on vain juristille."


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def talk(server: ServerProcess, provider: Provider) -> AsyncIterator[Talk]:
    async with talking(server.url, provider) as talk:
        yield talk


@pytest.fixture
def liar(liar: LyingServer) -> LyingServer:
    """What is put goes no further, so that the next lie is told about the same history.

    A pupil is told the number that follows: after any other the page would ask for what lies between.
    """
    return liar.invents("PUT", ENVELOPES, {"seq": 99}).hears(Operation.PUT, falsely_stored(len(WORDS) + 1))


async def pupil_at(people: People, liar: LyingServer) -> Pupil:
    return await people.pupil(url=liar.url)


async def desk_at(people: People, liar: LyingServer, provider: Provider) -> Desk:
    page, _ = await people.page(viewport=DESKTOP)
    desk = Desk(page, liar.url, provider.lawyer)
    return await desk.opens_console()


def words_of(talk: Talk) -> str:
    return " ".join(spell(talk.phrase, "fi"))


def check_no_words_left(liar: LyingServer, talk: Talk) -> None:
    """Whatever was put is a receipt or an entry in who opened it; nothing else that carries content came up at all."""
    said = {record.operation for record in liar.operations}
    assert not said & {Operation.OPEN, Operation.TURN, Operation.ERASE}
    puts = [Put.decode(record.body).envelope for record in liar.operations if record.operation is Operation.PUT]
    own_case = f"/api/cases/{b64encode(talk.case)}/"
    puts += [asked.body for asked in liar.asked if asked.method == "PUT" and asked.path.startswith(own_case)]
    check_wordless(puts, talk)


# --- Whom to trust


@pytest.mark.parametrize("lie", TRUST_LIES, ids=str)
async def test_a_pupil_sees_the_stop_screen_and_sends_nothing(
    people: People, liar: LyingServer, provider: Provider, lie: TrustLie
) -> None:
    liar.answers("GET", "/api/trust", lambda _body: lie.bundle(provider).encode())
    pupil = await (await pupil_at(people, liar)).opens_lyhty()
    await pupil.is_stopped(lie.code)
    await expect(pupil.action("ask")).to_have_count(0)
    assert liar.content_bytes == 0
    assert liar.operations == []


@pytest.mark.parametrize("lie", TRUST_LIES[::3], ids=str)
async def test_an_expert_is_not_signed_in_and_not_even_the_name_leaves(
    people: People, liar: LyingServer, provider: Provider, lie: TrustLie
) -> None:
    liar.answers("GET", "/api/trust", lambda _body: lie.bundle(provider).encode())
    desk = await desk_at(people, liar, provider)
    await desk.tries_to_sign_in()
    await desk.reads_problem(lie.code)
    assert liar.content_bytes == 0
    assert not [asked for asked in liar.asked if "/sign-in/" in asked.path]


async def test_a_poster_of_another_instance_than_the_server_s_stops_the_page(
    people: People, liar: LyingServer, provider: Provider
) -> None:
    stranger = make_provider(now())
    liar.answers("GET", "/anchor.json", lambda _body: canonical_json({"instance": b64encode(stranger.instance)}))
    liar.answers("GET", "/api/trust", lambda _body: stranger.bundle.encode())
    pupil = await (await pupil_at(people, liar)).opens_lyhty(f"#a={b64encode(provider.instance)}")
    await pupil.is_stopped("anchor-mismatch")
    assert liar.content_bytes == 0


# --- The history


@pytest.mark.parametrize("lie", HISTORY_LIES[::2], ids=str)
async def test_a_pupil_is_told_of_a_false_history_and_reads_what_holds(
    people: People, liar: LyingServer, talk: Talk, lie: HistoryLie
) -> None:
    lies_to_reporters(liar, lie, talk.scene)
    pupil = await (await pupil_at(people, liar)).opens_lyhty()
    await pupil.comes_back_with(words_of(talk))
    await pupil.reads_problem(alarm_in(lie))
    await check_shown(pupil.page, lie)
    check_no_words_left(liar, talk)


@pytest.mark.parametrize("lie", HISTORY_LIES[1::2], ids=str)
async def test_an_expert_is_told_of_a_false_history_and_reads_what_holds(
    people: People, liar: LyingServer, provider: Provider, talk: Talk, lie: HistoryLie
) -> None:
    lies_to_experts(liar, lie, talk.scene)
    desk = await (await desk_at(people, liar, provider)).signs_in()
    await opens_case(desk, talk)
    await desk.reads_problem(alarm_in(lie))
    await check_shown(desk.page, lie)
    check_no_words_left(liar, talk)


def alarm_in(lie: HistoryLie) -> str:
    """The browser has two codes for it."""
    return "history-gap" if "history-gap" in lie.codes else "envelope-tampered"


async def check_shown(page: Page, lie: HistoryLie) -> None:
    """Each of what holds, once and in its order; the false words only with the alarm, if an expert's own key signed."""
    rows = await page.locator("[data-message]").all_inner_texts()
    texts = [word for row in rows for word in (*WORDS, FORGED_WORDS) if word in row]
    true = [word for word in WORDS if word not in lie.missing]
    forged = {FORGED_WORDS} if lie.name in EXPERT_TURNED else set()
    seen = [text for text in texts if text not in forged]
    assert set(seen) <= set(true) if lie.is_moved else seen == true


async def opens_case(desk: Desk, talk: Talk) -> None:
    case = desk.page.locator(f'[data-case^="{b64encode(talk.case)}"]')
    await case.click()
    await expect(desk.case_pane).to_have_attribute("data-open", "true")


# --- Who can read


@pytest.mark.parametrize("lie", RESUMED_LIES[::2], ids=str)
async def test_a_pupil_who_comes_back_to_other_readers_is_told_and_nothing_is_opened(
    people: People, liar: LyingServer, talk: Talk, lie: ResumedLie
) -> None:
    liar.results(Operation.RESUME, lambda body: lie.change(Resumed.decode(body), talk.scene).encode())
    pupil = await (await pupil_at(people, liar)).opens_lyhty()
    await pupil.types_phrase(words_of(talk))
    await pupil.does("open")
    await expect(pupil.page.locator("[data-problem]")).to_be_visible()
    await expect(pupil.messages).to_have_count(0)
    assert liar.content_bytes == 0
    assert liar.count(Operation.FETCH) == 0


@pytest.mark.parametrize("lie", OPENED_LIES[::2], ids=str)
async def test_an_expert_to_whom_other_readers_are_told_is_alarmed_and_reads_and_writes_nothing(
    people: People, liar: LyingServer, provider: Provider, talk: Talk, lie: OpenedLie
) -> None:
    liar.answers_json("GET", OPENED, lambda opened: lie.change(talk.scene) if is_about(opened, talk) else opened)
    desk = await (await desk_at(people, liar, provider)).signs_in()
    await opens_case(desk, talk)
    await desk.reads_problem("wrap-tampered")
    await expect(desk.messages).to_have_count(0)
    assert not [asked for asked in liar.asked if asked.path.endswith(f"{b64encode(talk.case)}/envelopes")]


def is_about(opened: Json, talk: Talk) -> bool:
    return bool(opened["place"]["case"] == b64encode(talk.case))


# --- The list


@pytest.mark.parametrize("lie", PLACE_LIES[::2], ids=str)
async def test_an_expert_is_warned_in_the_list_of_a_false_line(
    people: People, liar: LyingServer, provider: Provider, talk: Talk, lie: PlaceLie
) -> None:
    def change(page: Json) -> Json:
        other, mine = talk.scene.others_opened["place"], b64encode(talk.case)
        lied = [lie.change(each, other, talk.scene) if each["case"] == mine else each for each in page["cases"]]
        return page | {"cases": lied}

    liar.answers_json("GET", "/api/queues/1", change)
    desk = await (await desk_at(people, liar, provider)).signs_in()
    line = desk.page.locator(f'[data-case^="{b64encode(talk.case)}"]')
    await expect(line.locator(".warned")).to_have_text(desk.says("console.alarm.title"))
    if lie.shows_card:
        await expect(line).to_contain_text(WORDS[0])
    else:
        await expect(line).not_to_contain_text(WORDS[0])


# --- What was stored


async def test_a_message_acknowledged_under_the_number_of_another_is_not_shown_as_sent(
    people: People, liar: LyingServer, talk: Talk
) -> None:
    pupil = await (await pupil_at(people, liar)).opens_lyhty()
    await pupil.comes_back_with(words_of(talk))
    liar.hears(Operation.PUT, falsely_stored(2))
    await pupil.chats("Onko tämä tallessa?")
    await pupil.reads_problem("history-gap")
    await expect(pupil.message("Onko tämä tallessa?")).to_have_count(0)
    await expect(pupil.text_field("message")).to_have_value("Onko tämä tallessa?")
