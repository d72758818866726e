"""The audit log in the store: with the act or not at all, in one chain, and whole (SPEC 9.10)."""

import asyncio

import pytest

from lyhty_crypto.audit import AuditLog, Author, Authors, OwnChain
from lyhty_crypto.keys import SigningKey
from lyhty_server.store.interface import Holder, Store
from lyhty_server.store.people_rows import KeyAct, TrustRow
from lyhty_wire.audit import Entry, Kind, log_head
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER, NO_HEAD, ExpertId, Head, InstanceId, digest
from tests.store_contract.examples import CURRENT, NOW_S, UNTIL_S, an_expert, answer, fill, new_case, other_bytes
from tests.store_contract.refusals import refused

INSTANCE = InstanceId(fill("instance", 32))
ONE, OTHER = an_expert("one"), an_expert("other")
SIGN = {who: SigningKey(fill(f"sign {who.hex()}", 32)) for who in (ONE, OTHER)}
AUTHORS = Authors(INSTANCE, {who: sign.public for who, sign in SIGN.items()}, {})
CASE = new_case("a")


def entry(
    who: ExpertId,
    after: Entry | None = None,
    *,
    kind: Kind = Kind.OPENING,
    subject: bytes = bytes(32),
    version: int = 1,
    length: int = 0,
) -> Entry:
    author = Author(INSTANCE, who, SIGN[who], version)
    return author.entry(OwnChain.after(after), kind, subject, NOW_S, length=length)


def holder(who: ExpertId = ONE) -> Holder:
    return Holder(who, UNTIL_S, CURRENT)


async def head_of(store: Store) -> Head:
    head = NO_HEAD
    for stored in (await store.audit_page(0, 500)).entries:
        head = log_head(head, stored)
    return head


async def witness(store: Store, who: ExpertId, after: Entry | None = None, version: int = 1) -> Entry:
    length, head = len((await store.audit_page(0, 500)).entries), await head_of(store)
    made = entry(who, after, kind=Kind.WITNESS, subject=head, version=version, length=length)
    assert await store.witness(made) == length + 1
    return made


@pytest.fixture
async def held(store: Store) -> Store:
    """A case that one lawyer holds."""
    await store.open_case(CASE)
    await store.claim(CASE.case_id, LAWYER, ONE, NOW_S, UNTIL_S)
    return store


async def test_an_empty_log_has_no_entries(store: Store) -> None:
    assert (await store.audit_page(0, 10)).entries == ()
    assert await store.own_entry(ONE) is None


async def test_an_opening_and_its_entry_are_stored_together(held: Store) -> None:
    made = entry(ONE)
    await held.append(CASE.case_id, answer(ONE, 1), holder(), made)
    assert (await held.audit_page(0, 10)).entries == (made.encode(),)
    assert await held.own_entry(ONE) == made.encode()


async def test_other_messages_leave_no_entry(held: Store) -> None:
    await held.append(CASE.case_id, answer(ONE, 1), holder())
    assert (await held.audit_page(0, 10)).entries == ()


async def test_where_the_entry_does_not_follow_the_opening_is_not_stored_either(held: Store) -> None:
    first = entry(ONE)
    await held.append(CASE.case_id, answer(ONE, 1), holder(), first)
    for wrong in (entry(ONE, subject=fill("other", 32)), entry(ONE, entry(ONE, first))):
        with refused(Code.COUNTER_CONFLICT):
            await held.append(CASE.case_id, answer(ONE, 2), holder(), wrong)
    assert (await held.case_state(CASE.case_id)).last_seq == 2
    assert (await held.audit_page(0, 10)).entries == (first.encode(),)


async def test_where_the_opening_is_refused_its_entry_is_not_stored_either(held: Store) -> None:
    with refused(Code.CASE_NOT_HELD):
        await held.append(CASE.case_id, answer(OTHER, 1), holder(OTHER), entry(OTHER))
    assert (await held.audit_page(0, 10)).entries == ()


async def test_the_same_opening_again_is_answered_as_before_and_adds_nothing(held: Store) -> None:
    made, opening = entry(ONE), answer(ONE, 1)
    first = await held.append(CASE.case_id, opening, holder(), made)
    again = await held.append(CASE.case_id, opening, holder(), made)
    assert (again.seq, again.fresh) == (first.seq, False)
    assert (await held.audit_page(0, 10)).entries == (made.encode(),)


async def test_an_opening_that_is_stored_takes_no_other_entry(held: Store) -> None:
    opening = answer(ONE, 1)
    await held.append(CASE.case_id, opening, holder(), entry(ONE))
    with refused(Code.OBJECT_CONFLICT):
        await held.append(CASE.case_id, opening, holder(), entry(ONE, subject=fill("other", 32)))
    with refused(Code.OBJECT_CONFLICT):
        await held.append(CASE.case_id, other_bytes(opening), holder(), entry(ONE))
    without = answer(ONE, 2)
    await held.append(CASE.case_id, without, holder())
    with refused(Code.OBJECT_CONFLICT):
        await held.append(CASE.case_id, without, holder(), entry(ONE, entry(ONE)))


