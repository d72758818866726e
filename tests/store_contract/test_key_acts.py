"""A key act in the store: the next directory and all that follows from it, or nothing."""

import pytest
from msgspec.structs import replace

from lyhty_server.domain.cases import PlaceState
from lyhty_server.domain.key_acts import Member
from lyhty_server.domain.notices import NoticeWish, Shift
from lyhty_server.store.interface import Store
from lyhty_server.store.people_rows import ExpertRow, KeyAct, PasskeyRow, RenewalRow, TrustRow
from lyhty_server.store.room_rows import WholeStore
from lyhty_server.store.session_rows import Door, SessionRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import (
    LAWYER,
    NO_EPOCH,
    NO_GENERATION,
    NO_QUEUE,
    PSYCHOLOGIST,
    Commitment,
    Epoch,
    ExpertId,
    QueueId,
    SignKey,
)
from lyhty_wire.renewals import RENEWAL_BYTES
from lyhty_wire.unlocks import Unlock
from lyhty_wire.wraps import BODY_BYTES, DIRECTORY_SEED, QUEUE_SEED, TO_EXPERT, Wrap
from tests.store_contract.examples import NOW_S, UNTIL_S, an_expert, expert_row, fill, new_case, new_turn
from tests.store_contract.refusals import refused

NOBODY_LEFT = frozenset[tuple[QueueId, Epoch]]()
TRUST = TrustRow(3, (b"root",), b"directory 3")
NEXT = TrustRow(4, (b"root",), b"directory 4")
ONE, OTHER = an_expert("one"), an_expert("other")


def seed(label: str, queue: QueueId = LAWYER, epoch: int = 1) -> bytes:
    """Not sealed for anybody, but in the shape of what is."""
    body = fill(f"{label} {queue} {epoch}", BODY_BYTES)
    commitment = Commitment(fill("commitment", 32))
    return Wrap(QUEUE_SEED, TO_EXPERT, queue, Epoch(epoch), NO_GENERATION, commitment, body).encode()


def directory_seed(label: str) -> bytes:
    body, commitment = fill(label, BODY_BYTES), Commitment(fill("commitment", 32))
    return Wrap(DIRECTORY_SEED, TO_EXPERT, NO_QUEUE, NO_EPOCH, NO_GENERATION, commitment, body).encode()


def member(*epochs: tuple[QueueId, int], coordinator: bool = False) -> Member:
    """May hold these; must hold the last of each queue."""
    newest = dict(epochs)
    own = {(DIRECTORY_SEED, NO_QUEUE, NO_EPOCH)} if coordinator else set()
    may = {(QUEUE_SEED, queue, Epoch(epoch)) for queue, epoch in epochs} | own
    must = {(QUEUE_SEED, queue, Epoch(epoch)) for queue, epoch in newest.items()} | own
    return Member(frozenset(may), frozenset(must))


ONE_EPOCH = {ONE: member((LAWYER, 1)), OTHER: member((LAWYER, 1))}
RENEWED = KeyAct(NEXT, ONE_EPOCH, (), NOBODY_LEFT)


def account(name: str, *wraps: bytes) -> ExpertRow:
    return replace(expert_row(name), queue_wraps=wraps or (seed(name),))


@pytest.fixture
async def staffed(store: Store) -> Store:
    """Two lawyers under the third directory."""
    await store.put_trust(TRUST)
    for name in ("one", "other"):
        await store.put_expert(account(name))
    return store


async def wraps_of(store: Store, expert_id: ExpertId) -> tuple[bytes, ...]:
    row = await store.expert_by_id(expert_id)
    assert row is not None
    return row.queue_wraps


async def test_an_expert_is_found_by_id(staffed: Store) -> None:
    assert await staffed.expert_by_id(ONE) == account("one")
    assert await staffed.expert_by_id(an_expert("nobody")) is None


async def test_a_renewed_directory_is_kept_and_accounts_stay_as_they_are(staffed: Store) -> None:
    assert await staffed.act_on_keys(RENEWED) == ()
    assert await staffed.trust() == NEXT
    assert await wraps_of(staffed, ONE) == (seed("one"),)


