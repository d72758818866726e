"""Passkeys in the store: whose they are, how many, and when they go."""

import asyncio

import pytest
from msgspec.structs import replace

from lyhty_server.store.interface import Store
from lyhty_server.store.people_rows import MAX_PASSKEYS, PasskeyRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER
from tests.store_contract.examples import NOW_S, an_expert, fill
from tests.store_contract.refusals import refused
from tests.store_contract.test_key_acts import ONE, OTHER, RENEWED, TRUST, account, member

HOUR = NOW_S // 3_600


def passkey(label: str, owner: str = "one", *, hour: int = HOUR, sign_count: int = 0) -> PasskeyRow:
    return PasskeyRow(
        credential_id=fill(f"{label} credential", 20),
        expert_id=an_expert(owner),
        public_key=fill(f"{label} key", 77),
        sign_count=sign_count,
        keys=fill(f"{label} blob", 93),
        added_hour=hour,
    )


async def test_a_passkey_is_found_by_its_credential_and_by_its_owner(store: Store) -> None:
    mine, theirs = passkey("mine"), passkey("theirs", "other")
    for each in (mine, theirs):
        await store.add_passkey(each)
    assert await store.passkey(mine.credential_id) == mine
    assert await store.passkey(b"unknown") is None
    assert await store.passkeys_of(OTHER) == (theirs,)
    assert await store.passkeys_of(an_expert("nobody")) == ()


async def test_passkeys_come_the_oldest_first(store: Store) -> None:
    added = [passkey("b", hour=HOUR + 1), passkey("a", hour=HOUR), passkey("c", hour=HOUR + 2)]
    for each in added:
        await store.add_passkey(each)
    assert [each.added_hour for each in await store.passkeys_of(ONE)] == [HOUR, HOUR + 1, HOUR + 2]


async def test_the_same_passkey_again_is_no_change_even_after_it_has_been_used(store: Store) -> None:
    once = passkey("a")
    await store.add_passkey(once)
    await store.count_passkey(once.credential_id, 7)
    await store.add_passkey(replace(once, added_hour=HOUR + 1))
    assert await store.passkeys_of(ONE) == (replace(once, sign_count=7),)


@pytest.mark.parametrize(
    "change", [{"expert_id": OTHER}, {"public_key": b"another"}, {"keys": bytes(93)}], ids=["owner", "key", "blob"]
)
async def test_a_known_credential_is_not_taken_over(store: Store, change: dict[str, bytes]) -> None:
    known = passkey("a")
    await store.add_passkey(known)
    with refused(Code.OBJECT_CONFLICT):
        await store.add_passkey(replace(known, **change))
    assert await store.passkey(known.credential_id) == known
    assert await store.passkeys_of(OTHER) == ()


async def test_nobody_has_more_passkeys_than_the_limit_and_the_same_again_is_not_one_more(store: Store) -> None:
    for nth in range(MAX_PASSKEYS):
        await store.add_passkey(passkey(str(nth)))
    with refused(Code.OBJECT_CONFLICT):
        await store.add_passkey(passkey("one more"))
    await store.add_passkey(passkey("0"))
    await store.add_passkey(passkey("of somebody else", "other"))
    assert len(await store.passkeys_of(ONE)) == MAX_PASSKEYS
    await store.remove_passkey(ONE, passkey("0").credential_id)
    await store.add_passkey(passkey("one more"))


async def test_of_many_added_at_one_moment_no_more_are_kept_than_the_limit(store: Store) -> None:
    adding = (store.add_passkey(passkey(str(nth))) for nth in range(MAX_PASSKEYS + 5))
    failed = [each for each in await asyncio.gather(*adding, return_exceptions=True) if each is not None]
    assert (len(failed), len(await store.passkeys_of(ONE))) == (5, MAX_PASSKEYS)


async def test_the_count_of_a_passkey_only_grows(store: Store) -> None:
    used = passkey("a", sign_count=5)
    await store.add_passkey(used)
    for count, then in ((4, 5), (5, 5), (2**32 - 1, 2**32 - 1), (6, 2**32 - 1)):
        await store.count_passkey(used.credential_id, count)
        assert await store.passkey(used.credential_id) == replace(used, sign_count=then)
    await store.count_passkey(b"unknown", 1)
    assert await store.passkey(b"unknown") is None


async def test_a_passkey_is_removed_by_its_owner_and_by_nobody_else(store: Store) -> None:
    mine, kept = passkey("mine"), passkey("kept")
    for each in (mine, kept):
        await store.add_passkey(each)
    await store.remove_passkey(OTHER, mine.credential_id)
    assert await store.passkey(mine.credential_id) == mine
    for _ in range(2):
        await store.remove_passkey(ONE, mine.credential_id)
    assert await store.passkeys_of(ONE) == (kept,)
    assert await store.passkey(mine.credential_id) is None


async def test_the_passkeys_of_who_leaves_go_with_the_account_and_others_stay(store: Store) -> None:
    await store.put_trust(TRUST)
    mine, theirs = passkey("mine"), passkey("theirs", "other")
    for name, each in (("one", mine), ("other", theirs)):
        await store.put_expert(account(name))
        await store.add_passkey(each)
    await store.act_on_keys(replace(RENEWED, members={ONE: member((LAWYER, 1))}))
    assert await store.passkey(theirs.credential_id) is None
    assert await store.passkeys_of(OTHER) == ()
    assert await store.passkeys_of(ONE) == (mine,)
