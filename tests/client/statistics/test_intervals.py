"""The interval beside a figure holds the true count in 95 of 100 cases, whatever its size, and so do those of sums."""

from collections import Counter
from fractions import Fraction
from math import exp
from random import Random

import pytest

from lyhty_wire.figures.certainty import LEVEL, Part, half_width, reach, width_of
from lyhty_wire.figures.intervals import parts_of
from lyhty_wire.figures.periods import month_periods, terms_of
from lyhty_wire.figures.register import UNKNOWN, Cell, Register
from lyhty_wire.figures.releases import cells_of
from lyhty_wire.figures.tables import Table
from tests.client.statistics import worlds

WORLDS = 48
TOWNS = (worlds.TOWN, (90, 40), (700, 350, 120), (300,), (250, 130), (25, 320))
SMALL = 5
# Standard errors; the seeds are fixed, so that it is always the same share.
_SURE = 4

Kind = tuple[str, bool]


@pytest.fixture(scope="module")
def inside() -> dict[Kind, Counter[bool]]:
    """Whether the truth was inside, for each table and sum, small and large."""
    found: dict[Kind, Counter[bool]] = {}
    for share in (0.02, 0.002):
        for seed in range(WORLDS // 2):
            chance = Random(f"{seed} {share}")
            area = worlds.register(TOWNS, counties=2)
            cases = worlds.cases(chance, TOWNS, share)
            replies = [worlds.a_reply(chance, case) for case in cases if chance.random() < 0.4]
            true = worlds.truth(area, cases, replies)
            figures = worlds.released(area, cases, chance.randbytes(32), replies)
            for cell, figure in figures.items():
                held = figure.low <= true[cell] <= figure.high
                found.setdefault((cell.table.name, true[cell] < SMALL), Counter())[held] += 1
            for name, cells in _sums(area):
                count, width = sum(true[cell] for cell in cells), _width(cells, area)
                held = abs(sum(figures[cell].published for cell in cells) - count) <= width
                found.setdefault((name, count < SMALL), Counter())[held] += 1
    return found


def _sums(area: Register) -> list[tuple[str, list[Cell]]]:
    """Sums of figures that share no draw, as pages show them."""
    months = month_periods(worlds.YEAR)
    counties = {
        county: [each.id for each in area.municipalities if each.county == county]
        for county in area.of_level(Table.SERVICES.value.level)
        if county != UNKNOWN
    }
    return [
        *(
            ("county's month", [Cell(Table.MONTHS, month, town) for town in towns])
            for towns in counties.values()
            for month in months
        ),
        *(
            ("everybody's month", [Cell(Table.MONTHS, month, town.id) for town in area.municipalities])
            for month in months
        ),
        *(
            ("municipality's months so far", [Cell(Table.MONTHS, month, town.id) for month in months[:upto]])
            for town in area.municipalities
            for upto in (3, 6, 12)
        ),
        *(
            ("county's year", [Cell(Table.MONTHS, month, town) for town in towns for month in months])
            for towns in counties.values()
        ),
        *(
            ("school's year", [Cell(Table.TERMS, term, place.id) for term in terms_of(worlds.YEAR)])
            for town in area.municipalities
            for place in town.places
        ),
        *(
            (
                "county's topic",
                [Cell(Table.TOPICS, term, town, topic) for town in towns for term in terms_of(worlds.YEAR)],
            )
            for towns in counties.values()
            for topic in worlds.CATEGORIES["topic"]
        ),
        *(
            # One school of each: what somebody sees who pays for schools here and there.
            ("funder's term", [Cell(Table.TERMS, term, town.places[0].id) for town in area.municipalities])
            for term in terms_of(worlds.YEAR)
        ),
    ]


def _width(cells: list[Cell], area: Register) -> int:
    return half_width(tuple(part for cell in cells for part in parts_of(cell, area)))


KINDS = [
    *(table.name for table in Table), "county's month", "everybody's month", "municipality's months so far",
    "county's year", "school's year", "county's topic", "funder's term",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_inside_as_often_as_promised(inside: dict[Kind, Counter[bool]], kind: str) -> None:
    by_size = [counted for small in (True, False) if (counted := inside.get((kind, small))) and counted.total() > 20]
    assert by_size
    for counted in by_size:
        error = (LEVEL * (1 - LEVEL) / counted.total()) ** 0.5
        assert counted[True] / counted.total() >= LEVEL - _SURE * error


def _exactly(parts: tuple[Part, ...], width: int) -> float:
    """P(|error| <= width), by adding up one draw after the other, on the lattice of hundredths and cut far out."""
    sizes = {0: 1.0}
    for epsilon, weight, times in parts:
        q, step = exp(-float(epsilon)), round(weight * 100)
        far = int(25 / float(epsilon))
        draw = {n * step: (1 - q) / (1 + q) * q ** abs(n) for n in range(-far, far + 1)}
        for _ in range(times):
            added: dict[int, float] = {}
            for size, share in sizes.items():
                for more, chance in draw.items():
                    added[size + more] = added.get(size + more, 0.0) + share * chance
            sizes = added
    return sum(share for size, share in sizes.items() if abs(size) <= 100 * width)


HALF = Fraction(1, 2)
SUMS = [
    (Part(Fraction(48, 100)),),
    (Part(Fraction(2)),),
    (Part(Fraction(78, 100), Fraction(1), 3),),
    (Part(Fraction(78, 100), HALF), Part(Fraction(78, 100), HALF), Part(Fraction(48, 100), HALF, 3)),
    (Part(Fraction(3, 10), Fraction(4, 5)), Part(Fraction(3, 10), Fraction(1, 5), 2)),
]


@pytest.mark.parametrize("parts", SUMS, ids=str)
def test_a_width_is_the_least_that_holds_enough(parts: tuple[Part, ...]) -> None:
    width = reach(parts)
    assert _exactly(parts, width) >= LEVEL - 1e-9
    assert _exactly(parts, width - 1) < LEVEL


@pytest.mark.parametrize("table", list(Table), ids=lambda table: table.name)
@pytest.mark.parametrize("places", [1, 2, 3, 8])
def test_the_expansion_is_never_narrower_and_hardly_wider(
    monkeypatch: pytest.MonkeyPatch, table: Table, places: int
) -> None:
    area = worlds.register([(300,) * places])
    cell = next(each for period in worlds.periods() for each in cells_of(period, area) if each.table is table)
    parts = parts_of(cell, area)
    exact = reach(parts)
    monkeypatch.setattr("lyhty_wire.figures.certainty._MOST_STEPS", 0)
    expanded = reach.__wrapped__(parts)
    assert exact <= expanded <= exact + 1 + exact // 20


def test_a_large_town_and_a_sum_of_unlike_weights_have_widths_too() -> None:
    large = worlds.register([(300,) * 101])
    topics = Cell(Table.SCHOOL_TOPICS, worlds.YEAR, "school-0-7", "money")
    assert 5 < half_width(parts_of(topics, large)) < 15
    assert 5 < half_width(tuple(Part(Fraction(2, 5), Fraction(1, k), 7) for k in (7, 8, 9, 11, 13))) < 10


@pytest.mark.parametrize(
    ("unfitted", "published", "width"),
    [
        (Fraction(20), 20, 6),
        (Fraction(20), 18, 8),
        (Fraction(41, 2), 20, 6),
        (Fraction(-4), 0, 2),
        (Fraction(-9), 0, 1),
    ],
)
def test_what_was_moved_is_added_and_what_cannot_be_is_left_out(unfitted: Fraction, published: int, width: int) -> None:
    assert width_of((Part(Table.MONTHS.epsilon),), unfitted, published) == width
