"""PX, the format of Statistics Finland and its Nordic sisters: one table in a file, in all languages at once.

PC-Axis file format 2013; `<5` is the data symbol `.`, what is not known `..`.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from lyhty_server.figures.pages import FiguresPage, Section, Shown, Table, TableRow

MOST_TEXT: Final = 200
"""Of one quoted piece; longer texts go on in the next line."""
FEW, UNKNOWN = '"."', '".."'


def written(pages: Sequence[FiguresPage], section_id: str, updated: date) -> bytes:
    """`pages`: the same one in each language, the main one first."""
    sections = [next(each for each in page.sections if each.id == section_id) for page in pages]
    languages = [page.language for page in pages]
    out: list[str] = [
        'CHARSET="ANSI";', 'AXIS-VERSION="2013";', 'CODEPAGE="utf-8";', f"LANGUAGE={_quoted(languages[0])};",
        f"LANGUAGES={','.join(map(_quoted, languages))};", f'CREATION-DATE="{updated:%Y%m%d} 00:00";',
        "DECIMALS=1;" if _has_rates(sections[0]) else "DECIMALS=0;",
        f"MATRIX={_quoted(f'LYHTY_{section_id}')};", 'SUBJECT-CODE="LYHTY";',
    ]  # fmt: skip
    each = [*zip(pages, sections, languages, strict=True)]
    for nth, (page, section, language) in enumerate(each):
        tag = "" if nth == 0 else f"[{language}]"
        out += _of_language(page, section, tag, updated)
    table = _table(sections[0])
    out.append("DATA=")
    out += [" ".join(_data(row, table)) for row in _rows(table)]
    return ("\r\n".join(out) + ";\r\n").encode()


def _of_language(page: FiguresPage, section: Section, tag: str, updated: date) -> Iterator[str]:
    table = _table(section)
    rows = _rows(table)
    stub, heading = _quoted(table.head), _quoted(page.measures.title)
    yield f'SUBJECT-AREA{tag}="Lyhty";'
    yield f"CONTENTS{tag}={_quoted(section.title)};"
    yield f"UNITS{tag}={_quoted(table.columns[0].title)};"
    yield f"TITLE{tag}={_quoted(table.caption)};"
    yield f"DESCRIPTION{tag}={_quoted(table.caption)};"
    yield f"STUB{tag}={stub};"
    yield f"HEADING{tag}={heading};"
    yield f"VALUES{tag}({stub})={','.join(_quoted(title) for title in _distinct(rows))};"
    yield f"VALUES{tag}({heading})={','.join(_quoted(title) for title in _measures(page, table))};"
    yield f"CODES{tag}({stub})={','.join(_quoted(row.id) for row in rows)};"
    yield f'LAST-UPDATED{tag}="{updated:%Y%m%d} 00:00";'
    yield f"SOURCE{tag}={_quoted(page.source)};"
    yield f'DATASYMBOL1{tag}="<5";'
    yield f'DATASYMBOL2{tag}="–";'
    yield f"NOTE{tag}={_quoted(' '.join([page.method, *(note.text for note in section.notes)]))};"
    if table.total is not None:
        yield f"ELIMINATION{tag}({stub})={_quoted(table.total.title)};"


def _table(section: Section) -> Table:
    assert section.table is not None, section.id
    return section.table


def _rows(table: Table) -> list[TableRow]:
    return [*table.rows, *([table.total] if table.total is not None else [])]


def _has_rates(section: Section) -> bool:
    return any(column.id == "rate" for column in _table(section).columns)


def _distinct(rows: Sequence[TableRow]) -> list[str]:
    """Two schools of one name are told apart by their number."""
    titles = [row.title for row in rows]
    return [f"{row.title} ({row.id})" if titles.count(row.title) > 1 else row.title for row in rows]


def _measures(page: FiguresPage, table: Table) -> list[str]:
    names = {column.id: column.title for column in table.columns}
    count = names.get("cases") or names["replies"]
    measures = [count, page.measures.low, page.measures.high]
    if "rate" in names:
        rate = names["rate"]
        measures += [names["pupils"], rate, f"{rate}: {page.measures.low}", f"{rate}: {page.measures.high}"]
    return measures


def _data(row: TableRow, table: Table) -> Iterator[str]:
    cells = dict(zip((column.id for column in table.columns), row.cells, strict=True))
    count = cells.get("cases") or cells["replies"]
    yield from _three(count)
    if "rate" in cells:
        pupils = cells["pupils"].value
        yield UNKNOWN if pupils is None else str(int(pupils))
        yield from _three(cells["rate"])


def _three(number: Shown) -> Iterator[str]:
    if number.low is None:
        yield from (UNKNOWN, UNKNOWN, UNKNOWN)
    else:
        yield FEW if number.value is None else str(number.value)
        yield from (str(number.low), str(number.high))


def _quoted(text: str) -> str:
    """In pieces; a quotation mark has no way of standing in PX, and a line's end none either."""
    clean = " ".join(text.replace('"', "'").split())
    pieces = [clean[at : at + MOST_TEXT] for at in range(0, len(clean), MOST_TEXT)] or [""]
    return "\r\n".join(f'"{piece}"' for piece in pieces)
