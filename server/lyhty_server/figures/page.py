"""From a body to its page in one language."""

from collections.abc import Callable, Sequence
from typing import Final

from lyhty_server.figures import charts
from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import Block, Body, Name, Note, Row, Subject, Why
from lyhty_server.figures.charts import Mark
from lyhty_server.figures.counts import FEW, Count
from lyhty_server.figures.pages import (
    Chart,
    Column,
    FiguresPage,
    FileName,
    Measures,
    Named,
    PeriodName,
    Reason,
    Section,
    Shown,
    Table,
    TableRow,
)
from lyhty_server.figures.summary import summary_of
from lyhty_server.figures.words import Words
from lyhty_wire.figures.periods import Period
from lyhty_wire.figures.register import ALL
from lyhty_wire.figures.tables import EPSILON
from lyhty_wire.organisations import Organisation, Tree

FORMATS: Final = ("pdf", "xlsx", "csv", "json")
_BY: Final = {
    Name.CASES: "month", Name.HISTORY: "term", Name.BELOW: "organisation", Name.COMPARISON: "organisation",
    Name.TOPICS: "topic", Name.SERVICES: "service", Name.ROLES: "role", Name.PROMISE: "promise",
    Name.IMPACT: "impact", Name.LATER: "later",
}  # fmt: skip
_MOST_SPREAD: Final = 40.0
"""Hundredths. A share that may be anything is not worth a sentence: the table says what was published."""
_HOW: Final = {Name.CASES: "cases", Name.HISTORY: "history", Name.COMPARISON: "comparison"}


def page_of(archive: Archive, tree: Tree, body: Body, seen: Callable[[str], bool], words: Words) -> FiguresPage:
    """`seen`: whether who asks may open the page of an organisation."""
    own = body.organisation
    whose = whose_of(body.subject, words)
    kind = "service" if own is None else own.kind.value
    name = words("kind.service") if own is None else own.name
    return FiguresPage(
        language=words.language,
        title=words("page.title", whose=name, period=words.period(body.period)),
        organisation=Named(ALL if own is None else own.id, kind, name, True),
        whose=whose,
        period=_period(body.period, words),
        periods=[_period(each, words) for each in archive.periods],
        above=[_named(each, seen) for each in _above(tree, own)],
        below=[_named(each, seen) for each in tree.children(None if own is None else own.id)],
        summary=summary_of(body, whose, words),
        sections=[section_of(block, words) for block in body.blocks],
        reasons=[reason_of(Note(Why.OUTSIDE), words)],
        method=method_line(words),
        source=words("file.source"),
        measures=Measures(words("column.measure"), words("column.low"), words("column.high")),
        files=files_of(body, words),
    )


def files_of(body: Body, words: Words) -> list[FileName]:
    """What `files.named` makes of this page."""
    every = [FileName(f"figures.{form}", form, words(f"format.{form}")) for form in FORMATS]
    if body.organisation is not None:
        title = words("file.report", period=words.period(body.period))
        every += [FileName(f"report.{form}", form, f"{title}, {words(f'format.{form}')}") for form in ("pdf", "xlsx")]
    for block in body.blocks:
        if block.withheld is None:
            forms = ["svg", "px"] if _is_drawn(block) else ["px"]
            title = words(f"block.{block.name.value}")
            every += [
                FileName(f"{block.name.value}.{form}", form, f"{title}, {words(f'format.{form}')}") for form in forms
            ]
    return every


def _is_drawn(block: Block) -> bool:
    return len(_drawn_rows(block)) > 1


def _drawn_rows(block: Block) -> list[Row]:
    if block.name is Name.BELOW:
        return []
    needs_pupils = block.name is Name.COMPARISON
    return [row for row in block.rows if row.count is not None and (row.pupils or not needs_pupils)]


def method_line(words: Words) -> str:
    return words("file.method", epsilon=EPSILON)


def whose_of(subject: Subject, words: Words) -> str:
    if subject.kind == "service":
        return words("kind.service")
    return words.names(subject.names)


def reason_of(note: Note, words: Words) -> Reason:
    key = note.why.value
    day = "" if note.on is None else words.date(note.on)
    names = ", ".join(note.names)
    return Reason(key, words(f"why.{key}.title"), words(f"why.{key}", date=day, names=names))


def section_of(block: Block, words: Words) -> Section:
    name = block.name.value
    title, whose = words(f"block.{name}"), whose_of(block.of, words)
    table = None if block.withheld is not None else _table(block, title, whose, words)
    return Section(
        id=name,
        title=title,
        whose=whose,
        intro=words(f"intro.{name}"),
        facts=_facts(block, words),
        how="" if table is None or block.name is Name.BELOW else words(f"how.{_HOW.get(block.name, 'bars')}"),
        table=table,
        chart=None if table is None else _chart(block, title, words),
        notes=[reason_of(note, words) for note in block.notes],
        withheld=None if block.withheld is None else reason_of(block.withheld, words),
    )


# --- Tables


