"""Recovery shares in the store: one split for each epoch, one request for each queue, and what goes with whom."""

import pytest

from lyhty_server.domain.key_acts import Member
from lyhty_server.store.people_rows import KeyAct, RenewalRow
from lyhty_server.store.recovery_rows import RequestRow, ShareRow, SplitRow
from lyhty_server.store.room_rows import WholeStore
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, Epoch, ExpertId, InstanceId, QueueId, digest
from lyhty_wire.recovery import RecoveryRequest
from lyhty_wire.renewals import RENEWAL_BYTES
from tests.store_contract.examples import NOW_S, an_expert, fill
from tests.store_contract.refusals import refused
from tests.store_contract.test_key_acts import NEXT, TRUST, account, directory_seed, member, seed

ONE, OTHER = sorted((an_expert("one"), an_expert("other")))
NAMES = {an_expert(name): name for name in ("one", "other")}
FIRST = Epoch(1)


def split(label: str, queue: QueueId = LAWYER, epoch: int = 1, *holders: ExpertId) -> SplitRow:
    shares = tuple(ShareRow(holder, fill(f"{label} {holder.hex()}", 1_213)) for holder in holders or (ONE, OTHER))
    return SplitRow(queue, Epoch(epoch), fill(label, 280), shares)


def request(asker: ExpertId = ONE, queue: QueueId = LAWYER, at: int = NOW_S) -> RequestRow:
    asked = RecoveryRequest(InstanceId(fill("instance", 32)), queue, asker, at, fill("signature", 64))
    return RequestRow(queue, asked.encode())


SPLIT, REQUEST = split("split"), request()
ASKED = digest(REQUEST.request)
GIVEN = fill("given", 1_213)


@pytest.fixture
async def asked(store: WholeStore) -> WholeStore:
    await store.put_split(SPLIT)
    await store.ask_for_shares(REQUEST)
    return store


async def shares(store: WholeStore) -> list[ShareRow]:
    return [share for row in (await store.recovery()).splits for share in row.shares]


async def test_a_split_is_kept_with_its_shares_and_the_same_again_is_no_news(store: WholeStore) -> None:
    assert await store.put_split(SPLIT)
    assert not await store.put_split(SPLIT)
    assert (await store.recovery()).splits == (SPLIT,)


async def test_a_later_split_of_an_epoch_replaces_it_with_all_its_shares(store: WholeStore) -> None:
    await store.put_split(SPLIT)
    later = split("later", LAWYER, 1, OTHER)
    assert await store.put_split(later)
    assert (await store.recovery()).splits == (later,)


async def test_splits_are_told_by_queue_and_epoch(store: WholeStore) -> None:
    rows = [split("c", PSYCHOLOGIST), split("b", LAWYER, 2), split("a")]
    for row in rows:
        await store.put_split(row)
    assert (await store.recovery()).splits == tuple(reversed(rows))


async def test_while_somebody_asks_no_split_is_replaced_and_a_missing_one_is_made(asked: WholeStore) -> None:
    with refused(Code.RECOVERY_UNDER_WAY):
        await asked.put_split(split("later"))
    assert not await asked.put_split(SPLIT)
    assert await asked.put_split(split("of a new epoch", LAWYER, 2))
    assert await asked.put_split(split("of another queue", PSYCHOLOGIST))


async def test_one_asks_at_a_time_for_each_queue(asked: WholeStore) -> None:
    with refused(Code.RECOVERY_UNDER_WAY):
        await asked.ask_for_shares(request(OTHER))
    assert not await asked.ask_for_shares(REQUEST)
    assert await asked.ask_for_shares(request(OTHER, PSYCHOLOGIST))
    assert (await asked.recovery()).requests == (REQUEST, request(OTHER, PSYCHOLOGIST))


async def test_whoever_ends_a_request_is_kept_and_the_request_cannot_be_asked_again(asked: WholeStore) -> None:
    assert await asked.end_request(LAWYER, ASKED, OTHER)
    assert not await asked.end_request(LAWYER, ASKED, ONE)
    assert (await asked.recovery()).requests == (RequestRow(LAWYER, REQUEST.request, OTHER),)
    with refused(Code.RECOVERY_UNKNOWN):
        await asked.ask_for_shares(REQUEST)
    later = request(at=NOW_S + 1)
    assert await asked.ask_for_shares(later)
    assert (await asked.recovery()).requests == (later,)


@pytest.mark.parametrize("queue", [LAWYER, PSYCHOLOGIST])
async def test_a_request_that_is_not_here_is_neither_ended_nor_given_to(asked: WholeStore, queue: QueueId) -> None:
    other = ASKED if queue == PSYCHOLOGIST else digest(b"another")
    with refused(Code.RECOVERY_UNKNOWN):
        await asked.end_request(queue, other, ONE)
    with refused(Code.RECOVERY_UNKNOWN):
        await asked.give_shares(queue, other, ONE, ((FIRST, GIVEN),))


