"""Slips: given by the reporter to one queue, read by its holder alone, and gone when taken back (SPEC 3.5, 6.4)."""

from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from lyhty_crypto.sealing import open_envelope
from lyhty_wire.contents import Chat
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from lyhty_wire.proofs import to_prove_take_back
from lyhty_wire.records import Empty, Give, Operation, Slips, TakeBack
from lyhty_wire.wraps import Wrap
from tests.patience import PATIENCE_S
from tests.raw_channel import RawChannel, RefusedByServerError, raw_channel
from tests.server.api_server import ApiServer
from tests.writing import Written, slip_of, write_report


@pytest.fixture
async def given(api: ApiServer) -> AsyncIterator[tuple[Written, RawChannel]]:
    """A case of both professions, and its reporter's channel."""
    written = await api.receive(write_report(api.provider.directory, queues=(LAWYER, PSYCHOLOGIST)))
    async with raw_channel(api.url) as channel:
        await channel.resume(written.keys, api.provider.instance)
        yield written, channel


async def rooms_of(api: ApiServer, written: Written, token: str) -> list[str]:
    answer = await api.get(f"/api/cases/{b64encode(written.id)}/rooms", token)
    return [room["room"] for room in answer.json["rooms"]]


async def take(api: ApiServer, written: Written, queue: int, token: str) -> None:
    path = f"/api/cases/{b64encode(written.id)}/places/{queue}/claim"
    assert (await api.post(path, token=token)).status == 200


async def test_who_holds_the_case_for_that_queue_reads_it_and_nobody_else_finds_it(
    api: ApiServer, given: tuple[Written, RawChannel]
) -> None:
    written, channel = given
    lawyer, psychologist = await api.sign_in(api.provider.lawyer), await api.sign_in(api.provider.psychologist)
    await take(api, written, LAWYER, lawyer)
    await take(api, written, PSYCHOLOGIST, psychologist)
    give, room = slip_of(written, "My number is 040.", PSYCHOLOGIST)
    await channel.perform(Operation.GIVE, give.encode())
    assert await rooms_of(api, written, psychologist) == [b64encode(room.room)]
    assert await rooms_of(api, written, lawyer) == []
    page = await api.get(f"/api/rooms/{b64encode(room.room)}/envelopes", psychologist)
    sealed = b64decode(page.json["envelopes"][0]["envelope"])
    opened = open_envelope(sealed, room.key, instance=written.instance, case=room.room)
    assert isinstance(opened.content, Chat)
    assert opened.content.text == "My number is 040."
    assert (await api.get(f"/api/rooms/{b64encode(room.room)}/envelopes", lawyer)).code == (403, "case-not-held")


async def test_given_again_it_is_one_slip(given: tuple[Written, RawChannel]) -> None:
    written, channel = given
    give, _ = slip_of(written)
    for _ in range(2):
        await channel.perform(Operation.GIVE, give.encode())
    slips = Slips.decode(await channel.perform(Operation.SLIPS, Empty().encode())).slips
    assert [(each.roster, each.self_wrap, each.envelope) for each in slips] == [
        (give.roster, give.self_wrap, give.envelope)
    ]


async def test_taken_back_it_is_nowhere_and_the_desk_hears_of_it(
    api: ApiServer, given: tuple[Written, RawChannel]
) -> None:
    written, channel = given
    lawyer = await api.sign_in(api.provider.lawyer)
    await take(api, written, LAWYER, lawyer)
    give, room = slip_of(written)
    await channel.perform(Operation.GIVE, give.encode())
    back = TakeBack(room.room, written.keys.sign.sign(to_prove_take_back(written.instance, room.room)))
    async with api.feed(lawyer) as feed:
        for _ in range(2):
            await channel.perform(Operation.TAKE_BACK, back.encode())
        while (heard := await feed.receive_json(timeout=PATIENCE_S))["type"] == "here":
            pass
        assert (heard["type"], heard["kind"], heard["room"]) == ("room", "slip", b64encode(room.room))
    assert Slips.decode(await channel.perform(Operation.SLIPS, Empty().encode())).slips == ()
    assert await rooms_of(api, written, lawyer) == []


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"self_wrap": bytes(48)}, "envelope-malformed"),
        ({"wrap": None}, "envelope-malformed"),
        ({"envelope": None}, "envelope-malformed"),
        ({"roster": None}, "signature-invalid"),
    ],
    ids=["another copy of its own", "a wrap of another slip", "somebody else's words", "another reporter's roster"],
)
async def test_what_the_roster_does_not_say_is_refused(
    api: ApiServer, given: tuple[Written, RawChannel], broken: dict[str, bytes | None], code: str
) -> None:
    written, channel = given
    foreign, _ = slip_of(write_report(api.provider.directory))
    other, _ = slip_of(written)
    # Where nothing is said, the other slip's: of the same reporter for a wrap, of another one else.
    (field,) = broken
    replacement = broken[field] or getattr(other if field == "wrap" else foreign, field)
    give: Give = structs.replace(slip_of(written)[0], **{field: replacement})
    with pytest.raises(RefusedByServerError, match=code):
        await channel.perform(Operation.GIVE, give.encode())


async def test_a_slip_for_a_queue_without_the_case_is_refused(api: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    async with raw_channel(api.url) as channel:
        await channel.resume(written.keys, api.provider.instance)
        with pytest.raises(RefusedByServerError, match="queue-unknown"):
            await channel.perform(Operation.GIVE, slip_of(written, queue=PSYCHOLOGIST)[0].encode())


async def test_a_slip_for_an_older_key_is_refused(api: ApiServer, given: tuple[Written, RawChannel]) -> None:
    written, channel = given
    give, _ = slip_of(written)
    later = structs.replace(Wrap.decode(give.wrap), epoch=9)
    with pytest.raises(RefusedByServerError, match="envelope-malformed"):
        await channel.perform(Operation.GIVE, structs.replace(give, wrap=later.encode()).encode())
