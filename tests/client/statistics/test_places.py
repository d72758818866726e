"""Small schools have figures only together."""

from hypothesis import given
from hypothesis import strategies as st

from lyhty_client.statistics.places import OWN_FIGURES_FROM, TOGETHER_FROM, School, places_of
from lyhty_wire.figures.register import Place

schools = st.lists(st.integers(min_value=1, max_value=900), min_size=1, max_size=15).map(
    lambda sizes: [School(f"s{nth}", pupils) for nth, pupils in enumerate(sizes)]
)


@given(schools)
def test_every_school_stands_in_exactly_one_place(every: list[School]) -> None:
    inside = [school for place in places_of(every) for school in place.schools]
    assert sorted(inside) == sorted(school.id for school in every)


@given(schools)
def test_no_place_is_small_but_where_the_whole_municipality_is(every: list[School]) -> None:
    pupils = {school.id: school.pupils for school in every}
    places = places_of(every)
    for place in places:
        size = sum(pupils[school] for school in place.schools)
        least = OWN_FIGURES_FROM if len(place.schools) == 1 else TOGETHER_FROM
        assert size >= least or len(places) == 1


def test_small_schools_are_joined_by_the_next_larger_ones() -> None:
    every = [School("tiny", 20), School("small", 90), School("middle", 250), School("large", 600)]
    assert places_of(every) == (Place(("large",)), Place(("middle", "small", "tiny")))


@given(schools, st.lists(st.integers(min_value=1, max_value=900), max_size=5))
def test_within_a_year_places_join_and_never_part(every: list[School], sizes: list[int]) -> None:
    before = places_of(every)
    after = places_of([*every, *(School(f"new{nth}", pupils) for nth, pupils in enumerate(sizes))], before)
    for place in before:
        assert any(set(place.schools) <= set(other.schools) for other in after)


def test_a_school_that_has_left_stays_in_its_place() -> None:
    every = [School("small", 90), School("middle", 250), School("large", 600)]
    before = places_of(every)
    assert places_of(every[1:], before) == before