async def test_what_is_given_is_kept_beside_the_share_until_the_request_ends(asked: WholeStore) -> None:
    assert await asked.give_shares(LAWYER, ASKED, OTHER, ((FIRST, GIVEN),))
    assert not await asked.give_shares(LAWYER, ASKED, OTHER, ((FIRST, GIVEN),))
    assert [share.given for share in await shares(asked)] == [None, GIVEN]
    await asked.end_request(LAWYER, ASKED, ONE)
    assert [share.given for share in await shares(asked)] == [None, None]
    assert [row.used for row in (await asked.recovery()).splits] == [True]
    await asked.put_split(split("later"))
    assert [row.used for row in (await asked.recovery()).splits] == [False]


async def test_nobody_gives_what_they_do_not_hold_and_then_nothing_of_it_is_given(asked: WholeStore) -> None:
    for holder, given in ((an_expert("third"), ((FIRST, GIVEN),)), (ONE, ((FIRST, GIVEN), (Epoch(2), GIVEN)))):
        with refused(Code.RECOVERY_UNKNOWN):
            await asked.give_shares(LAWYER, ASKED, holder, given)
    assert {share.given for share in await shares(asked)} == {None}


async def test_nothing_is_given_to_a_request_that_has_ended(asked: WholeStore) -> None:
    await asked.end_request(LAWYER, ASKED, OTHER)
    with refused(Code.RECOVERY_UNKNOWN):
        await asked.give_shares(LAWYER, ASKED, OTHER, ((FIRST, GIVEN),))


async def act(store: WholeStore, *coordinators: ExpertId, unlisted: frozenset[tuple[QueueId, Epoch]]) -> None:
    """A key act after which these are coordinators."""
    await store.put_trust(TRUST)
    for expert, name in NAMES.items():
        await store.put_expert(account(name, seed(name), directory_seed(name)))
        assert an_expert(name) == expert
    members = {expert: member((LAWYER, 1), coordinator=expert in coordinators) for expert in NAMES}
    await store.act_on_keys(KeyAct(NEXT, members, (), unlisted))


async def test_the_share_of_who_is_no_coordinator_any_more_goes(asked: WholeStore) -> None:
    await act(asked, ONE, unlisted=frozenset())
    assert [share.expert_id for share in await shares(asked)] == [ONE]
    assert (await asked.recovery()).requests == (REQUEST,)


async def test_a_request_goes_with_who_asked_and_what_was_given_for_it(asked: WholeStore) -> None:
    await asked.give_shares(LAWYER, ASKED, OTHER, ((FIRST, GIVEN),))
    await act(asked, OTHER, unlisted=frozenset())
    assert (await asked.recovery()).requests == ()
    assert [(share.expert_id, share.given) for share in await shares(asked)] == [(OTHER, None)]


async def test_a_split_goes_with_its_epoch(asked: WholeStore) -> None:
    await asked.put_split(split("of the next", LAWYER, 2))
    await act(asked, ONE, OTHER, unlisted=frozenset({(LAWYER, FIRST)}))
    assert [row.epoch for row in (await asked.recovery()).splits] == [2]


# --- A holder has new keys


def lists_new_keys(*, members: dict[ExpertId, Member] | None = None) -> KeyAct:
    both = {expert: member((LAWYER, 1), coordinator=True) for expert in (ONE, OTHER)}
    renewal = fill("renewal", RENEWAL_BYTES)
    return KeyAct(NEXT, members or both, (), frozenset(), renewed={ONE: renewal})


@pytest.fixture
async def renewing(store: WholeStore) -> WholeStore:
    await store.put_trust(TRUST)
    for expert in (ONE, OTHER):
        await store.put_expert(account(NAMES[expert], seed("a"), directory_seed("a")))
    known = account(NAMES[ONE])
    row = RenewalRow(ONE, fill("renewal", RENEWAL_BYTES), fill("blob", 93), (seed("new"), directory_seed("new")))
    await store.change_unlock(known.login_pk, known.unlock, row)
    await store.put_split(SPLIT)
    return store


async def test_the_share_of_who_has_new_keys_goes_and_another_split_is_due(renewing: WholeStore) -> None:
    await renewing.act_on_keys(lists_new_keys())
    (left,) = (await renewing.recovery()).splits
    assert ([share.expert_id for share in left.shares], left.used) == ([OTHER], True)


async def test_nobody_who_has_a_share_gets_new_keys_while_shares_are_asked_for(renewing: WholeStore) -> None:
    await renewing.ask_for_shares(request(OTHER))
    with refused(Code.RECOVERY_UNDER_WAY):
        await renewing.act_on_keys(lists_new_keys())
    assert await renewing.trust() == TRUST
    await renewing.end_request(LAWYER, digest(request(OTHER).request), ONE)
    await renewing.act_on_keys(lists_new_keys())


async def test_nobody_gets_new_keys_who_has_a_share_of_a_queue_that_nobody_is_in(renewing: WholeStore) -> None:
    await renewing.put_split(split("lost", PSYCHOLOGIST))
    with refused(Code.RECOVERY_UNDER_WAY):
        await renewing.act_on_keys(lists_new_keys())
    assert await renewing.trust() == TRUST
