"""Who may see figures of whom."""

from datetime import date

import pytest

from lyhty_wire.organisation_desk import Organisations
from lyhty_wire.organisations import Agreement, Kind, Organisation, Tree

TREE = Tree(
    [
        Organisation("06", Kind.COUNTY, "Pirkanmaa"),
        Organisation("07", Kind.COUNTY, "Päijät-Häme"),
        Organisation("837", Kind.MUNICIPALITY, "Tampere", "06"),
        Organisation("211", Kind.MUNICIPALITY, "Kangasala", "06"),
        Organisation("00001", Kind.SCHOOL, "Keskuskoulu", "837", 320, (1, 9)),
        Organisation("00002", Kind.SCHOOL, "Rantakoulu", "837", 90, (1, 6)),
        Organisation("00003", Kind.SCHOOL, "Mäkikoulu", "211", 500, (7, 9)),
    ],
    [Agreement("07", "837", 40, date(2026, 8, 1), date(2027, 8, 1))],
)


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        ("06", {"06", "837", "211", "00001", "00002", "00003"}),
        ("837", {"837", "00001", "00002"}),
        ("00003", {"00003"}),
        ("07", {"07", "837", "00001", "00002"}),
    ],
)
def test_somebody_sees_their_own_organisation_what_is_below_it_and_what_it_pays_for(
    viewer: str, seen: set[str]
) -> None:
    assert TREE.seen_by(viewer, date(2026, 11, 1)) == seen


@pytest.mark.parametrize(
    ("day", "pays"), [(date(2026, 7, 31), False), (date(2026, 8, 1), True), (date(2027, 8, 1), False)]
)
def test_an_agreement_holds_from_its_first_day_to_before_its_last(day: date, pays: bool) -> None:
    assert bool(TREE.paid_by("07", day)) is pays
    assert ("837" in TREE.seen_by("07", day)) is pays


@pytest.mark.parametrize(
    "organisations",
    [
        [Organisation("m", Kind.MUNICIPALITY, "M", "c")],
        [Organisation("m", Kind.MUNICIPALITY, "M", "m")],
        [Organisation("m", Kind.MUNICIPALITY, "M", "n"), Organisation("n", Kind.MUNICIPALITY, "N", "m")],
        [Organisation("m", Kind.MUNICIPALITY, "M")],
        [Organisation("c", Kind.COUNTY, "C", "c")],
        [Organisation("c", Kind.COUNTY, "C"), Organisation("s", Kind.SCHOOL, "S", "c")],
    ],
)
def test_organisations_of_which_no_tree_can_be_made_are_noticed(organisations: list[Organisation]) -> None:
    assert not Organisations(organisations, []).is_whole()


def test_an_agreement_with_somebody_who_is_not_there_is_noticed() -> None:
    county = Organisation("c", Kind.COUNTY, "C")
    assert Organisations([county], [Agreement("c", "c", 100, date(2026, 8, 1))]).is_whole()
    assert not Organisations([county], [Agreement("x", "c", 100, date(2026, 8, 1))]).is_whole()
    assert not Organisations([county], [Agreement("c", "x", 100, date(2026, 8, 1))]).is_whole()
