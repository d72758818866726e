"""Lies of a malicious server to who gives a case its next key: over what, whether it was stored, which cases wait.

The Python client behind `LyingServer`, as reporter, holder and coordinator; nothing here may change `turned_case`.
"""

import asyncio
from typing import Final

import pytest

from lyhty_client.conversation import HISTORY_GAP
from lyhty_client.departure import MAX_PAGES, turn_all
from lyhty_client.errors import ClientError, RefusedError
from lyhty_crypto.errors import CryptoError
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER
from lyhty_wire.records import DownRecord, Operation, Stored
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.lies_about_turns import KEY_LIES, TURN_LIES, KeyLie, TurnLie
from tests.scenarios.lying_server import Hear, Json, LyingServer
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.stored_case import StoredCase
from tests.scenarios.turned_case import turned_case

SECRET: Final = "Nobody else may read this."
FOR_TURN: Final = r"/api/cases/[^/]+/turn/1"
UNTURNED: Final = r"/api/queues/[12]/unturned"


@pytest.fixture(scope="module")
def scene(shared_server: ServerProcess, provider: Provider) -> StoredCase:
    return asyncio.run(turned_case(shared_server.url, provider))


# --- Over what, and whether it was stored


@pytest.mark.parametrize("lie", TURN_LIES, ids=str)
async def test_nobody_turns_a_case_over_a_false_turn(liar: LyingServer, scene: StoredCase, lie: TurnLie) -> None:
    told = lie.opened(scene)
    liar.answers_json(
        "GET", FOR_TURN, lambda given: given | {name: told[name] for name in ("rosters", "wraps", "links")}
    )
    async with expert(liar.url, scene.provider, scene.provider.lawyer, listening=False) as lawyer:
        with pytest.raises((WireError, CryptoError)):
            await lawyer.desk.turn(scene.case, LAWYER, "schedule")
    assert liar.content_bytes == 0


@pytest.mark.parametrize("seq", [0, 3, 7, 42], ids=["none", "another's", "the last one's", "one far ahead"])
async def test_an_expert_does_not_believe_that_a_turn_was_stored_under_another_number(
    liar: LyingServer, scene: StoredCase, seq: int
) -> None:
    liar.invents("POST", FOR_TURN, {"seq": seq})
    async with expert(liar.url, scene.provider, scene.provider.lawyer, listening=False) as lawyer:
        with pytest.raises(RefusedError, match=HISTORY_GAP):
            await lawyer.desk.turn(scene.case, LAWYER, "schedule")


def _swallowed(operation: Operation, seq: int) -> Hear:
    """Says that it is stored, and stores nothing."""
    return lambda record: DownRecord.result(operation, record.operation_id, Stored(seq).encode())


@pytest.mark.parametrize("seq", [0, 3, 7], ids=["none", "another's", "the last one's"])
async def test_a_reporter_does_not_believe_that_a_turn_was_stored_under_the_number_of_another(
    liar: LyingServer, scene: StoredCase, seq: int
) -> None:
    liar.refuses(Operation.PUT, Code.EPOCH_STALE)
    liar.hears(Operation.TURN, _swallowed(Operation.TURN, seq))
    async with reporter(liar.url, phrase=scene.phrase, anchor=scene.provider.instance) as pupil:
        await pupil.comes_back()
        with pytest.raises(ClientError, match=HISTORY_GAP):
            await pupil.writes(SECRET)
        assert (await pupil.is_alarmed()).code == HISTORY_GAP
        assert pupil.session.conversation is not None
        assert pupil.session.conversation.last_generation == 2
    assert liar.count(Operation.TURN) == 1


# --- Which cases wait for their next key


def _cases(*cases: bytes) -> Json:
    return {"cases": [b64encode(case) for case in cases], "next": None}


UNTURNED_LIES: Final = {
    "cases that are none": _cases(bytes(32), bytes(31) + b"\1"),
    "the same case again and again": _cases(*[bytes(32)] * 50),
    "a list without an end": _cases(bytes(32)) | {"next": "0-1"},
    "an empty list without an end": _cases() | {"next": "0-1"},
}


@pytest.mark.parametrize("name", UNTURNED_LIES)
async def test_a_coordinator_who_is_told_to_turn_what_is_not_there_turns_nothing_and_comes_to_an_end(
    liar: LyingServer, scene: StoredCase, name: str
) -> None:
    liar.invents("GET", UNTURNED, UNTURNED_LIES[name])
    async with expert(liar.url, scene.provider, scene.provider.coordinator, listening=False) as coordinator:
        turned = await turn_all(coordinator.desk, "schedule")
    assert turned.failed == {}
    assert liar.content_bytes == 0
    assert sum(asked.path.endswith("/unturned") for asked in liar.asked) <= 2 * 2 * MAX_PAGES


async def test_a_coordinator_who_is_named_ever_new_cases_comes_to_an_end(liar: LyingServer, scene: StoredCase) -> None:
    named = [0]

    def another(_: Json) -> Json:
        named[0] += 1
        return _cases(named[0].to_bytes(32, "big"))

    liar.answers_json("GET", UNTURNED, another)
    async with expert(liar.url, scene.provider, scene.provider.coordinator, listening=False) as coordinator:
        await turn_all(coordinator.desk, "schedule")
    assert liar.content_bytes == 0
    assert named[0] == 2  # one list of each queue


async def test_a_coordinator_does_not_turn_a_case_that_waits_for_nothing(liar: LyingServer, scene: StoredCase) -> None:
    """Not unturned, and not theirs: the real server says so, and nothing of it leaves."""
    liar.invents("GET", UNTURNED, _cases(scene.case))
    async with expert(liar.url, scene.provider, scene.provider.coordinator, listening=False) as coordinator:
        turned = await turn_all(coordinator.desk, "schedule")
    assert (turned.failed, liar.content_bytes) == ({}, 0)


@pytest.mark.parametrize("lie", KEY_LIES, ids=str)
async def test_a_coordinator_who_is_given_a_false_case_to_turn_says_which_and_turns_nothing(
    liar: LyingServer, scene: StoredCase, lie: KeyLie
) -> None:
    given = {name: lie.change(scene)[name] for name in ("rosters", "wraps", "links", "sign_pk")}
    liar.invents("GET", UNTURNED, _cases(scene.case))
    liar.invents("GET", FOR_TURN, given | {"last_seq": 7, "card_wrap": scene.opened["place"]["card_wrap"]})
    async with expert(liar.url, scene.provider, scene.provider.coordinator, listening=False) as coordinator:
        turned = await turn_all(coordinator.desk, "schedule")
    assert turned.failed == {scene.case: "wrap-tampered"}
    assert liar.content_bytes == 0
