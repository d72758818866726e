"""Who wants to be told of reports: nobody is forgotten or hears of what was before, and who leaves leaves nothing.

And reports that were printed before anybody waited for them.
"""

import pytest
from msgspec.structs import replace

from lyhty_server.store import memory_reports, reports
from lyhty_server.store.report_rows import OwedReport, ReportWish
from lyhty_server.store.room_rows import WholeStore
from lyhty_wire.codes import Code
from lyhty_wire.ids import ViewerId
from tests.store_contract.examples import NOW_S, fill
from tests.store_contract.refusals import refused
from tests.store_contract.test_viewers import invitation, password

A, B = (ReportWish(invitation(name).invitation_id, f"{name}@example.fi", "sv") for name in ("a", "b"))
TERM, YEAR = "2026-autumn", "2026-2027"


async def viewers(store: WholeStore) -> WholeStore:
    for name in ("a", "b"):
        await store.put_viewer_invitation(invitation(name), NOW_S)
        await store.join_viewer(invitation(name).invitation_id, password(name), NOW_S)
    return store


async def owed(store: WholeStore) -> set[OwedReport]:
    return set(await store.owed_reports())


async def test_a_wish_is_one_viewers_and_the_last_one_holds(store: WholeStore) -> None:
    await viewers(store)
    for each in (A, replace(A, address="other@example.fi", language="en"), B):
        await store.put_report_wish(each)
    assert await store.report_wish(A.viewer_id) == replace(A, address="other@example.fi", language="en")
    assert await store.report_wish(B.viewer_id) == B


async def test_of_nobody_who_is_no_viewer_a_wish_is_kept(store: WholeStore) -> None:
    stranger = ViewerId(fill("stranger", 16))
    await store.put_report_wish(replace(A, viewer_id=stranger))
    assert await store.report_wish(stranger) is None


@pytest.mark.parametrize("period", [TERM, YEAR])
async def test_a_release_of_a_term_or_year_owes_a_letter_to_each_who_wished_it(store: WholeStore, period: str) -> None:
    await viewers(store)
    for each in (B, A):
        await store.put_report_wish(each)
    await store.put_release(period, b"figures")
    assert await store.owed_reports() == tuple(sorted(OwedReport(each.viewer_id, period) for each in (A, B)))


async def test_a_month_has_no_report(store: WholeStore) -> None:
    await viewers(store)
    await store.put_report_wish(A)
    await store.put_release("2026-11", b"figures")
    assert await store.owed_reports() == ()


async def test_who_wishes_it_afterwards_is_told_of_what_comes_and_not_of_what_was(store: WholeStore) -> None:
    await viewers(store)
    await store.put_release(TERM, b"figures")
    await store.put_report_wish(A)
    assert await store.owed_reports() == ()
    await store.put_release(YEAR, b"figures")
    assert await store.owed_reports() == (OwedReport(A.viewer_id, YEAR),)


async def test_who_has_been_told_is_not_told_again_of_the_same_release(store: WholeStore) -> None:
    await viewers(store)
    for each in (A, B):
        await store.put_report_wish(each)
    await store.put_release(TERM, b"figures")
    for _ in range(2):
        await store.report_told(OwedReport(A.viewer_id, TERM))
    await store.put_release(TERM, b"figures")
    with refused(Code.OBJECT_CONFLICT):
        await store.put_release(TERM, b"other figures")
    await store.put_release(YEAR, b"figures")
    assert await owed(store) == {
        OwedReport(B.viewer_id, TERM), OwedReport(A.viewer_id, YEAR), OwedReport(B.viewer_id, YEAR),
    }  # fmt: skip


async def test_an_address_that_is_changed_before_the_letter_has_gone_is_where_it_goes(store: WholeStore) -> None:
    await viewers(store)
    await store.put_report_wish(A)
    await store.put_release(TERM, b"figures")
    await store.put_report_wish(replace(A, address="other@example.fi"))
    assert await store.owed_reports() == (OwedReport(A.viewer_id, TERM),)


@pytest.mark.parametrize("by", ["taking it back", "leaving"])
async def test_of_a_wish_that_ends_nothing_is_left(store: WholeStore, by: str) -> None:
    await viewers(store)
    for each in (A, B):
        await store.put_report_wish(each)
    await store.put_release(TERM, b"figures")
    for _ in range(2):
        await (store.drop_report_wish if by == "taking it back" else store.remove_viewer)(A.viewer_id)
    assert await store.report_wish(A.viewer_id) is None
    assert await store.report_wish(B.viewer_id) == B
    assert await store.owed_reports() == (OwedReport(B.viewer_id, TERM),)


def digest_of(nth: int) -> bytes:
    return nth.to_bytes(32, "big")


async def test_a_report_lies_ready_for_what_it_was_printed_from_and_for_nothing_else(store: WholeStore) -> None:
    await store.put_prepared_report(digest_of(1), b"%PDF 1")
    assert await store.prepared_report(digest_of(1)) == b"%PDF 1"
    assert await store.prepared_report(digest_of(2)) is None


async def test_of_two_processes_that_print_the_same_report_the_first_is_kept(store: WholeStore) -> None:
    for pdf in (b"%PDF first", b"%PDF second"):
        await store.put_prepared_report(digest_of(1), pdf)
    assert await store.prepared_report(digest_of(1)) == b"%PDF first"


@pytest.mark.parametrize(("limit", "most"), [("MOST_PREPARED", 3), ("MOST_PREPARED_BYTES", 36)])
async def test_the_oldest_reports_go_when_there_are_too_many_or_they_weigh_too_much(
    store: WholeStore, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    for module in (reports, memory_reports):
        monkeypatch.setattr(module, limit, most)
    for nth in range(5):
        await store.put_prepared_report(digest_of(nth), bytes(12))
    assert [await store.prepared_report(digest_of(nth)) for nth in range(5)] == [None, None, *[bytes(12)] * 3]


async def test_a_report_that_weighs_more_than_all_may_is_not_kept(
    store: WholeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (reports, memory_reports):
        monkeypatch.setattr(module, "MOST_PREPARED_BYTES", 10)
    await store.put_prepared_report(digest_of(1), bytes(11))
    assert await store.prepared_report(digest_of(1)) is None
