"""A page of figures as files: the same numbers as on the page, the same bytes for the same release (SPEC 12.5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from lyhty_server.domain.figures import has_report
from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import body_of
from lyhty_server.figures.files import commas, json_stat, paper, pc_axis
from lyhty_server.figures.methods import methods_in
from lyhty_server.figures.page import page_of
from lyhty_server.figures.pages import FiguresPage, Section
from lyhty_server.figures.report import report_of
from lyhty_server.figures.shapes import svg
from lyhty_server.figures.words import LANGUAGES, words_in
from lyhty_wire.figures.periods import Period
from lyhty_wire.organisations import Tree

CONTENT_TYPES: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "px": "text/plain",
    "json": "application/json",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    organisation: str
    period: Period
    language: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.organisation, self.period.name, self.language


@dataclass(frozen=True, slots=True)
class File:
    saved_as: str
    form: str
    make: Callable[[], bytes]
    """Of paper its HTML."""

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.form]

    @property
    def is_paper(self) -> bool:
        return self.form == "pdf"


def page(
    archive: Archive, tree: Tree, wanted: Wanted, today: date, seen: Callable[[str], bool], language: str = ""
) -> FiguresPage:
    """`language`: another one than is wanted."""
    body = body_of(archive, tree, wanted.organisation, wanted.period, today)
    return page_of(archive, tree, body, seen, words_in(language or wanted.language))


def named(archive: Archive, tree: Tree, wanted: Wanted, today: date, name: str) -> File | None:
    """None: there is no such file of this page."""
    stem, _, form = name.rpartition(".")
    words = words_in(wanted.language)

    def whole(language: str = "") -> FiguresPage:
        return page(archive, tree, wanted, today, lambda _: True, language)

    def workbook() -> bytes:
        from lyhty_server.figures.files import (
            workbook,
        )  # openpyxl weighs 20 MB; a server that makes none never loads it

        return workbook.written(whole(), words)

    def reported() -> bytes:
        from lyhty_server.figures.files import workbook

        return workbook.report_written(report_of(archive, tree, *wanted_report, today, words), words)

    wanted_report = wanted.organisation, wanted.period
    makers: dict[str, Callable[[], bytes]] = {
        "figures.pdf": lambda: paper.page_html(whole(), words).encode(),
        "figures.xlsx": workbook,
        "figures.csv": lambda: commas.written(whole(), words),
        "figures.json": lambda: json_stat.written(whole(), wanted.period.published),
        "methods.pdf": lambda: paper.methods_html(methods_in(wanted.language)).encode(),
    }
    if has_report(wanted.period) and wanted.organisation in tree.organisations:
        makers |= {
            "report.pdf": lambda: paper.report_html(
                report_of(archive, tree, *wanted_report, today, words), words
            ).encode(),
            "report.xlsx": reported,
        }
    make = makers.get(name)
    if make is None and form in ("svg", "px"):
        make = _of_section(whole, stem, form, wanted)
    saved_as = f"lyhty-{wanted.organisation}-{wanted.period.name}-{wanted.language}-{name}"
    return None if make is None else File(saved_as, form, make)


def _of_section(
    whole: Callable[[str], FiguresPage], name: str, form: str, wanted: Wanted
) -> Callable[[], bytes] | None:
    section = _section(whole(wanted.language), name)
    if section is None or section.table is None:
        return None
    if form == "px":
        languages = (wanted.language, *(each for each in LANGUAGES if each != wanted.language))
        return lambda: pc_axis.written([whole(each) for each in languages], name, wanted.period.published)
    chart = section.chart
    return None if chart is None else lambda: svg(chart.drawing).encode()


def _section(of: FiguresPage, name: str) -> Section | None:
    return next((each for each in of.sections if each.id == name), None)
