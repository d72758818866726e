"""Files of organisations as people save them, and files that are made to do harm."""

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]

from lyhty_server.domain.sheets import MAX_ROWS, MAX_UNPACKED_BYTES, read_rows
from lyhty_wire.organisation_desk import ImportColumn, ImportFault

HEADER = ["tunnus", "laji", "nimi", "oppilaita", "osuus", "liittyi"]


def workbook(*sheets: list[list[object]], formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    for nth, lines in enumerate(sheets):
        sheet = book.active if nth == 0 else book.create_sheet()
        for line in lines:
            sheet.append(line)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(file: bytes, name: str, content: bytes) -> bytes:
    """The same archive with another content under this name."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return made.getvalue()


def fault(file: bytes) -> tuple[int, ImportFault, str]:
    rows, (problem,) = read_rows(file)
    assert rows == ()
    return problem.row, problem.code, problem.value


TEXT = "tunnus;nimi\n06;Hämeenlinnä\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_is_read_with_the_separators_and_line_ends_that_programs_write(
    encoding: str, separator: str, line_end: str
) -> None:
    file = TEXT.replace(";", separator).replace("\n", line_end).encode(encoding)
    ((row,), problems) = read_rows(file)
    assert (row.number, dict(row.cells), problems) == (2, {ImportColumn.ID: "06", ImportColumn.NAME: "Hämeenlinnä"}, ())


def test_another_encoding_is_named_with_its_first_line_and_never_guessed() -> None:
    assert fault(TEXT.encode("cp1252")) == (2, ImportFault.ENCODING, "Windows-1252")
    assert fault(TEXT.encode("utf-16")) == (0, ImportFault.ENCODING, "UTF-16")


@pytest.mark.parametrize("file", [b"", b"\n\n", b"tunnus;nimi\n", b"\xef\xbb\xbf"])
def test_a_file_without_rows_is_told_to_be_empty(file: bytes) -> None:
    assert fault(file)[1] is ImportFault.EMPTY


def test_rows_keep_the_numbers_that_a_spreadsheet_shows_though_some_are_empty() -> None:
    rows, _ = read_rows(b'tunnus;nimi\n\n;;\n06;"two\nlines"\n07;x\n')
    assert [(row.number, row.cells[ImportColumn.NAME]) for row in rows] == [(4, "two lines"), (5, "x")]


def test_an_open_quotation_mark_is_not_read_as_the_rest_of_the_file() -> None:
    assert fault(b'tunnus;nimi\n06;"A\n07;B\n')[1] is ImportFault.UNREADABLE


def test_too_many_rows_are_refused() -> None:
    assert fault(("id\n" + "a\n" * MAX_ROWS).encode())[1] is ImportFault.ROWS_MANY


def test_a_workbook_is_read_with_numbers_shares_and_days_as_they_look() -> None:
    lines: list[list[object]] = [
        HEADER,
        [837, "kunta", "Tampere", 420.0, 0.6, datetime(2026, 8, 1)],  # noqa: DTZ001 - a spreadsheet knows no zones
        ["06", "kunta", " Häme\u00a0linna ", "1 200", 40, date(2026, 8, 2)],
    ]
    rows, problems = read_rows(workbook(lines, formats={"E2": "0 %"}))
    assert problems == ()
    assert [list(row.cells.values()) for row in rows] == [
        ["837", "kunta", "Tampere", "420", "60", "2026-08-01"],
        ["06", "kunta", "Häme linna", "1 200", "40", "2026-08-02"],
    ]


def test_a_formula_is_refused_and_never_evaluated() -> None:
    _, (problem,) = read_rows(workbook([["id", "pupils"], ["06", "=1+1"]]))
    assert (problem.row, problem.column, problem.code, problem.value) == (
        2,
        ImportColumn.PUPILS,
        ImportFault.FORMULA,
        "=1+1",
    )


def test_a_second_sheet_is_refused_when_something_stands_in_it() -> None:
    assert len(read_rows(workbook([["id"], ["06"]], []))[0]) == 1
    assert fault(workbook([["id"], ["06"]], [["id"], ["07"]]))[1] is ImportFault.SHEETS_MANY


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_parsed() -> None:
    file = with_part(workbook([["id"], ["06"]]), "xl/media/a.bin", bytes(MAX_UNPACKED_BYTES))
    assert len(file) < 100_000
    assert fault(file) == (0, ImportFault.UNPACKS_TOO_LARGE, str(MAX_UNPACKED_BYTES))


def test_a_workbook_that_says_it_unpacks_to_less_than_it_does_is_refused() -> None:
    file = with_part(workbook([["id"], ["06"]]), "xl/media/a.bin", bytes(MAX_UNPACKED_BYTES))
    lying = file.replace(MAX_UNPACKED_BYTES.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != file
    assert fault(lying)[1] is ImportFault.UNREADABLE


def test_a_workbook_that_defines_words_of_its_own_is_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    file = workbook([["id"], ["06"]])
    assert fault(with_part(file, "xl/worksheets/sheet1.xml", laughs))[1] is ImportFault.UNREADABLE


def test_a_far_away_cell_costs_no_memory_and_is_not_passed_over() -> None:
    book = Workbook()
    book.active["A1"] = "id"
    book.active["A2"] = "06"
    book.active["A200000"] = "07"
    file = io.BytesIO()
    book.save(file)
    rows, _ = read_rows(file.getvalue())
    assert [row.number for row in rows] == [2, 200_000]


@pytest.mark.parametrize("cut", [30, 200, 2_000, 4_000])
def test_half_a_workbook_is_unreadable_and_nothing_worse(cut: int) -> None:
    assert fault(workbook([["id"], ["06"]])[:cut])[1] is ImportFault.UNREADABLE


@pytest.mark.parametrize(
    "content", [b"", b"<a>", b"<worksheet/>", b"\0" * 9, b'<worksheet xmlns="x"><row r="a"/></worksheet>']
)
def test_a_broken_sheet_is_a_problem_and_nothing_worse(content: bytes) -> None:
    file = workbook([["id"], ["06"]])
    for name in zipfile.ZipFile(io.BytesIO(file)).namelist():
        rows, problems = read_rows(with_part(file, name, content))
        assert rows or problems, name


WORKBOOK = workbook([["id", "kind", "pupils"], ["06", "county", 12], ["837", "kunta", 0.5]], formats={"C3": "0 %"})
SHEET = zipfile.ZipFile(io.BytesIO(WORKBOOK)).read("xl/worksheets/sheet1.xml")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=3))
def test_a_workbook_with_other_bytes_somewhere_is_rows_or_a_problem(at: int, other: bytes) -> None:
    rows, problems = read_rows(WORKBOOK[:at] + other + WORKBOOK[at + len(other) :])
    assert rows or problems


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, len(SHEET) - 1),
    st.sampled_from([b"", b'"', b"<", b">", b"9", b"A", b"-", b't="d" ', b's="99" ', b"1e999"]),
)
def test_a_sheet_with_other_words_somewhere_is_rows_or_a_problem(at: int, other: bytes) -> None:
    rows, problems = read_rows(with_part(WORKBOOK, "xl/worksheets/sheet1.xml", SHEET[:at] + other + SHEET[at + 1 :]))
    assert rows or problems


def test_what_a_problem_repeats_is_one_short_line() -> None:
    _, problems = read_rows(("id;" + "x\x1b[2J" * 100 + "\n06;1\n").encode())
    assert len(problems[0].value) == 80
    assert problems[0].value.isprintable()
