"""What the server looks at before it believes a turn (SPEC 3.4). Who may ask stands in `who_may.py`."""

import os
from collections.abc import Callable
from typing import Any, Final

import pytest

from lyhty_crypto.cases import sign_roster
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.turning import PreparedTurn
from lyhty_crypto.wrapping import wrap_key
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, NO_EPOCH, NO_QUEUE, PSYCHOLOGIST, Commitment, Generation, commitment, digest
from lyhty_wire.rosters import RosterEntry
from lyhty_wire.wraps import CASE_KEY, TO_QUEUE, TO_REPORTER
from tests.patience import PATIENCE_S
from tests.server.api_server import ApiServer
from tests.writing import Written, write_report

Body = dict[str, Any]


def body_of(turn: PreparedTurn, **changes: Any) -> Body:
    return {
        "last_seq": 1,
        "roster": b64encode(turn.roster.encode()),
        "own_wrap": b64encode(turn.own_wrap.encode()),
        "link": b64encode(turn.link),
        "wraps": [b64encode(wrap.encode()) for wrap in turn.case_wraps],
        "card_wraps": [],
        "envelope": b64encode(turn.message.envelope),
        **changes,
    }


def path_of(written: Written) -> str:
    return f"/api/cases/{b64encode(written.id)}/turn/1"


async def asked(api: ApiServer, written: Written, body: Body) -> tuple[int, str]:
    token = await api.sign_in(api.provider.coordinator)
    answer = await api.post(path_of(written), body, token)
    return (200, "") if answer.status == 200 else answer.code