@pytest.mark.parametrize(
    "offered",
    [replace(NEXT, version=5), replace(NEXT, version=3), replace(NEXT, roots=(b"another root",))],
    ids=["a version left out", "the same version", "other roots"],
)
async def test_a_directory_that_does_not_follow_the_stored_one_is_refused(staffed: Store, offered: TrustRow) -> None:
    with refused(Code.DIRECTORY_OUTDATED):
        await staffed.act_on_keys(replace(RENEWED, trust=offered))
    assert await staffed.trust() == TRUST


NEW_ROOT = replace(RENEWED, trust=replace(NEXT, roots=(b"root", b"next root")), is_new_root=True)


async def test_a_directory_under_the_next_root_is_kept_with_it(staffed: Store) -> None:
    assert await staffed.act_on_keys(NEW_ROOT) == ()
    assert await staffed.trust() == NEW_ROOT.trust
    assert await wraps_of(staffed, ONE) == (seed("one"),)


@pytest.mark.parametrize(
    "roots",
    [(b"root",), (b"another root", b"next root"), (b"root", b"next root", b"one more"), (b"next root",)],
    ids=["no new one", "after another one", "two new ones", "instead of the old one"],
)
async def test_a_new_root_that_does_not_follow_the_stored_ones_is_refused(
    staffed: Store, roots: tuple[bytes, ...]
) -> None:
    with refused(Code.DIRECTORY_OUTDATED):
        await staffed.act_on_keys(replace(NEW_ROOT, trust=replace(NEXT, roots=roots)))
    assert await staffed.trust() == TRUST


async def test_a_new_root_comes_by_no_key_act(staffed: Store) -> None:
    with refused(Code.DIRECTORY_OUTDATED):
        await staffed.act_on_keys(replace(NEW_ROOT, is_new_root=False))


async def test_everybody_may_leave_with_a_new_root(staffed: Store) -> None:
    await staffed.act_on_keys(replace(NEW_ROOT, members={}))
    assert await staffed.expert_by_id(ONE) is None
    assert await staffed.trust() == NEW_ROOT.trust


async def test_an_act_on_a_store_that_trusts_nobody_is_refused(store: Store) -> None:
    with refused(Code.DIRECTORY_OUTDATED):
        await store.act_on_keys(RENEWED)


async def test_of_two_acts_at_once_one_is_outdated(staffed: Store) -> None:
    await staffed.act_on_keys(RENEWED)
    with refused(Code.DIRECTORY_OUTDATED):
        await staffed.act_on_keys(replace(RENEWED, trust=replace(NEXT, directory=b"another")))
    assert await staffed.trust() == NEXT


async def test_the_seed_of_a_new_epoch_is_added_to_the_older_one(staffed: Store) -> None:
    both = member((LAWYER, 1), (LAWYER, 2))
    fresh = ((ONE, seed("new", epoch=2)), (OTHER, seed("other", epoch=2)))
    await staffed.act_on_keys(KeyAct(NEXT, {ONE: both, OTHER: both}, fresh, NOBODY_LEFT))
    assert await wraps_of(staffed, ONE) == (seed("one"), seed("new", epoch=2))
    assert await wraps_of(staffed, OTHER) == (seed("other"), seed("other", epoch=2))


async def test_a_fresh_seed_replaces_the_one_of_its_slot(staffed: Store) -> None:
    await staffed.act_on_keys(replace(RENEWED, wraps=((ONE, seed("sealed anew")),)))
    assert await wraps_of(staffed, ONE) == (seed("sealed anew"),)


async def test_seeds_of_epochs_that_leave_the_list_are_deleted(staffed: Store) -> None:
    newer = {ONE: member((LAWYER, 2)), OTHER: member((LAWYER, 2))}
    fresh = ((ONE, seed("new", epoch=2)), (OTHER, seed("other", epoch=2)))
    await staffed.act_on_keys(KeyAct(NEXT, newer, fresh, frozenset({(LAWYER, Epoch(1))})))
    assert await wraps_of(staffed, ONE) == (seed("new", epoch=2),)


async def test_the_directory_keys_seed_goes_to_a_coordinator_and_from_who_is_none_any_more(staffed: Store) -> None:
    promoted = ONE_EPOCH | {ONE: member((LAWYER, 1), coordinator=True)}
    await staffed.act_on_keys(KeyAct(NEXT, promoted, ((ONE, directory_seed("d")),), NOBODY_LEFT))
    assert set(await wraps_of(staffed, ONE)) == {seed("one"), directory_seed("d")}
    again = replace(NEXT, version=5, directory=b"directory 5")
    await staffed.act_on_keys(KeyAct(again, ONE_EPOCH, (), NOBODY_LEFT))
    assert await wraps_of(staffed, ONE) == (seed("one"),)


