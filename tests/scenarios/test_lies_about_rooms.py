"""Lies of a malicious server about notes, consultations and slips: nothing false is shown, and it is told.

The Python client behind `LyingServer`, as lawyer, psychologist and reporter; which lies there are, and their names:
`lies_about_rooms.py`. They are all told of two cases, which nothing here may change. The console, told some of them:
client/web/tests/console/lies-about-rooms.test.ts.
"""

import asyncio
from typing import Final

import pytest
from msgspec import structs

from lyhty_client.conversation import HISTORY_GAP
from lyhty_client.errors import ClientError, RefusedError
from lyhty_client.rooms import KINDS, Room, catch_up, open_room, read_rooms, write
from lyhty_crypto.errors import CryptoError
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, RoomId, SignKey
from lyhty_wire.records import Operation, Slips
from lyhty_wire.rooms import RoomKind
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, now, reporter, text_of
from tests.scenarios.lies_about_cases import FORGED_WORDS
from tests.scenarios.lies_about_rooms import (
    NOTES,
    NUMBER,
    OWN_SLIP_LIES,
    QUESTION,
    ROOM_LIES,
    WRITTEN_LIES,
    Beside,
    OwnSlipLie,
    RoomLie,
    WrittenLie,
)
from tests.scenarios.lying_server import Json, LyingServer
from tests.scenarios.server_process import ServerProcess
from tests.scenarios.stored_case import as_json

ROOMS: Final = r"/api/cases/[^/]+/rooms"
WRITTEN: Final = r"/api/rooms/[^/]+/envelopes"
SAID: Final = {"notes": NOTES, "consultation": (QUESTION,), "slip": (NUMBER,)}


async def _beside(url: str, provider: Provider) -> Beside:
    async with expert(url, provider, provider.lawyer, listening=False) as lawyer:
        phrase, case, sign, rooms = await _case_with_rooms(url, lawyer)
        _, others_case, _, others = await _case_with_rooms(url, lawyer)
        envelopes = {each["room"]: await _written(lawyer, each) for each in (*rooms.values(), *others.values())}
    return Beside(provider, phrase, case, sign, rooms, others, others_case, envelopes)


async def _case_with_rooms(url: str, lawyer: Expert) -> tuple[bytes, CaseId, SignKey, Json]:
    async with reporter(url) as pupil:
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        await pupil.channel.settle(pupil.session.give(NUMBER, LAWYER, now()))
        desk, me, sign = lawyer.desk.desk, lawyer.desk.expertise, held.conversation.reporter
        notes = await open_room(desk, pupil.case, RoomKind.NOTES, [LAWYER], NOTES[0], now(), me, sign)
        for note in NOTES[1:]:
            await write(desk, notes, note, now())
        both = [LAWYER, PSYCHOLOGIST]
        await open_room(desk, pupil.case, RoomKind.CONSULTATION, both, QUESTION, now(), me, sign)
        rooms = {each.kind: as_json(each) for each in await desk.rooms(pupil.case)}
        return pupil.phrase, pupil.case, sign, rooms


async def _written(lawyer: Expert, listed: Json) -> list[bytes]:
    page = await lawyer.desk.desk.room_envelopes(RoomId(b64decode(listed["room"])), 0)
    return [b64decode(each.envelope) for each in page.envelopes]


@pytest.fixture(scope="module")
def beside(shared_server: ServerProcess, provider: Provider) -> Beside:
    return asyncio.run(_beside(shared_server.url, provider))


async def _read(lawyer: Expert, beside: Beside) -> list[Room]:
    return await read_rooms(lawyer.desk.desk, beside.case, lawyer.desk.expertise, beside.reporter)


def texts(room: Room) -> list[str]:
    return [text_of(message) for message in room.messages]


async def test_the_truth_raises_nothing(liar: LyingServer, beside: Beside) -> None:
    async with expert(liar.url, beside.provider, beside.provider.lawyer, listening=False) as lawyer:
        rooms = await _read(lawyer, beside)
    names = {kind: name for name, kind in KINDS.items()}
    assert {names[room.kind]: tuple(texts(room)) for room in rooms} == SAID
    assert [room.alarms for room in rooms] == [[], [], []]


