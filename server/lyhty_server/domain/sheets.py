"""A file of organisations, CSV or XLSX, as rows of texts (SPEC 12.1). Nothing in it is ever evaluated."""

import csv
import io
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol
from unicodedata import normalize
from xml.etree.ElementTree import ParseError

from lyhty_server.domain.errors import LyhtyServerError
from lyhty_wire.organisation_desk import COLUMN_WORDS, ImportColumn, ImportFault, ImportProblem

MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 40
MAX_PARTS: Final = 200
MAX_UNPACKED_BYTES: Final = 20_971_520
"""Of an XLSX file: 1,000 schools unpack to about 400 kB."""
MAX_EMPTY_ROWS: Final = 1_048_576
"""As many as a spreadsheet has: whoever has given a whole column a color has them all."""
SHOWN: Final = 80

_COLUMN_OF: Final = {word: column for column, words in COLUMN_WORDS.items() for word in words}
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
"""Also one with a password."""
_ZIP: Final = b"PK\x03\x04"
_UNSEEN: Final = re.compile(r"[\s\u00a0\u200b\ufeff]+")


class Row(NamedTuple):
    number: int
    cells: Mapping[ImportColumn, str]
    """Only those with something in them: trimmed, NFC."""


class FaultyFileError(LyhtyServerError):
    """The file cannot be read at all."""

    def __init__(self, code: ImportFault, value: str = "", row: int = 0) -> None:
        super().__init__(code.value)
        self.problem = ImportProblem(row, None, code, value)


class _Cells(NamedTuple):
    number: int
    texts: Sequence[str]
    formulas: frozenset[int]
    """Which of them are formulas."""


def read_rows(file: bytes) -> tuple[tuple[Row, ...], tuple[ImportProblem, ...]]:
    """The rows under the header, and what is wrong with the file as such."""
    try:
        lines = iter(_of_workbook(file) if file.startswith(_ZIP) else _of_csv(file))
        columns, problems = _columns(next(lines, _Cells(0, (), frozenset())))
        rows = tuple(_row(line, columns, problems) for line in lines)
    except FaultyFileError as fault:
        return (), (fault.problem,)
    if not rows:
        return (), (FaultyFileError(ImportFault.EMPTY).problem,)
    return tuple(row for row in rows if row.cells), tuple(problems)


def shown(text: str) -> str:
    """As a problem repeats it: one line, not too long, and nothing that a terminal obeys."""
    line = "".join(each if each.isprintable() else "?" for each in text)
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _columns(header: _Cells) -> tuple[Mapping[int, ImportColumn], list[ImportProblem]]:
    columns: dict[int, ImportColumn] = {}
    problems = []
    for nth, text in enumerate(header.texts):
        column = _COLUMN_OF.get(text.casefold())
        if column is None:
            if text:
                problems.append(ImportProblem(header.number, None, ImportFault.COLUMN_UNKNOWN, shown(text)))
        elif column in columns.values():
            problems.append(ImportProblem(header.number, column, ImportFault.COLUMN_TWICE, shown(text)))
        else:
            columns[nth] = column
    if ImportColumn.ID not in columns.values():
        problems.append(ImportProblem(header.number, ImportColumn.ID, ImportFault.COLUMN_MISSING, ""))
    return columns, problems


def _row(line: _Cells, columns: Mapping[int, ImportColumn], problems: list[ImportProblem]) -> Row:
    cells = {}
    for nth, text in enumerate(line.texts):
        column = columns.get(nth)
        if nth in line.formulas or text.startswith(("=", "+", "@")):
            problems.append(ImportProblem(line.number, column, ImportFault.FORMULA, shown(text)))
        elif column is not None and text:
            cells[column] = text
        elif text and nth >= len(columns):
            problems.append(ImportProblem(line.number, None, ImportFault.COLUMN_UNKNOWN, shown(text)))
    return Row(line.number, MappingProxyType(cells))


def _clean(text: str) -> str:
    return normalize("NFC", _UNSEEN.sub(" ", text).strip())


def _bounded(lines: Iterable[_Cells]) -> Iterator[_Cells]:
    """Those with something in them, while there are not too many."""
    count = 0
    for line in lines:
        if any(line.texts):
            count += 1
            if count > MAX_ROWS:
                raise FaultyFileError(ImportFault.ROWS_MANY, str(MAX_ROWS))
            yield line


