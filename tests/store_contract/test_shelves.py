"""The shelves of answer templates that a queue's experts write for one another."""

from unittest.mock import patch

import pytest
from msgspec.structs import replace

from lyhty_server.domain import shelves
from lyhty_server.store.people_rows import KeyAct, TrustRow
from lyhty_server.store.room_rows import WholeStore
from lyhty_server.store.shelf_rows import NewShelfRoom
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Epoch, QueueId, RoomId, SignKey
from tests.store_contract.examples import envelope, fill, other_bytes
from tests.store_contract.refusals import refused

ONE, OTHER = SignKey(fill("one", 32)), SignKey(fill("other", 32))
NOW = Epoch(1)


def new_room(label: str = "shelf", queue: QueueId = LAWYER, epoch: int = 1) -> NewShelfRoom:
    return NewShelfRoom(
        room_id=RoomId(CaseId(fill(f"{label} id", 32))),
        queue=queue,
        epoch=Epoch(epoch),
        roster=fill(f"{label} roster", 305),
        wrap=fill(f"{label} wrap", 1_213),
        first=envelope(f"{label} first", ONE, 1),
    )


async def test_a_shelf_on_which_nothing_was_ever_written_is_empty(store: WholeStore) -> None:
    assert await store.shelf(LAWYER) == await store.shelf(PSYCHOLOGIST)
    assert (await store.shelf(LAWYER)).last_seq == 0
    assert (await store.shelf_envelopes(LAWYER, 0, 10)).envelopes == ()


async def test_what_is_written_is_read_in_its_order(store: WholeStore) -> None:
    new, second = new_room(), envelope("second", OTHER, 1)
    assert (await store.open_shelf_room(new, 0)).seq == 1
    assert (await store.append_to_shelf(LAWYER, second, 1, NOW)).seq == 2
    (room,) = (await store.shelf(LAWYER)).rooms
    assert (room.room_id, room.roster, room.wrap, room.first_seq) == (new.room_id, new.roster, new.wrap, 1)
    page = await store.shelf_envelopes(LAWYER, 0, 10)
    assert [(each.seq, each.body) for each in page.envelopes] == [(1, new.first.body), (2, second.body)]
    assert (await store.shelf(LAWYER)).last_seq == 2


async def test_a_long_shelf_is_read_page_by_page(store: WholeStore) -> None:
    await store.open_shelf_room(new_room(), 0)
    await store.append_to_shelf(LAWYER, envelope("second", ONE, 2), 1, NOW)
    first = await store.shelf_envelopes(LAWYER, 0, 1)
    rest = await store.shelf_envelopes(LAWYER, 1, 1)
    assert ([each.seq for each in first.envelopes], first.more) == ([1], True)
    assert ([each.seq for each in rest.envelopes], rest.more) == ([2], False)


async def test_each_queue_has_its_own(store: WholeStore) -> None:
    await store.open_shelf_room(new_room(), 0)
    assert (await store.shelf(PSYCHOLOGIST)).rooms == ()
    assert (await store.open_shelf_room(new_room("theirs", PSYCHOLOGIST), 0)).seq == 1


async def test_what_is_sent_again_stands_there_once(store: WholeStore) -> None:
    new, second = new_room(), envelope("second", OTHER, 1)
    await store.open_shelf_room(new, 0)
    again = await store.open_shelf_room(new, 0)
    assert (again.seq, again.fresh) == (1, False)
    await store.append_to_shelf(LAWYER, second, 1, NOW)
    again = await store.append_to_shelf(LAWYER, second, 1, NOW)
    assert (again.seq, again.fresh) == (2, False)
    assert (await store.shelf(LAWYER)).last_seq == 2


