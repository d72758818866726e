"""Whoever adds up and subtracts all figures of two years finds out no more about small counts than was promised.

A count is *beaten* when it is outside the interval that was published with it, or when the attacker names a range that
the truth is in and that has fewer than half as many numbers as the narrowest of what the releases say one by one: the
published interval; what was drawn for it, or for all cells of one table that add up to it, with the interval of that
noise; all of it no larger than that says of anything that it is a part of. One of the attacker's two ways is enough.

The attacker's ranges have to be as sure as those that were promised: in other worlds, and for counts that are not
small, he is right in 95 of 100 cases (for small ones that would be no feat: they are small). That all tables together
are a little narrower than one is what their epsilons add up for; half as wide would take twice the epsilon in each.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

import pytest
from scipy.stats import beta

from lyhty_client.statistics.places import School, places_of
from lyhty_client.statistics.release import Contribution, count, draw, figures_of
from lyhty_wire.figures.certainty import LEVEL, Part, half_width, reach
from lyhty_wire.figures.intervals import parts_of
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of, year_of
from lyhty_wire.figures.register import Cell, Municipality, Register
from lyhty_wire.figures.releases import Figure
from lyhty_wire.figures.tables import Table
from tests.client.statistics import worlds
from tests.scenarios.attacker import LeastSquares, Likelihood, Published, Range, Sum, around, beats

WORLDS: Final = 7
SLACK: Final = 4.0
"""In nats: what makes the attacker's second way as sure as his first."""
SMALL: Final = 5
"""Hiding starts below this elsewhere."""
MOST: Final = 0.05
SURE: Final = 0.99
SHARE: Final = 0.004
YEARS: Final = (year_of(Month(2026, 8)), year_of(Month(2027, 8)))
TOPICS: Final = worlds.CATEGORIES["topic"]


class Count(NamedTuple):
    """A number that is shown: a cell, or a sum of cells."""

    kind: str
    of: Sum
    published: tuple[Cell, ...]
    drawn: tuple[tuple[Cell, ...], ...]
    """The cells of one table that add up to it, of each that has such."""
    within: frozenset[str] = frozenset()
    """What is more than it has all of these."""


pytestmark = pytest.mark.timeout(600)


@dataclass
class World:
    """Two years of a county of two municipalities."""

    registers: Mapping[Period, Register]
    figures: Mapping[Cell, Figure]
    true: Counter[Cell]
    """When the figures were drawn."""


def _registers() -> dict[Period, Register]:
    """A school with one class beside others, a village of two such, and a school that joins in the last spring."""
    schools = [School("a", 400), School("b", 250), School("c", 110), School("d", 90), School("one-class", 25)]
    village = Municipality("village", "county", places_of([School("one-class-too", 25), School("e", 60)]))
    before = places_of(schools)
    after = places_of([*schools, School("new", 150)], before)
    made = {}
    for year in YEARS:
        for period in (*month_periods(year), *terms_of(year), year):
            has_joined = year == YEARS[1] and period.months[-1] >= Month(2028, 1)
            town = Municipality("town", "county", after if has_joined else before)
            made[period] = Register((town, worlds.NOBODY_KNOWS, village), worlds.CATEGORIES)
    return made


PUPILS: Final = {
    "a": 400, "b": 250, "c": 110, "d": 90, "one-class": 25, "one-class-too": 25, "e": 60, "new": 150,
}  # fmt: skip


def _world(seed: str, share: float, *, is_corrected: bool = True) -> World:
    chance = Random(seed)
    registers, key = _registers(), chance.randbytes(32)
    cases = []
    for school, pupils in PUPILS.items():
        rate = share * chance.gammavariate(8, 1 / 8)
        for month in (month for year in YEARS for month in year.months):
            if month.month not in worlds.HOLIDAYS and (school != "new" or month >= Month(2028, 1)):
                cases += [worlds.a_case(chance, school, month) for _ in range(pupils) if chance.random() < rate]
    # A correction: it was forgotten, and comes when the figures of its month have gone out.
    late = worlds.a_case(chance, "one-class", Month(2026, 10))
    figures: dict[Cell, Figure] = {}
    true: Counter[Cell] = Counter()
    for period, register in registers.items():
        known: list[Contribution] = cases if period.span is Span.MONTH or not is_corrected else [*cases, late]
        true += count(period, register, known, [])
        figures |= figures_of(period, register, draw(period, register, known, [], key), figures)
    return World(registers, figures, true)


def _unknown(place: str, term: Period, topic: str) -> str:
    return f"{place} {term.name} {topic}"


