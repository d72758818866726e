"""Every file has the numbers of the page, is the same again, and nothing in it is more than a text or a number."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from xml.etree import ElementTree as Xml

import pytest
from openpyxl import load_workbook

from lyhty_server.figures import files
from lyhty_server.figures.archive import Archive
from lyhty_server.figures.files import CONTENT_TYPES, Wanted, commas, json_stat, paper, pc_axis, workbook
from lyhty_server.figures.pages import FiguresPage, Section, Shape, Shown, TableRow
from lyhty_server.figures.shapes import svg
from lyhty_server.figures.words import LANGUAGES, words_in
from lyhty_wire.figures.periods import Period
from lyhty_wire.organisations import Tree
from tests.server.figures.published import AFTERWARDS, Published, two_years

YEAR: Final = Period.parse("2026-2027")
HOSTILE: Final = '=HYPERLINK("http://x","<b>&\'")'
UPDATED: Final = date(2027, 8, 15)


@pytest.fixture(scope="module")
def published() -> Published:
    return two_years()


@pytest.fixture(scope="module")
def archive(published: Published) -> Archive:
    return Archive(published.releases)


@pytest.fixture(scope="module")
def hostile_tree(published: Published) -> Tree:
    """A school whose name would be a formula, markup and the end of a text."""
    tree = published.tree
    named = (
        type(each)(**{**{name: getattr(each, name) for name in each.__struct_fields__}, "name": HOSTILE})
        if each.id == "83701"
        else each
        for each in tree.organisations.values()
    )
    return Tree(named, tree.agreements)


def page_in(archive: Archive, tree: Tree, language: str, whose: str = "837") -> FiguresPage:
    return files.page(archive, tree, Wanted(whose, YEAR, language), AFTERWARDS, lambda _: True)


def tables(page: FiguresPage) -> Iterator[tuple[Section, list[TableRow], dict[str, int]]]:
    for section in page.sections:
        if section.table is not None:
            rows = [*section.table.rows, *([section.table.total] if section.table.total is not None else [])]
            yield section, rows, {column.id: nth for nth, column in enumerate(section.table.columns)}


def count_of(row: TableRow, at: dict[str, int]) -> Shown:
    return row.cells[at.get("cases", at.get("replies", -1))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_csv_has_every_number_of_the_page(archive: Archive, hostile_tree: Tree, language: str) -> None:
    page = page_in(archive, hostile_tree, language)
    written = commas.written(page, words_in(language))
    assert written.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert {len(row) for row in read} == {len(read[0])}
    point = words_in(language)("decimal")
    lines = iter(read[1:])
    for section, rows, at in tables(page):
        for row in rows:
            line = next(lines)
            count = count_of(row, at)
            assert line[:4] == [section.title, section.whose, page.period.title, commas.harmless(row.title)]
            assert line[4] == count.text
            assert line[5:7] == ["" if each is None else str(each) for each in (count.low, count.high)]
            if "rate" in at and row.cells[at["rate"]].text:
                rate = row.cells[at["rate"]]
                assert line[8] == rate.text
                assert line[9:11] == [
                    "" if x is None else f"{x:.1f}".replace(".", point) for x in (rate.low, rate.high)
                ]
    assert [line[1] for line in lines] == [page.method, page.source]
    assert not [cell for line in read for cell in line if cell[:1] in ("=", "+", "-", "@")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_has_every_number_of_the_page_and_no_formula(
    archive: Archive, hostile_tree: Tree, language: str
) -> None:
    page = page_in(archive, hostile_tree, language)
    book = load_workbook(io.BytesIO(workbook.written(page, words_in(language))))
    assert len(book.sheetnames) == 1 + len(list(tables(page)))
    for sheet, (_, rows, at) in zip(book.worksheets[1:], tables(page), strict=True):
        for nth, row in enumerate(rows, start=4):
            count = count_of(row, at)
            title, value, low, high = (sheet.cell(nth, column).value for column in range(1, 5))
            assert title == row.title
            assert value == (count.text if count.value is None else count.value)
            assert (low, high) == (count.low, count.high)
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert HOSTILE in {cell.value for cell in cells}
    assert any(cell.value == page.method for cell in cells)


def read_px(text: str) -> dict[str, Any]:
    """Keywords and their values; DATA as it stands."""
    read: dict[str, Any] = {}
    for statement in re.findall(r'((?:[^;"]|"[^"]*")+);\r\n', text):
        key, _, value = statement.partition("=")
        joined = re.sub(r'"\r\n"', "", value)
        read[key.strip()] = re.findall(r'"([^"]*)"', joined) if key != "DATA" else value.split()
    return read


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_px_file_has_every_number_of_the_page_in_three_languages(
    archive: Archive, hostile_tree: Tree, language: str
) -> None:
    languages = [language, *(each for each in LANGUAGES if each != language)]
    pages = [page_in(archive, hostile_tree, each) for each in languages]
    for section, rows, at in tables(pages[0]):
        px = read_px(pc_axis.written(pages, section.id, UPDATED).decode())
        stub, heading = px["STUB"][0], px["HEADING"][0]
        codes, measures = px[f'CODES("{stub}")'], px[f'VALUES("{heading}")']
        assert codes == [row.id for row in rows]
        assert len(set(px[f'VALUES("{stub}")'])) == len(rows)
        assert len(px["DATA"]) == len(codes) * len(measures)
        assert px["LANGUAGES"] == languages
        assert {f'VALUES[{each}]("{px[f"STUB[{each}]"][0]}")' for each in languages[1:]} <= px.keys()
        assert px["DATASYMBOL1"] == ["<5"]
        for nth, row in enumerate(rows):
            line, count = px["DATA"][nth * len(measures) :][: len(measures)], count_of(row, at)
            if count.low is None:
                assert line[:3] == ['".."'] * 3
            else:
                assert line[:3] == ['"."' if count.value is None else str(count.value), str(count.low), str(count.high)]
        assert pages[0].method in px["NOTE"][0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_json_stat_has_every_number_of_the_page(archive: Archive, published: Published, language: str) -> None:
    page = page_in(archive, published.tree, language)
    read = json.loads(json_stat.written(page, UPDATED))
    assert (read["version"], read["class"]) == ("2.0", "collection")
    for dataset, (section, rows, at) in zip(read["link"]["item"], tables(page), strict=True):
        names = dataset["dimension"]["measure"]["category"]["index"]
        assert dataset["size"] == [len(rows), len(names)]
        assert len(dataset["value"]) == len(rows) * len(names)
        assert dataset["extension"]["lyhty"]["id"] == section.id
        for nth, row in enumerate(rows):
            count, first = count_of(row, at), nth * len(names)
            assert dataset["value"][first : first + 3] == [count.value, count.low, count.high]
            assert dataset["status"].get(str(first), "") == (count.text if count.value is None else "")
        assert page.method in dataset["note"]


def test_a_drawing_as_a_file_is_well_formed_and_has_each_number_as_text(archive: Archive, hostile_tree: Tree) -> None:
    for section, rows, at in tables(page_in(archive, hostile_tree, "fi")):
        if section.chart is not None:
            drawn = Xml.fromstring(svg(section.chart.drawing))  # noqa: S314 - what is tested wrote it
            texts = [each.text for each in drawn.iter() if each.text]
            assert drawn.find("{*}title") is not None
            assert drawn.find("{*}desc") is not None
            for row in rows[: len(section.table.rows) if section.table else 0]:
                number = row.cells[at["rate"]] if section.id == "comparison" else count_of(row, at)
                assert number.text in texts, (section.id, row.title)


def test_nothing_but_shapes_gets_into_a_drawing() -> None:
    for bad in (Shape("script"), Shape("rect", {"onload": "x"}), Shape("text", {}, [Shape("a", {"href": "x"})])):
        with pytest.raises(ValueError, match="no drawing has"):
            svg(bad)
    assert svg(Shape("text", {"class": '"><script>'}, [], "<script>&")) == (
        '<text xmlns="http://www.w3.org/2000/svg" class="&quot;&gt;&lt;script&gt;">&lt;script&gt;&amp;</text>\n'
    )


def test_a_name_is_no_markup_on_paper(archive: Archive, hostile_tree: Tree) -> None:
    assert "<b>" not in paper.page_html(page_in(archive, hostile_tree, "fi"), words_in("fi"))


@pytest.mark.parametrize(("whose", "language"), [("83708", "fi"), ("837", "sv"), ("06", "en"), ("all", "fi")])
def test_every_file_that_a_page_names_is_there_and_the_same_again(
    published: Published, whose: str, language: str
) -> None:
    def made() -> dict[str, bytes]:
        archive, wanted = Archive(published.releases), Wanted(whose, YEAR, language)
        page = files.page(archive, published.tree, wanted, AFTERWARDS, lambda _: True)
        found = {each.name: files.named(archive, published.tree, wanted, AFTERWARDS, each.name) for each in page.files}
        assert all(found.values())
        return {name: file.make() for name, file in found.items() if file is not None}

    first = made()
    assert first == made()
    assert {name.rpartition(".")[2] for name in first} == set(CONTENT_TYPES)


def test_there_is_no_other_file(archive: Archive, published: Published) -> None:
    wanted = Wanted("83701", YEAR, "fi")
    for name in ("figures.exe", "below.px", "cases.pdf", "figures.px", "x.svg", "report.csv"):
        assert files.named(archive, published.tree, wanted, AFTERWARDS, name) is None, name
