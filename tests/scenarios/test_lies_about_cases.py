"""Lies of a malicious server about a case: its history, its readers, its place in the list, what was stored.

The Python client, reporter and expert, against a real server behind `LyingServer`; the same lies to people in a browser
are in tests/browser/test_lies.py. Each lie has its name in `lies_about_cases.py`, and here it is told to whom it may be
told. Three things are checked of each: what is false is not shown, the person is told by a stable code, and no byte of
content leaves on account of it (`LyingServer.content_bytes`, counted on the wire).

A history that does not fit is told and what holds of it stays readable, so people may write on if they want to; that
goes under the case key, which no lie about a history touches. A lie about who can read stops everything.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import pytest
import pytest_asyncio
from msgspec import structs

from lyhty_client.errors import ClientError
from lyhty_crypto.errors import CryptoError
from lyhty_crypto.sealing import open_envelope
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.codes import Code
from lyhty_wire.contents import Wordless
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, CaseId
from lyhty_wire.records import DownRecord, Event, Fetched, Operation, Resumed, Sequenced, State, Stored
from lyhty_wire.wraps import QUEUE_SEED, TO_EXPERT
from tests.provider import Provider
from tests.scenarios.actors import Expert, Reporter, expert, reporter, text_of
from tests.scenarios.lies_about_cases import (
    EXPERT_TURNED,
    FORGED_WORDS,
    HISTORY_LIES,
    OPENED_LIES,
    PLACE_LIES,
    RESUMED_LIES,
    WORDS,
    HistoryLie,
    Listed,
    OpenedLie,
    PlaceLie,
    ResumedLie,
    Scene,
)
from tests.scenarios.lies_of_trust import SERVERS_KEM
from tests.scenarios.lying_server import Change, Hear, Json, LyingServer
from tests.scenarios.server_process import ServerProcess

SECRET = "Nobody else may read this."
OPENED = r"/api/cases/[^/]+/places/1(/claim)?"
ENVELOPES = r"/api/cases/[^/]+/envelopes"


@dataclass(frozen=True)
class Talk:
    """A conversation as it truly was, held by the lawyer."""

    phrase: bytes
    scene: Scene

    @property
    def case(self) -> CaseId:
        return self.scene.case


@pytest_asyncio.fixture
async def talk(server: ServerProcess, provider: Provider) -> AsyncIterator[Talk]:
    async with talking(server.url, provider) as talk:
        yield talk


@asynccontextmanager
async def talking(url: str, provider: Provider) -> AsyncIterator[Talk]:
    """Afterwards the lawyer lets go of the cases: nobody holds more than so many."""
    async with (
        reporter(url) as pupil,
        reporter(url) as somebody,
        expert(url, provider, provider.lawyer, listening=False) as lawyer,
    ):
        await pupil.tells(WORDS[0])
        await somebody.tells("Something else happened to me.")
        held = await lawyer.claims(pupil.case)
        await lawyer.writes(held, WORDS[1])
        await pupil.reads(WORDS[1])
        await pupil.writes(WORDS[2])
        await lawyer.reads(held, WORDS[2])
        await lawyer.writes(held, WORDS[3])
        others = await lawyer.claims(somebody.case)
        await lawyer.writes(others, "I have read this too.")
        opened = [await lawyer.desk.desk.opened(case, LAWYER) for case in (pupil.case, somebody.case)]
        page = await lawyer.desk.desk.envelopes(somebody.case, 1)
        mine, theirs = [json.loads(json.dumps(structs.asdict(one), default=structs.asdict)) for one in opened]
        yield Talk(pupil.phrase, Scene(provider, mine, theirs, b64decode(page.envelopes[0].envelope)))
        for each in (pupil, somebody):
            await lawyer.releases(each.case)


def check_wordless(envelopes: list[bytes], talk: Talk) -> None:
    """What a client says by itself: that the case was opened, or what has come. There are no words in it."""
    key, instance = talk.scene.stolen_case_key, talk.scene.provider.instance
    for envelope in envelopes:
        assert isinstance(open_envelope(envelope, key, instance=instance, case=talk.case).content, Wordless)


def lies_to_reporters(liar: LyingServer, lie: HistoryLie, scene: Scene) -> None:
    def change(body: bytes) -> bytes:
        page = Fetched.decode(body)
        true: Listed = [(each.seq, each.envelope) for each in reversed(page.envelopes)]
        false = reversed(lie.change(true, scene))
        return Fetched(page.more, tuple(Sequenced(seq, envelope) for seq, envelope in false)).encode()

    liar.results(Operation.FETCH, change)


def lies_to_experts(liar: LyingServer, lie: HistoryLie, scene: Scene) -> None:
    def change(page: Json) -> Json:
        given: Listed = [(each["seq"], b64decode(each["envelope"])) for each in page["envelopes"]]
        if len(given) < len(WORDS):  # the end of the history, asked for once more
            return page
        true = sorted(given)
        false = [{"seq": seq, "envelope": b64encode(envelope)} for seq, envelope in lie.change(true, scene)]
        return page | {"envelopes": false if given == true else false[::-1]}

    liar.answers_json("GET", ENVELOPES, change)


def check_shown(shown: list[str], lie: HistoryLie) -> None:
    """Everything that holds, each once and in its order, and nothing else."""
    allowed = {FORGED_WORDS} if lie.name in EXPERT_TURNED else set()
    seen = [text for text in shown if text not in allowed]
    true = [word for word in WORDS if word not in lie.missing]
    assert set(seen) <= set(true) if lie.is_moved else seen == true


# --- The history


@pytest.mark.parametrize("lie", HISTORY_LIES, ids=str)
async def test_a_reporter_is_alarmed_by_a_false_history(liar: LyingServer, talk: Talk, lie: HistoryLie) -> None:
    lies_to_reporters(liar, lie, talk.scene)
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        await pupil.comes_back()
        alarm = await pupil.is_alarmed()
    assert alarm.code in lie.codes
    check_shown(pupil.texts, lie)
    assert liar.content_bytes == 0


@pytest.mark.parametrize("lie", HISTORY_LIES, ids=str)
async def test_an_expert_is_alarmed_by_a_false_history(
    liar: LyingServer, provider: Provider, talk: Talk, lie: HistoryLie
) -> None:
    lies_to_experts(liar, lie, talk.scene)
    async with expert(liar.url, provider, provider.lawyer, listening=False) as lawyer:
        held = await lawyer.desk.read(talk.case, LAWYER)
    conversation = held.conversation
    assert conversation.alarms
    assert conversation.alarms[0].code in lie.codes
    check_shown([text_of(message) for message in conversation.messages], lie)
    check_wordless([asked.body for asked in liar.asked if asked.method == "PUT"], talk)


async def test_a_reporter_is_alarmed_when_a_server_claims_that_nothing_was_ever_written(
    liar: LyingServer, talk: Talk
) -> None:
    liar.results(Operation.RESUME, lambda body: structs.replace(Resumed.decode(body), last_seq=0).encode())
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        await pupil.comes_back()
        assert (await pupil.is_alarmed()).code == "history-gap"
    assert liar.content_bytes == 0


async def test_words_withheld_at_the_end_show_when_somebody_names_them_later(
    liar: LyingServer, provider: Provider, talk: Talk
) -> None:
    """What SPEC 4.3 promises of a withheld suffix: not at once, but with the next head that is let through."""
    liar.results(Operation.FETCH, _without(talk.scene.opened["place"]["last_seq"]))
    async with (
        reporter(liar.url, phrase=talk.phrase, anchor=provider.instance) as pupil,
        expert(liar.truth, provider, provider.lawyer, listening=False) as lawyer,
    ):
        await pupil.comes_back()
        assert pupil.session.conversation is not None
        assert pupil.session.conversation.alarms == []
        held = await lawyer.desk.read(talk.case, LAWYER)
        await lawyer.writes(held, "Are you still there?")
        assert (await pupil.is_alarmed()).code == "history-gap"


def _without(number: int) -> Change:
    def change(body: bytes) -> bytes:
        page = Fetched.decode(body)
        return Fetched(page.more, tuple(each for each in page.envelopes if each.seq != number)).encode()

    return change


def newest(pupil: Reporter) -> int:
    assert pupil.session.conversation is not None
    return pupil.session.conversation.last_seq


async def test_an_envelope_of_another_case_told_live_is_not_shown(liar: LyingServer, talk: Talk) -> None:
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        await pupil.comes_back()
        event = Sequenced(newest(pupil) + 1, talk.scene.others_envelope).encode()
        liar.tells_everybody(DownRecord.event(Event.ENVELOPE, event))
        assert (await pupil.is_alarmed()).code == "envelope-tampered"
    assert pupil.texts == list(WORDS)
    assert liar.content_bytes == 0


async def test_an_envelope_told_live_again_under_the_next_number_is_not_shown_twice(
    liar: LyingServer, talk: Talk
) -> None:
    kept: list[bytes] = []

    def keep(body: bytes) -> bytes:
        kept.extend(each.envelope for each in Fetched.decode(body).envelopes)
        return body

    liar.results(Operation.FETCH, keep)
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        await pupil.comes_back()
        liar.tells_everybody(DownRecord.event(Event.ENVELOPE, Sequenced(newest(pupil) + 1, kept[0]).encode()))
        assert (await pupil.is_alarmed()).code == "history-gap"
    assert pupil.texts == list(WORDS)
    assert liar.content_bytes == 0


# --- Who can read


@pytest.mark.parametrize("lie", RESUMED_LIES, ids=str)
async def test_a_reporter_who_comes_back_to_other_readers_is_told_and_writes_nothing(
    liar: LyingServer, talk: Talk, lie: ResumedLie
) -> None:
    liar.results(Operation.RESUME, lambda body: lie.change(Resumed.decode(body), talk.scene).encode())
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        with pytest.raises(ClientError) as refusal:
            await pupil.comes_back()
        with pytest.raises(ClientError):
            await pupil.writes(SECRET)
        assert pupil.texts == []
    assert refusal.value.code in {"signature-invalid", "wrap-tampered", "envelope-malformed"}
    assert liar.content_bytes == 0
    assert liar.count(Operation.FETCH) == 0


@pytest.mark.parametrize("lie", RESUMED_LIES, ids=str)
async def test_a_reporter_whose_line_was_broken_and_who_comes_back_to_other_readers_is_stopped(
    liar: LyingServer, talk: Talk, lie: ResumedLie
) -> None:
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        await pupil.comes_back()
        liar.results(Operation.RESUME, lambda body: lie.change(Resumed.decode(body), talk.scene).encode())
        await liar.breaks_every_line()
        assert await pupil.is_stopped() in {"signature-invalid", "wrap-tampered", "envelope-malformed"}
        with pytest.raises(ClientError):
            await pupil.writes(SECRET)
    assert liar.content_bytes == 0


@pytest.mark.parametrize("lie", OPENED_LIES, ids=str)
async def test_an_expert_to_whom_other_readers_are_told_opens_nothing(
    liar: LyingServer, provider: Provider, talk: Talk, lie: OpenedLie
) -> None:
    liar.answers_json("GET", OPENED, lambda _opened: lie.change(talk.scene))
    async with expert(liar.url, provider, provider.lawyer, listening=False) as lawyer:
        with pytest.raises((WireError, CryptoError)):
            await lawyer.desk.read(talk.case, LAWYER)
    assert liar.content_bytes == 0
    assert not [asked for asked in liar.asked if asked.path.endswith("/envelopes")]


# --- The list


@pytest.mark.parametrize("lie", PLACE_LIES, ids=str)
async def test_an_expert_is_alarmed_by_a_false_line_of_the_list(
    liar: LyingServer, provider: Provider, talk: Talk, lie: PlaceLie
) -> None:
    def change(page: Json) -> Json:
        other, mine = talk.scene.others_opened["place"], b64encode(talk.case)
        lied = [lie.change(each, other, talk.scene) if each["case"] == mine else each for each in page["cases"]]
        return page | {"cases": lied}

    async with expert(liar.url, provider, provider.lawyer, listening=False) as lawyer:
        assert await alarm_of(lawyer, talk.case) == (None, True)
        liar.answers_json("GET", "/api/queues/1", change)
        alarm, shows_card = await alarm_of(lawyer, talk.case)
    assert alarm in lie.codes
    assert shows_card is lie.shows_card
    assert liar.content_bytes == 0


async def alarm_of(lawyer: Expert, case: CaseId) -> tuple[str | None, bool]:
    row = await lawyer.finds(case)
    assert row is not None
    return row.alarm, row.card is not None


# --- What was stored


def falsely_stored(seq: int) -> Hear:
    """Says that it is stored, and stores nothing."""
    return lambda record: DownRecord.result(Operation.PUT, record.operation_id, Stored(seq).encode())


async def test_a_message_acknowledged_under_the_number_of_another_is_not_told_as_sent(
    liar: LyingServer, talk: Talk
) -> None:
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        await pupil.comes_back()
        liar.hears(Operation.PUT, falsely_stored(2))
        with pytest.raises(ClientError, match="history-gap"):
            await pupil.writes("Is this stored?")
        assert (await pupil.is_alarmed()).code == "history-gap"
    assert pupil.texts == list(WORDS)


async def test_a_message_said_to_be_stored_that_another_then_takes_the_place_of_raises_an_alarm(
    liar: LyingServer, provider: Provider, talk: Talk
) -> None:
    """The server swallows a message and says which number it has; then the lawyer's comes, and has the same one."""
    async with (
        reporter(liar.url, phrase=talk.phrase, anchor=provider.instance) as pupil,
        expert(liar.truth, provider, provider.lawyer, listening=False) as lawyer,
    ):
        await pupil.comes_back()
        liar.hears(Operation.PUT, falsely_stored(newest(pupil) + 1))
        await pupil.writes("Is this stored?")
        held = await lawyer.desk.read(talk.case, LAWYER)
        await lawyer.writes(held, "You never answered.")
        assert (await pupil.is_alarmed()).code == "history-gap"


