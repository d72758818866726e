"""Viewers: invited by coordinators, in by one entry each, gone when they are removed."""

import pytest
from msgspec.structs import replace

from lyhty_server.domain.invitations import MAX_WAITING
from lyhty_server.store.room_rows import WholeStore
from lyhty_server.store.viewer_rows import PasswordEntry, ProviderEntry, ViewerInvitationRow, ViewerRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import SignKey, ViewerId
from tests.store_contract.examples import NOW_S, fill
from tests.store_contract.refusals import refused

LATER_S = NOW_S + 7 * 24 * 3_600


def invitation(label: str, organisation: str = "837") -> ViewerInvitationRow:
    return ViewerInvitationRow(ViewerId(fill(f"{label} viewer", 16)), f"Viewer {label}", organisation, LATER_S)


def password(account: str) -> PasswordEntry:
    login = SignKey(fill(f"{account} login", 32))
    return PasswordEntry(account, fill(f"{account} salt", 16), 65_536, 3, 1, login)


A, B = invitation("a"), invitation("b")
MUNICIPAL = ProviderEntry("https://accounts.example", "3f2a")


async def test_an_invitation_is_found_until_it_has_run_out(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    assert await store.viewer_invitation(A.invitation_id, LATER_S - 1) == A
    with refused(Code.INVITATION_UNKNOWN):
        await store.viewer_invitation(A.invitation_id, LATER_S)
    assert await store.viewer_invitations(LATER_S) == ()


async def test_invitations_are_listed_by_name(store: WholeStore) -> None:
    for each in (B, A):
        await store.put_viewer_invitation(each, NOW_S)
    assert await store.viewer_invitations(NOW_S) == (A, B)


async def test_the_same_invitation_again_is_no_change(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    await store.put_viewer_invitation(replace(A, expires_s=LATER_S + 60), NOW_S + 60)
    assert await store.viewer_invitations(NOW_S) == (A,)


@pytest.mark.parametrize("other", [{"name": "Somebody else"}, {"organisation": "91"}], ids=["name", "organisation"])
async def test_something_else_under_the_same_id_is_refused(store: WholeStore, other: dict[str, str]) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    with refused(Code.OBJECT_CONFLICT):
        await store.put_viewer_invitation(replace(A, **other), NOW_S)
    assert await store.viewer_invitations(NOW_S) == (A,)


async def test_no_more_than_a_hundred_wait_and_those_that_have_run_out_make_room(store: WholeStore) -> None:
    for number in range(MAX_WAITING):
        await store.put_viewer_invitation(invitation(str(number)), NOW_S)
    with refused(Code.BUSY):
        await store.put_viewer_invitation(A, NOW_S)
    await store.put_viewer_invitation(replace(A, expires_s=LATER_S + 60), LATER_S)
    assert len(await store.viewer_invitations(LATER_S)) == 1


async def test_a_withdrawn_invitation_is_unknown(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    for _ in range(2):
        await store.withdraw_viewer_invitation(A.invitation_id)
    with refused(Code.INVITATION_UNKNOWN):
        await store.join_viewer(A.invitation_id, password("rehtori"), NOW_S)
    assert await store.viewers() == ()


@pytest.mark.parametrize("entry", [password("rehtori"), MUNICIPAL], ids=["password", "provider"])
async def test_who_joins_is_a_viewer_of_the_body_they_were_invited_for_and_the_invitation_is_gone(
    store: WholeStore, entry: PasswordEntry | ProviderEntry
) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    row = await store.join_viewer(A.invitation_id, entry, NOW_S)
    assert row == ViewerRow(A.invitation_id, A.name, A.organisation, entry)
    assert (await store.viewers(), await store.viewer(A.invitation_id)) == ((row,), row)
    assert await store.viewer_invitations(NOW_S) == ()


async def test_the_same_joining_again_is_answered_alike(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    rows = [await store.join_viewer(A.invitation_id, password("rehtori"), NOW_S) for _ in range(2)]
    assert rows[0] == rows[1]
    assert len(await store.viewers()) == 1


async def test_an_invitation_is_for_one(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    await store.join_viewer(A.invitation_id, password("rehtori"), NOW_S)
    for other in (password("toinen"), replace(password("rehtori"), salt=bytes(16)), MUNICIPAL):
        with refused(Code.INVITATION_UNKNOWN):
            await store.join_viewer(A.invitation_id, other, NOW_S)
    assert [row.entry for row in await store.viewers()] == [password("rehtori")]


async def test_nobody_joins_by_an_invitation_that_has_run_out(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    with refused(Code.INVITATION_UNKNOWN):
        await store.join_viewer(A.invitation_id, MUNICIPAL, LATER_S)


@pytest.mark.parametrize("entry", [password("rehtori"), MUNICIPAL], ids=["password", "provider"])
async def test_an_account_is_one_viewers_and_the_invitation_stays(
    store: WholeStore, entry: PasswordEntry | ProviderEntry
) -> None:
    for each in (A, B):
        await store.put_viewer_invitation(each, NOW_S)
    await store.join_viewer(A.invitation_id, entry, NOW_S)
    other = replace(entry, salt=bytes(16)) if isinstance(entry, PasswordEntry) else entry
    with refused(Code.OBJECT_CONFLICT):
        await store.join_viewer(B.invitation_id, other, NOW_S)
    assert await store.viewer_invitations(NOW_S) == (B,)
    assert len(await store.viewers()) == 1


async def test_no_invitation_is_made_with_the_id_of_a_viewer(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    await store.join_viewer(A.invitation_id, MUNICIPAL, NOW_S)
    with refused(Code.OBJECT_CONFLICT):
        await store.put_viewer_invitation(A, NOW_S)


async def test_a_viewer_is_found_by_account_and_by_the_providers_name_for_them(store: WholeStore) -> None:
    for each, entry in ((A, password("rehtori")), (B, MUNICIPAL)):
        await store.put_viewer_invitation(each, NOW_S)
        await store.join_viewer(each.invitation_id, entry, NOW_S)
    by_account, by_subject = (
        await store.viewer_by_account("rehtori"),
        await store.viewer_by_subject(MUNICIPAL.issuer, MUNICIPAL.subject),
    )
    assert (by_account and by_account.viewer_id, by_subject and by_subject.viewer_id) == (
        A.invitation_id,
        B.invitation_id,
    )
    assert await store.viewer_by_account("3f2a") is None
    assert await store.viewer_by_subject("https://other.example", MUNICIPAL.subject) is None
    assert await store.viewer_by_subject(MUNICIPAL.issuer, "rehtori") is None


async def test_of_a_viewer_who_is_removed_nothing_is_left(store: WholeStore) -> None:
    await store.put_viewer_invitation(A, NOW_S)
    await store.join_viewer(A.invitation_id, password("rehtori"), NOW_S)
    for _ in range(2):
        await store.remove_viewer(A.invitation_id)
    assert (await store.viewers(), await store.viewer(A.invitation_id)) == ((), None)
    assert await store.viewer_by_account("rehtori") is None
    with refused(Code.INVITATION_UNKNOWN):
        await store.join_viewer(A.invitation_id, password("rehtori"), NOW_S)
