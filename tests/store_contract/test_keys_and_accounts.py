"""Experts' accounts and what clients trust."""

import asyncio

import pytest
from msgspec.structs import replace

from lyhty_server.store.interface import Store
from lyhty_server.store.people_rows import TrustRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import SignKey
from lyhty_wire.unlocks import Unlock
from tests.store_contract.examples import an_expert, expert_row, fill, new_case
from tests.store_contract.refusals import refused

TRUST = TrustRow(3, (b"first root", b"second root"), b"directory")


async def test_an_expert_is_found_by_name(store: Store) -> None:
    await store.put_expert(expert_row("one"))
    assert await store.expert_by_name("one") == expert_row("one")


async def test_an_unknown_name_finds_nobody(store: Store) -> None:
    assert await store.expert_by_name("one") is None


async def test_an_expert_can_be_renamed_and_given_other_keys(store: Store) -> None:
    await store.put_expert(expert_row("one"))
    changed = replace(expert_row("one"), name="one.k", queue_wraps=())
    await store.put_expert(changed)
    assert await store.expert_by_name("one") is None
    assert await store.expert_by_name("one.k") == changed


async def test_two_experts_cannot_have_one_name(store: Store) -> None:
    await store.put_expert(expert_row("one"))
    with refused(Code.OBJECT_CONFLICT):
        await store.put_expert(replace(expert_row("other"), name="one"))
    assert await store.expert_by_name("one") == expert_row("one")


async def test_a_new_store_trusts_nobody(store: Store) -> None:
    assert await store.trust() is None


async def test_the_newest_directory_and_the_chain_of_roots_are_kept(store: Store) -> None:
    newer = TrustRow(4, (*TRUST.roots, b"third root"), b"newer directory")
    await store.put_trust(TRUST)
    await store.put_trust(newer)
    assert await store.trust() == newer


async def test_the_same_directory_again_is_no_change(store: Store) -> None:
    await store.put_trust(TRUST)
    await store.put_trust(TRUST)
    assert await store.trust() == TRUST


@pytest.mark.parametrize(
    "other", [replace(TRUST, version=2), replace(TRUST, directory=b"another")], ids=["lower", "same version"]
)
async def test_a_directory_cannot_be_turned_back(store: Store, other: TrustRow) -> None:
    await store.put_trust(TRUST)
    with refused(Code.OBJECT_CONFLICT):
        await store.put_trust(other)
    assert await store.trust() == TRUST


async def test_a_closed_store_refuses_to_write_and_to_read(store: Store) -> None:
    await store.close()
    with refused(Code.STORAGE_FAILED):
        await store.open_case(new_case("a"))
    with refused(Code.STORAGE_FAILED):
        await store.trust()


def another_unlock(name: str, label: str) -> Unlock:
    login, salt, keys = (fill(f"{label} {part}", size) for part, size in (("login", 32), ("salt", 16), ("keys", 93)))
    return Unlock(an_expert(name), salt, 131_072, 4, 1, SignKey(login), keys)


async def test_another_unlock_replaces_the_one_before_and_nothing_else(store: Store) -> None:
    for name in ("one", "other"):
        await store.put_expert(expert_row(name))
    new = another_unlock("one", "new")
    await store.change_unlock(expert_row("one").login_pk, new)
    changed = await store.expert_by_id(an_expert("one"))
    assert changed is not None
    assert (changed.unlock, changed.name, changed.queue_wraps) == (new, "one", expert_row("one").queue_wraps)
    assert await store.expert_by_name("one") == changed
    assert await store.expert_by_name("other") == expert_row("other")


async def test_an_unlock_is_changed_from_the_one_that_holds_and_from_no_other(store: Store) -> None:
    await store.put_expert(expert_row("one"))
    first, second = another_unlock("one", "first"), another_unlock("one", "second")
    before = expert_row("one").login_pk
    outcomes = await asyncio.gather(
        *(store.change_unlock(before, new) for new in (first, second)), return_exceptions=True
    )
    assert [outcome is None for outcome in outcomes].count(True) == 1
    stored = await store.expert_by_id(an_expert("one"))
    assert stored is not None
    assert stored.unlock == (first if outcomes[0] is None else second)
    with refused(Code.SIGN_IN_FAILED):
        await store.change_unlock(before, second)
    with refused(Code.SIGN_IN_FAILED):
        await store.change_unlock(before, another_unlock("nobody", "third"))
