"""Lies of a malicious server about a case's next key: who gets it, who made it, what it leads to, what was written.

The Python client behind `LyingServer`, as reporter and expert; which lies there are, and their names:
`lies_about_turns.py`. Who turns a case is lied to in `test_lies_about_turning.py`. One case is told about in all of
them, so nothing here may change it: what a client writes by itself goes no further than the liar.
"""

import asyncio
from typing import Final

import pytest
from msgspec import structs

from lyhty_client.conversation import NewKey
from lyhty_client.errors import ClientError
from lyhty_client.expert import HeldCase
from lyhty_crypto.errors import CryptoError
from lyhty_wire.contents import Turn
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import HeadSeen, decode_header
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER
from lyhty_wire.records import Fetched, Operation, Resumed
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter, text_of
from tests.scenarios.lies_about_cases import FORGED_WORDS
from tests.scenarios.lies_about_turns import (
    KEY_LIES,
    LINK_LIES,
    OWN_KEY_LIES,
    TURN_LIES,
    TURNED_HISTORY_LIES,
    KeyLie,
    LinkLie,
    OwnKeyLie,
    TurnedHistoryLie,
    TurnLie,
    signed_by,
)
from tests.scenarios.lying_server import Json, LyingServer
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.stored_case import ENVELOPES, Listed, StoredCase, lies_to_experts, lies_to_reporters
from tests.scenarios.test_lies_about_cases import falsely_stored
from tests.scenarios.turned_case import AFTER, BEFORE, WORDS, turned_case

SECRET: Final = "Nobody else may read this."
OPENED: Final = r"/api/cases/[^/]+/places/1"
FOR_TURN: Final = r"/api/cases/[^/]+/turn/1"
UNTURNED: Final = r"/api/queues/[12]/unturned"
REFUSED: Final = frozenset({"signature-invalid", "wrap-tampered", "envelope-malformed"})


@pytest.fixture(scope="module")
def scene(shared_server: ServerProcess, provider: Provider) -> StoredCase:
    return asyncio.run(turned_case(shared_server.url, provider))


@pytest.fixture
def liar(liar: LyingServer) -> LyingServer:
    return liar.invents("PUT", ENVELOPES, {"seq": 99})


def check_no_envelopes_asked(liar: LyingServer) -> None:
    assert not [asked for asked in liar.asked if asked.path.endswith("/envelopes")]


async def _read(liar: LyingServer, scene: StoredCase) -> HeldCase:
    """By the lawyer. The liar swallows the opening that they store; the case was read all the same."""
    async with expert(liar.url, scene.provider, scene.provider.lawyer, listening=False) as lawyer:
        held = HeldCase(await lawyer.desk.desk.opened(scene.case, LAWYER), lawyer.desk.expertise)
        await lawyer.desk.catch_up(held)
        held.conversation.whole()
        return held


def texts(held: HeldCase) -> list[str]:
    return [text_of(message) for message in held.conversation.messages]


