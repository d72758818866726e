"""JSON-stat 2.0: a collection with a dataset for each table (https://json-stat.org/full)."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from lyhty_server.figures.pages import FiguresPage, Section, Shown, TableRow


def written(page: FiguresPage, updated: date) -> bytes:
    collection = {
        "version": "2.0",
        "class": "collection",
        "label": page.title,
        "updated": updated.isoformat(),
        "note": [page.method],
        "source": page.source,
        "link": {"item": [_dataset(page, each, updated) for each in page.sections if each.table is not None]},
    }
    return json.dumps(collection, ensure_ascii=False, indent=1).encode() + b"\n"


def _dataset(page: FiguresPage, section: Section, updated: date) -> dict[str, Any]:
    table = section.table
    assert table is not None
    rows = [*table.rows, *([table.total] if table.total is not None else [])]
    measures = {column.id: column.title for column in table.columns if not column.id.endswith("interval")}
    labels: dict[str, str] = {}
    for name, title in measures.items():
        labels[name] = title
        if name != "pupils":
            labels |= {f"{name}-low": f"{title}: {page.measures.low}", f"{name}-high": f"{title}: {page.measures.high}"}
    values = [value for row in rows for value in _values(row, [column.id for column in table.columns])]
    return {
        "class": "dataset",
        "label": table.caption,
        "source": page.source,
        "updated": updated.isoformat(),
        "note": [page.method, *section.facts, *(note.text for note in section.notes)],
        "id": ["row", "measure"],
        "size": [len(rows), len(labels)],
        "role": {"metric": ["measure"]},
        "dimension": {
            "row": {
                "label": table.head,
                "category": {"index": [row.id for row in rows], "label": {row.id: row.title for row in rows}},
            },
            "measure": {"label": page.measures.title, "category": {"index": list(labels), "label": labels}},
        },
        "value": [value for value, _ in values],
        "status": {str(nth): status for nth, (_, status) in enumerate(values) if status},
        "extension": {"lyhty": {"id": section.id, "whose": section.whose, "period": page.period.name}},
    }


def _values(row: TableRow, columns: list[str]) -> Iterator[tuple[float | None, str]]:
    for name, cell in zip(columns, row.cells, strict=True):
        if name == "pupils":
            yield cell.value, _status(cell)
        elif not name.endswith("interval"):
            yield from ((cell.value, _status(cell)), (cell.low, ""), (cell.high, ""))


def _status(cell: Shown) -> str:
    return "" if cell.value is not None else cell.text
