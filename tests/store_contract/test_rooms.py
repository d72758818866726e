"""Sealed rooms beside a case: notes, consultations, slips."""

import pytest
from msgspec.structs import replace

from lyhty_server.domain.rooms import MAX_ROOMS
from lyhty_server.store.people_rows import KeyAct, TrustRow
from lyhty_server.store.room_rows import NewRoom, Reader, RoomCursor, WholeStore
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, QueueId, RoomId, SignKey
from lyhty_wire.rooms import RoomKind
from tests.store_contract.examples import (
    NOW_S,
    UNTIL_S,
    an_expert,
    answer,
    envelope,
    fill,
    new_case,
    new_wrap,
    other_bytes,
)
from tests.store_contract.refusals import refused

BOTH = (LAWYER, PSYCHOLOGIST)
HOLDER = Reader(an_expert("holder"), frozenset({LAWYER}))
COLLEAGUE = Reader(an_expert("colleague"), frozenset({LAWYER}))
PSYCHOLOGISTS = Reader(an_expert("psychologist"), frozenset({PSYCHOLOGIST}))
CASE = new_case("a", queues=BOTH)


def new_room(
    label: str = "room",
    kind: RoomKind = RoomKind.NOTES,
    queues: tuple[QueueId, ...] = (LAWYER,),
    case_id: CaseId = CASE.case_id,
) -> NewRoom:
    author = CASE.sign_pk if kind is RoomKind.SLIP else SignKey(fill(f"sign of {HOLDER.expert_id.hex()}", 32))
    return NewRoom(
        room_id=RoomId(CaseId(fill(f"{label} id", 32))),
        case_id=case_id,
        kind=kind,
        roster=fill(f"{label} roster", 305),
        self_wrap=fill(f"{label} self-wrap", 48) if kind is RoomKind.SLIP else None,
        wraps=tuple(new_wrap(queue, 1, label) for queue in queues),
        first=envelope(f"{label} first", author, 1),
    )


@pytest.fixture
async def store(store: WholeStore) -> WholeStore:
    """With a case that a lawyer holds and no psychologist yet."""
    await store.open_case(CASE)
    await store.claim(CASE.case_id, LAWYER, HOLDER.expert_id, NOW_S, UNTIL_S)
    return store


async def test_who_holds_the_case_opens_a_room_and_reads_it(store: WholeStore) -> None:
    new = new_room()
    change = await store.open_room(new, HOLDER)
    assert (change.seq, change.fresh, change.holders) == (1, True, (HOLDER.expert_id,))
    rooms = await store.rooms_of(CASE.case_id, HOLDER)
    assert [(room.room_id, room.kind, room.roster, room.wraps, room.last_seq, room.ended) for room in rooms] == [
        (new.room_id, RoomKind.NOTES, new.roster, (new.wraps[0].wrap,), 1, False)
    ]
    page = await store.room_envelopes(new.room_id, 0, 10, HOLDER)
    assert [each.body for each in page.envelopes] == [new.first.body]


async def test_a_repeated_opening_is_one_room(store: WholeStore) -> None:
    new = new_room()
    await store.open_room(new, HOLDER)
    assert (await store.open_room(new, HOLDER)).fresh is False
    assert len(await store.rooms_of(CASE.case_id, HOLDER)) == 1


@pytest.mark.parametrize(
    "changes", [{"roster": b"another"}, {"first": other_bytes(new_room().first)}], ids=["roster", "envelope"]
)
async def test_other_bytes_under_one_room_id_are_refused(store: WholeStore, changes: dict[str, object]) -> None:
    await store.open_room(new_room(), HOLDER)
    with refused(Code.OBJECT_CONFLICT):
        await store.open_room(replace(new_room(), **changes), HOLDER)


@pytest.mark.parametrize("kind", [RoomKind.NOTES, RoomKind.CONSULTATION])
async def test_who_does_not_hold_the_case_opens_no_room(store: WholeStore, kind: RoomKind) -> None:
    with refused(Code.CASE_NOT_HELD):
        await store.open_room(new_room(kind=kind), COLLEAGUE)


