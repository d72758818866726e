"""Whom a release is about, and when it may go out: decided by what everybody may know (SPEC 12.4)."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lyhty_client.statistics.places import OWN_FIGURES_FROM
from lyhty_client.statistics.registers import NOBODY_KNOWS, due, order_of, register_of
from lyhty_server.domain.figures import needed_for
from lyhty_wire.figures.categories import CATEGORIES
from lyhty_wire.figures.periods import Period, Span, month_periods, terms_of, year_of
from lyhty_wire.figures.register import Municipality, Place, Register
from lyhty_wire.organisations import Agreement, Kind, Organisation, Tree

YEAR = Period.parse("2026-2027")
AUTUMN, SPRING = terms_of(YEAR)


def tree(*schools: Organisation, begins: date | None = date(2026, 10, 1)) -> Tree:
    bodies = [
        Organisation("06", Kind.COUNTY, "Pirkanmaa"),
        Organisation("837", Kind.MUNICIPALITY, "Tampere", "06"),
        Organisation("980", Kind.MUNICIPALITY, "Ylöjärvi", "06"),
    ]
    agreements = [] if begins is None else [Agreement("837", "837", 100, begins)]
    return Tree([*bodies, *schools], agreements)


def school(
    number: str, pupils: int | None = 400, *, parent: str = "837", joined: date | None = None, left: date | None = None
) -> Organisation:
    return Organisation(number, Kind.SCHOOL, f"School {number}", parent, pupils, joined=joined, left=left)


def places(register: Register, municipality: str = "837") -> list[tuple[str, ...]]:
    return [place.schools for each in register.municipalities if each.id == municipality for place in each.places]


def test_a_register_has_every_school_its_county_and_who_knows_none() -> None:
    register = register_of(tree(school("1"), school("2", 20), school("3", parent="980")), AUTUMN, None)
    assert register == Register(
        (
            Municipality("837", "06", (Place(("1", "2")),)),
            Municipality("980", "06", (Place(("3",)),)),
            NOBODY_KNOWS,
        ),
        CATEGORIES,
    )


def test_a_municipality_without_schools_is_in_no_register() -> None:
    assert [each.id for each in register_of(tree(school("1")), AUTUMN, None).municipalities] == ["837", "unknown"]


def test_a_school_whose_pupils_nobody_has_counted_stands_with_others() -> None:
    assert places(register_of(tree(school("1", None), school("2")), AUTUMN, None)) == [("1", "2")]


def test_a_school_counts_from_the_month_in_which_it_joins() -> None:
    schools = tree(school("1"), school("2", joined=date(2026, 11, 16)))
    october, november = month_periods(AUTUMN)[2:4]
    before = register_of(schools, october, None)
    assert places(before) == [("1",)]
    assert places(register_of(schools, november, before)) == [("1",), ("2",)]


def test_a_school_that_leaves_stays_until_the_year_is_over() -> None:
    before = register_of(tree(school("1"), school("2")), AUTUMN, None)
    gone = tree(school("1"), school("2", left=date(2027, 1, 15)))
    assert places(register_of(gone, SPRING, before)) == [("1",), ("2",)]
    next_year = year_of(YEAR.months[-1].following)
    assert places(register_of(gone, next_year, None)) == [("1",)]


def test_even_a_municipality_that_is_not_in_the_tree_any_more_stays_until_the_year_is_over() -> None:
    before = register_of(tree(school("1"), school("3", parent="980")), AUTUMN, None)
    after = register_of(tree(school("1")), SPRING, before)
    assert places(after, "980") == [("3",)]


def test_topics_stay_as_the_year_began() -> None:
    before = register_of(tree(school("1")), AUTUMN, None)._replace(categories={**CATEGORIES, "topic": ("old", "other")})
    assert register_of(tree(school("1")), SPRING, before).categories["topic"] == ("old", "other")


sizes = st.lists(st.integers(min_value=1, max_value=900), min_size=1, max_size=8)


@given(sizes, sizes, st.booleans())
def test_within_a_year_places_only_grow_whoever_joins_and_however_pupils_change(
    first: list[int], then: list[int], pupils_change: bool
) -> None:
    early = [school(str(nth), pupils) for nth, pupils in enumerate(first)]
    before = register_of(tree(*early), AUTUMN, None)
    changed = [
        school(str(nth), pupils + then[nth % len(then)]) if pupils_change else school(str(nth), pupils)
        for nth, pupils in enumerate(first)
    ]
    late = [school(f"late-{nth}", pupils) for nth, pupils in enumerate(then)]
    after = places(register_of(tree(*changed, *late), SPRING, before))
    assert all(any(set(place) <= set(grown) for grown in after) for place in places(before))
    assert sorted(each for place in after for each in place) == sorted(each.id for each in (*early, *late))
    pupils = {each.id: each.pupils or 0 for each in (*changed, *late)}
    assert len(after) == 1 or all(sum(pupils[each] for each in place) >= OWN_FIGURES_FROM for place in after)


# --- What is due


def test_nothing_is_due_before_a_period_has_rested() -> None:
    first = month_periods(YEAR)[0]
    since_august = tree(begins=date(2026, 8, 1))
    assert due(since_august, (), first.published - timedelta(days=1)) == ()
    assert due(since_august, (), first.published) == (first,)


def test_nothing_is_due_while_nobody_pays() -> None:
    assert due(tree(begins=None), (), date(2030, 1, 1)) == ()
    assert due(tree(begins=date(2031, 1, 1)), (), date(2030, 1, 1)) == ()


def test_all_of_a_year_is_due_once_and_each_after_what_it_adds_up_to() -> None:
    waiting = due(tree(), (), YEAR.published)
    assert set(waiting) == {*month_periods(YEAR), AUTUMN, SPRING, YEAR}
    assert len(waiting) == 15
    for nth, period in enumerate(waiting):
        assert set(needed_for(period)) <= set(waiting[:nth])
    assert due(tree(), waiting[:5], YEAR.published) == waiting[5:]
    assert due(tree(), waiting, YEAR.published) == ()


@given(st.dates(min_value=date(2026, 10, 1), max_value=date(2031, 1, 1)))
def test_whatever_the_day_every_due_period_is_over_for_two_weeks(today: date) -> None:
    waiting = due(tree(), (), today)
    assert list(waiting) == sorted(waiting, key=order_of)
    assert all(period.published <= today for period in waiting)
    months = [period for period in waiting if period.span is Span.MONTH]
    assert all(after.first == before.first.following for before, after in pairwise(months))