@pytest.mark.parametrize("lie", ROOM_LIES, ids=str)
async def test_a_lawyer_to_whom_a_false_room_is_listed_reads_nothing_of_it(
    liar: LyingServer, beside: Beside, lie: RoomLie
) -> None:
    liar.answers_json("GET", ROOMS, lambda _: {"rooms": list(lie.listed(beside))})
    async with expert(liar.url, beside.provider, beside.provider.lawyer, listening=False) as lawyer:
        with pytest.raises((WireError, CryptoError)) as refusal:
            await _read(lawyer, beside)
    assert refusal.value.code in {"signature-invalid", "wrap-tampered", "envelope-malformed"}
    assert not [asked for asked in liar.asked if asked.path.startswith("/api/rooms/")]
    assert liar.content_bytes == 0


async def test_a_slip_is_not_read_by_another_role_than_it_was_given_to(liar: LyingServer, beside: Beside) -> None:
    liar.invents("GET", ROOMS, {"rooms": [beside.rooms["slip"]]})
    async with expert(liar.url, beside.provider, beside.provider.psychologist, listening=False) as psychologist:
        with pytest.raises(WireError, match="wrap-tampered"):
            await _read(psychologist, beside)
    assert not [asked for asked in liar.asked if asked.path.startswith("/api/rooms/")]


@pytest.mark.parametrize("lie", WRITTEN_LIES, ids=str)
async def test_a_lawyer_is_alarmed_by_what_is_false_in_a_room(
    liar: LyingServer, beside: Beside, lie: WrittenLie
) -> None:
    def told(page: Json) -> Json:
        true = [(each["seq"], b64decode(each["envelope"])) for each in page["envelopes"]]
        false = lie.change(true, beside) if true else true
        return page | {"envelopes": [{"seq": seq, "envelope": b64encode(envelope)} for seq, envelope in false]}

    liar.answers_json("GET", ROOMS, lambda _: {"rooms": [beside.rooms[lie.kind]]})
    liar.answers_json("GET", WRITTEN, told)
    async with expert(liar.url, beside.provider, beside.provider.lawyer, listening=False) as lawyer:
        (room,) = await _read(lawyer, beside)
    assert lie.codes <= {alarm.code for alarm in room.alarms}
    assert FORGED_WORDS not in texts(room)
    assert sorted(texts(room)) == sorted(words for words in SAID[lie.kind] if words not in lie.missing)
    assert liar.content_bytes == 0


@pytest.mark.parametrize("seq", [0, 1, 4], ids=["none", "another's", "its own"])
async def test_a_note_that_is_said_to_be_stored_and_is_not_handed_out_again_is_told(
    liar: LyingServer, beside: Beside, seq: int
) -> None:
    liar.invents("PUT", WRITTEN, {"seq": seq})
    async with expert(liar.url, beside.provider, beside.provider.lawyer, listening=False) as lawyer:
        desk, me = lawyer.desk.desk, lawyer.desk.expertise
        (listed,) = [each for each in await desk.rooms(beside.case) if each.kind == "notes"]
        room = Room.open(listed, me, beside.reporter)
        await catch_up(desk, room)
        with pytest.raises(RefusedError, match=HISTORY_GAP):
            await write(desk, room, "Is this stored?", now())
    assert texts(room) == list(NOTES)


# --- To its reporter


@pytest.mark.parametrize("lie", OWN_SLIP_LIES, ids=str)
async def test_a_reporter_is_told_of_a_false_slip_and_shown_nothing_of_it(
    liar: LyingServer, beside: Beside, lie: OwnSlipLie
) -> None:
    def told(body: bytes) -> bytes:
        slips = Slips.decode(body)
        return structs.replace(slips, slips=tuple(lie.change(slip, beside) for slip in slips.slips)).encode()

    async with reporter(liar.url, phrase=beside.phrase, anchor=beside.provider.instance) as pupil:
        await pupil.comes_back()
        await pupil.channel.settle(pupil.session.read_slips())
        assert [(given.queue, given.text) for given in pupil.session.slips().given] == [(LAWYER, NUMBER)]
        pupil.session.slips().given = ()
        liar.results(Operation.SLIPS, told)
        with pytest.raises(ClientError) as refusal:
            await pupil.channel.settle(pupil.session.read_slips())
        assert pupil.session.slips().given == ()
    assert refusal.value.code in {"signature-invalid", "wrap-tampered", "envelope-tampered", "envelope-malformed"}
    assert liar.content_bytes == 0