async def test_notes_of_two_queues_are_read_by_the_holders_of_both_and_by_nobody_else(store: WholeStore) -> None:
    await store.claim(CASE.case_id, PSYCHOLOGIST, PSYCHOLOGISTS.expert_id, NOW_S, UNTIL_S)
    await store.open_room(new_room(queues=BOTH), HOLDER)
    for holder in (HOLDER, PSYCHOLOGISTS):
        assert len(await store.rooms_of(CASE.case_id, holder)) == 1
    assert await store.rooms_of(CASE.case_id, COLLEAGUE) == ()


async def test_notes_are_for_the_queue_in_which_one_holds_the_case(store: WholeStore) -> None:
    with refused(Code.CASE_NOT_HELD):
        await store.open_room(new_room(queues=(PSYCHOLOGIST,)), HOLDER)


async def test_an_expert_cannot_open_a_slip(store: WholeStore) -> None:
    with refused(Code.CASE_NOT_HELD):
        await store.open_room(new_room(kind=RoomKind.SLIP), HOLDER)


async def test_a_room_beside_no_case_is_refused(store: WholeStore) -> None:
    with refused(Code.CASE_UNKNOWN):
        await store.open_room(new_room(case_id=CaseId(fill("nothing", 32))), HOLDER)


async def test_a_case_has_a_bounded_number_of_rooms(store: WholeStore) -> None:
    for number in range(MAX_ROOMS):
        await store.open_room(new_room(f"room {number}"), HOLDER)
    with refused(Code.TOO_MANY_ROOMS):
        await store.open_room(new_room("one more"), HOLDER)


async def test_notes_are_read_by_no_colleague(store: WholeStore) -> None:
    new = new_room()
    await store.open_room(new, HOLDER)
    for other in (COLLEAGUE, PSYCHOLOGISTS):
        assert await store.rooms_of(CASE.case_id, other) == ()
        with refused(Code.CASE_NOT_HELD):
            await store.room_envelopes(new.room_id, 0, 10, other)
        with refused(Code.CASE_NOT_HELD):
            await store.append_to_room(new.room_id, answer(other.expert_id, 1), other)


async def test_notes_go_on_with_the_next_holder(store: WholeStore) -> None:
    new = new_room()
    await store.open_room(new, HOLDER)
    await store.release(CASE.case_id, LAWYER, HOLDER.expert_id)
    await store.claim(CASE.case_id, LAWYER, COLLEAGUE.expert_id, NOW_S, UNTIL_S)
    assert len(await store.rooms_of(CASE.case_id, COLLEAGUE)) == 1
    assert await store.rooms_of(CASE.case_id, HOLDER) == ()


async def test_whoever_is_asked_for_advice_finds_the_room_without_holding_the_case(store: WholeStore) -> None:
    new = new_room(kind=RoomKind.CONSULTATION, queues=BOTH)
    await store.open_room(new, HOLDER)
    page = await store.consultations(PSYCHOLOGIST, None, 10)
    assert [(room.room_id, room.wraps) for room in page.rooms] == [(new.room_id, (new.wraps[1].wrap,))]
    change = await store.append_to_room(new.room_id, answer(PSYCHOLOGISTS.expert_id, 1), PSYCHOLOGISTS)
    assert (change.seq, change.queues) == (2, frozenset(BOTH))
    assert len((await store.room_envelopes(new.room_id, 1, 10, HOLDER)).envelopes) == 1


async def test_advice_is_asked_of_the_rooms_queues_alone(store: WholeStore) -> None:
    new = new_room(kind=RoomKind.CONSULTATION)
    await store.open_room(new, HOLDER)
    assert (await store.consultations(PSYCHOLOGIST, None, 10)).rooms == ()
    with refused(Code.CASE_NOT_HELD):
        await store.room_envelopes(new.room_id, 0, 10, PSYCHOLOGISTS)


async def test_consultations_come_in_pages_oldest_first(store: WholeStore) -> None:
    news = [new_room(f"room {number}", RoomKind.CONSULTATION) for number in range(3)]
    for new in news:
        await store.open_room(new, HOLDER)
    found: list[RoomId] = []
    cursor: RoomCursor | None = None
    for expected_more in (True, False):
        page = await store.consultations(LAWYER, cursor, 2)
        found += [room.room_id for room in page.rooms]
        cursor = page.next
        assert (cursor is not None) is expected_more
    assert found == [new.room_id for new in news]


