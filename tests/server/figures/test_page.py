"""A page of figures: what it shows adds up, small counts are not told, and what is missing says why."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Final

import msgspec
import pytest

from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import Name, Why, body_of
from lyhty_server.figures.page import page_of
from lyhty_server.figures.pages import FiguresPage, Section, Shape, TableRow
from lyhty_server.figures.words import LANGUAGES, words_in
from lyhty_wire.figures.periods import Period
from lyhty_wire.figures.register import ALL
from lyhty_wire.figures.tables import Table
from tests.server.figures.examples import EXAMPLES, FOLDER, example, written
from tests.server.figures.published import AFTERWARDS, COUNTIES, TOWNS, Published, schools_of, two_years

TERM: Final = "2027-spring"
YEAR: Final = "2026-2027"
EVERYBODY: Final = (ALL, *COUNTIES, *TOWNS, *(ident for town in TOWNS for ident, _, _ in schools_of(town)))


@pytest.fixture(scope="module")
def published() -> Published:
    return two_years()


@pytest.fixture(scope="module")
def archive(published: Published) -> Archive:
    return Archive(published.releases)


def page(
    archive: Archive, published: Published, whose: str, period: str, language: str = "en", today: date = AFTERWARDS
) -> FiguresPage:
    body = body_of(archive, published.tree, whose, Period.parse(period), today)
    return page_of(archive, published.tree, body, lambda _: True, words_in(language))


def section(of: FiguresPage, name: Name) -> Section:
    return next(each for each in of.sections if each.id == name.value)


def shapes(drawing: Shape) -> Iterator[Shape]:
    yield drawing
    for child in drawing.children:
        yield from shapes(child)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_what_is_sent(name: str) -> None:
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == written(name)
    assert msgspec.convert(json.loads(written(name)), FiguresPage) == example(name)


@pytest.mark.parametrize(("whose", "period"), list(product(EVERYBODY, (TERM, YEAR))))
def test_every_table_adds_up_and_every_interval_holds_its_figure(
    archive: Archive, published: Published, whose: str, period: str
) -> None:
    body = body_of(archive, published.tree, whose, Period.parse(period), AFTERWARDS)
    added = 0
    for block in body.blocks:
        counts = [row.count for row in block.rows if row.count is not None]
        assert all(count.low <= count.value <= count.high for count in counts)
        if block.total is not None and block.rows:
            assert sum(count.value for count in counts) == block.total.value, block.name
            added += 1
    assert added >= 3 or period == TERM


@pytest.mark.parametrize("whose", EVERYBODY)
def test_what_is_shown_can_be_added_up_where_nothing_is_few_and_bounds_it_where_something_is(
    archive: Archive, published: Published, whose: str
) -> None:
    for each in page(archive, published, whose, YEAR).sections:
        if each.table is not None and each.table.total is not None:
            cells = [row.cells[0] for row in each.table.rows if row.cells[0].text != "–"]
            known = sum(cell.value or 0 for cell in cells)
            few = sum(cell.text == "<5" for cell in cells)
            total = each.table.total.cells[0]
            low, high = (0, 4) if total.value is None else (total.value, total.value)
            assert known <= high, each.id
            assert low <= known + 4 * few, each.id


@pytest.mark.parametrize(("whose", "language"), list(product(EVERYBODY, LANGUAGES)))
def test_a_count_below_five_is_nowhere_told(archive: Archive, published: Published, whose: str, language: str) -> None:
    shown = page(archive, published, whose, YEAR, language)
    for each in shown.sections:
        for row in [] if each.table is None else [*each.table.rows, *filter(None, [each.table.total])]:
            number = row.cells[0]
            assert (number.value is None) == (number.text in ("<5", "–"))
            assert number.value is None or number.value >= 5


def test_the_parts_of_an_area_are_the_area(archive: Archive, published: Published) -> None:
    for period in (TERM, YEAR):
        totals: Counter[str] = Counter()
        for whose in (*COUNTIES, *TOWNS):
            body = body_of(archive, published.tree, whose, Period.parse(period), AFTERWARDS)
            cases, below = (
                next(each for each in body.blocks if each.name is name) for name in (Name.CASES, Name.BELOW)
            )
            assert cases.total == below.total
            assert cases.total is not None
            totals[whose] = cases.total.value
        for county in COUNTIES:
            assert totals[county] == sum(totals[town] for town in TOWNS if TOWNS[town][1] == county)


def test_sums_are_as_wide_as_the_release_says_of_single_figures(published: Published, archive: Archive) -> None:
    for release in published.releases[-3:]:
        for cell, figure in release.figures.items():
            count = archive.count(cell.table, cell.period, cell.place, cell.category)
            assert count is not None
            assert count.width() == figure.width
            if cell.table is not Table.SCHOOL_TOPICS:
                assert count._replace(signed=None).width() == figure.width, cell


def test_a_small_school_has_its_group_s_figures_and_says_so(archive: Archive, published: Published) -> None:
    shown = page(archive, published, "83708", TERM)
    assert shown.organisation.name == "Salon koulu"
    assert "Kiven koulu" in shown.whose
    (note, *_) = section(shown, Name.CASES).notes
    assert note.why == Why.SMALL_SCHOOL.value
    assert "Kiven koulu" in note.text
    assert "Salon koulu" not in note.text


def test_what_is_not_published_yet_says_when(archive: Archive, published: Published) -> None:
    known = Archive(each for each in published.releases if each.period.published <= date(2026, 11, 20))
    shown = page(known, published, "837", "2026-autumn", today=date(2026, 11, 20))
    assert [row.cells[0].text == "–" for row in table_rows(section(shown, Name.CASES))] == [False] * 3 + [True] * 2
    assert "15 December 2026" in table_rows(section(shown, Name.CASES))[3].note
    topics = section(shown, Name.TOPICS).withheld
    assert topics is not None
    assert (topics.why, "15 January 2027" in topics.text) == ("not-yet", True)
    late = section(page(known, published, "837", "2026-autumn", today=date(2027, 3, 1)), Name.TOPICS).withheld
    assert late is not None
    assert late.why == "late"


def table_rows(of: Section) -> list[TableRow]:
    assert of.table is not None
    return of.table.rows
