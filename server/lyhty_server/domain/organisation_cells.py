"""One row of a file of organisations, cell by cell (SPEC 12.1)."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from lyhty_server.domain.sheets import Row, shown
from lyhty_wire.organisation_desk import ImportColumn, ImportFault, ImportProblem
from lyhty_wire.organisations import MOST_GRADES, Kind

MOST_PUPILS: Final = 20_000
MAX_NAME_LETTERS: Final = 120
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)
RESERVED: Final = frozenset(("all", "known", "unknown", "methods"))
"""Of statistics: the whole service with and without cases of no school, those, and the page of how figures are made."""
CLEARED: Final = "-"
"""Where an empty cell would keep what is there."""

KINDS: Final[Mapping[str, Kind]] = {
    "county": Kind.COUNTY, "hyvinvointialue": Kind.COUNTY, "maakunta": Kind.COUNTY, "välfärdsområde": Kind.COUNTY,
    "landskap": Kind.COUNTY,
    "municipality": Kind.MUNICIPALITY, "kunta": Kind.MUNICIPALITY, "kaupunki": Kind.MUNICIPALITY,
    "kommun": Kind.MUNICIPALITY, "stad": Kind.MUNICIPALITY,
    "school": Kind.SCHOOL, "koulu": Kind.SCHOOL, "skola": Kind.SCHOOL,
}  # fmt: skip
AGREEMENTS: Final = frozenset(("agreement", "sopimus", "avtal"))

_ID: Final = re.compile("[a-z0-9-]{1,32}")
_GRADES: Final = re.compile("([0-9]{1,2})(?: ?[-–] ?([0-9]{1,2}))?")
_ISO_DAY: Final = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FINNISH_DAY: Final = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})")
_PERCENT: Final = re.compile("([0-9]{1,3}) ?%?")
_MISREAD: Final = re.compile("[ÃÂâ][\u0080-\u00bf€™œ¤¶¥]|\ufffd")
"""UTF-8 that some program took for Windows-1252: `Ã¤` for `ä`."""


class Draft(NamedTuple):
    row: int
    id: str | None
    """None: it was no id."""
    is_agreement: bool
    cells: Mapping[ImportColumn, str]
    values: Mapping[str, object]
    """What could be read, by the names of `Organisation` and `Agreement`. Last days are days before which it ends."""


class _WrongCellError(ValueError):
    def __init__(self, code: ImportFault) -> None:
        super().__init__(code.value)
        self.code = code


def draft_of(row: Row, problems: list[ImportProblem]) -> Draft:
    """Adds what is wrong with its cells to `problems`."""
    is_agreement = row.cells.get(ImportColumn.KIND, "").casefold() in AGREEMENTS
    values: dict[str, object] = {}
    for column, text in row.cells.items():
        if is_agreement and column is ImportColumn.KIND:
            continue
        try:
            values[column.value] = _READ[column](text)
        except _WrongCellError as wrong:
            problems.append(ImportProblem(row.number, column, wrong.code, shown(text)))
    if ImportColumn.ID not in row.cells:
        problems.append(ImportProblem(row.number, ImportColumn.ID, ImportFault.CELL_MISSING, ""))
    found = values.pop("id", None)
    return Draft(
        row.number, found if isinstance(found, str) else None, is_agreement,
        {column: shown(text) for column, text in row.cells.items()}, values,
    )  # fmt: skip


def _id(text: str) -> str:
    if text in RESERVED:
        raise _WrongCellError(ImportFault.ID_RESERVED)
    if not _ID.fullmatch(text):
        raise _WrongCellError(ImportFault.ID_INVALID)
    return text


def _kind(text: str) -> Kind:
    kind = KINDS.get(text.casefold())
    if kind is None:
        raise _WrongCellError(ImportFault.KIND_INVALID)
    return kind


def _name(text: str) -> str:
    if _MISREAD.search(text):
        raise _WrongCellError(ImportFault.GARBLED)
    if len(text) > MAX_NAME_LETTERS or not text.isprintable() or text.startswith("-"):
        raise _WrongCellError(ImportFault.NAME_INVALID)
    return text


def _pupils(text: str) -> int:
    digits = text.replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 6 or not 1 <= int(digits) <= MOST_PUPILS:
        raise _WrongCellError(ImportFault.PUPILS_INVALID)
    return int(digits)


def _grades(text: str) -> tuple[int, int] | None:
    if text == CLEARED:
        return None
    match = _GRADES.fullmatch(text)
    if match is None:
        raise _WrongCellError(ImportFault.GRADES_INVALID)
    first, last = int(match[1]), int(match[2] or match[1])
    if not first <= last <= MOST_GRADES:
        raise _WrongCellError(ImportFault.GRADES_INVALID)
    return first, last


def _day(text: str) -> date:
    iso, finnish = _ISO_DAY.fullmatch(text), _FINNISH_DAY.fullmatch(text)
    parts = iso.groups() if iso else tuple(reversed(finnish.groups())) if finnish else ("0", "0", "0")
    try:
        found = date(*map(int, parts))
    except ValueError:
        raise _WrongCellError(ImportFault.DATE_INVALID) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise _WrongCellError(ImportFault.DATE_INVALID)
    return found


def _last_day(text: str) -> date | None:
    """People write the last day on which something holds; everywhere else it is the day after."""
    return None if text == CLEARED else _day(text) + timedelta(days=1)


def _percent(text: str) -> int:
    match = _PERCENT.fullmatch(text)
    if match is None or int(match[1]) > 100:
        raise _WrongCellError(ImportFault.PERCENT_INVALID)
    return int(match[1])


_READ: Final[Mapping[ImportColumn, Callable[[str], object]]] = {
    ImportColumn.ID: _id,
    ImportColumn.KIND: _kind,
    ImportColumn.NAME: _name,
    ImportColumn.PARENT: _id,
    ImportColumn.PUPILS: _pupils,
    ImportColumn.GRADES: _grades,
    ImportColumn.JOINED: _day,
    ImportColumn.LEFT: _last_day,
    ImportColumn.FUNDER: _id,
    ImportColumn.PERCENT: _percent,
    ImportColumn.BEGINS: _day,
    ImportColumn.ENDS: _last_day,
}
