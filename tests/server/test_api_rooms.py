"""Opening a sealed room beside a case: what the server refuses of its roster, wraps and first words (SPEC 3.5, 9)."""

from typing import Any

import pytest
from msgspec import structs

from lyhty_crypto.rooms import PreparedRoom, make_room
from lyhty_crypto.sealing import seal
from lyhty_wire.contents import Chat
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Generation, QueueId
from lyhty_wire.rooms import RoomKind
from tests.patience import PATIENCE_S
from tests.provider import Account
from tests.server.api_server import Answer, ApiServer
from tests.writing import AT_S, Written, write_report


@pytest.fixture
async def held(api: ApiServer) -> tuple[Written, str]:
    """A case that the lawyer holds, and the lawyer's token."""
    written = await api.receive(write_report(api.provider.directory))
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.post(f"/api/cases/{b64encode(written.id)}/places/{LAWYER}/claim", token=token)).status == 200
    return written, token


def made(
    api: ApiServer,
    case: CaseId,
    *,
    by: Account | None = None,
    kind: RoomKind = RoomKind.NOTES,
    queues: tuple[QueueId, ...] = (LAWYER,),
) -> PreparedRoom:
    return make_room((by or api.provider.lawyer).keys.sign, api.provider.directory, case, kind, queues)


def body(api: ApiServer, room: PreparedRoom, *, by: Account | None = None, **changes: Any) -> dict[str, Any]:
    first = seal(
        Chat(AT_S, "Soitan huomenna."), room.key, (by or api.provider.lawyer).keys.sign,
        instance=api.provider.instance, case=room.room, directory_version=1, generation=Generation(1), counter=1,
    )  # fmt: skip
    return {
        "kind": "notes",
        "roster": b64encode(room.roster.encode()),
        "wraps": [b64encode(wrap.encode()) for wrap in room.wraps],
        "envelope": b64encode(first.envelope),
    } | changes


async def opens(api: ApiServer, held: tuple[Written, str], value: dict[str, Any]) -> Answer:
    return await api.post(f"/api/cases/{b64encode(held[0].id)}/rooms", value, held[1])


async def test_the_holder_opens_a_room(api: ApiServer, held: tuple[Written, str]) -> None:
    answer = await opens(api, held, body(api, made(api, held[0].id)))
    assert (answer.status, answer.json) == (200, {"seq": 1})


async def test_a_room_that_somebody_else_signed_is_refused(api: ApiServer, held: tuple[Written, str]) -> None:
    other = api.provider.other_lawyer
    room = made(api, held[0].id, by=other)
    assert (await opens(api, held, body(api, room))).code == (403, "signature-invalid")


async def test_a_signature_that_does_not_hold_is_refused(api: ApiServer, held: tuple[Written, str]) -> None:
    room = made(api, held[0].id)
    broken = structs.replace(room.roster, signature=bytes(64)).encode()
    assert (await opens(api, held, body(api, room, roster=b64encode(broken)))).code == (403, "signature-invalid")


async def test_the_roster_of_another_case_is_refused(api: ApiServer, held: tuple[Written, str]) -> None:
    room = made(api, CaseId(bytes(32)))
    assert (await opens(api, held, body(api, room))).code == (403, "signature-invalid")


async def test_a_room_of_another_kind_than_its_roster_is_refused(api: ApiServer, held: tuple[Written, str]) -> None:
    room = made(api, held[0].id)
    assert (await opens(api, held, body(api, room, kind="consultation"))).code == (403, "signature-invalid")


async def test_a_slip_is_opened_by_no_expert(api: ApiServer, held: tuple[Written, str]) -> None:
    room = made(api, held[0].id, kind=RoomKind.SLIP)
    assert (await opens(api, held, body(api, room, kind="slip"))).code == (400, "operation-malformed")


async def test_wraps_that_the_roster_does_not_name_are_refused(api: ApiServer, held: tuple[Written, str]) -> None:
    room, other = made(api, held[0].id), made(api, held[0].id)
    wraps = [b64encode(wrap.encode()) for wrap in other.wraps]
    assert (await opens(api, held, body(api, room, wraps=wraps))).code == (400, "envelope-malformed")


async def test_notes_for_the_other_profession_are_refused(api: ApiServer, held: tuple[Written, str]) -> None:
    room = made(api, held[0].id, queues=(PSYCHOLOGIST,))
    assert (await opens(api, held, body(api, room))).code == (403, "case-not-held")


async def test_first_words_of_somebody_else_are_refused(api: ApiServer, held: tuple[Written, str]) -> None:
    value = body(api, made(api, held[0].id), by=api.provider.other_lawyer)
    assert (await opens(api, held, value)).code == (400, "envelope-malformed")


async def test_a_colleague_who_does_not_hold_the_case_opens_none(api: ApiServer, held: tuple[Written, str]) -> None:
    other = api.provider.other_lawyer
    token = await api.sign_in(other)
    room = made(api, held[0].id, by=other)
    assert (await opens(api, (held[0], token), body(api, room, by=other))).code == (403, "case-not-held")


async def test_a_queue_one_does_not_belong_to_asks_for_no_advice(api: ApiServer, held: tuple[Written, str]) -> None:
    answer = await api.get(f"/api/queues/{PSYCHOLOGIST}/consultations", held[1])
    assert answer.code == (404, "queue-unknown")


async def test_who_reads_hears_of_what_is_new(api: ApiServer, held: tuple[Written, str]) -> None:
    async with api.feed(held[1]) as feed:
        room = made(api, held[0].id)
        await opens(api, held, body(api, room))
        while (heard := await feed.receive_json(timeout=PATIENCE_S))["type"] == "here":
            pass
        assert heard == {
            "type": "room",
            "room": b64encode(room.room),
            "case": b64encode(held[0].id),
            "kind": "notes",
            "seq": 1,
        }
