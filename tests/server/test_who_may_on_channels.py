"""Every operation of the channel, from whom and about whose case: a reporter reaches their own case and no other.

A channel is bound to the case whose reporter proved it, or to none. Operations name no case, so the only way to
another reporter's is to say another reporter's bytes: an envelope, a proof, a roster, an opening. That is what
`another's` does. A new operation needs a line here, or a test fails; how it is said legally stands in `body_of`.
"""

from pathlib import Path
from typing import Final

import pytest

from lyhty_wire.encoding import b64encode
from lyhty_wire.proofs import to_prove_erase, to_prove_resume, to_prove_take_back
from lyhty_wire.records import Empty, Erase, Event, Fetch, Fetched, Operation, Put, Resume, TakeBack, TurnKey
from tests.raw_channel import RawChannel, RefusedByServerError, raw_channel
from tests.server.api_server import ApiServer
from tests.server.test_who_may import read_database
from tests.writing import Written, hand_over_of, slip_of, write_report

# unbound: the channel has proved no case. closed, erased: its own case, meanwhile. another's: bound to its own case.
WHO_MAY: Final = """
            unbound         own     closed          erased           another's
OPEN        yes             yes     yes             case-erased      object-conflict
RESUME      yes             yes     yes             mailbox-unknown  signature-invalid
PUT         not-resumed     yes     case-closed     case-erased      envelope-malformed
FETCH       not-resumed     yes     yes             case-erased      yes
ERASE       not-resumed     yes     yes             yes              signature-invalid
TURN        not-resumed     yes     yes             case-erased      signature-invalid
TRUST       yes             yes     yes             yes              yes
GIVE        not-resumed     yes     case-closed     case-erased      signature-invalid
TAKE_BACK   not-resumed     yes     yes             case-erased      signature-invalid
SLIPS       not-resumed     yes     yes             case-erased      yes
HAND_OVER   not-resumed     yes     case-closed     case-erased      signature-invalid
PUT_LATE    not-resumed     yes     yes             case-erased      envelope-malformed
"""
_FROM, *_LINES = [line.split() for line in WHO_MAY.strip().splitlines()]
CELLS: Final = [
    (operation, standing, answer)
    for operation, *answers in _LINES
    for standing, answer in zip(_FROM, answers, strict=True)
]


def body_of(operation: Operation, written: Written, channel: RawChannel, auth: Written) -> bytes:
    """What the reporter who wrote it would say; `auth`: whose channel it is, and so who can prove anything on it."""
    keys, instance = written.keys, written.instance
    match operation:
        case Operation.OPEN:
            return channel.proved(written.case, auth.keys.auth).encode()
        case Operation.RESUME:
            proof = auth.keys.auth.sign(to_prove_resume(instance, channel.hello.nonce))
            return Resume(keys.auth.public, proof).encode()
        case Operation.PUT | Operation.PUT_LATE:
            return Put(written.chat("One more thing.").envelope).encode()
        case Operation.FETCH:
            return Fetch(0, 0, 100_000).encode()
        case Operation.ERASE:
            return Erase(keys.sign.sign(to_prove_erase(instance, written.id))).encode()
        case Operation.TURN:
            turn = written.turn()
            wraps = tuple(wrap.encode() for wrap in turn.case_wraps)
            own_wrap, envelope = turn.own_wrap.encode(), turn.message.envelope
            return TurnKey(1, turn.roster.encode(), own_wrap, turn.link, wraps, envelope).encode()
        case Operation.TRUST | Operation.SLIPS:
            return Empty().encode()
        case Operation.GIVE:
            return slip_of(written)[0].encode()
        case Operation.TAKE_BACK:
            room = slip_of(written)[1].room
            return TakeBack(room, keys.sign.sign(to_prove_take_back(instance, room))).encode()
        case Operation.HAND_OVER:
            return hand_over_of(written.handover()).encode()


async def close(api: ApiServer, written: Written) -> None:
    token = await api.sign_in(api.provider.lawyer)
    for errand in ("claim", "close"):
        path = f"/api/cases/{b64encode(written.id)}/places/1/{errand}"
        assert (await api.post(path, token=token)).status == 200


async def erase(api: ApiServer, written: Written) -> None:
    async with raw_channel(api.url) as channel:
        await channel.resume(written.keys, api.provider.instance)
        await channel.perform(Operation.ERASE, body_of(Operation.ERASE, written, channel, written))


