"""Who may see figures of whom."""

from datetime import date

import pytest

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
