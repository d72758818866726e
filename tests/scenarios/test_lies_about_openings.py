"""Lies of a malicious server about who has opened a case: what the reporter's ledger says (SPEC 4.6).

Of a case that its reporter let a psychologist into: the lawyer opened it, and later the psychologist. The reporter's
client behind `LyingServer`; nothing it is told may change the case. What a ledger cannot tell: THREAT_MODEL.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
from msgspec import structs

from lyhty_crypto.keys import SigningKey
from lyhty_wire.contents import CaseOpened
from lyhty_wire.directories import Expert
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId
from lyhty_wire.records import Operation, Resumed
from tests.provider import Account, Provider
from tests.scenarios.actors import reporter
from tests.scenarios.handed_cases import BEFORE, handed_cases
from tests.scenarios.lies_of_trust import SERVERS_KEY
from tests.scenarios.lying_server import LyingServer
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.stored_case import (
    AT,
    Change,
    Listed,
    Make,
    StoredCase,
    added,
    changed,
    in_place_of,
    lies_to_reporters,
    moved,
    told_again,
    without,
)


@pytest.fixture(scope="module")
def cases(shared_server: ServerProcess, provider: Provider) -> dict[str, StoredCase]:
    return asyncio.run(handed_cases(shared_server.url, provider))


def _opened_by(author: Callable[[StoredCase], SigningKey], queue: QueueId, generation: int = 0) -> Make:
    def make(all_: Listed, stored: StoredCase) -> bytes:
        key = author(stored)
        return stored.forge(key, stored.last_of(all_, key), CaseOpened(AT, queue), generation)

    return make


def _lawyer(stored: StoredCase) -> SigningKey:
    return stored.provider.lawyer.keys.sign


def _psychologist(stored: StoredCase) -> SigningKey:
    return stored.provider.psychologist.keys.sign


def _nobody(_: StoredCase) -> SigningKey:
    return SERVERS_KEY


def _in_the_reporters_name(all_: Listed, stored: StoredCase) -> bytes:
    envelope = _opened_by(_nobody, LAWYER)(all_, stored)
    return envelope[:43] + stored.rosters[0].signer + envelope[75:]


def _in_another_name(all_: Listed, stored: StoredCase) -> bytes:
    """The lawyer's opening, with the colleague's key in its header."""
    envelope = all_[stored.at(all_, "opened")][1]
    return envelope[:43] + stored.provider.other_lawyer.keys.sign.public + envelope[75:]


@dataclass(frozen=True)
class LedgerLie:
    name: str
    answer: str
    """Of the case that it is told about (`handed_cases`)."""
    codes: frozenset[str]
    change: Change
    hides: bool = False
    """The lawyer's opening is not in the ledger."""

    def __str__(self) -> str:
        return self.name


_GAP: Final = frozenset({"history-gap"})
_TAMPERED: Final = frozenset({"envelope-tampered"})

LEDGER_LIES: Final = (
    LedgerLie("an opening left out", "all", _GAP, without("opened"), hides=True),
    LedgerLie("an opening told twice", "all", _GAP, told_again("opened")),
    LedgerLie("an opening told after what its author wrote next", "all", _GAP, moved(BEFORE[1], "opened"), hides=True),
    LedgerLie("an opening of another hour", "all", _TAMPERED, changed("opened"), hides=True),
    LedgerLie("an opening in a colleague's name", "all", _TAMPERED,
              in_place_of("opened", _in_another_name), hides=True),
    LedgerLie("the opening of another case", "all", _TAMPERED,
              in_place_of("opened", lambda _, s: s.others_envelopes[1]), hides=True),
    LedgerLie("an opening by nobody, with the stolen key", "all", _TAMPERED, added(_opened_by(_nobody, LAWYER))),
    LedgerLie("an opening in the reporter's name", "all", _TAMPERED, added(_in_the_reporters_name)),
    LedgerLie("an opening as a lawyer, by the psychologist turned", "all", _TAMPERED,
              added(_opened_by(_psychologist, LAWYER))),
    LedgerLie("an opening as a psychologist, by the lawyer turned", "all", _TAMPERED,
              added(_opened_by(_lawyer, PSYCHOLOGIST))),
    LedgerLie("an opening from before they were let in, by the psychologist turned", "all", _TAMPERED,
              added(_opened_by(_psychologist, PSYCHOLOGIST, generation=1))),
    LedgerLie("an opening from before the case had its next key, by the lawyer turned", "all", _TAMPERED,
              added(_opened_by(_lawyer, LAWYER, generation=1))),
    LedgerLie("an opening by a profession without a part in the case, turned", "no", _TAMPERED,
              added(_opened_by(_psychologist, PSYCHOLOGIST))),
    LedgerLie("an opening for a queue without a part in the case, by the lawyer turned", "no", _TAMPERED,
              added(_opened_by(_lawyer, PSYCHOLOGIST))),
)  # fmt: skip


