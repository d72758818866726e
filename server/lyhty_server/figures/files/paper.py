"""The page as HTML for paper (`lyhty_server.paper` prints it): the same words, tables and drawings, tagged."""

from collections.abc import Iterator, Sequence
from typing import Final

from lyhty_server.figures.methods import Grid, MethodsPage, Passage
from lyhty_server.figures.pages import Chart, FiguresPage, Reason, Section, Shape, Summary, Table, TableRow
from lyhty_server.figures.report import Report
from lyhty_server.figures.words import Words
from lyhty_server.paper.html import Element, document, element

_SHORT: Final = 16
"""Rows that stay together on one page."""
STYLE: Final = """
@page { size: A4; margin: 18mm 17mm 17mm;
  @bottom-left { content: string(whose); font: 8pt "Noto Sans", sans-serif; color: #4a5568 }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt "Noto Sans", sans-serif; color: #4a5568 } }
* { box-sizing: border-box; margin: 0; padding: 0 }
body { font: 10.2pt/1.45 "Noto Sans", "DejaVu Sans", sans-serif; color: #1b2a41; font-variant-ligatures: none }
.top { margin-bottom: 5mm; padding-bottom: 3.5mm; border-bottom: 1mm solid #ffbe4f }
.brand { font-size: 10pt; font-weight: 700; color: #b87506; letter-spacing: .04em }
h1 { string-set: whose content(); font-size: 21pt; line-height: 1.15; letter-spacing: -.01em }
.whose { margin-top: 1mm; color: #4a5568 }
h2 { margin: 7mm 0 1mm; font-size: 14pt; line-height: 1.2; break-after: avoid }
h3 { margin-top: 3mm; font-size: 10.8pt; color: #1d4f7c; break-after: avoid }
p + p { margin-top: 1.5mm }
ul { margin-top: .8mm; list-style: none }
li { position: relative; padding-left: 4.5mm; margin-bottom: .8mm }
li::before { content: "–"; position: absolute; left: 0; font-weight: 700; color: #b87506 }
.lead { font-size: 12.5pt; line-height: 1.4 }
.short { padding: 4mm 5.5mm 4.5mm; border-radius: 3mm; background: #fff1d3 }
.short h2 { margin-top: 0 }
.intro, .how, .notes { color: #4a5568 }
.how, .notes { margin-top: 2mm; font-size: 8.8pt; line-height: 1.4 }
.notes strong, .how strong { color: #1b2a41 }
.fact { margin-top: 2mm; font-weight: 700 }
figure { margin: 3mm 0 2mm; break-inside: avoid }
.chart { display: block; width: 122mm; height: auto }
h4 { margin-top: 2.5mm; font-size: 10.2pt; color: #1d4f7c; break-after: avoid }
table { width: 100%; margin-top: 3mm; border-collapse: collapse; font-size: 9.2pt; line-height: 1.35 }
caption { padding-bottom: 1mm; text-align: left; font-size: 8.6pt; color: #4a5568 }
thead th { padding: 1.2mm 2mm; border-bottom: .5mm solid #b87506; text-align: right; font-size: 8.6pt }
thead th { vertical-align: bottom }
thead th:first-child, tbody th { text-align: left }
tbody th { padding: .9mm 2mm; font-weight: 400 }
td { padding: .9mm 2mm; text-align: right; white-space: nowrap; vertical-align: top }
.whole { break-inside: avoid }
tbody tr { border-bottom: .2mm solid #d5d4d2; break-inside: avoid }
.grid td, .grid thead th { text-align: left }
tbody tr.total { border-top: .4mm solid #1b2a41; border-bottom: none } tr.total th, tr.total td { font-weight: 700 }
.row-note { font-size: 8pt; color: #4a5568 }
.missing li { margin-bottom: 1.6mm }
.end { margin-top: 8mm; padding-top: 3mm; border-top: .3mm solid #75787f; font-size: 8.8pt; color: #4a5568 }
.new-page { break-before: page }
"""


def page_html(page: FiguresPage, words: Words) -> str:
    missing = [(section.title, section.withheld) for section in page.sections if section.withheld is not None]
    return document(
        top(page.title, page.whose if page.whose != page.organisation.name else ""),
        summary(page.summary),
        sections(page.sections, words),
        missing_of(missing, words),
        end(page.method, page.source),
        title=page.title, language=page.language, style=STYLE,
    )  # fmt: skip


def report_html(report: Report, words: Words) -> str:
    """Each organisation but the first begins a page of its own."""
    return document(
        top(report.title),
        element("div", [element("p", each) for each in report.intro], class_="intro"),
        table_of(report.overview),
        [_of_one(page, words, is_first=not nth) for nth, page in enumerate(report.pages)],
        element(
            "section",
            element("h2", words("report.methods")),
            [_passage(each, "h3") for each in report.methods],
            class_="new-page",
        ),
        end(report.method, report.source),
        title=report.title, language=report.language, style=STYLE,
    )  # fmt: skip


