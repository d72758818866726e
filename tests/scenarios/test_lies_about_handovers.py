"""Lies of a malicious server about handovers: who was asked, what was answered, who reads what because of it.

The Python client behind `LyingServer`, as reporter, lawyer and psychologist; which lies there are, and their names:
`lies_about_handovers.py`. They are all told of three cases, which nothing here may change: what a client writes by
itself goes no further than the liar.
"""

import asyncio
from typing import Final

import pytest

from lyhty_client.conversation import HISTORY_GAP
from lyhty_client.errors import ClientError
from lyhty_client.expert import HeldCase
from lyhty_crypto.errors import CryptoError
from lyhty_wire.encoding import b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId
from lyhty_wire.records import DownRecord, Operation, Stored
from tests.provider import Account, Provider
from tests.scenarios.actors import expert, reporter, text_of
from tests.scenarios.handed_cases import ANSWERS, BEFORE, HELLO, LAST, WHY, handed_cases, words_of
from tests.scenarios.lies_about_handovers import (
    ASKED_LIES,
    LET_IN_LIES,
    PAST_LIES,
    AskedLie,
    LetInLie,
    PastLie,
)
from tests.scenarios.lying_server import LyingServer
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.stored_case import ENVELOPES, StoredCase, lies_to_experts, lies_to_reporters

NOT_OF_REPORTERS: Final = "Let me see more."


@pytest.fixture(scope="module")
def cases(shared_server: ServerProcess, provider: Provider) -> dict[str, StoredCase]:
    return asyncio.run(handed_cases(shared_server.url, provider))


@pytest.fixture
def liar(liar: LyingServer) -> LyingServer:
    return liar.invents("PUT", ENVELOPES, {"seq": 99})


async def _read(liar: LyingServer, stored: StoredCase, who: Account, queue: QueueId) -> HeldCase:
    async with expert(liar.url, stored.provider, who, listening=False) as reader:
        held = HeldCase(await reader.desk.desk.opened(stored.case, queue), reader.desk.expertise)
        await reader.desk.catch_up(held)
        held.conversation.whole()
        return held


def texts(held: HeldCase) -> list[str]:
    return [text_of(message) for message in held.conversation.messages]


@pytest.mark.parametrize("answer", ANSWERS)
async def test_the_truth_raises_nothing(liar: LyingServer, cases: dict[str, StoredCase], answer: str) -> None:
    stored = cases[answer]
    held = await _read(liar, stored, stored.provider.lawyer, LAWYER)
    assert (texts(held), held.conversation.alarms) == (list(words_of(answer)), [])
    if answer != "no":
        joined = await _read(liar, stored, stored.provider.psychologist, PSYCHOLOGIST)
        own = words_of(answer) if answer == "all" else (answer, HELLO, LAST)
        assert (texts(joined), joined.conversation.alarms) == (list(own), [])


# --- Who was let in, and what they read


@pytest.mark.parametrize("lie", LET_IN_LIES, ids=str)
async def test_a_psychologist_to_whom_a_case_is_handed_that_is_not_theirs_opens_nothing(
    liar: LyingServer, cases: dict[str, StoredCase], lie: LetInLie
) -> None:
    stored = cases[lie.answer]
    liar.invents("GET", r"/api/cases/[^/]+/places/2", lie.opened(stored))
    async with expert(liar.url, stored.provider, stored.provider.psychologist, listening=False) as psychologist:
        with pytest.raises((WireError, CryptoError)) as refusal:
            await psychologist.desk.read(stored.case, PSYCHOLOGIST)
    assert refusal.value.code in {"signature-invalid", "wrap-tampered", "envelope-malformed"}
    assert liar.content_bytes == 0
    assert not [asked for asked in liar.asked if asked.path.endswith("/envelopes")]


