"""What the server looks at before a reporter lets one more queue in, and whom it tells (SPEC 3.4, 4.7)."""

from collections.abc import Callable
from typing import Final

import pytest
from msgspec.structs import replace

from lyhty_crypto.cases import sign_roster
from lyhty_crypto.turning import PreparedTurn
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from lyhty_wire.records import HandOver, Operation
from lyhty_wire.wraps import NO_LINK
from tests.patience import PATIENCE_S
from tests.raw_channel import RefusedByServerError, raw_channel
from tests.server.api_server import ApiServer
from tests.writing import Written, hand_over_of, write_report


async def performed(api: ApiServer, written: Written, operation: Operation, body: bytes) -> str:
    """The code of the refusal, or nothing."""
    async with raw_channel(api.url) as channel:
        await channel.resume(written.keys, api.provider.instance)
        try:
            await channel.perform(operation, body)
        except RefusedByServerError as refusal:
            return str(refusal)
    return ""


@pytest.mark.parametrize("what", ["all", "from-here"])
async def test_the_new_queue_is_told_and_finds_the_card_and_the_newest_key(api: ApiServer, what: str) -> None:
    written = await api.receive(write_report(api.provider.directory))
    lawyer, psychologist = [await api.sign_in(each) for each in (api.provider.lawyer, api.provider.psychologist)]
    await api.post(f"/api/cases/{b64encode(written.id)}/places/1/claim", token=lawyer)
    turn = written.handover(what)
    handed = hand_over_of(turn)
    async with api.feed(psychologist) as feed, api.feed(lawyer) as of_lawyer:
        for _ in range(2):
            assert await performed(api, written, Operation.HAND_OVER, handed.encode()) == ""
        event = await feed.receive_json(timeout=PATIENCE_S)
        told = [event["place"][name] for name in ("case", "queue", "state", "card")]
        assert told == [b64encode(written.id), 2, "waiting", b64encode(handed.card)]
        events = [await of_lawyer.receive_json(timeout=PATIENCE_S)]
        while events[-1]["type"] != "place" or events[-1]["place"]["card"] != b64encode(handed.card):
            events.append(await of_lawyer.receive_json(timeout=PATIENCE_S))
        assert {"type": "envelope", "case": b64encode(written.id), "seq": 2} in events
    opened = await api.post(f"/api/cases/{b64encode(written.id)}/places/2/claim", token=psychologist)
    assert [b64decode(wrap) for wrap in opened.json["wraps"]] == [handed.turn.wraps[1]]
    assert (b64decode(opened.json["links"][1]) == NO_LINK) is (what == "from-here")


async def test_an_experts_turn_that_adds_a_queue_is_refused_at_the_desk(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    lawyer = api.provider.lawyer
    token = await api.sign_in(lawyer)
    await api.post(f"/api/cases/{b64encode(written.id)}/places/1/claim", token=token)
    turn = written.handover(author=lawyer.keys.sign)
    body = {
        "last_seq": 1,
        "roster": b64encode(turn.roster.encode()),
        "own_wrap": b64encode(turn.own_wrap.encode()),
        "link": b64encode(turn.link),
        "wraps": [b64encode(wrap.encode()) for wrap in turn.case_wraps],
        "card_wraps": [b64encode(wrap.encode()) for wrap in turn.card_wraps],
        "envelope": b64encode(turn.message.envelope),
    }
    answer = await api.post(f"/api/cases/{b64encode(written.id)}/turn/1", body, token)
    assert answer.code == (403, "signature-invalid")
    assert [place.queue for place in await api.store.places(written.id)] == [LAWYER]


async def test_a_turn_that_adds_a_queue_and_a_handover_that_adds_none_are_refused(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    handed = hand_over_of(written.handover())
    assert await performed(api, written, Operation.TURN, handed.turn.encode()) == "envelope-malformed"
    plain = hand_over_of(replace_card(written.turn(), written.handover()))
    assert await performed(api, written, Operation.HAND_OVER, plain.encode()) == "envelope-malformed"


def replace_card(turn: PreparedTurn, other: PreparedTurn) -> PreparedTurn:
    return PreparedTurn(
        turn.roster,
        turn.own_wrap,
        turn.link,
        turn.case_wraps,
        other.card_wraps,
        turn.message,
        turn.case_key,
        other.card,
    )


async def test_a_queue_that_has_the_case_cannot_be_let_in_again(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory, queues=(LAWYER, PSYCHOLOGIST)))
    handed = hand_over_of(written.handover())
    assert await performed(api, written, Operation.HAND_OVER, handed.encode()) == "envelope-malformed"


Change = Callable[[Written, PreparedTurn, HandOver], HandOver]


def _with_turn(handed: HandOver, **changes: object) -> HandOver:
    return replace(handed, turn=replace(handed.turn, **changes))


def _card_wraps(written: Written) -> tuple[bytes, ...]:
    return hand_over_of(written.handover()).card_wraps


def _by_a_stranger(written: Written, turn: PreparedTurn, handed: HandOver) -> HandOver:
    roster, other = turn.roster, write_report(written.directory)
    signed = sign_roster(
        other.keys.sign, roster.instance, roster.case, roster.generation, roster.commitment, roster.previous,
        roster.directory_version, roster.entries,
    )  # fmt: skip
    return _with_turn(handed, roster=signed.encode())


REFUSED: Final[dict[str, tuple[Change, str]]] = {
    "a roster by somebody else": (_by_a_stranger, "signature-invalid"),
    "a wrap too few": (lambda _it, _turn, it: _with_turn(it, wraps=it.turn.wraps[:1]), "envelope-malformed"),
    "no wrap of the card": (lambda _it, _turn, it: replace(it, card_wraps=()), "envelope-malformed"),
    "a wrap of the card too few": (
        lambda _it, _turn, it: replace(it, card_wraps=it.card_wraps[:1]), "envelope-malformed",
    ),
    "the wrap of another card": (
        lambda it, _turn, one: replace(one, card_wraps=(one.card_wraps[0], _card_wraps(it)[1])),
        "envelope-malformed",
    ),
    "a card by somebody else": (
        lambda it, _turn, one: replace(one, card=write_report(it.directory).case.card.envelope), "envelope-malformed",
    ),
    "a card that is urgent": (
        lambda it, _turn, one: replace(one, card=hand_over_of(it.handover(urgent=True)).card), "envelope-malformed",
    ),
    "no card": (lambda _it, turn, one: replace(one, card=turn.message.envelope), "envelope-malformed"),
    "a message not read": (lambda _it, _turn, one: _with_turn(one, last_seq=0), "case-changed"),
    "a message of the generation before": (
        lambda it, _turn, one: _with_turn(one, envelope=it.chat("x").envelope), "envelope-malformed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", REFUSED)
async def test_a_handover_that_does_not_hold_together_is_refused_and_changes_nothing(
    api: ApiServer, wrong: str
) -> None:
    change, code = REFUSED[wrong]
    written = await api.receive(write_report(api.provider.directory))
    before = await api.store.case_state(written.id), await api.store.places(written.id)
    turn = written.handover()
    body = change(written, turn, hand_over_of(turn)).encode()
    assert await performed(api, written, Operation.HAND_OVER, body) == code
    assert (await api.store.case_state(written.id), await api.store.places(written.id)) == before