def _table(block: Block, title: str, whose: str, words: Words) -> Table:
    replies = block.name in (Name.IMPACT, Name.LATER)
    ids = ["replies" if replies else "cases", "interval"]
    has_rates = block.name in (Name.BELOW, Name.COMPARISON)
    if has_rates:
        ids += ["pupils", "rate", "rate-interval"]
    titles = {"rate-interval": "interval"}
    by = "term" if block.name is Name.CASES and block.of.kind in ("school", "group") else _BY[block.name]
    return Table(
        caption=words("caption", title=title, whose=whose, period=words.period(block.period)),
        head=words(f"column.{by}"),
        columns=[Column(each, words(f"column.{titles.get(each, each)}")) for each in ids],
        rows=[_row(row, row_title(block, row, words), words, has_rates=has_rates) for row in block.rows],
        total=_total(block, words, has_rates=has_rates),
    )


def row_title(block: Block, row: Row, words: Words) -> str:
    by = _BY[block.name]
    if by in ("month", "term"):
        return words.period_title(Period.parse(row.key))
    if by == "organisation":
        return words.names(row.names) if row.names else words("kind.service")
    return words.category(by, row.key)


def _row(row: Row, title: str, words: Words, *, has_rates: bool) -> TableRow:
    cells = _cells(row.count, words)
    if has_rates:
        pupils = Shown("–") if row.pupils is None else Shown(str(row.pupils), row.pupils)
        cells += [pupils, *_rates(row, words)]
    note = "" if row.note is None else reason_of(row.note, words).text
    return TableRow(row.key, title, cells, note)


def _total(block: Block, words: Words, *, has_rates: bool) -> TableRow | None:
    if block.total is None or len(block.rows) < 2:
        return None
    so_far = any(row.count is None for row in block.rows) and block.name is Name.CASES
    cells = _cells(block.total, words)
    if has_rates:
        cells += [Shown("")] * 3
    return TableRow("total", words("row.so-far" if so_far else "row.total"), cells)


def _cells(count: Count | None, words: Words) -> list[Shown]:
    """A count and its interval."""
    if count is None:
        return [Shown(words("number.none")), Shown("")]
    value = None if count.is_few else count.value
    shown = Shown(words.count(count), value, count.low, count.high)
    return [shown, Shown(words.interval(count.low, count.high))]


def _rates(row: Row, words: Words) -> list[Shown]:
    if row.count is None or row.pupils is None:
        return [Shown(words("number.none")), Shown("")]
    value, low, high = (round(100 * each / row.pupils, 1) for each in (row.count.value, row.count.low, row.count.high))
    shown = Shown(words.rate(row.count, row.pupils), None if row.count.is_few else value, low, high)
    return [shown, Shown(words.interval(words.decimal(low), words.decimal(high)))]


# --- Charts


def _chart(block: Block, title: str, words: Words) -> Chart | None:
    rows = _drawn_rows(block)
    if not _is_drawn(block):
        return None
    marks = [_mark(block, row, nth, words) for nth, row in enumerate(rows)]
    said = ", ".join(
        words("chart.row", label=row_title(block, row, words), text=mark.text, interval=_interval(mark, words))
        for row, mark in zip(rows, marks, strict=True)
    )
    description = words("chart.description", title=title, rows=said)
    name = block.name.value
    match block.name:
        case Name.CASES:
            drawing = charts.columns(name, title, description, marks, words("chart.axis"))
        case Name.HISTORY:
            drawing = charts.line(name, title, description, marks, words("chart.axis"))
        case Name.COMPARISON:
            drawing = charts.dots(name, title, description, marks, words("chart.axis-rate"), words("decimal"))
        case _:
            drawing = charts.bars(name, title, description, marks)
    return Chart(title, description, drawing)


def _mark(block: Block, row: Row, nth: int, words: Words) -> Mark:
    count = row.count
    assert count is not None
    if block.name is Name.COMPARISON:
        assert row.pupils is not None
        scale = 100 / row.pupils
        value = None if count.is_few else count.value * scale
        title = row_title(block, row, words)
        text = words.rate(count, row.pupils)
        return Mark(title, text, value, count.low * scale, count.high * scale, nth == 0, FEW / 2 * scale)
    by_time = block.name in (Name.CASES, Name.HISTORY)
    label = words.short_period(Period.parse(row.key)) if by_time else row_title(block, row, words)
    return Mark(label, words.count(count), None if count.is_few else count.value, count.low, count.high)


def _interval(mark: Mark, words: Words) -> str:
    low, high = mark.low, mark.high
    whole = isinstance(low, int) and isinstance(high, int)
    return words.interval(low, high) if whole else words.interval(words.decimal(low), words.decimal(high))


# --- The rest


def _facts(block: Block, words: Words) -> list[str]:
    facts: list[str] = []
    for key, share in ((f"share.{block.name.value}", block.share), ("replied", block.replied)):
        if share is not None and share.high - share.low <= _MOST_SPREAD:
            text, interval = words.share(share)
            facts.append(words(key, share=text, interval=interval))
    return facts


def _period(period: Period, words: Words) -> PeriodName:
    return PeriodName(period.name, words.period_title(period))


def _above(tree: Tree, own: Organisation | None) -> Sequence[Organisation]:
    found: list[Organisation] = []
    while own is not None and own.parent is not None:
        own = tree.organisations[own.parent]
        found.append(own)
    return found


def _named(organisation: Organisation, seen: Callable[[str], bool]) -> Named:
    return Named(organisation.id, organisation.kind.value, organisation.name, seen(organisation.id))
