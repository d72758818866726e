"""What coordinators and the server say to each other in JSON about organisations (SPEC 12.1)."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from lyhty_wire.organisations import Agreement, Organisation

MAX_IMPORT_BYTES: Final = 1_048_576
"""A file of 1,000 schools has about 70 kB."""


class ImportColumn(Enum):
    """Of a file that is imported."""

    ID = "id"
    KIND = "kind"
    NAME = "name"
    PARENT = "parent"
    PUPILS = "pupils"
    GRADES = "grades"
    JOINED = "joined"
    LEFT = "left"
    FUNDER = "funder"
    PERCENT = "percent"
    BEGINS = "begins"
    ENDS = "ends"


COLUMN_WORDS: Final[Mapping[ImportColumn, tuple[str, ...]]] = MappingProxyType(
    {
        ImportColumn.ID: ("id", "tunnus", "id"),
        ImportColumn.KIND: ("kind", "laji", "slag"),
        ImportColumn.NAME: ("name", "nimi", "namn"),
        ImportColumn.PARENT: ("parent", "kuuluu", "hör till"),
        ImportColumn.PUPILS: ("pupils", "oppilaita", "elever"),
        ImportColumn.GRADES: ("grades", "luokat", "årskurser"),
        ImportColumn.JOINED: ("joined", "liittyi", "anslöt"),
        ImportColumn.LEFT: ("left", "lähti", "lämnade"),
        ImportColumn.FUNDER: ("funder", "maksaja", "betalare"),
        ImportColumn.PERCENT: ("percent", "osuus", "andel"),
        ImportColumn.BEGINS: ("begins", "alkaa", "börjar"),
        ImportColumn.ENDS: ("ends", "viimeinen päivä", "sista dag"),
    }
)
"""In English, Finnish and Swedish."""


class ImportFault(Enum):
    """What is wrong with a file that is imported. Stable: every client has a sentence for each."""

    # The file
    ENCODING = "encoding"
    UNREADABLE = "unreadable"
    UNPACKS_TOO_LARGE = "unpacks-too-large"
    EMPTY = "empty"
    SHEETS_MANY = "sheets-many"
    ROWS_MANY = "rows-many"
    # Its first row
    COLUMN_MISSING = "column-missing"
    COLUMN_UNKNOWN = "column-unknown"
    COLUMN_TWICE = "column-twice"
    # A cell
    CELL_MISSING = "cell-missing"
    NOT_OF_KIND = "not-of-kind"
    FORMULA = "formula"
    GARBLED = "garbled"
    ID_INVALID = "id-invalid"
    ID_RESERVED = "id-reserved"
    ID_ZEROS = "id-zeros"
    ID_TWICE = "id-twice"
    KIND_INVALID = "kind-invalid"
    KIND_SETTLED = "kind-settled"
    NAME_INVALID = "name-invalid"
    NAME_TWICE = "name-twice"
    PUPILS_INVALID = "pupils-invalid"
    GRADES_INVALID = "grades-invalid"
    DATE_INVALID = "date-invalid"
    PERCENT_INVALID = "percent-invalid"
    # The tree
    PARENT_UNKNOWN = "parent-unknown"
    PARENT_KIND = "parent-kind"
    PARENT_CYCLE = "parent-cycle"
    PARENT_SETTLED = "parent-settled"
    JOINED_SETTLED = "joined-settled"
    LEFT_BEFORE_JOINED = "left-before-joined"
    LEFT_WITH_OTHERS = "left-with-others"
    # The agreements
    ORGANISATION_UNKNOWN = "organisation-unknown"
    FUNDER_UNKNOWN = "funder-unknown"
    FUNDER_KIND = "funder-kind"
    FUNDER_LEFT = "funder-left"
    ENDS_BEFORE_BEGINS = "ends-before-begins"
    SHARES = "shares"


class Organisations(Struct, frozen=True):
    """All of them, sorted by id; also those that have left."""

    organisations: list[Organisation]
    agreements: list[Agreement]


class ImportProblem(Struct, frozen=True):
    row: int
    """As a spreadsheet counts, the header being 1; 0: the file."""
    column: ImportColumn | None
    code: ImportFault
    value: str
    """What stands there, as far as it was understood and at most so much as fits on a line."""


class OrganisationChange(Struct, frozen=True):
    id: str
    name: str
    columns: list[ImportColumn]
    """Which of what was there is another now; of a new one none."""


class Imported(Struct, frozen=True):
    """What an import has changed, or would. With problems nothing is changed."""

    added: list[OrganisationChange]
    changed: list[OrganisationChange]
    left: list[OrganisationChange]
    agreements: list[Agreement]
    """New ones, and those with another share or end."""
    withdrawn: list[Agreement]
    problems: list[ImportProblem]
    more_problems: int
    """How many there are besides."""