async def test_an_answer_of_an_expert_acknowledged_under_the_number_of_another_is_not_told_as_sent(
    liar: LyingServer, provider: Provider, talk: Talk
) -> None:
    async with expert(liar.url, provider, provider.lawyer, listening=False) as lawyer:
        held = await lawyer.desk.read(talk.case, LAWYER)
        liar.answers_json("PUT", ENVELOPES, lambda _stored: {"seq": 2})
        with pytest.raises(ClientError, match="history-gap"):
            await lawyer.writes(held, "Is this stored?")


async def test_a_case_said_to_be_closed_takes_no_more_words(liar: LyingServer, talk: Talk) -> None:
    """The server may say so, it decides; but then nothing is sent."""
    liar.results(Operation.RESUME, lambda body: structs.replace(Resumed.decode(body), state=State.CLOSED).encode())
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.session.acknowledge(0) is None
    assert liar.content_bytes == 0


@pytest.mark.parametrize("effort", [0, 65_537, 2**32 - 1])
async def test_work_out_of_range_is_not_begun_and_nothing_is_sent(
    liar: LyingServer, provider: Provider, effort: int
) -> None:
    def greet(record: DownRecord) -> list[DownRecord]:
        body = record.body[:-4] + effort.to_bytes(4, "big")
        return [DownRecord.event(Event.HELLO, body)]

    liar.says(Event.HELLO, greet)
    async with reporter(liar.url, anchor=provider.instance, trusting=False) as pupil:
        assert pupil.session.directory is None
    assert liar.content_bytes == 0
    assert liar.operations == []


