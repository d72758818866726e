"""Contributions, statistics keys and releases in the store (SPEC 12.3, 12.4)."""

import asyncio

import pytest
from msgspec.structs import replace

from lyhty_server.domain.key_acts import Member
from lyhty_server.store.figure_rows import ContributionRow, StatisticsKeyRow
from lyhty_server.store.people_rows import KeyAct, RenewalRow, TrustRow
from lyhty_server.store.room_rows import WholeStore
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, ExpertId
from lyhty_wire.renewals import RENEWAL_BYTES
from tests.store_contract.examples import an_expert, fill
from tests.store_contract.refusals import refused
from tests.store_contract.test_key_acts import TRUST, account, directory_seed, member, seed

ONE, OTHER = an_expert("one"), an_expert("other")
KEY = StatisticsKeyRow(1, fill("statement", 1_345))
LINK = fill("link", 1_233)


def row(label: str, sealed: str | None = None) -> ContributionRow:
    return ContributionRow(fill(f"token {label}", 16), fill("key", 32), fill(sealed or f"sealed {label}", 1_520))


ROWS = tuple(row(str(number)) for number in range(7))
BY_TOKEN = tuple(sorted(ROWS, key=lambda one: one.token))


async def kept(store: WholeStore) -> tuple[ContributionRow, ...]:
    return (await store.contributions(b"", 100)).contributions


async def test_contributions_are_read_by_token_in_whatever_order_they_came(store: WholeStore) -> None:
    await store.put_contributions(ROWS[:3])
    await store.put_contributions(ROWS[3:])
    assert await kept(store) == BY_TOKEN


async def test_they_are_read_in_pages_and_none_is_left_out_or_comes_twice(store: WholeStore) -> None:
    await store.put_contributions(ROWS)
    read: list[ContributionRow] = []
    while True:
        page = await store.contributions(read[-1].token if read else b"", 3)
        read += page.contributions
        if not page.more:
            break
    assert tuple(read) == BY_TOKEN


async def test_of_one_token_the_first_is_kept_and_the_others_of_the_batch_are_taken(store: WholeStore) -> None:
    await store.put_contributions(ROWS[:1])
    await store.put_contributions((replace(ROWS[0], sealed=fill("another", 1_520)), ROWS[1]))
    assert await kept(store) == tuple(sorted(ROWS[:2], key=lambda one: one.token))


async def test_the_same_batch_again_changes_nothing_even_at_the_same_time(store: WholeStore) -> None:
    await asyncio.gather(store.put_contributions(ROWS), store.put_contributions(ROWS), store.mix_contributions())
    assert await kept(store) == BY_TOKEN


async def test_what_was_removed_is_gone_and_the_rest_stays(store: WholeStore) -> None:
    await store.put_contributions(ROWS)
    for _ in range(2):
        await store.remove_contributions(tuple(one.token for one in BY_TOKEN[:5]))
        assert await kept(store) == BY_TOKEN[5:]


async def test_mixing_changes_nothing_that_can_be_read(store: WholeStore) -> None:
    await store.mix_contributions()
    await store.put_contributions(ROWS)
    await store.mix_contributions()
    assert await kept(store) == BY_TOKEN


async def test_under_one_chain_of_roots_one_key_is_stated(store: WholeStore) -> None:
    await store.put_statistics_key(KEY)
    await store.put_statistics_key(KEY)
    with refused(Code.OBJECT_CONFLICT):
        await store.put_statistics_key(replace(KEY, statement=fill("other", 1_345)))
    later = replace(KEY, roots=2, statement=fill("later", 1_345))
    await store.put_statistics_key(later)
    assert await store.statistics_keys() == (KEY, later)


async def test_of_a_keys_links_the_first_is_kept(store: WholeStore) -> None:
    await store.put_statistics_key(KEY)
    await store.put_statistics_link(1, LINK)
    await store.put_statistics_link(1, fill("another link", 1_233))
    await store.put_statistics_link(2, LINK)
    assert await store.statistics_keys() == (replace(KEY, link=LINK),)


COORDINATES, LAWYERS = member((LAWYER, 1), coordinator=True), member((LAWYER, 1))
NEXT = TrustRow(4, (b"root", b"next root"), b"directory 4")


