"""The basis of invoices: pupils, days and shares, and nothing else."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lyhty_client.errors import ClientError
from lyhty_client.invoicing import Line, as_csv, basis
from lyhty_wire.figures.periods import Period
from lyhty_wire.organisations import Agreement, Kind, Organisation, Tree

START = date(2026, 8, 1)
COUNTY = Organisation("06", Kind.COUNTY, "Pirkanmaa", joined=START)
TOWN = Organisation("837", Kind.MUNICIPALITY, "Tampere", "06", joined=START)
SCHOOL = Organisation("03095", Kind.SCHOOL, "Rantakoulu", "837", 420, (1, 9), START)
SMALL = Organisation("03096", Kind.SCHOOL, "Mäkikoulu", "837", 30, (1, 6), START)
NOVEMBER, AUTUMN = Period.parse("2026-11"), Period.parse("2026-autumn")
SHARED = (Agreement("837", "837", 60, START), Agreement("06", "837", 40, START))


def lines(
    *agreements: Agreement, schools: tuple[Organisation, ...] = (SCHOOL,), period: Period = NOVEMBER
) -> list[Line]:
    return list(basis(Tree([COUNTY, TOWN, *schools], agreements), period))


def test_each_funder_pays_its_share_of_every_school_for_the_days_of_the_period() -> None:
    found = lines(*SHARED, schools=(SCHOOL, SMALL))
    assert [(each.funder, each.school, each.percent, each.days) for each in found] == [
        ("06", "03095", 40, 30), ("06", "03096", 40, 30), ("837", "03095", 60, 30), ("837", "03096", 60, 30)
    ]  # fmt: skip
    assert sum(each.pupil_days for each in found) == (420 + 30) * 30


def test_a_school_that_joins_or_leaves_within_the_period_counts_for_its_days() -> None:
    joins = replace(SCHOOL, joined=date(2026, 11, 11), left=date(2026, 11, 21))
    assert [(each.begins, each.days) for each in lines(*SHARED, schools=(joins,))] == [(date(2026, 11, 11), 10)] * 2
    later = replace(SCHOOL, joined=date(2026, 12, 1))
    assert lines(*SHARED, schools=(later,)) == []


def test_an_agreement_of_its_own_takes_the_place_of_its_municipality_s() -> None:
    own = Agreement("06", "03095", 100, date(2026, 11, 16), date(2026, 11, 26))
    found = lines(Agreement("837", "837", 100, START), own)
    assert [(each.funder, each.begins.day, each.days) for each in found] == [
        ("06", 16, 10),
        ("837", 1, 15),
        ("837", 26, 5),
    ]


def test_what_changes_for_others_does_not_divide_a_line() -> None:
    other = Agreement("837", "837", 60, START, date(2026, 10, 1)), Agreement("837", "837", 60, date(2026, 10, 1))
    found = lines(*other, Agreement("06", "837", 40, START), period=AUTUMN)
    assert [(each.funder, each.days) for each in found] == [("06", 153), ("837", 153)]


def test_who_nobody_pays_for_is_on_no_invoice_and_unknown_pupils_stop_it() -> None:
    unknown = replace(SCHOOL, pupils=None)
    assert lines(schools=(unknown,)) == []
    with pytest.raises(ClientError, match="Rantakoulu") as caught:
        lines(*SHARED, schools=(unknown,))
    assert caught.value.code == "pupils-unknown"


def test_the_file_is_as_spreadsheets_read_it_and_no_name_is_a_formula() -> None:
    tree = Tree([COUNTY, replace(TOWN, name="=1+1"), SCHOOL], SHARED)
    text = as_csv(tree, NOVEMBER, basis(tree, NOVEMBER))
    assert text.splitlines()[1:] == [
        "2026-11;06;Pirkanmaa;03095;Rantakoulu;2026-11-01;2026-11-30;30;420;40;5040,00",
        "2026-11;837;'=1+1;03095;Rantakoulu;2026-11-01;2026-11-30;30;420;60;7560,00",
    ]


DAYS = st.dates(date(2026, 7, 1), date(2027, 1, 31))


@given(st.lists(DAYS, min_size=2, max_size=6, unique=True), st.integers(1, 99), st.integers(1, 2_000))
def test_whatever_is_agreed_no_pupil_is_paid_for_twice_on_a_day(days: list[date], percent: int, pupils: int) -> None:
    days.sort()
    agreements = [
        Agreement(funder, body, share, begins, ends)
        for nth, (begins, ends) in enumerate(pairwise(days))
        for body in ("03095", "837", "06")[nth % 3 :]
        for funder, share in (("837", percent), ("06", 100 - percent))
    ]
    found = lines(*agreements, schools=(replace(SCHOOL, pupils=pupils),), period=AUTUMN)
    paid = sum((each.pupil_days for each in found), Fraction(0))
    covered = (min(days[-1], date(2027, 1, 1)) - max(days[0], START)).days
    assert paid == pupils * max(0, covered)