def _true_ledger(stored: StoredCase, answer: str) -> list[tuple[Account, QueueId]]:
    lawyer = (stored.provider.lawyer, LAWYER)
    return [lawyer] if answer == "no" else [lawyer, (stored.provider.psychologist, PSYCHOLOGIST)]


async def _ledger(liar: LyingServer, stored: StoredCase) -> tuple[list[tuple[bytes, QueueId]], set[str]]:
    """Who opened it as whom; and the codes of the alarms."""
    async with reporter(liar.url, phrase=stored.phrase, anchor=stored.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.session.conversation is not None
        openings, alarms = pupil.session.conversation.openings, pupil.session.conversation.alarms
    who = [(each.author.id, each.content.queue) for each in openings if isinstance(each.author, Expert)]
    return who, {alarm.code for alarm in alarms}


@pytest.mark.parametrize("answer", ["all", "no"])
async def test_an_honest_ledger_names_who_opened_the_case(
    liar: LyingServer, cases: dict[str, StoredCase], answer: str
) -> None:
    who, alarms = await _ledger(liar, cases[answer])
    assert who == [(account.id, queue) for account, queue in _true_ledger(cases[answer], answer)]
    assert alarms == set()


@pytest.mark.parametrize("lie", LEDGER_LIES, ids=str)
async def test_a_reporter_is_alarmed_by_a_false_ledger_and_it_names_nobody_more(
    liar: LyingServer, cases: dict[str, StoredCase], lie: LedgerLie
) -> None:
    stored = cases[lie.answer]
    lies_to_reporters(liar, lie.change, stored)
    who, alarms = await _ledger(liar, stored)
    true = _true_ledger(stored, lie.answer)[1 if lie.hides else 0 :]
    assert who == [(account.id, queue) for account, queue in true]
    assert lie.codes <= alarms
    assert liar.content_bytes == 0


async def test_the_newest_opening_withheld_shows_when_its_author_writes_on(
    liar: LyingServer, cases: dict[str, StoredCase]
) -> None:
    """Not before: SPEC 4.6."""
    stored, is_all = cases["all"], [False]

    def until_it(all_: Listed, stored: StoredCase) -> Listed:
        return without("opened")(all_, stored) if is_all[0] else all_[: stored.at(all_, "opened")]

    lies_to_reporters(liar, until_it, stored)
    liar.results(Operation.RESUME, lambda body: structs.replace(Resumed.decode(body), last_seq=1).encode())
    async with reporter(liar.url, phrase=stored.phrase, anchor=stored.provider.instance) as pupil:
        await pupil.comes_back()
        assert pupil.session.conversation is not None
        assert (pupil.session.conversation.openings, pupil.session.conversation.alarms) == ([], [])
        is_all[0] = True
        liar.results(Operation.RESUME, lambda body: body)
        await liar.breaks_every_line()
        assert (await pupil.is_alarmed()).code == "history-gap"
    assert liar.content_bytes == 0