def test_every_operation_has_its_line() -> None:
    assert [operation for operation, *_ in _LINES] == [operation.name for operation in Operation]


@pytest.mark.parametrize(("name", "standing", "answer"), CELLS, ids=[f"{cell[0]} {cell[1]}" for cell in CELLS])
async def test_who_may_not_reads_a_code_and_changes_no_row_and_who_may_is_answered(
    api: ApiServer, tmp_path: Path, name: str, standing: str, answer: str
) -> None:
    operation, directory = Operation[name], api.provider.directory
    own, others = [await api.receive(write_report(directory)) for _ in range(2)]
    async with raw_channel(api.url) as channel:
        if standing != "unbound":
            await channel.resume(own.keys, api.provider.instance)
        if standing == "closed":
            await close(api, own)
        if standing == "erased":
            await erase(api, own)
        before = read_database(tmp_path)
        body = body_of(operation, others if standing == "another's" else own, channel, own)
        if answer == "yes":
            await channel.perform(operation, body)
            return
        with pytest.raises(RefusedByServerError) as refusal:  # the body of an error is empty, or it does not decode
            await channel.perform(operation, body)
    assert str(refusal.value) == answer
    assert read_database(tmp_path) == before


async def test_a_channel_fetches_its_own_case_and_nothing_of_another(api: ApiServer) -> None:
    own, others = [await api.receive(write_report(api.provider.directory)) for _ in range(2)]
    async with raw_channel(api.url) as channel:
        await channel.resume(own.keys, api.provider.instance)
        page = await channel.perform(Operation.FETCH, body_of(Operation.FETCH, own, channel, own))
    assert [each.envelope for each in Fetched.decode(page).envelopes] == [own.case.report.envelope]
    assert others.case.report.envelope not in page


async def test_a_proof_overheard_on_another_channel_is_worth_nothing_on_this_one(
    api: ApiServer, tmp_path: Path
) -> None:
    own, others = [await api.receive(write_report(api.provider.directory)) for _ in range(2)]
    async with raw_channel(api.url) as theirs, raw_channel(api.url) as mine:
        overheard = body_of(Operation.RESUME, others, theirs, others)
        await mine.resume(own.keys, api.provider.instance)
        before = read_database(tmp_path)
        with pytest.raises(RefusedByServerError, match="signature-invalid"):
            await mine.perform(Operation.RESUME, overheard)
        # Refused, it is still bound to its own case.
        page = await mine.perform(Operation.FETCH, body_of(Operation.FETCH, own, mine, own))
    assert [each.envelope for each in Fetched.decode(page).envelopes] == [own.case.report.envelope]
    assert read_database(tmp_path) == before


async def test_a_channel_that_comes_to_a_second_case_hears_no_more_of_the_first(api: ApiServer) -> None:
    first, second = [await api.receive(write_report(api.provider.directory)) for _ in range(2)]
    async with raw_channel(api.url) as channel, raw_channel(api.url) as elsewhere:
        await channel.resume(first.keys, api.provider.instance)
        await channel.resume(second.keys, api.provider.instance)
        await elsewhere.resume(first.keys, api.provider.instance)
        await elsewhere.put(first.chat("For the first case.").envelope)
        await channel.perform(Operation.TRUST, b"")
        assert not [record for record in channel.events if record.code == Event.ENVELOPE]
        page = await channel.perform(Operation.FETCH, body_of(Operation.FETCH, second, channel, second))
    assert [each.envelope for each in Fetched.decode(page).envelopes] == [second.case.report.envelope]


async def test_nobody_opens_a_case_into_anothers_mailbox(api: ApiServer, tmp_path: Path) -> None:
    """Whoever knows a mailbox's public key cannot put a case of their own where its owner looks."""
    others = await api.receive(write_report(api.provider.directory))
    mine = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        before = read_database(tmp_path)
        body = channel.proved(mine.case, mine.keys.auth)
        with pytest.raises(RefusedByServerError, match="signature-invalid"):
            await channel.perform(Operation.OPEN, _with_auth(body.encode(), others.keys.auth.public))
    assert read_database(tmp_path) == before


def _with_auth(opening: bytes, auth_pk: bytes) -> bytes:
    """SPEC 6.4: work 80 || auth_pk 32 || ..."""
    return opening[:80] + auth_pk + opening[112:]