def new_root(members: dict[ExpertId, Member], **rest: object) -> KeyAct:
    wraps = tuple((who, directory_seed(f"next {who.hex()}")) for who, one in members.items() if one.is_coordinator)
    act = KeyAct(NEXT, members, wraps, frozenset(), is_new_root=True)
    return replace(act, **rest)


@pytest.fixture
async def coordinated(store: WholeStore) -> WholeStore:
    """By two, who are lawyers too, under the third directory, with a statistics key."""
    await store.put_trust(TRUST)
    for name in ("one", "other"):
        await store.put_expert(account(name, seed(name), directory_seed(name)))
    await store.put_statistics_key(KEY)
    return store


async def earlier(store: WholeStore) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    return await store.earlier_wraps(ONE), await store.earlier_wraps(OTHER)


async def test_at_a_new_root_who_goes_on_coordinating_keeps_the_seed_before_until_it_is_linked(
    coordinated: WholeStore,
) -> None:
    await coordinated.act_on_keys(new_root({ONE: COORDINATES, OTHER: COORDINATES}))
    assert await earlier(coordinated) == ((directory_seed("one"),), (directory_seed("other"),))
    await coordinated.put_statistics_link(2, LINK)
    assert await coordinated.earlier_wraps(ONE)
    await coordinated.put_statistics_link(1, LINK)
    assert await earlier(coordinated) == ((), ())


async def test_who_coordinates_no_more_or_leaves_keeps_no_seed(coordinated: WholeStore) -> None:
    await coordinated.act_on_keys(new_root({ONE: COORDINATES, OTHER: LAWYERS}))
    assert await earlier(coordinated) == ((directory_seed("one"),), ())
    later = KeyAct(
        replace(NEXT, version=5), {ONE: LAWYERS, OTHER: COORDINATES}, ((OTHER, directory_seed("x")),), frozenset()
    )
    await coordinated.act_on_keys(later)
    assert await earlier(coordinated) == ((), ())


async def test_a_seed_that_another_kem_could_not_open_is_not_kept(coordinated: WholeStore) -> None:
    await coordinated.act_on_keys(new_root({ONE: COORDINATES, OTHER: COORDINATES}))
    row = await coordinated.expert_by_id(ONE)
    assert row is not None
    renewal = RenewalRow(ONE, fill("renewal", RENEWAL_BYTES), fill("blob", 93), row.queue_wraps)
    await coordinated.change_unlock(row.login_pk, row.unlock, renewal)
    act = KeyAct(
        replace(NEXT, version=5), {ONE: COORDINATES, OTHER: COORDINATES}, (), frozenset(),
        renewed={ONE: renewal.renewal},
    )  # fmt: skip
    await coordinated.act_on_keys(act)
    assert await earlier(coordinated) == ((), (directory_seed("other"),))


async def test_without_a_statistics_key_nothing_is_kept_of_a_seed_before(store: WholeStore) -> None:
    await store.put_trust(TRUST)
    await store.put_expert(account("one", seed("one"), directory_seed("one")))
    await store.act_on_keys(new_root({ONE: COORDINATES}))
    assert await store.earlier_wraps(ONE) == ()


async def test_the_first_release_of_a_period_is_the_only_one(store: WholeStore) -> None:
    assert await store.put_release("2026-11", b"first")
    assert not await store.put_release("2026-11", b"first")
    with refused(Code.OBJECT_CONFLICT):
        await store.put_release("2026-11", b"second")
    assert await store.signed_release("2026-11") == b"first"
    assert await store.put_release("2026-10", b"other")
    assert await store.releases() == ("2026-10", "2026-11")
    assert await store.signed_release("2026-12") is None


async def test_of_two_releases_at_the_same_time_one_is_kept(store: WholeStore) -> None:
    outcomes = await asyncio.gather(
        *[store.put_release("2026-11", b"%d" % at) for at in range(8)], return_exceptions=True
    )
    assert sum(outcome is True for outcome in outcomes) == 1
    (kept_one,) = [b"%d" % at for at, outcome in enumerate(outcomes) if outcome is True]
    assert await store.signed_release("2026-11") == kept_one
