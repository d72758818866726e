"""Invitations: made by coordinators, answered once, gone after a week."""

import pytest
from msgspec.structs import replace

from lyhty_server.domain.invitations import MAX_WAITING
from lyhty_server.store.interface import Store
from lyhty_server.store.people_rows import Accepted, ExpertRow, InvitationRow, KeyAct, TrustRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER
from tests.store_contract.examples import NOW_S, an_expert, expert_row, fill
from tests.store_contract.refusals import refused
from tests.store_contract.test_key_acts import member, seed

WEEK_S = 7 * 24 * 3_600
LATER_S = NOW_S + WEEK_S


def invitation(label: str) -> InvitationRow:
    return InvitationRow(
        fill(f"{label} id", 16), fill(f"{label} offer", 200), fill(f"{label} kept", 61), LATER_S, application=None
    )


A = invitation("a")
APPLICATION = fill("application", 1_500)
NEW: ExpertRow = replace(expert_row("uusi"), queue_wraps=())


async def test_an_invitation_is_found_by_id_until_it_has_run_out(store: Store) -> None:
    await store.put_invitation(A, NOW_S)
    assert await store.invitation(A.invitation_id, LATER_S - 1) == A
    with refused(Code.INVITATION_UNKNOWN):
        await store.invitation(A.invitation_id, LATER_S)


async def test_an_unknown_invitation_is_refused(store: Store) -> None:
    with refused(Code.INVITATION_UNKNOWN):
        await store.invitation(A.invitation_id, NOW_S)
    with refused(Code.INVITATION_UNKNOWN):
        await store.apply(A.invitation_id, APPLICATION, "uusi", NOW_S)


async def test_those_that_wait_are_listed_by_id_and_no_others(store: Store) -> None:
    made = [invitation(label) for label in "abc"]
    for row in made:
        await store.put_invitation(row, NOW_S)
    await store.put_invitation(replace(invitation("old"), expires_s=NOW_S + 1), NOW_S)
    assert await store.invitations(NOW_S + 1) == tuple(sorted(made, key=lambda row: row.invitation_id))


async def test_the_same_invitation_again_is_no_change(store: Store) -> None:
    await store.put_invitation(A, NOW_S)
    await store.apply(A.invitation_id, APPLICATION, "uusi", NOW_S)
    await store.put_invitation(replace(A, expires_s=LATER_S + 60), NOW_S + 60)
    assert await store.invitations(NOW_S) == (replace(A, application=APPLICATION),)


@pytest.mark.parametrize("other", [{"offer": b"another"}, {"kept": bytes(61)}], ids=["offer", "kept"])
async def test_other_bytes_under_the_same_id_are_refused(store: Store, other: dict[str, bytes]) -> None:
    await store.put_invitation(A, NOW_S)
    with refused(Code.OBJECT_CONFLICT):
        await store.put_invitation(replace(A, **other), NOW_S)
    assert await store.invitations(NOW_S) == (A,)


async def test_no_more_than_a_hundred_wait_and_those_that_have_run_out_make_room(store: Store) -> None:
    for number in range(MAX_WAITING):
        await store.put_invitation(invitation(str(number)), NOW_S)
    with refused(Code.BUSY):
        await store.put_invitation(A, NOW_S)
    await store.put_invitation(replace(A, expires_s=LATER_S + WEEK_S), LATER_S)
    assert len(await store.invitations(LATER_S)) == 1


async def test_an_application_stays_with_its_invitation(store: Store) -> None:
    await store.put_invitation(A, NOW_S)
    assert await store.apply(A.invitation_id, APPLICATION, "uusi", NOW_S)
    assert (await store.invitation(A.invitation_id, NOW_S)).application == APPLICATION


async def test_the_same_application_again_is_no_news(store: Store) -> None:
    await store.put_invitation(A, NOW_S)
    assert [await store.apply(A.invitation_id, APPLICATION, "uusi", NOW_S) for _ in range(2)] == [True, False]


async def test_an_invitation_is_answered_once(store: Store) -> None:
    await store.put_invitation(A, NOW_S)
    await store.apply(A.invitation_id, APPLICATION, "uusi", NOW_S)
    with refused(Code.OBJECT_CONFLICT):
        await store.apply(A.invitation_id, fill("another", 1_500), "toinen", NOW_S)
    assert (await store.invitation(A.invitation_id, NOW_S)).application == APPLICATION


async def test_nobody_applies_with_the_name_of_an_account_that_is_there(store: Store) -> None:
    await store.put_expert(expert_row("one"))
    await store.put_invitation(A, NOW_S)
    with refused(Code.OBJECT_CONFLICT):
        await store.apply(A.invitation_id, APPLICATION, "one", NOW_S)
    assert (await store.invitation(A.invitation_id, NOW_S)).application is None