async def test_openings_that_come_all_at_once_make_one_whole_log(store: Store) -> None:
    cases = [new_case(f"case {number}") for number in range(20)]
    for case in cases:
        await store.open_case(case)
        await store.claim(case.case_id, LAWYER, ONE, NOW_S, UNTIL_S, capacity=100)
    chain: list[Entry] = []
    for case in cases:
        chain.append(entry(ONE, chain[-1] if chain else None, subject=digest(case.case_id)))
    puts = [store.append(case.case_id, answer(ONE, 1), holder(), made) for case, made in zip(cases, chain, strict=True)]
    await asyncio.gather(*puts)
    log = AuditLog(AUTHORS)
    for stored in (await store.audit_page(0, 500)).entries:
        log.add(stored)
    assert log.point.length == 20
    await witness(store, OTHER)  # of the head that the store keeps


async def test_of_two_devices_that_sign_the_same_number_one_is_stored(store: Store) -> None:
    cases = [new_case("a"), new_case("b")]
    for case in cases:
        await store.open_case(case)
        await store.claim(case.case_id, LAWYER, ONE, NOW_S, UNTIL_S)
    puts = [
        store.append(case.case_id, answer(ONE, 1), holder(), entry(ONE, subject=digest(case.case_id))) for case in cases
    ]
    outcomes = await asyncio.gather(*puts, return_exceptions=True)
    assert [getattr(outcome, "code", None) for outcome in outcomes] == [None, Code.COUNTER_CONFLICT]
    assert [(await store.case_state(case.case_id)).last_seq for case in cases] == [2, 1]


async def test_pages_go_on_where_the_last_one_ended(store: Store) -> None:
    made: list[Entry] = []
    for _ in range(5):
        made.append(await witness(store, ONE, made[-1] if made else None))
    encoded = [each.encode() for each in made]
    first, last = await store.audit_page(0, 3), await store.audit_page(3, 3)
    assert (list(first.entries), first.more) == (encoded[:3], True)
    assert (list(last.entries), last.more) == (encoded[3:], False)


async def test_a_witness_is_stored_only_of_the_log_as_it_is(store: Store) -> None:
    first = await witness(store, ONE)
    head = await head_of(store)
    for length, subject in ((2, head), (0, NO_HEAD), (1, fill("head", 32))):
        wrong = entry(OTHER, kind=Kind.WITNESS, subject=subject, length=length)
        with refused(Code.COUNTER_CONFLICT):
            await store.witness(wrong)
    assert await store.witness(first) == 1  # again: the same answer
    assert (await store.audit_page(0, 10)).entries == (first.encode(),)


async def test_nobody_goes_back_to_an_older_directory(store: Store) -> None:
    await witness(store, ONE, version=2)
    made = entry(OTHER, kind=Kind.WITNESS, subject=await head_of(store), length=1, version=1)
    with refused(Code.DIRECTORY_OUTDATED):
        await store.witness(made)


async def test_a_key_act_and_its_entry_are_stored_together_or_neither(store: Store) -> None:
    await store.put_trust(TrustRow(3, (b"root",), b"directory 3"))
    following = TrustRow(4, (b"root",), b"directory 4")
    act = KeyAct(following, {}, (), frozenset(), entry=entry(ONE, entry(ONE), kind=Kind.KEY_ACT, version=4))
    with refused(Code.COUNTER_CONFLICT):
        await store.act_on_keys(act)
    stored = await store.trust()
    assert stored is not None
    assert stored.version == 3
    made = entry(ONE, kind=Kind.KEY_ACT, version=4)
    await store.act_on_keys(KeyAct(following, {}, (), frozenset(), entry=made))
    assert (await store.audit_page(0, 10)).entries == (made.encode(),)
    again = KeyAct(following, {}, (), frozenset(), entry=entry(ONE, made, kind=Kind.KEY_ACT, version=4))
    with refused(Code.DIRECTORY_OUTDATED):
        await store.act_on_keys(again)
    assert (await store.audit_page(0, 10)).entries == (made.encode(),)


async def test_erasing_a_case_touches_nothing_in_the_log(held: Store) -> None:
    opening = answer(ONE, 1)
    await held.append(CASE.case_id, opening, holder(), entry(ONE, subject=digest(opening.body)))
    before = await held.audit_page(0, 10)
    await held.erase(CASE.case_id, CASE.mailbox_row_key)
    assert await held.audit_page(0, 10) == before
