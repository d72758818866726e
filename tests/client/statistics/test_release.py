"""What goes out adds up everywhere, comes out the same again, and is near the truth."""

from collections import Counter
from random import Random

import pytest

from lyhty_client.statistics.release import draw
from lyhty_wire.figures.intervals import interval_of
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of
from lyhty_wire.figures.register import ALL, Cell, Figures, Register
from lyhty_wire.figures.tables import REPLIES, Level, Table
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


def test_one_case_stands_in_one_cell_of_each_table(area: Register) -> None:
    counts = worlds.truth(area, [worlds.a_case(Random(1), "school-1-1", Month(2026, 10))])
    assert Counter(cell.table for cell in counts) == Counter(table for table in Table if table not in REPLIES)


def test_intervals_hold_what_they_promise() -> None:
    """95 in a hundred of small cells, in forty worlds drawn from fixed seeds."""
    area = worlds.register(TOWNS, counties=2)
    inside: Counter[bool] = Counter()
    for seed in range(8):
        chance = Random(seed)
        cases = worlds.cases(chance, TOWNS)
        true = worlds.truth(area, cases)
        for cell, count in worlds.published(area, cases, chance.randbytes(32)).items():
            if true[cell] < 10 and cell.table not in REPLIES:
                inside[abs(count - true[cell]) <= interval_of(cell, area)] += 1
    assert inside[True] >= 0.95 * inside.total()
    assert inside.total() > 500


def test_all_stands_for_no_category() -> None:
    assert Cell(Table.MONTHS, Period(Span.MONTH, Month(2026, 9)), "town-0").category == ALL