def _terms(world: World, year: Period, town: str) -> list[tuple[Period, str]]:
    """The places of its terms, each with its term."""
    return [
        (term, place.id)
        for term in terms_of(year)
        for each in world.registers[term].municipalities
        if each.id == town
        for place in each.places
    ]


def _all_counts(world: World, year: Period) -> Iterator[Count]:
    for town in ("town", "village"):
        places = _terms(world, year, town)
        years_places = next(e for e in world.registers[year].municipalities if e.id == town).places
        whole: dict[str, list[tuple[Cell, ...]]] = {"year": [(), (), ()]}
        for term in terms_of(year):
            of_term = [place for when, place in places if when == term]
            months = tuple(Cell(Table.MONTHS, month, town) for month in month_periods(term))
            rows = tuple(Cell(Table.TERMS, term, place) for place in of_term)
            columns = tuple(Cell(Table.TOPICS, term, town, topic) for topic in TOPICS)
            everybody = {_unknown(place, term, topic): 1 for place in of_term for topic in TOPICS}
            for month in months:
                yield Count("MONTHS", {f"{town} {month.period.name}": 1}, (month,), ((month,),), frozenset(everybody))
            for place, row in zip(of_term, rows, strict=True):
                yield Count("TERMS", {_unknown(place, term, topic): 1 for topic in TOPICS}, (row,), ((row,),))
            for topic, column in zip(TOPICS, columns, strict=True):
                yield Count("TOPICS", {_unknown(place, term, topic): 1 for place in of_term}, (column,), ((column,),))
            yield Count("municipality's term", everybody, months, (months, rows, columns))
            whole["year"] = [had + more for had, more in zip(whole["year"], (months, rows, columns), strict=True)]
        cells = tuple(Cell(Table.SCHOOL_TOPICS, year, place.id, topic) for place in years_places for topic in TOPICS)
        yield Count(
            "municipality's year",
            {_unknown(place, term, topic): 1 for term, place in places for topic in TOPICS},
            whole["year"][0],
            (*whole["year"], cells),
        )
        for place in years_places:
            inside = [(term, each) for term, each in places if set(each.split("+")) <= set(place.schools)]
            for topic in TOPICS:
                cell = Cell(Table.SCHOOL_TOPICS, year, place.id, topic)
                yield Count(
                    "SCHOOL_TOPICS", {_unknown(each, term, topic): 1 for term, each in inside}, (cell,), ((cell,),)
                )
            rows = tuple(Cell(Table.TERMS, term, each) for term, each in inside)
            yield Count(
                "school's year",
                {_unknown(each, term, topic): 1 for term, each in inside for topic in TOPICS},
                rows,
                (rows, tuple(cell for cell in cells if cell.place == place.id)),
            )


def _counts(world: World, year: Period) -> list[Count]:
    return [each if each.within else each._replace(within=frozenset(each.of)) for each in _all_counts(world, year)]


def _all_draws(world: World, year: Period) -> Published:
    """Everything that was drawn for a year, of all tables; one year has nothing to do with another."""
    published = Published()
    for each in _counts(world, year):
        if len(each.published) == 1 and each.published[0].table.name == each.kind:
            (cell,) = each.published
            published.says(each.of, world.figures[cell].drawn, float(cell.table.epsilon))
    everybody: dict[str, int] = {}
    for town in ("town", "village"):
        for term in terms_of(year):
            places = [place for when, place in _terms(world, year, town) if when == term]
            people = {_unknown(place, term, topic): 1 for place in places for topic in TOPICS}
            months = {f"{town} {month.name}": -1 for month in month_periods(term)}
            published.bounds(people | months, 0, 0)
            everybody |= people
    for table in (Table.SERVICES, Table.ROLES):
        parts = [
            cell for cell in world.figures if cell.table is table and cell.period == year and cell.place == "county"
        ]
        for cell in parts:
            published.says({f"{table.name} {cell.category}": 1}, world.figures[cell].drawn, float(table.epsilon))
        published.bounds(everybody | {f"{table.name} {cell.category}": -1 for cell in parts}, 0, 0)
    return published