async def test_the_truth_raises_nothing(liar: LyingServer, scene: StoredCase) -> None:
    held = await _read(liar, scene)
    assert texts(held) == list(WORDS)
    assert held.conversation.alarms == []
    async with reporter(liar.url, phrase=scene.phrase, anchor=scene.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.texts == list(WORDS)
        assert pupil.session.conversation is not None
        assert pupil.session.conversation.alarms == []


# --- Who gets the next key


@pytest.mark.parametrize("lie", TURN_LIES, ids=str)
async def test_an_expert_who_is_told_a_false_turn_opens_nothing(
    liar: LyingServer, scene: StoredCase, lie: TurnLie
) -> None:
    liar.answers_json("GET", OPENED, lambda _: lie.opened(scene))
    async with expert(liar.url, scene.provider, scene.provider.lawyer, listening=False) as lawyer:
        with pytest.raises((WireError, CryptoError)) as refusal:
            await lawyer.desk.read(scene.case, LAWYER)
    assert refusal.value.code in REFUSED
    assert liar.content_bytes == 0
    check_no_envelopes_asked(liar)


@pytest.mark.parametrize("lie", [lie for lie in TURN_LIES if not lie.is_only_for_newcomers], ids=str)
async def test_an_expert_who_has_read_the_case_writes_nothing_under_a_false_turn(
    liar: LyingServer, scene: StoredCase, lie: TurnLie
) -> None:
    """Told when the server refuses their message: the case has another key by now. It was sealed under the old one."""
    async with expert(liar.url, scene.provider, scene.provider.lawyer, listening=False) as lawyer:
        liar.answers_json("GET", OPENED, lambda _: scene.before)
        liar.answers_json("GET", ENVELOPES, lambda page: _with_generation(page, 1))
        held = HeldCase(await lawyer.desk.desk.opened(scene.case, LAWYER), lawyer.desk.expertise)
        await lawyer.desk.catch_up(held)
        assert texts(held) == list(BEFORE)
        liar.tells_the_truth().answers_json("GET", OPENED, lambda _: lie.opened(scene))
        with pytest.raises((WireError, CryptoError)):
            await lawyer.writes(held, SECRET)
    (refused,) = [asked.body for asked in liar.asked if asked.method == "PUT"]
    assert decode_header(refused).generation == 1
    assert liar.content_bytes == len(refused)


def _with_generation(page: Json, generation: int) -> Json:
    kept = [each for each in page["envelopes"] if decode_header(b64decode(each["envelope"])).generation == generation]
    return page | {"envelopes": kept}


@pytest.mark.parametrize("lie", TURN_LIES, ids=str)
async def test_a_reporter_who_comes_back_to_a_false_turn_is_told_and_writes_nothing(
    liar: LyingServer, scene: StoredCase, lie: TurnLie
) -> None:
    liar.results(Operation.RESUME, lambda body: lie.resumed(Resumed.decode(body), scene).encode())
    await _comes_back_in_vain(liar, scene)


@pytest.mark.parametrize("lie", OWN_KEY_LIES, ids=str)
async def test_a_reporter_who_comes_back_to_a_false_copy_of_the_newest_key_is_told_and_writes_nothing(
    liar: LyingServer, scene: StoredCase, lie: OwnKeyLie
) -> None:
    liar.results(Operation.RESUME, lambda body: lie.resumed(Resumed.decode(body), scene).encode())
    await _comes_back_in_vain(liar, scene)


async def _comes_back_in_vain(liar: LyingServer, scene: StoredCase) -> None:
    async with reporter(liar.url, phrase=scene.phrase, anchor=scene.provider.instance) as pupil:
        with pytest.raises(ClientError) as refusal:
            await pupil.comes_back()
        with pytest.raises(ClientError):
            await pupil.writes(SECRET)
        assert pupil.texts == []
    assert refusal.value.code in REFUSED
    assert liar.content_bytes == 0
    assert liar.count(Operation.FETCH) == 0


@pytest.mark.parametrize("lie", KEY_LIES, ids=str)
async def test_an_expert_without_the_newest_key_opens_none(liar: LyingServer, scene: StoredCase, lie: KeyLie) -> None:
    liar.answers_json("GET", OPENED, lambda _: lie.change(scene))
    async with expert(liar.url, scene.provider, scene.provider.lawyer, listening=False) as lawyer:
        with pytest.raises(CryptoError, match="wrap-tampered"):
            await lawyer.desk.read(scene.case, LAWYER)
    assert liar.content_bytes == 0
    check_no_envelopes_asked(liar)


async def test_a_turn_by_a_colleague_who_does_not_hold_the_case_shows_by_name(
    liar: LyingServer, scene: StoredCase
) -> None:
    """Any expert of its queues may, as far as a reader can tell (THREAT_MODEL): who holds a case, the server says."""
    first, second = scene.rosters
    colleague = scene.provider.other_lawyer.keys.sign
    signed = signed_by(colleague, second)

    def by_colleague(page: Json) -> Json:
        all_: Listed = [(each["seq"], b64decode(each["envelope"])) for each in page["envelopes"]]
        older = [each for each in all_ if each[1][6] == 1]
        seen = [
            scene.last_of(older, scene.provider.lawyer.keys.sign),
            scene.read(all_[scene.at(all_, BEFORE[2])][1]),
        ]
        heads = [HeadSeen(each.header.author, each.header.counter, each.head) for each in seen]
        turn = scene.forge(
            colleague, None, Turn(1_795_000_000, "schedule"), heads=sorted(heads, key=lambda each: each.author)
        )
        told = [*older, (len(older) + 1, turn)] if older else []
        return page | {"envelopes": [{"seq": seq, "envelope": b64encode(envelope)} for seq, envelope in told]}

    rosters = [b64encode(each.encode()) for each in (first, signed)]
    liar.answers_json("GET", OPENED, lambda opened: opened | {"rosters": rosters})
    liar.answers_json("GET", ENVELOPES, lambda page: by_colleague(page) if page["envelopes"] else page)
    held = await _read(liar, scene)
    turns = [each for each in held.conversation.new_keys if isinstance(each, NewKey)]
    assert [turn.author for turn in turns] == [scene.provider.directory.expert_by_sign(colleague.public)]
    assert texts(held) == list(BEFORE)


# --- The way to what was before


@pytest.mark.parametrize("lie", LINK_LIES, ids=str)
async def test_an_expert_to_whom_the_way_back_is_closed_is_told_and_reads_what_is_newer(
    liar: LyingServer, scene: StoredCase, lie: LinkLie
) -> None:
    liar.answers_json("GET", OPENED, lambda opened: opened | {"links": [None, lie.link(scene)]})
    held = await _read(liar, scene)
    assert {alarm.code for alarm in held.conversation.alarms} & {"envelope-tampered", "wrap-tampered"}
    assert texts(held) == list(AFTER)
    assert liar.content_bytes == 0


# --- What was written


def check_shown(shown: list[str], lie: TurnedHistoryLie) -> None:
    assert FORGED_WORDS not in shown
    assert sorted(shown) == sorted(word for word in WORDS if word not in lie.missing)


@pytest.mark.parametrize("lie", TURNED_HISTORY_LIES, ids=str)
async def test_an_expert_is_alarmed_by_a_false_history_around_a_turn(
    liar: LyingServer, scene: StoredCase, lie: TurnedHistoryLie
) -> None:
    lies_to_experts(liar, lie.change, scene, len(WORDS))
    held = await _read(liar, scene)
    assert lie.codes <= {alarm.code for alarm in held.conversation.alarms}
    check_shown(texts(held), lie)
    assert liar.content_bytes == 0


@pytest.mark.parametrize("lie", TURNED_HISTORY_LIES, ids=str)
async def test_a_reporter_is_alarmed_by_a_false_history_around_a_turn(
    liar: LyingServer, scene: StoredCase, lie: TurnedHistoryLie
) -> None:
    lies_to_reporters(liar, lie.change, scene)
    async with reporter(liar.url, phrase=scene.phrase, anchor=scene.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.session.conversation is not None
        assert lie.codes <= {alarm.code for alarm in pupil.session.conversation.alarms}
    check_shown(pupil.texts, lie)
    assert liar.content_bytes == 0


# --- A turn that is kept back


async def test_who_has_read_the_turn_does_not_write_under_the_key_before_it_again(
    liar: LyingServer, scene: StoredCase
) -> None:
    async with expert(liar.url, scene.provider, scene.provider.lawyer, listening=False) as lawyer:
        held = HeldCase(await lawyer.desk.desk.opened(scene.case, LAWYER), lawyer.desk.expertise)
        await lawyer.desk.catch_up(held)
        liar.answers_json("GET", OPENED, lambda _: scene.before)
        await lawyer.desk._learn_again(held)
        assert held.conversation.newest[0].generation == 2


async def test_a_reporter_who_has_read_the_turn_comes_back_to_its_key(liar: LyingServer, scene: StoredCase) -> None:
    async with reporter(liar.url, phrase=scene.phrase, anchor=scene.provider.instance) as pupil:
        await pupil.comes_back()
        liar.results(Operation.RESUME, _held_back)
        liar.hears(Operation.PUT, falsely_stored(8))
        await liar.breaks_every_line()
        await pupil.writes("Still there?")
    (put,) = [record for record in liar.operations if record.operation is Operation.PUT]
    assert decode_header(put.body[4:]).generation == 2


async def test_a_turn_held_back_from_who_has_not_seen_it_shows_with_the_first_words_after_it(
    liar: LyingServer, scene: StoredCase
) -> None:
    """Not before: THREAT_MODEL says so of a server that withholds a newer roster."""
    words = [0]

    def older_and_then_all(body: bytes) -> bytes:
        page = Fetched.decode(body)
        kept = [each for each in page.envelopes if each.envelope[6] == 1 or words[0]]
        return Fetched(False, tuple(kept)).encode()

    liar.results(Operation.RESUME, _held_back)
    liar.results(Operation.FETCH, older_and_then_all)
    async with reporter(liar.url, phrase=scene.phrase, anchor=scene.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.texts == list(BEFORE)
        assert pupil.session.conversation is not None
        assert pupil.session.conversation.alarms == []
        words[0] = 1
        await liar.breaks_every_line()
        await pupil.is_alarmed()
    assert liar.content_bytes == 0


def _held_back(body: bytes) -> bytes:
    truth = Resumed.decode(body)
    return structs.replace(truth, generations=truth.generations[:1]).encode()