async def test_a_phrase_said_to_be_unknown_says_nothing_more(liar: LyingServer, talk: Talk) -> None:
    liar.refuses(Operation.RESUME, Code.MAILBOX_UNKNOWN)
    async with reporter(liar.url, phrase=talk.phrase, anchor=talk.scene.provider.instance) as pupil:
        with pytest.raises(ClientError, match="mailbox-unknown"):
            await pupil.comes_back()
    assert liar.content_bytes == 0


# --- Signing in


@pytest.mark.parametrize(
    "weaker",
    [{"m_kib": 8}, {"m_kib": 65_535}, {"t": 1}, {"t": 2}, {"p": 4}, {"p": 0}, {"m_kib": 0, "t": 0}],
    ids=str,
)
async def test_a_password_is_not_stretched_less_than_it_must_be(
    liar: LyingServer, provider: Provider, weaker: dict[str, int]
) -> None:
    liar.answers_json("POST", "/api/sign-in/start", lambda challenge: challenge | weaker)
    with pytest.raises(CryptoError, match="sign-in-failed"):
        async with expert(liar.url, provider, provider.lawyer, listening=False):
            pass
    assert "/api/sign-in/finish" not in [asked.path for asked in liar.asked]


async def test_a_swapped_challenge_gives_a_proof_that_is_good_nowhere(liar: LyingServer, provider: Provider) -> None:
    other = b64encode(bytes(32))
    liar.answers_json("POST", "/api/sign-in/start", lambda challenge: challenge | {"challenge": other})
    with pytest.raises(ClientError, match="sign-in-failed"):
        async with expert(liar.url, provider, provider.lawyer, listening=False):
            pass


