"""The report of a term or a school year to a body: what it pays for, its shares and figures, the methods in short."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import Name, body_of
from lyhty_server.figures.methods import Passage, methods_in
from lyhty_server.figures.page import page_of
from lyhty_server.figures.pages import Column, FiguresPage, Section, Shown, Table, TableRow
from lyhty_server.figures.words import Words, words_in
from lyhty_wire.figures.periods import Period
from lyhty_wire.organisations import Agreement, Organisation, Tree

OF_ALL: Final = frozenset((Name.SERVICES, Name.ROLES, Name.PROMISE, Name.IMPACT, Name.LATER))
"""What is published of a county or of the whole service only: said once in a report."""


class Report(Struct, frozen=True):
    language: str
    title: str
    whose: str
    intro: list[str]
    overview: Table
    pages: list[FiguresPage]
    """One of each organisation; what is the same on all of them only on the first."""
    methods: list[Passage]
    method: str
    source: str


class Paid(NamedTuple):
    organisation: Organisation
    agreement: Agreement | None
    """None: its own figures, which it need not pay for."""


def paid_in(tree: Tree, funder: str, period: Period) -> tuple[Paid, ...]:
    """What a body pays for at any time of a period; where it pays for nothing, itself."""
    first, after = period.months[0], period.months[-1].following
    begins, ends = date(first.year, first.month, 1), date(after.year, after.month, 1)
    held = [
        each
        for each in tree.agreements
        if each.funder == funder and each.begins < ends and (each.ends is None or each.ends > begins)
    ]
    if not held:
        return (Paid(tree.organisations[funder], None),)
    return tuple(Paid(tree.organisations[each.organisation], each) for each in held)


def report_of(archive: Archive, tree: Tree, funder: str, period: Period, today: date, words: Words) -> Report:
    own = tree.organisations[funder]
    paid = paid_in(tree, funder, period)
    pages: list[FiguresPage] = []
    for nth, each in enumerate(paid):
        body = body_of(archive, tree, each.organisation.id, period, today)
        if nth:
            body = body._replace(blocks=tuple(block for block in body.blocks if block.name not in OF_ALL))
        pages.append(page_of(archive, tree, body, lambda _: True, words))
    rows = [_row(each, page, words) for each, page in zip(paid, pages, strict=True)]
    plain = methods_in(words.language).chapters[0].passages
    return Report(
        language=words.language,
        title=words("report.title", whose=own.name, period=words.period(period)),
        whose=own.name,
        intro=[words("report.intro"), words("report.overlap")] if len(rows) > 1 else [words("report.intro")],
        overview=Table(
            caption=words("report.caption", period=words.period(period)),
            head=words("column.organisation"),
            columns=[
                _overview_column(name, words) for name in ("percent", "cases", "interval", "rate", "rate-interval")
            ],
            rows=rows,
            total=None,
        ),
        pages=pages,
        methods=plain,
        method=pages[0].method,
        source=pages[0].source,
    )


def _overview_column(name: str, words: Words) -> Column:
    return Column(name, words(f"column.{name.removeprefix('rate-') if name.endswith('interval') else name}"))


def _row(paid: Paid, page: FiguresPage, words: Words) -> TableRow:
    """Its share, its cases and their rate, as they stand on its page."""
    percent = None if paid.agreement is None else paid.agreement.percent
    share = Shown("–") if percent is None else Shown(words("number.percent", value=percent), percent)
    cases, beside = (_section(page, name) for name in (Name.CASES, Name.COMPARISON))
    none = [Shown("–"), Shown("")]
    count = none if cases.table is None else (cases.table.total or cases.table.rows[0]).cells[:2]
    rate = none if beside.table is None else beside.table.rows[0].cells[3:5]
    days = "" if paid.agreement is None else _days(paid.agreement, words)
    return TableRow(page.organisation.id, page.organisation.name, [share, *count, *rate], days)


def _section(page: FiguresPage, name: Name) -> Section:
    return next(each for each in page.sections if each.id == name.value)


def _days(agreement: Agreement, words: Words) -> str:
    begins = words.date(agreement.begins)
    if agreement.ends is None:
        return words("report.since", begins=begins)
    return words("report.until", begins=begins, ends=words.date(agreement.ends - timedelta(days=1)))


def letter_of(period: Period, language: str, site: str | None) -> str:
    """What a viewer is told who wished it (SPEC 12.2): the period, where to sign in; no figure, no name of anybody."""
    words = words_in(language)
    where = words("letter.where") if site is None else words("letter.at", address=f"{site}/figures")
    return f"{words('letter.report', period=words.period(period))}\n\n{where}\n\n{words('letter.why')}\n"
