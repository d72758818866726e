"""Experts' accounts and what clients trust."""

import pytest
from msgspec.structs import replace

from lyhty_server.store.interface import Store, TrustRow
from lyhty_wire.codes import Code
from tests.store_contract.examples import expert_row, new_case
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