SIGNED_IN_LIES: Final[dict[str, Callable[[Json, str], Json]]] = {
    "the keys of a colleague": lambda theirs, _seed: {"keys": theirs["keys"]},
    "a colleague's name": lambda theirs, _seed: {"expert": theirs["expert"]},
    "everything of a colleague": lambda theirs, _seed: {n: theirs[n] for n in ("expert", "keys", "queue_wraps")},
    "a queue seed of the server's": lambda _theirs, seed: {"queue_wraps": [seed]},
    "a colleague's copy of the queue seed": lambda theirs, _seed: {"queue_wraps": theirs["queue_wraps"]},
}


@pytest.mark.parametrize("name", SIGNED_IN_LIES)
async def test_an_expert_whom_the_server_hands_other_keys_is_not_signed_in(
    liar: LyingServer, provider: Provider, name: str
) -> None:
    theirs: list[Json] = []

    def keep(signed_in: Json) -> Json:
        theirs.append(signed_in)
        return signed_in

    liar.answers_json("POST", "/api/sign-in/finish", keep)
    async with expert(liar.url, provider, provider.other_lawyer, listening=False):
        pass
    keys = provider.lawyer.keys
    seed = wrap_key(
        SERVERS_KEM.seed, keys.kem.public, instance=provider.instance, subject=keys.sign.public,
        kind=QUEUE_SEED, recipient=TO_EXPERT, queue=LAWYER, epoch=provider.directory.queues[0].current.epoch,
    )  # fmt: skip
    lie = SIGNED_IN_LIES[name](theirs[0], b64encode(seed.encode()))
    liar.answers_json("POST", "/api/sign-in/finish", lambda mine: mine | lie)
    with pytest.raises((WireError, CryptoError)):
        async with expert(liar.url, provider, provider.lawyer, listening=False):
            pass
    assert liar.content_bytes == 0