async def test_nobody_answers_an_invitation_that_has_run_out(store: Store) -> None:
    await store.put_invitation(A, NOW_S)
    with refused(Code.INVITATION_UNKNOWN):
        await store.apply(A.invitation_id, APPLICATION, "uusi", LATER_S)


async def test_an_invitation_is_withdrawn_with_its_application(store: Store) -> None:
    await store.put_invitation(A, NOW_S)
    await store.apply(A.invitation_id, APPLICATION, "uusi", NOW_S)
    for _ in range(2):
        await store.withdraw(A.invitation_id)
    assert await store.invitations(NOW_S) == ()


# --- Accepted by a key act


def accepting(**changes: object) -> KeyAct:
    members = {an_expert("one"): member((LAWYER, 1)), NEW.expert_id: member((LAWYER, 1))}
    accepted = Accepted(A.invitation_id, APPLICATION, NEW, NOW_S)
    wraps = ((NEW.expert_id, seed("new")),)
    act = KeyAct(TrustRow(4, (b"root",), b"directory 4"), members, wraps, frozenset(), accepted)
    return replace(act, **changes)


@pytest.fixture
async def applied(store: Store) -> Store:
    """One expert under the third directory, and an application that waits."""
    await store.put_trust(TrustRow(3, (b"root",), b"directory 3"))
    await store.put_expert(replace(expert_row("one"), queue_wraps=(seed("one"),)))
    await store.put_invitation(A, NOW_S)
    await store.apply(A.invitation_id, APPLICATION, NEW.name, NOW_S)
    return store


async def test_an_accepted_application_becomes_an_account_with_its_seeds(applied: Store) -> None:
    await applied.act_on_keys(accepting())
    assert await applied.expert_by_name("uusi") == replace(NEW, queue_wraps=(seed("new"),))


async def test_an_accepted_invitation_is_gone(applied: Store) -> None:
    await applied.act_on_keys(accepting())
    assert await applied.invitations(NOW_S) == ()


@pytest.mark.parametrize(
    "accepted",
    [
        Accepted(A.invitation_id, fill("another application", 1_500), NEW, NOW_S),
        Accepted(fill("another invitation", 16), APPLICATION, NEW, NOW_S),
        Accepted(A.invitation_id, APPLICATION, NEW, LATER_S),
    ],
    ids=["another application", "another invitation", "run out"],
)
async def test_what_no_invitation_holds_is_not_accepted(applied: Store, accepted: Accepted) -> None:
    with refused(Code.INVITATION_UNKNOWN):
        await applied.act_on_keys(accepting(accepted=accepted))
    assert await applied.expert_by_name("uusi") is None


@pytest.mark.parametrize("taken", [{"name": "one"}, {"expert_id": an_expert("one")}], ids=["name", "id"])
async def test_nobody_is_accepted_under_the_name_or_id_of_another(applied: Store, taken: dict[str, object]) -> None:
    with refused(Code.OBJECT_CONFLICT):
        await applied.act_on_keys(
            accepting(accepted=Accepted(A.invitation_id, APPLICATION, replace(NEW, **taken), NOW_S))
        )
    assert [row.application for row in await applied.invitations(NOW_S)] == [APPLICATION]


async def test_without_seeds_nobody_is_accepted(applied: Store) -> None:
    with refused(Code.OPERATION_MALFORMED):
        await applied.act_on_keys(accepting(wraps=()))
    assert await applied.expert_by_name("uusi") is None
    assert len(await applied.invitations(NOW_S)) == 1


async def test_the_first_coordinator_is_of_no_invitation(store: Store) -> None:
    await store.put_trust(TrustRow(3, (b"root",), b"directory 3"))
    founder = Accepted(None, APPLICATION, NEW, NOW_S)
    await store.act_on_keys(accepting(accepted=founder, members={NEW.expert_id: member((LAWYER, 1))}))
    assert await store.expert_by_name("uusi") == replace(NEW, queue_wraps=(seed("new"),))


async def test_with_a_new_root_every_invitation_goes(applied: Store) -> None:
    """What coordinators keep of them is sealed under the directory key that is withdrawn (SPEC 9.11)."""
    roots, members = (b"root", b"next root"), {an_expert("one"): member((LAWYER, 1))}
    await applied.act_on_keys(
        KeyAct(TrustRow(4, roots, b"directory 4"), members, (), frozenset(), is_new_root=True),
    )
    assert await applied.invitations(NOW_S) == ()