async def test_an_ended_consultation_is_listed_no_more_and_takes_nothing(store: WholeStore) -> None:
    new = new_room(kind=RoomKind.CONSULTATION, queues=BOTH)
    await store.open_room(new, HOLDER)
    assert (await store.end_room(new.room_id, HOLDER)).fresh is True
    assert (await store.end_room(new.room_id, HOLDER)).fresh is False
    assert (await store.consultations(LAWYER, None, 10)).rooms == ()
    with refused(Code.CASE_CLOSED):
        await store.append_to_room(new.room_id, answer(PSYCHOLOGISTS.expert_id, 1), PSYCHOLOGISTS)
    assert [room.ended for room in await store.rooms_of(CASE.case_id, HOLDER)] == [True]


async def test_only_the_holder_ends_a_consultation(store: WholeStore) -> None:
    new = new_room(kind=RoomKind.CONSULTATION, queues=BOTH)
    await store.open_room(new, HOLDER)
    with refused(Code.CASE_NOT_HELD):
        await store.end_room(new.room_id, PSYCHOLOGISTS)


async def test_notes_do_not_end(store: WholeStore) -> None:
    new = new_room()
    await store.open_room(new, HOLDER)
    with refused(Code.CASE_NOT_HELD):
        await store.end_room(new.room_id, HOLDER)


async def test_advice_ends_with_the_case(store: WholeStore) -> None:
    new = new_room(kind=RoomKind.CONSULTATION, queues=BOTH)
    await store.open_room(new, HOLDER)
    await store.claim(CASE.case_id, PSYCHOLOGIST, PSYCHOLOGISTS.expert_id, NOW_S, UNTIL_S)
    await store.close_place(CASE.case_id, LAWYER, HOLDER.expert_id, NOW_S)
    await store.close_place(CASE.case_id, PSYCHOLOGIST, PSYCHOLOGISTS.expert_id, NOW_S)
    assert (await store.consultations(LAWYER, None, 10)).rooms == ()
    with refused(Code.CASE_NOT_HELD):
        await store.room_envelopes(new.room_id, 0, 10, COLLEAGUE)


async def test_a_repeated_envelope_is_stored_once(store: WholeStore) -> None:
    new, more = new_room(), answer(HOLDER.expert_id, 2)
    await store.open_room(new, HOLDER)
    changes = [await store.append_to_room(new.room_id, more, HOLDER) for _ in range(2)]
    assert [(change.seq, change.fresh) for change in changes] == [(2, True), (2, False)]


async def test_other_bytes_or_another_object_with_the_same_number_are_refused(store: WholeStore) -> None:
    new, more = new_room(), answer(HOLDER.expert_id, 2)
    await store.open_room(new, HOLDER)
    await store.append_to_room(new.room_id, more, HOLDER)
    with refused(Code.OBJECT_CONFLICT):
        await store.append_to_room(new.room_id, other_bytes(more), HOLDER)
    with refused(Code.COUNTER_CONFLICT):
        await store.append_to_room(new.room_id, envelope("other object", more.author, 2), HOLDER)


async def test_what_is_in_no_room_is_unknown(store: WholeStore) -> None:
    nowhere = new_room().room_id
    with refused(Code.ROOM_UNKNOWN):
        await store.room_envelopes(nowhere, 0, 10, HOLDER)
    with refused(Code.ROOM_UNKNOWN):
        await store.append_to_room(nowhere, answer(HOLDER.expert_id, 1), HOLDER)
    with refused(Code.ROOM_UNKNOWN):
        await store.end_room(nowhere, HOLDER)


async def test_a_slip_is_read_by_the_holder_and_found_again_by_its_reporter(store: WholeStore) -> None:
    new = new_room("slip", RoomKind.SLIP)
    change = await store.open_room(new, None)
    assert change.holders == (HOLDER.expert_id,)
    assert len((await store.room_envelopes(new.room_id, 0, 10, HOLDER)).envelopes) == 1
    slips = await store.slips(CASE.case_id)
    assert [(slip.roster, slip.self_wrap, slip.envelope) for slip in slips] == [
        (new.roster, new.self_wrap, new.first.body)
    ]