def _promised(counts: Sequence[Count], world: World) -> list[list[Range]]:
    """For each of the counts: what was published of it, and what each draw of it, or of more than it, says alone."""
    by_draws = [
        [
            around(
                sum(world.figures[cell].drawn for cell in cells),
                reach((Part(cells[0].table.epsilon, times=len(cells)),)),
            )
            for cells in each.drawn
        ]
        for each in counts
    ]
    found = []
    for nth, each in enumerate(counts):
        most = min(
            said.high
            for other, ranges in zip(counts, by_draws, strict=True)
            if each.within <= other.of.keys()
            for said in (*ranges, _interval(other, world))
        )
        ranges = [_interval(each, world), *by_draws[nth]]
        found.append([Range(min(said.low, most), min(said.high, most)) for said in ranges])
    return found


def _interval(each: Count, world: World) -> Range:
    value = sum(world.figures[cell].published for cell in each.published)
    if len(each.published) == 1:
        width = world.figures[each.published[0]].width
    else:
        width = half_width(
            tuple(part for cell in each.published for part in parts_of(cell, world.registers[cell.period]))
        )
    return around(value, width)


def _truth(each: Count, world: World) -> int:
    return sum(world.true[cell] for cell in each.published)


def _visible_only(world: World, year: Period) -> Published:
    """What the same years would say if all counts were exact and those below five were hidden."""
    published = Published()
    for each in _counts(world, year):
        truth = _truth(each, world)
        published.bounds(each.of, *((0, SMALL - 1) if truth < SMALL else (truth, truth)))
    for town in ("town", "village"):
        for term in terms_of(year):
            places = [place for when, place in _terms(world, year, town) if when == term]
            people = {_unknown(place, term, topic): 1 for place in places for topic in TOPICS}
            published.bounds(people | {f"{town} {month.name}": -1 for month in month_periods(term)}, 0, 0)
    return published


def test_no_more_small_counts_are_beaten_than_promised(capsys: pytest.CaptureFixture[str]) -> None:
    outside = beaten = small = 0
    for seed in range(WORLDS):
        world = _world(f"attack {seed}", SHARE)
        for year in YEARS:
            counts, published = _counts(world, year), _all_draws(world, year)
            ways = LeastSquares(published), Likelihood(published, SLACK)
            for each, promised in zip(counts, _promised(counts, world), strict=True):
                truth = _truth(each, world)
                if truth < SMALL:
                    small += 1
                    if truth not in _interval(each, world):
                        outside += 1
                    elif any(beats(way.claim(each.of), promised, truth) for way in ways):
                        beaten += 1
    at_most = float(beta.ppf(SURE, outside + beaten + 1, small - outside - beaten))
    with capsys.disabled():
        print(f"\nof {small} small counts {outside} outside and {beaten} beaten: at most {at_most:.2%}")
    assert at_most <= MOST


def test_the_attacker_is_as_sure_as_what_was_promised() -> None:
    """Of counts of which he cannot say beforehand that they are small."""
    by_squares, by_likelihood = Counter[bool](), Counter[bool]()
    for seed in range(12):
        world = _world(f"training {seed}", 5 * SHARE)
        for year in YEARS:
            published = _all_draws(world, year)
            squares, likelihood = LeastSquares(published), Likelihood(published, SLACK)
            for nth, each in enumerate(each for each in _counts(world, year) if _truth(each, world) >= SMALL):
                by_squares[_truth(each, world) in squares.claim(each.of)] += 1
                if nth % 16 == seed % 16:
                    by_likelihood[_truth(each, world) in likelihood.claim(each.of)] += 1
    for counted in (by_squares, by_likelihood):
        error = (LEVEL * (1 - LEVEL) / counted.total()) ** 0.5
        assert LEVEL - 3 * error <= counted[True] / counted.total()
    # Or he would be giving ground away.
    assert by_squares[True] / by_squares.total() < 0.98


def test_the_same_attacker_finds_what_is_only_hidden() -> None:
    """The control: exact counts, those below five hidden, and every sum of them shown."""
    found = small = 0
    for seed in range(2):
        world = _world(f"attack {seed}", 4 * SHARE, is_corrected=False)
        for year in YEARS:
            likelihood = Likelihood(_visible_only(world, year), 0)
            for each in _counts(world, year):
                if (truth := _truth(each, world)) < SMALL:
                    small += 1
                    found += beats(likelihood.claim(each.of), [Range(0, SMALL - 1)], truth)
    assert float(beta.ppf(1 - SURE, found, small - found + 1)) > MOST


def test_everything_that_goes_out_is_made_of_the_draws() -> None:
    world = _world("attack 0", SHARE)
    again: dict[Cell, Figure] = {}
    for period, register in world.registers.items():
        drawn = {cell: figure.drawn for cell, figure in world.figures.items() if cell.period == period}
        again |= figures_of(period, register, drawn, again)
    assert again == world.figures
