"""Rewraps, experts' accounts and what clients trust."""

import pytest
from msgspec.structs import replace

from lyhty_server.store.interface import GenerationRow, NewWrap, Store, TrustRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, Generation
from tests.store_contract.examples import FIRST, NOW_S, UNTIL_S, an_expert, expert_row, fill, new_case, new_wrap
from tests.store_contract.refusals import refused

X = an_expert("x")
TRUST = TrustRow(3, (b"first root", b"second root"), b"directory")


async def test_a_rewrap_replaces_the_roster_and_the_queues_wraps(store: Store) -> None:
    new = new_case("a", queues=(LAWYER, PSYCHOLOGIST))
    await store.open_case(new)
    wraps = (new_wrap(LAWYER, 2), new_wrap(PSYCHOLOGIST, 1))
    await store.rewrap(new.case_id, FIRST, b"second roster", wraps)
    held = await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)
    assert (held.rosters, held.wraps) == ((b"second roster",), (wraps[0].wrap,))


async def test_a_rewrap_leaves_the_reporters_own_copy(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.rewrap(new.case_id, FIRST, b"second roster", (new_wrap(LAWYER, 2),))
    generations = (await store.case_state(new.case_id)).generations
    assert generations == (GenerationRow(FIRST, b"second roster", new.self_wrap),)


async def test_a_rewrap_leaves_the_cards_wrap(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.rewrap(new.case_id, FIRST, b"second roster", (new_wrap(LAWYER, 2),))
    assert [place.card_wrap for place in await store.places(new.case_id)] == [new.places[0].card_wrap]


async def test_a_rewrap_may_keep_the_older_epoch_beside_the_newer(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    wraps = (new_wrap(LAWYER, 1), new_wrap(LAWYER, 2))
    await store.rewrap(new.case_id, FIRST, b"second roster", wraps)
    assert (await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)).wraps == tuple(wrap.wrap for wrap in wraps)


async def test_a_repeated_rewrap_changes_nothing(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    for _ in range(2):
        await store.rewrap(new.case_id, FIRST, b"second roster", (new_wrap(LAWYER, 2),))
    assert len((await store.claim(new.case_id, LAWYER, X, NOW_S, UNTIL_S)).wraps) == 1


async def test_a_late_rewrap_cannot_undo_a_newer_one(store: Store) -> None:
    new = new_case("a")
    await store.open_case(new)
    await store.rewrap(new.case_id, FIRST, b"third roster", (new_wrap(LAWYER, 3),))
    with refused(Code.EPOCH_STALE):
        await store.rewrap(new.case_id, FIRST, b"second roster", (new_wrap(LAWYER, 2),))


@pytest.mark.parametrize(
    ("generation", "wraps"),
    [
        (Generation(2), (new_wrap(LAWYER, 2),)),
        (FIRST, (new_wrap(PSYCHOLOGIST, 2),)),
        (FIRST, (new_wrap(LAWYER, 2), new_wrap(PSYCHOLOGIST, 2))),
        (FIRST, ()),
    ],
    ids=["another generation", "another queue", "one queue more", "no queue"],
)
async def test_a_rewrap_for_other_readers_is_refused(
    store: Store, generation: Generation, wraps: tuple[NewWrap, ...]
) -> None:
    new = new_case("a")
    await store.open_case(new)
    with refused(Code.OBJECT_CONFLICT):
        await store.rewrap(new.case_id, generation, b"second roster", wraps)
    assert (await store.case_state(new.case_id)).generations[0].roster == new.roster


async def test_an_unknown_case_cannot_be_rewrapped(store: Store) -> None:
    with refused(Code.CASE_UNKNOWN):
        await store.rewrap(CaseId(fill("nothing", 32)), FIRST, b"roster", (new_wrap(LAWYER, 2),))


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
