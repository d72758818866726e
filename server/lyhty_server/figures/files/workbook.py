"""XLSX: a sheet for each table with its intervals; words and method on the first. Nothing in it is a formula."""

import io
import re
import zipfile
from datetime import datetime
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from lyhty_server.figures.pages import FiguresPage, Section, Shown, Table
from lyhty_server.figures.report import Report
from lyhty_server.figures.words import Words

ALWAYS: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook knows no time zones, and this one no time
_INK, _NIGHT, _SOFT = "FF1B2A41", "FF1E3048", "FF4A5568"
_HEAD: Final = PatternFill("solid", fgColor="FFFFF1D3")
_LINE: Final = Border(top=Side("thin", color=_INK))
_BAD_TITLE: Final = re.compile(r"[\[\]:*?/\\']")
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b-\x1f]")
_MOST_TITLE: Final = 31


def written(page: FiguresPage, words: Words) -> bytes:
    book = Workbook()
    _first_sheet(book.active, page, words)
    for section in page.sections:
        if section.table is not None:
            _table(book.create_sheet(_title(section.title)), section.table, _notes(page, section), words)
    return packed(book)


def report_written(report: Report, words: Words) -> bytes:
    """The overview first; then the tables of each organisation, numbered as they stand there."""
    book = Workbook()
    sheet = book.active
    sheet.title = _title(words("report.sheet"))
    _table(sheet, report.overview, [report.title, *report.intro, report.method, report.source], words)
    for nth, page in enumerate(report.pages, start=1):
        for section in page.sections:
            if section.table is not None:
                _table(book.create_sheet(_title(f"{nth} {section.title}")), section.table, _notes(page, section), words)
    return packed(book)


def _title(text: str) -> str:
    return _BAD_TITLE.sub("", text)[:_MOST_TITLE]


def _notes(page: FiguresPage, section: Section) -> list[str]:
    notes = [*section.facts, *(note.text for note in section.notes), section.how, page.method]
    return [each for each in notes if each]


def packed(book: Workbook) -> bytes:
    """The same bytes for the same cells: no moment of saving stands in them."""
    book.properties.created = book.properties.modified = ALWAYS
    book.properties.creator = "Lyhty"
    saved, fixed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            body = before.read(name)
            if name == "docProps/core.xml":  # openpyxl writes the hour of saving all the same
                body = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", body)
            after.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _first_sheet(sheet: Any, page: FiguresPage, words: Words) -> None:
    sheet.title = _title(page.summary.title)
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].width = 100
    lines = [(page.title, "title"), (page.summary.lead, "")]
    for part in page.summary.parts:
        if part.texts:
            lines += [(part.title, "head"), *((text, "") for text in part.texts)]
    for section in page.sections:
        if section.withheld is not None:
            lines += [(f"{section.title}: {section.withheld.title}", "head"), (section.withheld.text, "")]
    lines += [(words("sheet.notes"), "head"), (page.method, ""), (words("file.source"), "")]
    for nth, (text, form) in enumerate(lines, start=1):
        cell = _put(sheet, nth, 1, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=form != "", size={"title": 18, "head": 12}.get(form, 11), color=_NIGHT if form else _INK)


def _table(sheet: Any, table: Table, notes: list[str], words: Words) -> None:
    sheet.freeze_panes = "B4"
    _put(sheet, 1, 1, table.caption).font = Font(bold=True, size=14, color=_NIGHT)
    heads = [table.head, *(head for column in table.columns for head in _heads(column.id, column.title, words))]
    for nth, head in enumerate(heads, start=1):
        cell = _put(sheet, 3, nth, head)
        cell.font, cell.fill = Font(bold=True, color=_INK), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left" if nth == 1 else "right")
    at = 4
    for row in [*table.rows, *([table.total] if table.total is not None else [])]:
        is_total = row is table.total
        named = dict(zip((column.id for column in table.columns), row.cells, strict=True))
        values = [row.title, *(value for name, cell in named.items() for value in _values(name, cell, named))]
        for nth, value in enumerate([*values, row.note], start=1):
            cell = _put(sheet, at, nth, value)
            if is_total:
                cell.font, cell.border = Font(bold=True, color=_INK), _LINE
            if 1 < nth <= len(heads):
                cell.alignment = Alignment(horizontal="right")
                cell.number_format = "0.0" if isinstance(value, float) else "General"
        at += 1
    for note in notes:
        at += 1
        _put(sheet, at, 1, note).font = Font(size=10, color=_SOFT)
    widest = max([len(table.head), *(len(row.title) for row in table.rows)])
    sheet.column_dimensions["A"].width = min(60, widest + 4)
    for nth in range(2, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(nth)].width = 14
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _heads(name: str, title: str, words: Words) -> list[str]:
    """An interval is two columns, so that one can go on working with it."""
    return [words("column.low"), words("column.high")] if name.endswith("interval") else [title]


def _values(name: str, cell: Shown, row: dict[str, Shown]) -> list[str | float]:
    if name.endswith("interval"):
        of = row["rate"] if name == "rate-interval" else row.get("cases") or row["replies"]
        return ["" if of.low is None else of.low, "" if of.high is None else of.high]
    return [cell.text if cell.value is None else cell.value]


def _put(sheet: Any, row: int, column: int, value: str | float) -> Any:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = _ILLEGAL.sub("", value)
        cell.data_type = "s"  # or what begins with = would be a formula
    else:
        cell.value = value
    return cell