async def test_an_act_that_leaves_somebody_without_a_current_seed_changes_nothing(staffed: Store) -> None:
    both = member((LAWYER, 1), (LAWYER, 2))
    with refused(Code.OPERATION_MALFORMED):
        await staffed.act_on_keys(KeyAct(NEXT, {ONE: both, OTHER: both}, ((ONE, seed("new", epoch=2)),), NOBODY_LEFT))
    assert (await staffed.trust(), await wraps_of(staffed, ONE)) == (TRUST, (seed("one"),))


async def test_an_expert_without_an_account_cannot_be_in_a_directory(staffed: Store) -> None:
    with refused(Code.OPERATION_MALFORMED):
        await staffed.act_on_keys(replace(RENEWED, members=ONE_EPOCH | {an_expert("nobody"): member((LAWYER, 1))}))
    assert await staffed.trust() == TRUST


async def test_the_account_of_who_leaves_is_deleted(staffed: Store) -> None:
    await staffed.act_on_keys(replace(RENEWED, members={ONE: member((LAWYER, 1))}))
    assert await staffed.expert_by_id(OTHER) is None
    assert await staffed.expert_by_name("other") is None
    assert await staffed.expert_by_id(ONE) is not None


async def test_who_leaves_is_on_call_no_more_and_their_address_is_gone(staffed: Store) -> None:
    for expert in (ONE, OTHER):
        await staffed.put_notice_wish(NoticeWish(expert, "x@example.fi", new_case=True, wrote=True, missed=True))
    await staffed.put_on_call((Shift(ONE, 0, 480, 960), Shift(OTHER, 1, 480, 960)))
    await staffed.act_on_keys(replace(RENEWED, members={ONE: member((LAWYER, 1))}))
    assert [shift.expert_id for shift in await staffed.on_call()] == [ONE]
    assert [wish.expert_id for wish in await staffed.notice_wishes()] == [ONE]


async def test_what_somebody_held_who_leaves_returns_to_its_queue(staffed: Store) -> None:
    kept, returned = new_case("kept"), new_case("returned")
    for new, holder in ((kept, ONE), (returned, OTHER)):
        await staffed.open_case(new)
        await staffed.claim(new.case_id, LAWYER, holder, NOW_S, UNTIL_S)
    released = await staffed.act_on_keys(replace(RENEWED, members={ONE: member((LAWYER, 1))}))
    assert [(place.case_id, place.state, place.holder) for place in released] == [
        (returned.case_id, PlaceState.WAITING, None)
    ]
    assert [place.case_id for place in await staffed.held_by(ONE)] == [kept.case_id]
    assert await staffed.held_by(OTHER) == ()


