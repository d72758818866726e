"""The shelf of a queue's templates: what the server refuses of a new key and of what is written (SPEC 3.6, 9)."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from lyhty_crypto.rooms import PreparedRoom
from lyhty_crypto.sealing import open_on_shelf
from lyhty_crypto.shelves import StoredRoom, read_shelf
from lyhty_wire.contents import AnswerPart
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId
from lyhty_wire.room_contents import Template
from tests.patience import PATIENCE_S
from tests.provider import Account
from tests.server.api_server import Answer, ApiServer
from tests.writing import AT_S, on_shelf, shelf_begun

SHELF = f"/api/queues/{LAWYER}/shelf"
WORDS = "Ota kuvakaappaus palvelusta {service}."


def template(version: int = 1, text: str = WORDS) -> Template:
    return Template(AT_S, bytes(16), version, False, "fi", "Uhkaus", (AnswerPart("now", text),))


@pytest.fixture
async def token(api: ApiServer) -> str:
    return await api.sign_in(api.provider.lawyer)


def begun(
    api: ApiServer, *, by: Account | None = None, queue: QueueId = LAWYER, **changes: Any
) -> tuple[PreparedRoom, dict[str, Any]]:
    room, first = shelf_begun(api.provider.directory, queue, (by or api.provider.lawyer).keys.sign)
    served = {"roster": room.roster.encode(), "wrap": room.wraps[0].encode(), "envelope": first}
    return room, {"after": 0} | {name: b64encode(value) for name, value in served.items()} | changes


async def begins(api: ApiServer, token: str, value: dict[str, Any]) -> Answer:
    return await api.post(SHELF, value, token)


async def writes(api: ApiServer, token: str, envelope: bytes, after: int = 1) -> Answer:
    return await api.ask("PUT", f"{SHELF}/envelopes?after={after}", token=token, data=envelope)


def second(api: ApiServer, room: PreparedRoom, begun_with: dict[str, Any], content: Template | None = None) -> bytes:
    sign, directory = api.provider.lawyer.keys.sign, api.provider.directory
    first = open_on_shelf(
        b64decode(begun_with["envelope"]), room.key, instance=directory.instance, room=room.room
    )  # fmt: skip
    return on_shelf(room, content or template(), sign, directory, 2, first.head)


async def test_a_colleague_reads_the_template_that_an_expert_wrote(api: ApiServer, token: str) -> None:
    room, value = begun(api)
    assert (await begins(api, token, value)).json == {"seq": 1}
    assert (await writes(api, token, second(api, room, value))).json == {"seq": 2}
    other = await api.sign_in(api.provider.other_lawyer)
    served = (await api.get(SHELF, other)).json
    listed = (await api.get(f"{SHELF}/envelopes", other)).json["envelopes"]
    (only,) = served["rooms"]
    stored = StoredRoom(
        b64decode(only["roster"]), b64decode(only["wrap"]), tuple(b64decode(each["envelope"]) for each in listed)
    )
    directory = api.provider.directory
    shelf = read_shelf(LAWYER, [stored], directory, lambda epoch: api.provider.seeds[LAWYER, epoch])
    ((author, found),) = shelf.templates[bytes(16)]
    assert (author, found.parts[0].text, shelf.alarms) == (api.provider.lawyer.keys.sign.public, WORDS, set())


async def test_a_shelf_is_begun_by_who_signs_for_it(api: ApiServer, token: str) -> None:
    _, value = begun(api, by=api.provider.other_lawyer)
    assert (await begins(api, token, value)).code == (403, "signature-invalid")


async def test_a_signature_that_does_not_hold_is_refused(api: ApiServer, token: str) -> None:
    room, value = begun(api)
    broken = structs.replace(room.roster, signature=bytes(64)).encode()
    assert (await begins(api, token, value | {"roster": b64encode(broken)})).code == (403, "signature-invalid")


async def test_the_shelf_of_another_queue_is_refused(api: ApiServer, token: str) -> None:
    _, value = begun(api, queue=PSYCHOLOGIST)
    assert (await begins(api, token, value)).code == (403, "signature-invalid")


async def test_a_wrap_that_the_roster_does_not_name_is_refused(api: ApiServer, token: str) -> None:
    (_, value), (other, _) = begun(api), begun(api)
    wrap = b64encode(other.wraps[0].encode())
    assert (await begins(api, token, value | {"wrap": wrap})).code == (400, "envelope-malformed")


async def test_first_words_of_somebody_else_are_refused(api: ApiServer, token: str) -> None:
    _, value = begun(api)
    _, others = begun(api, by=api.provider.other_lawyer)
    answer = await begins(api, token, value | {"envelope": others["envelope"]})
    assert answer.code == (400, "envelope-malformed")


async def test_what_a_colleague_has_changed_meanwhile_is_not_written_over(api: ApiServer, token: str) -> None:
    room, value = begun(api)
    await begins(api, token, value)
    envelope = second(api, room, value)
    await writes(api, token, envelope)
    late = second(api, room, value, template(text="Toinen"))
    assert (await writes(api, token, late)).code == (409, "shelf-changed")
    assert (await writes(api, token, envelope)).json == {"seq": 2}


async def test_a_template_longer_than_a_template_is_refused(api: ApiServer, token: str) -> None:
    room, value = begun(api)
    await begins(api, token, value)
    long = second(api, room, value, template(text="x" * 10_000))
    assert (await writes(api, token, long)).status == 200
    parts = tuple(AnswerPart(part, "x" * 9_000) for part in ("now", "tell"))
    longer = second(api, room, value, replace(template(), parts=parts))
    assert (await writes(api, token, longer, after=2)).code == (413, "too-large")


async def test_a_team_that_is_at_its_desks_hears_of_it_and_no_other(api: ApiServer, token: str) -> None:
    psychologist = await api.sign_in(api.provider.psychologist)
    other = await api.sign_in(api.provider.other_lawyer)
    async with api.feed(other) as feed, api.feed(psychologist) as elsewhere:
        _, value = begun(api)
        await begins(api, token, value)
        assert await feed.receive_json(timeout=PATIENCE_S) == {"type": "shelf", "queue": LAWYER, "seq": 1}
        # Everything that is told is told in order: the next thing they hear is something else.
        await api.post("/api/queues/2/shelf", {"after": 0} | begun_for_psychologists(api), psychologist)
        assert (await elsewhere.receive_json(timeout=PATIENCE_S))["queue"] == PSYCHOLOGIST


def begun_for_psychologists(api: ApiServer) -> dict[str, Any]:
    return begun(api, by=api.provider.psychologist, queue=PSYCHOLOGIST)[1]
