"""The report to who pays: what it covers, that its numbers are the pages', and who is told that it is there."""

import io
from datetime import date
from typing import Final

import pytest
from openpyxl import load_workbook

from lyhty_server.figures import files
from lyhty_server.figures.archive import Archive
from lyhty_server.figures.files import Wanted, workbook
from lyhty_server.figures.report import OF_ALL, letter_of, paid_in, report_of
from lyhty_server.figures.words import LANGUAGES, words_in
from lyhty_wire.figures.periods import Period
from lyhty_wire.organisations import Agreement, Tree
from tests.server.figures.published import AFTERWARDS, two_years

YEAR: Final = Period.parse("2026-2027")


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(two_years().releases)


def tree_with(*agreements: Agreement) -> Tree:
    return Tree(two_years().tree.organisations.values(), agreements)


def test_a_report_covers_what_was_paid_for_at_any_time_of_its_period() -> None:
    before = Agreement("837", "837", 60, date(2024, 8, 1), date(2026, 8, 1))
    for_a_week = Agreement("837", "83701", 10, date(2027, 1, 1), date(2027, 1, 8))
    afterwards = Agreement("837", "83702", 10, date(2027, 8, 1))
    of_another = Agreement("06", "83703", 10, date(2020, 8, 1))
    paid = paid_in(tree_with(before, for_a_week, afterwards, of_another), "837", YEAR)
    assert [each.agreement for each in paid] == [for_a_week]


def test_who_pays_for_nothing_has_a_report_of_its_own_figures() -> None:
    (own,) = paid_in(tree_with(), "980", YEAR)
    assert (own.organisation.id, own.agreement) == ("980", None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_numbers_are_those_of_the_pages(archive: Archive, language: str) -> None:
    tree, words = two_years().tree, words_in(language)
    report = report_of(archive, tree, "837", YEAR, AFTERWARDS, words)
    assert [(row.id, row.cells[0].value) for row in report.overview.rows] == [("837", 60), ("98001", 50)]
    for row, page in zip(report.overview.rows, report.pages, strict=True):
        own = files.page(archive, tree, Wanted(row.id, YEAR, language), AFTERWARDS, lambda _: True)
        sections = {each.id: each for each in own.sections}
        cases, beside = sections["cases"].table, sections["comparison"].table
        assert cases is not None
        assert cases.total is not None
        assert beside is not None
        assert row.cells[1:3] == cases.total.cells
        assert row.cells[3:5] == beside.rows[0].cells[3:5]
        assert {each.id: each for each in page.sections}.items() <= sections.items()
    said_once = {name.value for name in OF_ALL}
    assert [said_once <= {each.id for each in page.sections} for page in report.pages] == [True, False]


def test_its_workbook_has_the_overview_and_every_table(archive: Archive) -> None:
    report = report_of(archive, two_years().tree, "837", YEAR, AFTERWARDS, words_in("fi"))
    written = workbook.report_written(report, words_in("fi"))
    book = load_workbook(io.BytesIO(written))
    tables = [each for page in report.pages for each in page.sections if each.table is not None]
    assert len(book.sheetnames) == 1 + len(tables)
    overview = book.worksheets[0]
    assert [overview.cell(4 + nth, 1).value for nth in range(2)] == ["Koskikaupunki", "Järvelän yhtenäiskoulu"]
    assert [overview.cell(4 + nth, 3).value for nth in range(2)] == [row.cells[1].value for row in report.overview.rows]
    assert written == workbook.report_written(report, words_in("fi"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_says_the_period_and_where_and_no_figure(language: str) -> None:
    letter = letter_of(YEAR, language, "https://lyhty.example")
    assert letter.count("2026–2027") == 1
    assert letter.count("https://lyhty.example/figures") == 1
    assert not any(character.isdigit() for character in letter.replace("2026–2027", ""))
    assert "http" not in letter_of(YEAR, language, None)