async def test_what_somebody_held_in_a_queue_they_left_returns_to_it_and_the_rest_stays(staffed: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await staffed.open_case(new)
    for queue in (LAWYER, PSYCHOLOGIST):
        await staffed.claim(new.case_id, queue, ONE, NOW_S, UNTIL_S)
    moved = {ONE: member((PSYCHOLOGIST, 1)), OTHER: member((LAWYER, 1))}
    released = await staffed.act_on_keys(KeyAct(NEXT, moved, ((ONE, seed("p", PSYCHOLOGIST)),), NOBODY_LEFT))
    assert [place.queue for place in released] == [LAWYER]
    assert [place.queue for place in await staffed.held_by(ONE)] == [PSYCHOLOGIST]


async def test_an_epoch_stays_while_a_case_is_wrapped_to_it(staffed: Store) -> None:
    await staffed.open_case(new_case("a"))
    newer = {ONE: member((LAWYER, 2)), OTHER: member((LAWYER, 2))}
    fresh = ((ONE, seed("new", epoch=2)), (OTHER, seed("other", epoch=2)))
    act = KeyAct(NEXT, newer, fresh, frozenset({(LAWYER, Epoch(1))}))
    with refused(Code.EPOCH_IN_USE):
        await staffed.act_on_keys(act)
    assert (await staffed.trust(), await wraps_of(staffed, ONE)) == (TRUST, (seed("one"),))


async def test_an_epoch_stays_while_only_a_card_is_wrapped_to_it(staffed: Store) -> None:
    new = new_case("a")
    await staffed.open_case(new)
    await staffed.turn(new.case_id, new_turn(new.case_id, 2, 1, card=False), None)
    assert await staffed.epochs_in_use(frozenset({(LAWYER, Epoch(1)), (LAWYER, Epoch(2)), (LAWYER, Epoch(3))})) == {
        (LAWYER, Epoch(1)),
        (LAWYER, Epoch(2)),
    }
    with refused(Code.EPOCH_IN_USE):
        await staffed.act_on_keys(replace(RENEWED, unlisted=frozenset({(LAWYER, Epoch(1))})))


async def test_an_epoch_leaves_when_its_last_case_is_erased(staffed: Store) -> None:
    new = new_case("a")
    await staffed.open_case(new)
    await staffed.erase(new.case_id, new.mailbox_row_key)
    newer = {ONE: member((LAWYER, 2)), OTHER: member((LAWYER, 2))}
    fresh = ((ONE, seed("new", epoch=2)), (OTHER, seed("other", epoch=2)))
    await staffed.act_on_keys(KeyAct(NEXT, newer, fresh, frozenset({(LAWYER, Epoch(1))})))
    assert await staffed.trust() == NEXT


async def test_another_queues_epoch_of_the_same_number_is_not_in_the_way(staffed: Store) -> None:
    await staffed.open_case(new_case("a", queues=(LAWYER,)))
    await staffed.act_on_keys(replace(RENEWED, unlisted=frozenset({(PSYCHOLOGIST, Epoch(1))})))
    assert await staffed.trust() == NEXT


# --- New keys of an expert


def renewal_of(name: str, label: str = "renewal", *wraps: bytes) -> RenewalRow:
    fields = (fill(f"{name} {label}", RENEWAL_BYTES), fill(f"{name} {label} blob", 93))
    return RenewalRow(an_expert(name), *fields, wraps or (seed(f"{label} of {name}"),))


def other_unlock(name: str, label: str) -> Unlock:
    return replace(account(name).unlock, login_pk=SignKey(fill(f"{name} {label} login", 32)))


@pytest.fixture
async def renewing(staffed: Store) -> Store:
    """One of the two lawyers has made new keys, and has a passkey; so has the other."""
    await staffed.change_unlock(account("one").login_pk, other_unlock("one", "first"), renewal_of("one"))
    for name in ("one", "other"):
        key = PasskeyRow(fill(f"{name} credential", 20), an_expert(name), fill("key", 77), 0, fill("blob", 93), 1)
        await staffed.add_passkey(key)
    return staffed


LISTED = replace(RENEWED, renewed={ONE: renewal_of("one").renewal}, hour=500_000)


async def test_new_keys_wait_until_an_act_lists_them_and_are_the_accounts_from_then_on(renewing: Store) -> None:
    before = await renewing.expert_by_id(ONE)
    assert await renewing.renewals() == (renewal_of("one"),)
    assert before is not None
    await renewing.act_on_keys(LISTED)
    waited = renewal_of("one")
    expected = replace(before, keys=waited.keys, queue_wraps=waited.queue_wraps, keys_hour=500_000)
    assert await renewing.expert_by_id(ONE) == expected
    assert await renewing.renewals() == ()


async def test_the_passkeys_of_who_has_new_keys_go_and_those_of_others_stay(renewing: Store) -> None:
    await renewing.act_on_keys(LISTED)
    assert [len(await renewing.passkeys_of(expert)) for expert in (ONE, OTHER)] == [0, 1]


async def test_a_seed_that_comes_with_the_act_is_beside_those_that_waited(renewing: Store) -> None:
    two = {expert: member((LAWYER, 1), (LAWYER, 2)) for expert in (ONE, OTHER)}
    fresh = ((ONE, seed("fresh", LAWYER, 2)), (OTHER, seed("fresh", LAWYER, 2)))
    await renewing.act_on_keys(replace(LISTED, members=two, wraps=fresh))
    assert await wraps_of(renewing, ONE) == (*renewal_of("one").queue_wraps, seed("fresh", LAWYER, 2))


@pytest.mark.parametrize("says", ["another", "none"])
async def test_an_act_that_goes_by_another_renewal_than_waits_is_outdated(renewing: Store, says: str) -> None:
    renewal = renewal_of("one", "another").renewal
    act = replace(LISTED, renewed={ONE: renewal} if says == "another" else {OTHER: renewal})
    with refused(Code.DIRECTORY_OUTDATED):
        await renewing.act_on_keys(act)
    assert await renewing.trust() == TRUST
    assert await renewing.renewals() == (renewal_of("one"),)


async def test_new_keys_that_lack_a_seed_are_refused_with_the_whole_act(renewing: Store) -> None:
    two = {ONE: member((LAWYER, 1), (LAWYER, 2)), OTHER: member((LAWYER, 1))}
    with refused(Code.OPERATION_MALFORMED):
        await renewing.act_on_keys(replace(LISTED, members=two))
    assert await renewing.trust() == TRUST


async def test_new_keys_wait_through_acts_that_do_not_list_them_and_bring_their_expert_nothing(renewing: Store) -> None:
    await renewing.act_on_keys(RENEWED)
    assert await renewing.renewals() == (renewal_of("one"),)
    assert await wraps_of(renewing, ONE) == (seed("one"),)


@pytest.mark.parametrize("why", ["a seed for the old key", "their expert left"])
async def test_new_keys_go_with(renewing: Store, why: str) -> None:
    if why == "their expert left":
        await renewing.act_on_keys(replace(RENEWED, members={OTHER: member((LAWYER, 1))}))
    else:
        two = {expert: member((LAWYER, 1), (LAWYER, 2)) for expert in (ONE, OTHER)}
        fresh = tuple((expert, seed("fresh", LAWYER, 2)) for expert in (ONE, OTHER))
        await renewing.act_on_keys(replace(RENEWED, members=two, wraps=fresh))
    assert await renewing.renewals() == ()


@pytest.mark.parametrize("again", [True, False], ids=["and new keys again", "alone"])
async def test_what_waited_goes_with_the_next_password_for_it_was_sealed_under_the_one_before(
    renewing: Store, again: bool
) -> None:
    later = renewal_of("one", "later")
    before = other_unlock("one", "first").login_pk
    await renewing.change_unlock(before, other_unlock("one", "second"), later if again else None)
    assert await renewing.renewals() == ((later,) if again else ())


# --- Who is signed in


def signed_in(label: str, who: ExpertId, door: Door = Door.EXPERTS) -> SessionRow:
    return SessionRow(fill(f"{label} token", 32), fill(label, 16), door, who, 1, UNTIL_S)


MINE, THEIRS, A_VIEWERS = signed_in("one", ONE), signed_in("other", OTHER), signed_in("viewer", OTHER, Door.VIEWERS)


@pytest.mark.parametrize(
    ("act", "stay"),
    [
        (RENEWED, [MINE, THEIRS, A_VIEWERS]),
        (replace(RENEWED, members={ONE: member((LAWYER, 1))}), [MINE, A_VIEWERS]),
        (NEW_ROOT, [A_VIEWERS]),
    ],
    ids=["who stays", "who leaves", "everybody under a new root"],
)
async def test_with_the_directory_end_the_sessions_of(staffed: WholeStore, act: KeyAct, stay: list[SessionRow]) -> None:
    sessions = [MINE, THEIRS, A_VIEWERS]
    for row in sessions:
        await staffed.begin_session(row, NOW_S)
    await staffed.act_on_keys(act)
    assert [row for row in sessions if await staffed.session(row.token_digest) is not None] == stay


async def test_an_act_that_is_refused_ends_no_session(staffed: WholeStore) -> None:
    await staffed.begin_session(THEIRS, NOW_S)
    with refused(Code.DIRECTORY_OUTDATED):
        await staffed.act_on_keys(replace(RENEWED, trust=replace(NEXT, version=5), members={ONE: member((LAWYER, 1))}))
    assert await staffed.session(THEIRS.token_digest) == THEIRS


async def test_the_version_is_that_of_the_newest_directory(store: WholeStore) -> None:
    assert await store.trust_version() == 0
    await store.put_trust(TRUST)
    await store.put_trust(NEXT)
    assert await store.trust_version() == NEXT.version
