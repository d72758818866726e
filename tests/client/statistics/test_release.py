"""What goes out adds up everywhere, comes out the same again, and is near the truth."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyhty_client.statistics.places import School, places_of
from lyhty_client.statistics.release import Contribution, Reply, count, draw, figures_of, fit
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, term_of, terms_of
from lyhty_wire.figures.register import ALL, UNKNOWN, Cell, Figures, Municipality, Register
from lyhty_wire.figures.releases import Release, cells_of
from lyhty_wire.figures.tables import REPLIES, Level, Table
from lyhty_wire.ids import InstanceId
from tests.client.statistics import worlds

KEY = bytes(range(32))
TOWNS = (worlds.TOWN, (90, 40), (700, 350, 120))


@pytest.fixture(scope="module")
def area() -> Register:
    return worlds.register(TOWNS, counties=2)


@pytest.fixture(scope="module")
def figures(area: Register) -> Figures:
    return worlds.published(area, worlds.cases(Random(5), TOWNS), KEY)


def test_the_places_of_a_municipality_add_up_to_its_months(area: Register, figures: Figures) -> None:
    for town in area.municipalities:
        for term in terms_of(worlds.YEAR):
            months = sum(figures[Cell(Table.MONTHS, month, town.id)] for month in month_periods(term))
            assert sum(figures[Cell(Table.TERMS, term, place.id)] for place in town.places) == months


def test_topics_add_up_to_the_same_months(area: Register, figures: Figures) -> None:
    for town in area.municipalities:
        for term in terms_of(worlds.YEAR):
            months = sum(figures[Cell(Table.MONTHS, month, town.id)] for month in month_periods(term))
            assert worlds.of_table(figures, Table.TOPICS, term, town.id) == months


def test_a_school_s_topics_add_up_to_its_terms_and_to_the_municipality_s_topics(
    area: Register, figures: Figures
) -> None:
    for town in area.municipalities:
        for place in town.places:
            terms = sum(figures[Cell(Table.TERMS, term, place.id)] for term in terms_of(worlds.YEAR))
            assert worlds.of_table(figures, Table.SCHOOL_TOPICS, worlds.YEAR, place.id) == terms
        for topic in worlds.CATEGORIES["topic"]:
            terms = sum(figures[Cell(Table.TOPICS, term, town.id, topic)] for term in terms_of(worlds.YEAR))
            schools = (figures[Cell(Table.SCHOOL_TOPICS, worlds.YEAR, place.id, topic)] for place in town.places)
            assert sum(schools) == terms


@pytest.mark.parametrize("table", [Table.SERVICES, Table.ROLES])
def test_a_county_s_year_adds_up_to_the_months_of_its_municipalities(
    area: Register, figures: Figures, table: Table
) -> None:
    for county in area.of_level(Level.COUNTY):
        months = sum(
            figures[Cell(Table.MONTHS, month, town.id)]
            for town in area.municipalities
            for month in month_periods(worlds.YEAR)
            if town.county == county
        )
        assert worlds.of_table(figures, table, worlds.YEAR, county) == months


def test_nothing_is_below_zero(figures: Figures) -> None:
    assert min(figures.values()) >= 0


def test_a_release_that_is_made_again_is_the_same(area: Register) -> None:
    cases = worlds.cases(Random(5), TOWNS)
    again = list(cases)
    Random(9).shuffle(again)
    month = Period(Span.MONTH, Month(2026, 9))
    assert draw(month, area, cases, [], KEY) == draw(month, area, again, [], KEY)


def test_every_cell_has_noise_of_its_own_where_nothing_happened_too(area: Register) -> None:
    quiet = draw(worlds.YEAR, area, [], [], KEY)
    assert len(set(quiet.values())) > 20
    assert len(quiet) == sum(1 for cell in quiet if cell.period == worlds.YEAR)


def test_one_case_more_changes_every_draw_of_its_period(area: Register) -> None:
    cases = worlds.cases(Random(5), TOWNS)
    term = terms_of(worlds.YEAR)[0]
    more = [*cases, worlds.a_case(Random(1), "school-0-7", Month(2026, 10))]
    before, after = draw(term, area, cases, [], KEY), draw(term, area, more, [], KEY)
    assert sum(before[cell] != after[cell] for cell in before) > len(before) / 2


contributions = st.builds(
    Contribution,
    st.sampled_from(["school-0-0", "school-0-7", "school-1-1", "school-2-2", "no-such-school", UNKNOWN]),
    st.sampled_from(worlds.YEAR.months),
    st.sampled_from([*worlds.CATEGORIES["topic"], "a-new-topic"]),
    st.sampled_from([*worlds.CATEGORIES["service"], "a-new-service"]),
    st.sampled_from([*worlds.CATEGORIES["role"], "a-new-role"]),
    st.sampled_from(worlds.CATEGORIES["promise"]),
)
replies = st.builds(
    Reply,
    st.sampled_from(["school-0-0", "school-2-2", "no-such-school"]),
    st.sampled_from(worlds.YEAR.months),
    st.sampled_from(["impact", "later"]),
    st.sampled_from(worlds.CATEGORIES["impact"]),
)
AREA = worlds.register(TOWNS, counties=2)


@settings(max_examples=60, deadline=None)
@given(st.lists(contributions, max_size=20), contributions)
def test_one_case_more_is_one_more_in_one_cell_of_each_table(others: list[Contribution], one: Contribution) -> None:
    change = worlds.truth(AREA, [*others, one])
    change.subtract(worlds.truth(AREA, others))
    changed = {cell: by for cell, by in change.items() if by}
    assert set(changed.values()) == {1}
    assert Counter(cell.table for cell in changed) == Counter(table for table in Table if table not in REPLIES)
    assert set(changed) <= {cell for period in worlds.periods() for cell in cells_of(period, AREA)}


@settings(max_examples=30, deadline=None)
@given(st.lists(contributions, max_size=8), st.lists(replies, max_size=8), replies)
def test_one_reply_more_is_one_more_in_one_cell_of_its_table(
    cases: list[Contribution], others: list[Reply], one: Reply
) -> None:
    change = worlds.truth(AREA, cases, [*others, one])
    change.subtract(worlds.truth(AREA, cases, others))
    assert [(cell.table, by) for cell, by in change.items() if by] == [(Table[one.asked.upper()], 1)]


def test_a_case_from_nobody_knows_where_is_counted_as_that() -> None:
    case = Contribution("no-such-school", Month(2026, 9), "bullying", "discord", "pupil", "kept")
    month = Period(Span.MONTH, Month(2026, 9))
    assert count(month, AREA, [case], []) == {Cell(Table.MONTHS, month, UNKNOWN): 1}


def test_the_noise_does_not_tell_two_registers_apart_by_a_count() -> None:
    """Else a school moved from one place to another would show its count as the difference."""
    month, cases = Period(Span.MONTH, Month(2026, 9)), worlds.cases(Random(5), TOWNS)
    moved = worlds.register((worlds.TOWN, (90, 40), (700, 350)), counties=2)
    before, after = draw(month, AREA, cases, [], KEY), draw(month, moved, cases, [], KEY)
    untouched = [Cell(Table.MONTHS, month, town) for town in ("town-0", "town-1")]
    assert [before[cell] for cell in untouched] != [after[cell] for cell in untouched]


def test_many_quiet_municipalities_do_not_make_a_busy_county() -> None:
    """Each of them alone is above zero or zero; together they are as near as their draws were."""
    area = worlds.register([(300,)] * 60, counties=3)
    month = Period(Span.MONTH, Month(2026, 9))
    sums = []
    for seed in range(30):
        drawn = draw(month, area, [], [], Random(seed).randbytes(32))
        figures = fit(month, area, drawn, {})
        assert min(figures.values()) >= 0
        unknown = Cell(Table.MONTHS, month, UNKNOWN)
        assert sum(figures.values()) - figures[unknown] == max(0, sum(drawn.values()) - drawn[unknown])
        sums.append(sum(figures.values()))
    # Cut at zero one by one, they would come to some sixty.
    assert sum(sums) / len(sums) < 20


def test_a_late_case_counts_in_the_term_and_the_year_and_changes_no_month() -> None:
    cases = worlds.cases(Random(5), TOWNS)
    late = worlds.a_case(Random(1), "school-2-0", Month(2026, 9))
    figures = {}
    for month in month_periods(worlds.YEAR):
        figures |= figures_of(month, AREA, draw(month, AREA, cases, [], KEY), figures)
    months = dict(figures)
    for period in (*terms_of(worlds.YEAR), worlds.YEAR):
        assert count(period, AREA, [*cases, late], []).total() - count(period, AREA, cases, []).total() == sum(
            1 for table in Table if table.value.span is period.span and table not in REPLIES
        ) * (period in (term_of(late.month), worlds.YEAR))
        figures |= figures_of(period, AREA, draw(period, AREA, [*cases, late], [], KEY), figures)
    assert all(figures[cell] == figure for cell, figure in months.items())
    term = term_of(late.month)
    town = AREA.municipalities[2]
    assert sum(figures[Cell(Table.TERMS, term, place.id)].published for place in town.places) == sum(
        months[Cell(Table.MONTHS, month, town.id)].published for month in month_periods(term)
    )


def _joining() -> dict[Period, Register]:
    """A small school joins in spring, and so does a municipality."""
    schools = [School("a", 60), School("b", 80), School("c", 250), School("d", 400)]
    autumn = places_of(schools)
    spring = places_of([*schools, School("e", 99), School("f", 99)], autumn)
    new = Municipality("new-town", "county-0", places_of([School("g", 120), School("h", 200)]))
    before = Register((Municipality("town", "county-0", autumn), worlds.NOBODY_KNOWS), worlds.CATEGORIES)
    after = Register((new, Municipality("town", "county-0", spring), worlds.NOBODY_KNOWS), worlds.CATEGORIES)
    first, second = terms_of(worlds.YEAR)
    return (
        dict.fromkeys((*month_periods(first), first), before)
        | dict.fromkeys((*month_periods(second), second), after)
        | {worlds.YEAR: after}
    )


def test_the_year_of_a_school_that_joined_in_spring_still_adds_up() -> None:
    registers = _joining()
    chance = Random(11)
    cases = [
        worlds.a_case(chance, chance.choice("abcdefgh"), chance.choice(worlds.YEAR.months[:10])) for _ in range(300)
    ]
    figures = {}
    for period, register in registers.items():
        figures |= figures_of(period, register, draw(period, register, cases, [], KEY), figures)
    published = {cell: figure.published for cell, figure in figures.items()}
    for town in registers[worlds.YEAR].municipalities:
        months = sum(published.get(Cell(Table.MONTHS, month, town.id), 0) for month in month_periods(worlds.YEAR))
        places = [worlds.of_table(published, Table.SCHOOL_TOPICS, worlds.YEAR, place.id) for place in town.places]
        assert sum(places) == months


def test_a_place_that_falls_apart_within_the_year_is_refused() -> None:
    registers = _joining()
    first, _ = terms_of(worlds.YEAR)
    figures = {}
    for period in (*month_periods(first), first):
        figures |= figures_of(period, registers[period], draw(period, registers[period], [], [], KEY), figures)
    apart = Register(
        (
            Municipality("town", "county-0", tuple(places_of([School(each, 500)])[0] for each in "abcd")),
            worlds.NOBODY_KNOWS,
        ),
        worlds.CATEGORIES,
    )
    with pytest.raises(ValueError, match="none of the year"):
        figures_of(worlds.YEAR, apart, draw(worlds.YEAR, apart, [], [], KEY), figures)


def test_what_goes_out_is_a_release_that_can_be_read_again() -> None:
    register = worlds.register(((600, 450), (90, 40)))
    month = Period(Span.MONTH, Month(2026, 9))
    figures = figures_of(month, register, draw(month, register, [], [], KEY), {})
    release = Release(InstanceId(bytes(32)), 1, month, register, figures)
    assert Release.decode(release.encode()).figures == figures


def test_all_stands_for_no_category() -> None:
    assert Cell(Table.MONTHS, Period(Span.MONTH, Month(2026, 9)), "town-0").category == ALL
