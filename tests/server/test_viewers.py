"""The rule of whose figures somebody sees: below, what is paid for, and nothing that tells a foreign body from none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.viewers import check_seen, in_order, seen
from lyhty_wire.organisations import Tree
from tests.server.viewers import (
    BODIES,
    COUNTY,
    MUNICIPALITY,
    OTHER_COUNTY,
    OTHER_MUNICIPALITY,
    OTHER_SCHOOL,
    SCHOOL,
)

TODAY = date(2026, 11, 27)
TREE = Tree(BODIES.organisations, BODIES.agreements)
IDS = sorted(TREE.organisations)


@pytest.mark.parametrize(
    ("seer", "sees"),
    [
        (SCHOOL, {SCHOOL}),
        (MUNICIPALITY, {MUNICIPALITY, SCHOOL}),
        (COUNTY, {COUNTY, MUNICIPALITY, SCHOOL, OTHER_SCHOOL}),
        (OTHER_COUNTY, {OTHER_COUNTY, OTHER_MUNICIPALITY, OTHER_SCHOOL}),
        (None, set(IDS)),
        ("gone", set()),
    ],
)
def test_a_viewer_sees_what_is_below_and_what_is_paid_for_and_a_coordinator_everything(
    seer: str | None, sees: set[str]
) -> None:
    assert seen(TREE, seer, TODAY) == sees


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2030, 1, 1)], ids=["before", "after"])
def test_what_is_paid_for_is_seen_while_the_agreement_holds(day: date) -> None:
    (agreement,) = BODIES.agreements
    tree = Tree(BODIES.organisations, [replace(agreement, ends=date(2030, 1, 1))])
    assert OTHER_SCHOOL not in seen(tree, COUNTY, day)
    assert OTHER_SCHOOL in seen(tree, COUNTY, TODAY)


@given(seer=st.sampled_from([*IDS, "gone"]), asked=st.one_of(st.sampled_from(IDS), st.text(max_size=8)))
def test_whatever_is_asked_is_seen_or_unknown_and_a_foreign_body_is_unknown_as_one_that_is_not_there(
    seer: str, asked: str
) -> None:
    if asked in seen(TREE, seer, TODAY):
        assert check_seen(TREE, seer, asked, TODAY).id == asked
        return
    with pytest.raises(DomainError) as caught:
        check_seen(TREE, seer, asked, TODAY)
    assert caught.value.code.text == "organisation-unknown"


def test_ones_own_body_comes_first_and_then_counties_municipalities_and_schools() -> None:
    assert [each.id for each in in_order(TREE, COUNTY, TODAY)] == [COUNTY, MUNICIPALITY, SCHOOL, OTHER_SCHOOL]
    assert [each.id for each in in_order(TREE, SCHOOL, TODAY)] == [SCHOOL]
    assert in_order(TREE, "gone", TODAY) == ()