@pytest.mark.parametrize("lie", PAST_LIES, ids=str)
async def test_a_psychologist_who_is_shown_another_way_to_what_was_before_reads_none_of_it_and_is_told(
    liar: LyingServer, cases: dict[str, StoredCase], lie: PastLie
) -> None:
    stored = cases[lie.answer]
    links = [None, lie.link(stored)]
    liar.answers_json("GET", r"/api/cases/[^/]+/places/2", lambda opened: opened | {"links": links})
    held = await _read(liar, stored, stored.provider.psychologist, PSYCHOLOGIST)
    assert held.conversation.alarms
    assert not set(texts(held)) & {*BEFORE, WHY}
    assert texts(held)[-2:] == [HELLO, LAST]
    assert liar.content_bytes == 0


CARD_LIES: Final = {
    "the lawyers' key of the card": {},
    "no key of the card": {"card_wrap": b64encode(bytes(1213))},
}


@pytest.mark.parametrize("name", CARD_LIES)
async def test_a_psychologist_in_whose_list_a_case_is_put_that_was_kept_to_the_lawyers_sees_nothing_of_it(
    liar: LyingServer, cases: dict[str, StoredCase], name: str
) -> None:
    stored = cases["no"]
    place = stored.opened["place"] | {"queue": int(PSYCHOLOGIST), "state": "waiting", "holder": None}
    slipped = place | CARD_LIES[name]
    liar.answers_json("GET", "/api/queues/2", lambda page: page | {"cases": [*page["cases"], slipped]})
    async with expert(liar.url, stored.provider, stored.provider.psychologist, listening=False) as psychologist:
        row = await psychologist.finds(stored.case)
    assert row is not None
    assert row.card is None
    assert row.alarm in {"wrap-tampered", "envelope-malformed"}


# --- What was asked and answered


def check_shown(shown: list[str], lie: AskedLie) -> None:
    assert NOT_OF_REPORTERS not in shown
    assert sorted(shown) == sorted(words for words in words_of(lie.answer) if words not in lie.missing)


@pytest.mark.parametrize("lie", ASKED_LIES, ids=str)
async def test_a_reporter_is_alarmed_by_a_false_question_or_answer(
    liar: LyingServer, cases: dict[str, StoredCase], lie: AskedLie
) -> None:
    stored = cases[lie.answer]
    lies_to_reporters(liar, lie.change, stored)
    async with reporter(liar.url, phrase=stored.phrase, anchor=stored.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.session.conversation is not None
        assert lie.codes <= {alarm.code for alarm in pupil.session.conversation.alarms}
        open_questions = [each for each in pupil.session.conversation.questions() if each.answer is None]
    check_shown(pupil.texts, lie)
    assert bool(open_questions) is (lie.answer in lie.missing and WHY not in lie.missing)
    assert liar.content_bytes == 0


@pytest.mark.parametrize("lie", ASKED_LIES, ids=str)
async def test_a_lawyer_is_alarmed_by_a_false_question_or_answer(
    liar: LyingServer, cases: dict[str, StoredCase], lie: AskedLie
) -> None:
    stored = cases[lie.answer]
    lies_to_experts(liar, lie.change, stored, len(words_of(lie.answer)))
    held = await _read(liar, stored, stored.provider.lawyer, LAWYER)
    assert lie.codes <= {alarm.code for alarm in held.conversation.alarms}
    check_shown(texts(held), lie)
    assert liar.content_bytes == 0


# --- What was stored


@pytest.mark.parametrize("seq", [0, 3, 7], ids=["none", "another's", "the last one's"])
async def test_a_reporter_does_not_believe_that_a_yes_was_stored_under_the_number_of_another(
    liar: LyingServer, cases: dict[str, StoredCase], seq: int
) -> None:
    stored = cases["no"]
    liar.hears(
        Operation.HAND_OVER,
        lambda record: DownRecord.result(Operation.HAND_OVER, record.operation_id, Stored(seq).encode()),
    )
    async with reporter(liar.url, phrase=stored.phrase, anchor=stored.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.session.conversation is not None
        (question,) = pupil.session.conversation.questions()
        with pytest.raises(ClientError, match=HISTORY_GAP):
            await pupil.answers(question, "all")
        assert (await pupil.is_alarmed()).code == HISTORY_GAP
        assert [each.answer for each in pupil.session.conversation.questions()] == ["no"]
        assert pupil.session.conversation.last_generation == 1
    assert liar.count(Operation.HAND_OVER) == 1
