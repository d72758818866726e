"""CSV for Finnish and Swedish spreadsheets: UTF-8 with a byte order mark, semicolons, decimal commas, CRLF.

Excel reads a file without the mark as Windows-1252, and takes the separator of the computer's region. All tables stand
in one, a row for each figure, so that a pivot table can be made of it. English files have decimal points.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

from lyhty_server.figures.pages import FiguresPage, Section, Shown, TableRow
from lyhty_server.figures.words import Words

MARK: Final = "\ufeff"
_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for a formula."""
COUNTS: Final = ("cases", "replies")


def written(page: FiguresPage, words: Words) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([words(f"column.{name}") for name in ("table", "whose", "period", "row", *_NUMBERS, "note")])
    for section in page.sections:
        for row in _rows(section):
            cells = [section.title, section.whose, page.period.title, row.title, *_numbers(section, row, words)]
            writer.writerow([*map(harmless, cells), harmless(row.note)])
    for line in (page.method, words("file.source")):
        writer.writerow([words("sheet.notes"), line, *[""] * (len(_NUMBERS) + 3)])
    return (MARK + out.getvalue()).encode()


_NUMBERS: Final = ("count", "low", "high", "pupils", "rate", "low", "high")


def _rows(section: Section) -> Iterator[TableRow]:
    if section.table is not None:
        yield from section.table.rows
        if section.table.total is not None:
            yield section.table.total


def _numbers(section: Section, row: TableRow, words: Words) -> list[str]:
    assert section.table is not None
    by_id = {column.id: cell for column, cell in zip(section.table.columns, row.cells, strict=True)}
    count = next(by_id[name] for name in COUNTS if name in by_id)
    none = Shown("")
    pupils, rate = by_id.get("pupils", none), by_id.get("rate", none)
    return [
        count.text, _plain(count.low, words), _plain(count.high, words), pupils.text,
        rate.text, _plain(rate.low, words), _plain(rate.high, words),
    ]  # fmt: skip


def _plain(value: float | None, words: Words) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else words.decimal(value)


def harmless(text: str) -> str:
    """A cell that no spreadsheet works out, whatever a school is called."""
    return f"'{text}" if text.startswith(_STARTS) else text