def methods_html(page: MethodsPage) -> str:
    return document(
        top(page.title),
        [
            element(
                "section",
                element("h2", chapter.title),
                [_passage(each, "h3") for each in chapter.passages],
                class_="new-page" if nth else None,
            )
            for nth, chapter in enumerate(page.chapters)
        ],
        title=page.title, language=page.language, style=STYLE,
    )  # fmt: skip


def _of_one(page: FiguresPage, words: Words, *, is_first: bool) -> Element:
    missing = [(section.title, section.withheld) for section in page.sections if section.withheld is not None]
    return element(
        "section",
        element("h2", page.organisation.name),
        element("p", page.whose, class_="whose") if page.whose != page.organisation.name else None,
        summary(page.summary, "h3"),
        sections(page.sections, words, "h3"),
        missing_of(missing, words, "h3"),
        class_=None if is_first else "new-page",
    )


def _passage(passage: Passage, level: str) -> Element:
    return element(
        "section",
        element(level, passage.title),
        [element("p", text) for text in passage.paragraphs],
        None if passage.grid is None else _grid(passage.grid),
    )


def _grid(grid: Grid) -> Element:
    return element(
        "div",
        element(
            "table",
            element("caption", grid.caption),
            element("thead", element("tr", *(element("th", title, scope="col") for title in grid.columns))),
            element(
                "tbody",
                [
                    element("tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:]))
                    for row in grid.rows
                ],
            ),
            class_="grid",
        ),
        class_="whole",
    )


def top(title: str, below: str = "") -> Element:
    return element(
        "div",
        element("p", "Lyhty", class_="brand"),
        element("h1", title),
        element("p", below, class_="whose") if below else None,
        class_="top",
    )


def end(*lines: str) -> Element:
    return element("div", *(element("p", line) for line in lines), class_="end")


def summary(said: Summary, level: str = "h2") -> Element:
    below = {"h2": "h3", "h3": "h4"}[level]
    return element(
        "div",
        element(level, said.title),
        element("p", said.lead, class_="lead"),
        [
            (element(below, part.title), element("ul", *(element("li", text) for text in part.texts)))
            for part in said.parts
            if part.texts
        ],
        class_="short",
    )


def sections(of: Sequence[Section], words: Words, level: str = "h2") -> Iterator[Element]:
    """How a kind of picture is read is said once, where it first comes."""
    said = {""}
    for each in of:
        if each.table is not None:
            yield _section(each, words, level, says_how=each.how not in said)
            said.add(each.how)


def _section(section: Section, words: Words, level: str, *, says_how: bool) -> Element:
    assert section.table is not None
    is_short = section.chart is None and len(section.table.rows) <= _SHORT
    how = element("p", element("strong", f"{words('how.title')}: "), section.how, class_="how")
    return element(
        "section",
        element(
            "div",
            element(level, section.title),
            element("p", section.intro, class_="intro"),
            [element("p", fact, class_="fact") for fact in section.facts],
            None if section.chart is None else element("figure", drawn(section.chart)),
            how if says_how else None,
            table_of(section.table) if is_short else None,
            class_="whole",
        ),
        None if is_short else table_of(section.table),
        [element("p", element("strong", f"{note.title}. "), note.text, class_="notes") for note in section.notes],
    )


def missing_of(missing: Sequence[tuple[str, Reason]], words: Words, level: str = "h2") -> Element | None:
    if not missing:
        return None
    return element(
        "section",
        element(level, words("missing.title")),
        element(
            "ul",
            *(element("li", element("strong", f"{title}: {why.title}. "), why.text) for title, why in missing),
            class_="missing",
        ),
    )


def drawn(chart: Chart) -> Element:
    """The title of the drawing is what a screen reader says; its description stands in it, too."""
    return _element(chart.drawing, xmlns=(("xmlns", "http://www.w3.org/2000/svg"),))


def _element(shape: Shape, xmlns: tuple[tuple[str, str], ...] = ()) -> Element:
    children = (*((shape.text,) if shape.text else ()), *map(_element, shape.children))
    return Element(shape.tag, (*xmlns, *shape.attributes.items()), children)


def table_of(table: Table) -> Element:
    whole = element(
        "table",
        element("caption", table.caption),
        element(
            "thead",
            element("tr", element("th", table.head, scope="col"),
                    *(element("th", column.title, scope="col") for column in table.columns)),
        ),
        element("tbody", list(_rows(table))),
    )  # fmt: skip
    return element("div", whole, class_="whole") if len(table.rows) <= _SHORT else whole


def _rows(table: Table) -> Iterator[Element]:
    for row in table.rows:
        yield _row(row)
    if table.total is not None:
        yield _row(table.total, class_="total")


def _row(row: TableRow, class_: str | None = None) -> Element:
    head = element("th", row.title, element("span", f" {row.note}", class_="row-note") if row.note else None,
                   scope="row")  # fmt: skip
    return element("tr", head, *(element("td", cell.text) for cell in row.cells), class_=class_)