# --- CSV


def _of_csv(file: bytes) -> Iterator[_Cells]:
    if file.startswith(_OLD_WORKBOOK):
        raise FaultyFileError(ImportFault.UNREADABLE, "XLS")
    if file.startswith(_UTF_16) or b"\0" in file:
        raise FaultyFileError(ImportFault.ENCODING, "UTF-16")
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.count(b"\n", 0, error.start) + 1
        raise FaultyFileError(ImportFault.ENCODING, "Windows-1252", line) from None
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return _bounded(_csv_lines(reader))


def _csv_lines(reader: Iterator[list[str]]) -> Iterator[_Cells]:
    number = 0
    try:
        for number, texts in enumerate(reader, start=1):
            if len(texts) > MAX_COLUMNS and any(texts[MAX_COLUMNS:]):
                raise FaultyFileError(ImportFault.COLUMN_UNKNOWN, shown("".join(texts[MAX_COLUMNS:])), number)
            yield _Cells(number, [_clean(text) for text in texts[:MAX_COLUMNS]], frozenset())
    except csv.Error:
        raise FaultyFileError(ImportFault.UNREADABLE, "CSV", number + 1) from None


# --- XLSX


class _Cell(Protocol):
    """As openpyxl has it."""

    value: object
    data_type: str
    number_format: str


_NOT_A_WORKBOOK: Final = (
    zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    OverflowError, EOFError, NotImplementedError, RuntimeError, OSError,
)  # fmt: skip
"""What zipfile and openpyxl say of a broken file; some of it is unintended by them."""


def _of_workbook(file: bytes) -> Iterator[_Cells]:
    from openpyxl import load_workbook  # takes 0.2 s, and few servers need it
    from openpyxl.utils.exceptions import InvalidFileException

    # It warns of what a file leaves to defaults: nobody's business.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        _check_parts(file)
        book = load_workbook(io.BytesIO(file), read_only=True, keep_links=False)
        found = [
            lines for lines in (_sheet(sheet.iter_rows(max_col=MAX_COLUMNS)) for sheet in book.worksheets) if lines
        ]
    except (InvalidFileException, *_NOT_A_WORKBOOK):
        raise FaultyFileError(ImportFault.UNREADABLE, "XLSX") from None
    if len(found) > 1:
        raise FaultyFileError(ImportFault.SHEETS_MANY, str(len(found)))
    return iter(found[0] if found else ())


def _check_parts(file: bytes) -> None:
    """Before anything is parsed: it does not unpack to more than fits, and no part defines words of its own."""
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        listed = parts.infolist()
        # A part never unpacks to more than it says here: zipfile stops there, and its checksum fails.
        if len(listed) > MAX_PARTS or sum(part.file_size for part in listed) > MAX_UNPACKED_BYTES:
            raise FaultyFileError(ImportFault.UNPACKS_TOO_LARGE, str(MAX_UNPACKED_BYTES))
        for part in listed:
            content = parts.read(part)
            # In UTF-16 it would be written otherwise.
            if b"<!DOCTYPE" in content or (part.filename.endswith((".xml", ".rels")) and b"\0" in content):
                raise FaultyFileError(ImportFault.UNREADABLE, "DOCTYPE")


def _sheet(rows: Iterable[Sequence[_Cell]]) -> list[_Cells]:
    return list(_bounded(_cells(number, row) for number, row in enumerate(islice(rows, MAX_EMPTY_ROWS), start=1)))


def _cells(number: int, row: Sequence[_Cell]) -> _Cells:
    formulas = frozenset(nth for nth, cell in enumerate(row) if cell.data_type == "f")
    return _Cells(number, [_text(cell) for cell in row], formulas)


def _text(cell: _Cell) -> str:
    """As one would have typed it into a CSV file."""
    match cell.value:
        case None:
            return ""
        case datetime() as moment:
            return moment.date().isoformat()
        case date() as day:
            return day.isoformat()
        case bool() as truth:
            return str(truth)
        case int() | float() as number:
            value = number * 100 if "%" in (cell.number_format or "") else number
            return str(round(value)) if math.isfinite(value) and abs(value - round(value)) < 1e-6 else str(value)
        case other:
            return _clean(str(other))