async def test_a_slip_for_one_role_is_read_by_no_other(store: WholeStore) -> None:
    await store.claim(CASE.case_id, PSYCHOLOGIST, PSYCHOLOGISTS.expert_id, NOW_S, UNTIL_S)
    new = new_room("slip", RoomKind.SLIP, (PSYCHOLOGIST,))
    await store.open_room(new, None)
    assert await store.rooms_of(CASE.case_id, HOLDER) == ()
    with refused(Code.CASE_NOT_HELD):
        await store.room_envelopes(new.room_id, 0, 10, HOLDER)


async def test_nobody_writes_into_a_slip(store: WholeStore) -> None:
    new = new_room("slip", RoomKind.SLIP)
    await store.open_room(new, None)
    with refused(Code.CASE_NOT_HELD):
        await store.append_to_room(new.room_id, answer(HOLDER.expert_id, 1), HOLDER)


async def test_a_slip_goes_to_a_queue_that_has_the_case(store: WholeStore) -> None:
    with refused(Code.QUEUE_UNKNOWN):
        await store.open_room(new_room("slip", RoomKind.SLIP, (QueueId(9),)), None)


async def test_a_slip_goes_to_no_queue_that_is_done(store: WholeStore) -> None:
    await store.close_place(CASE.case_id, LAWYER, HOLDER.expert_id, NOW_S)
    with refused(Code.CASE_CLOSED):
        await store.open_room(new_room("slip", RoomKind.SLIP), None)


async def test_a_slip_taken_back_is_nowhere(store: WholeStore) -> None:
    new = new_room("slip", RoomKind.SLIP)
    await store.open_room(new, None)
    change = await store.take_back(CASE.case_id, new.room_id)
    assert change is not None
    assert change.holders == (HOLDER.expert_id,)
    assert await store.slips(CASE.case_id) == ()
    assert await store.rooms_of(CASE.case_id, HOLDER) == ()
    assert await store.take_back(CASE.case_id, new.room_id) is None


async def test_only_slips_are_taken_back(store: WholeStore) -> None:
    new = new_room()
    await store.open_room(new, HOLDER)
    assert await store.take_back(CASE.case_id, new.room_id) is None
    assert len(await store.rooms_of(CASE.case_id, HOLDER)) == 1


async def test_a_slip_of_another_case_is_not_taken_back(store: WholeStore) -> None:
    other, new = new_case("b"), new_room("slip", RoomKind.SLIP)
    await store.open_case(other)
    await store.open_room(new, None)
    assert await store.take_back(other.case_id, new.room_id) is None
    assert len(await store.slips(CASE.case_id)) == 1


async def test_erasing_a_case_erases_its_rooms(store: WholeStore) -> None:
    news = [new_room(), new_room("slip", RoomKind.SLIP), new_room("advice", RoomKind.CONSULTATION)]
    await store.open_room(news[0], HOLDER)
    await store.open_room(news[1], None)
    await store.open_room(news[2], HOLDER)
    await store.erase(CASE.case_id, CASE.mailbox_row_key)
    for new in news:
        with refused(Code.ROOM_UNKNOWN):
            await store.room_envelopes(new.room_id, 0, 10, HOLDER)
    assert (await store.consultations(LAWYER, None, 10)).rooms == ()


async def test_an_epoch_stays_while_only_a_room_is_wrapped_to_it(store: WholeStore) -> None:
    new = new_case("b", epoch=2)
    await store.erase(CASE.case_id, CASE.mailbox_row_key)
    await store.open_case(new)
    await store.claim(new.case_id, LAWYER, HOLDER.expert_id, NOW_S, UNTIL_S)
    await store.put_trust(TrustRow(1, (b"root",), b"directory 1"))
    without = KeyAct(TrustRow(2, (b"root",), b"directory 2"), {}, (), frozenset({(LAWYER, Epoch(1))}))
    await store.open_room(new_room(case_id=new.case_id), HOLDER)
    with refused(Code.EPOCH_IN_USE):
        await store.act_on_keys(without)
    await store.erase(new.case_id, new.mailbox_row_key)
    await store.act_on_keys(without)
