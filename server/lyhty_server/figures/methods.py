"""How the figures are made: in plain words, and for a statistician.

Every number comes from what the figures are made by (`lyhty_wire.figures`); none is typed a second time.
"""

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Final

from msgspec import Struct

from lyhty_server.figures.words import LANGUAGES, TEXTS
from lyhty_wire.figures.certainty import LEVEL, Part, mean_error, reach
from lyhty_wire.figures.intervals import parts_of
from lyhty_wire.figures.periods import Month, Period, Span
from lyhty_wire.figures.register import OWN_FIGURES_FROM, TOGETHER_FROM, Cell, Municipality, Place, Register
from lyhty_wire.figures.tables import EPSILON, Table

PLAIN: Final = ("what", "why", "sure", "small", "not")
EXACT: Final = ("mechanism", "sensitivity", "fitting", "intervals", "limits")
_TERM, _YEAR = Period(Span.TERM, Month(2026, 8)), Period(Span.YEAR, Month(2026, 8))
_TOPICS: Final = 11


class Grid(Struct, frozen=True):
    caption: str
    columns: list[str]
    rows: list[list[str]]


class Passage(Struct, frozen=True):
    id: str
    title: str
    paragraphs: list[str]
    grid: Grid | None = None


class Chapter(Struct, frozen=True):
    id: str
    title: str
    passages: list[Passage]


class MethodsPage(Struct, frozen=True):
    language: str
    title: str
    chapters: list[Chapter]


@lru_cache
def methods_in(language: str) -> MethodsPage:
    """Raises KeyError for a language that there is not."""
    if language not in LANGUAGES:
        raise KeyError(language)
    texts: Mapping[str, str] = json.loads((TEXTS / f"methods.{language}.json").read_text(encoding="utf-8"))
    grids = {"sensitivity": _budget(texts, language), "intervals": _errors(texts, language)}
    chapters = [
        Chapter(name, texts[name], [Passage(each, texts[f"{each}.title"], list(_of(texts, each)), grids.get(each))
                                    for each in passages])
        for name, passages in (("plain", PLAIN), ("exact", EXACT))
    ]  # fmt: skip
    return MethodsPage(language, texts["title"], chapters)


def _of(texts: Mapping[str, str], passage: str) -> Iterator[str]:
    nth = 1
    while (text := texts.get(f"{passage}.{nth}")) is not None:
        yield text.format(epsilon=EPSILON, own=OWN_FIGURES_FROM, together=TOGETHER_FROM)
        nth += 1


def _budget(texts: Mapping[str, str], language: str) -> Grid:
    def written(epsilon: Fraction) -> str:
        return f"{float(epsilon):.2f}".replace(".", "." if language == "en" else ",")

    rows = [
        [
            texts[f"grid.of.{table.name}"], texts[f"grid.span.{table.value.span.value}"],
            texts[f"grid.level.{table.value.level.value}"], written(table.epsilon),
        ]
        for table in Table
    ]  # fmt: skip
    rows.append([texts["grid.total"], "", "", written(sum((table.epsilon for table in Table), Fraction()))])
    return Grid(texts["grid.budget"], [texts[f"grid.{name}"] for name in ("table", "span", "level", "epsilon")], rows)


def _errors(texts: Mapping[str, str], language: str) -> Grid:
    """Of typical figures, from the distributions of what they are made of."""
    months = Table.MONTHS.epsilon
    made: list[tuple[str, tuple[Part, ...]]] = [
        (texts["grid.error.month"], (Part(months),)),
        (texts["grid.error.town-term"], (Part(months, times=len(_TERM.months)),)),
        (texts["grid.error.town-year"], (Part(months, times=12),)),
        *(
            (texts["grid.error.term"].format(places=places), _parts(Table.TERMS, _TERM, places))
            for places in (2, 8, 30)
        ),
        (texts["grid.error.topic"].format(categories=_TOPICS), _parts(Table.TOPICS, _TERM, 8)),
        (
            texts["grid.error.school-topic"].format(categories=_TOPICS, places=8),
            _parts(Table.SCHOOL_TOPICS, _YEAR, 8),
        ),
        (texts["grid.error.county-year"], (Part(months, times=12 * 20),)),
        (texts["grid.error.replies"], (Part(Table.IMPACT.epsilon),)),
    ]
    rows = [
        [title, f"{mean_error(parts):.1f}".replace(".", "." if language == "en" else ","), f"± {reach(parts, LEVEL)}"]
        for title, parts in made
    ]
    return Grid(texts["grid.errors"], [texts[f"grid.{name}"] for name in ("figure", "mean", "most")], rows)


def _parts(table: Table, period: Period, places: int) -> tuple[Part, ...]:
    """Of one cell, in a municipality of so many places."""
    towns = (Municipality("town", "county", tuple(Place((f"school-{nth}",)) for nth in range(places))),)
    topics = tuple(f"topic-{nth}" for nth in range(_TOPICS))
    place = "town" if table is Table.TOPICS else "school-0"
    return parts_of(
        Cell(table, period, place, topics[0] if table.value.by else "all"), Register(towns, {"topic": topics})
    )
