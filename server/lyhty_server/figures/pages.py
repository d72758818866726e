"""A page of figures as it is sent: words, tables and charts in one language, nothing left to work out (SPEC 12.5)."""

from typing import Annotated

from msgspec import Meta, Struct, field


class Shape(Struct, frozen=True):
    """A part of a drawing: SVG, of the tags and attributes in `shapes.py` only."""

    tag: str
    attributes: dict[str, str] = {}
    children: "list[Shape]" = field(default_factory=list)
    text: str = ""


class Chart(Struct, frozen=True):
    title: str
    description: str
    """All that it shows, for who cannot see it."""
    drawing: Shape


class Shown(Struct, frozen=True):
    """A cell. `text` is how it is shown; `value` is None where it is not told (`<5`) or not known (`–`)."""

    text: str
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Column(Struct, frozen=True):
    id: Annotated[str, Meta(pattern="^(cases|replies|interval|pupils|rate|rate-interval|percent)$")]
    title: str


class TableRow(Struct, frozen=True):
    id: str
    title: str
    cells: list[Shown]
    note: str = ""


class Table(Struct, frozen=True):
    """`head` stands over the rows' titles. `total` adds up what is shown above it."""

    caption: str
    head: str
    columns: list[Column]
    rows: list[TableRow]
    total: TableRow | None


class Reason(Struct, frozen=True):
    """Why something is not there, or not as one might expect."""

    why: str
    title: str
    text: str


class Section(Struct, frozen=True):
    """Either `withheld`, or a table, mostly with a chart of the same numbers."""

    id: str
    title: str
    whose: str
    intro: str
    facts: list[str]
    how: str
    table: Table | None
    chart: Chart | None
    notes: list[Reason]
    withheld: Reason | None


class Summary(Struct, frozen=True):
    """In this order, each with its heading; a list may be empty."""

    title: str
    lead: str
    parts: "list[SummaryPart]"


class SummaryPart(Struct, frozen=True):
    id: Annotated[str, Meta(pattern="^(changed|same|meaning|advice)$")]
    title: str
    texts: list[str]


class Named(Struct, frozen=True):
    id: str
    kind: str
    name: str
    seen: bool
    """Whether who asks may open its page."""


class PeriodName(Struct, frozen=True):
    name: str
    title: str


class FileName(Struct, frozen=True):
    name: str
    format: str
    title: str


class Measures(Struct, frozen=True):
    """What the numbers of a file are told apart by."""

    title: str
    low: str
    high: str


class FiguresPage(Struct, frozen=True):
    language: str
    title: str
    organisation: Named
    whose: str
    period: PeriodName
    periods: list[PeriodName]
    """What else there is to choose, newest first."""
    above: list[Named]
    below: list[Named]
    summary: Summary
    sections: list[Section]
    reasons: list[Reason]
    """Why something else is not on the page at all."""
    method: str
    source: str
    measures: Measures
    files: list[FileName]


class ReportReady(Struct, frozen=True):
    left_s: int
    """About how many seconds until the file is there; 0: it is."""