async def test_other_bytes_with_the_same_object_id_are_refused(store: WholeStore) -> None:
    new, second = new_room(), envelope("second", OTHER, 1)
    await store.open_shelf_room(new, 0)
    await store.append_to_shelf(LAWYER, second, 1, NOW)
    with refused(Code.OBJECT_CONFLICT):
        await store.open_shelf_room(replace(new, first=other_bytes(new.first)), 2)
    with refused(Code.OBJECT_CONFLICT):
        await store.append_to_shelf(LAWYER, other_bytes(second), 2, NOW)


async def test_one_key_is_not_begun_twice(store: WholeStore) -> None:
    await store.open_shelf_room(new_room(), 0)
    with refused(Code.OBJECT_CONFLICT):
        await store.open_shelf_room(replace(new_room(), first=envelope("another", ONE, 1)), 1)


@pytest.mark.parametrize("after", [0, 2])
async def test_nothing_is_written_over_what_its_writer_has_not_read(store: WholeStore, after: int) -> None:
    await store.open_shelf_room(new_room(), 0)
    with refused(Code.SHELF_CHANGED):
        await store.append_to_shelf(LAWYER, envelope("late", OTHER, 1), after, NOW)
    with refused(Code.SHELF_CHANGED):
        await store.open_shelf_room(new_room("next"), after)
    assert (await store.shelf(LAWYER)).last_seq == 1


async def test_nothing_is_written_where_there_is_no_key(store: WholeStore) -> None:
    with refused(Code.ROOM_UNKNOWN):
        await store.append_to_shelf(LAWYER, envelope("first", ONE, 1), 0, NOW)


async def test_nothing_is_written_under_a_key_that_has_passed(store: WholeStore) -> None:
    await store.open_shelf_room(new_room(), 0)
    with refused(Code.EPOCH_STALE):
        await store.append_to_shelf(LAWYER, envelope("late", OTHER, 1), 1, Epoch(2))


async def test_an_author_counts_on_within_one_key(store: WholeStore) -> None:
    await store.open_shelf_room(new_room(), 0)
    with refused(Code.COUNTER_CONFLICT):
        await store.append_to_shelf(LAWYER, envelope("again", ONE, 1), 1, NOW)
    await store.open_shelf_room(replace(new_room("next", epoch=2), first=envelope("next", ONE, 1)), 1)
    assert (await store.append_to_shelf(LAWYER, envelope("more", ONE, 2), 2, Epoch(2))).seq == 3


async def test_the_next_key_goes_on_where_the_last_ended_and_leaves_no_older_wrap(store: WholeStore) -> None:
    await store.open_shelf_room(new_room(), 0)
    await store.open_shelf_room(new_room("next", epoch=2), 1)
    shelf = await store.shelf(LAWYER)
    assert [(room.wrap, room.first_seq) for room in shelf.rooms] == [(None, 1), (new_room("next").wrap, 2)]
    assert len((await store.shelf_envelopes(LAWYER, 0, 10)).envelopes) == 2


async def test_a_full_shelf_takes_no_more(store: WholeStore) -> None:
    with patch.object(shelves, "MAX_WRITINGS", 2):
        await store.open_shelf_room(new_room(), 0)
        await store.append_to_shelf(LAWYER, envelope("second", ONE, 2), 1, NOW)
        with refused(Code.SHELF_FULL):
            await store.append_to_shelf(LAWYER, envelope("third", ONE, 3), 2, NOW)
        with refused(Code.SHELF_FULL):
            await store.open_shelf_room(new_room("next"), 2)


async def test_an_epoch_stays_while_a_shelf_is_sealed_for_it(store: WholeStore) -> None:
    await store.put_trust(TrustRow(1, (b"root",), b"directory 1"))
    without = KeyAct(TrustRow(2, (b"root",), b"directory 2"), {}, (), frozenset({(LAWYER, NOW)}))
    await store.open_shelf_room(new_room(), 0)
    with refused(Code.EPOCH_IN_USE):
        await store.act_on_keys(without)
    await store.open_shelf_room(new_room("next", epoch=2), 1)
    await store.act_on_keys(without)