async def test_a_turn_is_stored_told_and_answered_again_as_before(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    lawyer, coordinator = [await api.sign_in(each) for each in (api.provider.lawyer, api.provider.coordinator)]
    await api.post(f"/api/cases/{b64encode(written.id)}/places/1/claim", token=lawyer)
    body = body_of(written.turn(api.provider.coordinator.keys.sign))
    async with api.feed(lawyer) as feed:
        for _ in range(2):
            assert (await api.post(path_of(written), body, coordinator)).json == {"seq": 2}
        event = await feed.receive_json(timeout=PATIENCE_S)
        while event["type"] == "here":
            event = await feed.receive_json(timeout=PATIENCE_S)
        assert event == {"type": "envelope", "case": b64encode(written.id), "seq": 2}
    opened = await api.get(f"/api/cases/{b64encode(written.id)}/places/1", lawyer)
    assert opened.json["links"] == [None, body["link"]]
    assert opened.json["wraps"] == body["wraps"]


async def test_two_turns_over_the_same_generation_end_in_one(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    sign = api.provider.coordinator.keys.sign
    assert await asked(api, written, body_of(written.turn(sign))) == (200, "")
    assert await asked(api, written, body_of(written.turn(sign))) == (409, "generation-stale")


async def test_a_message_of_the_generation_before_is_refused_at_the_desk_and_on_the_channel(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    lawyer = await api.sign_in(api.provider.lawyer)
    await api.post(f"/api/cases/{b64encode(written.id)}/places/1/claim", token=lawyer)
    await asked(api, written, body_of(written.turn(api.provider.coordinator.keys.sign)))
    late = written.chat("Too late.", 1, author=api.provider.lawyer.keys.sign).envelope
    answer = await api.ask("PUT", f"/api/cases/{b64encode(written.id)}/envelopes", token=lawyer, data=late)
    assert answer.code == (409, "generation-stale")


Change = Callable[[Written, PreparedTurn, SigningKey], Body]


def _with_roster(signer: SigningKey, written: Written, turn: PreparedTurn, **changes: Any) -> Body:
    roster = turn.roster
    values = {
        "generation": roster.generation, "commitment": roster.commitment, "previous": roster.previous,
        "version": roster.directory_version, "entries": roster.entries, **changes,
    }  # fmt: skip
    signed = sign_roster(
        signer, roster.instance, roster.case, values["generation"], values["commitment"], values["previous"],
        values["version"], values["entries"],
    )  # fmt: skip
    return body_of(turn, roster=b64encode(signed.encode()))


def _to_another_queue(written: Written, turn: PreparedTurn, sign: SigningKey) -> Body:
    epoch = next(queue for queue in written.directory.queues if queue.id == PSYCHOLOGIST).current
    wrap = wrap_key(
        turn.case_key, epoch.kem, instance=written.instance, subject=written.id, kind=CASE_KEY, recipient=TO_QUEUE,
        queue=PSYCHOLOGIST, epoch=epoch.epoch, generation=Generation(2),
    )  # fmt: skip
    entry = RosterEntry(TO_QUEUE, PSYCHOLOGIST, epoch.epoch, digest(epoch.kem), wrap.digest())
    body = _with_roster(sign, written, turn, entries=(*turn.roster.entries, entry))
    return {**body, "wraps": [*body["wraps"], b64encode(wrap.encode())]}


def _without_reporter(written: Written, turn: PreparedTurn, sign: SigningKey) -> Body:
    return _with_roster(sign, written, turn, entries=turn.roster.queue_entries)


def _for_another_reporter(written: Written, turn: PreparedTurn, sign: SigningKey) -> Body:
    stranger = KemKeyPair(os.urandom(32))
    wrap = wrap_key(
        turn.case_key, stranger.public, instance=written.instance, subject=written.id, kind=CASE_KEY,
        recipient=TO_REPORTER, generation=Generation(2),
    ).encode()  # fmt: skip
    entry = RosterEntry(TO_REPORTER, NO_QUEUE, NO_EPOCH, digest(stranger.public), digest(wrap))
    body = _with_roster(sign, written, turn, entries=(*turn.roster.queue_entries, entry))
    return {**body, "own_wrap": b64encode(wrap)}


REFUSED: Final[dict[str, tuple[Change, str]]] = {
    "a roster by somebody else": (
        lambda it, turn, _: _with_roster(SigningKey(bytes(32)), it, turn), "signature-invalid",
    ),
    "a roster after another key": (
        lambda it, turn, sign: _with_roster(sign, it, turn, previous=Commitment(bytes(32))), "signature-invalid",
    ),
    "a roster of an older directory": (
        lambda it, turn, sign: _with_roster(sign, it, turn, version=0), "signature-invalid",
    ),
    "a roster of a directory to come": (
        lambda it, turn, sign: _with_roster(sign, it, turn, version=99), "envelope-malformed",
    ),
    "the next generation but one": (
        lambda it, turn, sign: _with_roster(sign, it, turn, generation=Generation(3)), "generation-stale",
    ),
    "without the reporter": (_without_reporter, "signature-invalid"),
    "for another reporter": (_for_another_reporter, "signature-invalid"),
    "for one queue more": (_to_another_queue, "signature-invalid"),
    "another commitment": (
        lambda it, turn, sign: _with_roster(sign, it, turn, commitment=commitment(b"x" * 32)), "envelope-malformed",
    ),
    "a wrap too few": (lambda _it, turn, _: body_of(turn, wraps=[]), "envelope-malformed"),
    "wraps of another key": (
        lambda it, turn, sign: body_of(turn, wraps=body_of(it.turn(sign))["wraps"]), "envelope-malformed",
    ),
    "a copy the roster does not name": (
        lambda it, turn, sign: body_of(turn, own_wrap=body_of(it.turn(sign))["own_wrap"]), "envelope-malformed",
    ),
    "card wraps that are the case's": (
        lambda _it, turn, _: body_of(turn, card_wraps=body_of(turn)["wraps"]), "envelope-malformed",
    ),
    "a message of somebody else": (
        lambda it, turn, _: body_of(turn, envelope=b64encode(it.turn().message.envelope)), "envelope-malformed",
    ),
    "a message of the generation before": (
        lambda it, turn, sign: body_of(turn, envelope=b64encode(it.chat("x", 1, author=sign).envelope)),
        "envelope-malformed",
    ),
    "a message not read": (lambda _it, turn, _: body_of(turn, last_seq=0), "case-changed"),
    "a link that is too short": (lambda _it, turn, _: body_of(turn, link="A" * 63), "operation-malformed"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", REFUSED)
async def test_a_turn_that_does_not_hold_together_is_refused_and_changes_nothing(api: ApiServer, wrong: str) -> None:
    change, code = REFUSED[wrong]
    written = await api.receive(write_report(api.provider.directory))
    before = await api.store.case_state(written.id)
    sign = api.provider.coordinator.keys.sign
    assert (await asked(api, written, change(written, written.turn(sign), sign)))[1] == code
    assert await api.store.case_state(written.id) == before
    held = await api.store.claim(written.id, LAWYER, api.provider.lawyer.id, api.clock.now_s, api.clock.now_s + 60)
    assert held.wraps == tuple(wrap.encode() for wrap in written.case.case_wraps)
