"""Whoever adds up and subtracts all figures of two years finds out no more about small counts than was promised.

A count is *beaten* when it is outside the interval that was published with it, or when the attacker names a range that
the truth is in and that has fewer than half as many numbers as that interval. One of the attacker's two ways is enough.

The attacker's ranges have to be as sure as those that were promised: in other worlds, and for counts that are not
small, he is right in 95 of 100 cases (for small ones that would be no feat: they are small).
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Final, NamedTuple

import pytest
from scipy.stats import beta

from lyhty_client.statistics.places import School, places_of
from lyhty_client.statistics.release import Contribution, count, draw, figures_of
from lyhty_wire.figures.certainty import LEVEL, width_of
from lyhty_wire.figures.intervals import parts_of
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of, year_of
from lyhty_wire.figures.register import Cell, Municipality, Register
from lyhty_wire.figures.releases import Figure
from lyhty_wire.figures.tables import Table
from tests.client.statistics import worlds
from tests.scenarios.attacker import LeastSquares, Likelihood, Published, Range, Sum, around, beats

WORLDS: Final = 7
IS_WHOLE: Final = "LYHTY_WHOLE_ATTACK" in os.environ
"""`make attack`. Programming takes hundreds of times as long as least squares: ten minutes of a processor for all."""
TRIED_BY_PROGRAMMING: Final = 1 if IS_WHOLE else 4
"""One count in so many, and one world too."""
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


pytestmark = pytest.mark.timeout(1_800)


@dataclass
class World:
    """Two years of a county of two municipalities."""

    registers: Mapping[Period, Register]
    figures: Mapping[Cell, Figure]
    drawn: Mapping[Cell, int]
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
    all_drawn: dict[Cell, int] = {}
    true: Counter[Cell] = Counter()
    for period, register in registers.items():
        known: list[Contribution] = cases if period.span is Span.MONTH or not is_corrected else [*cases, late]
        true += count(period, register, known, [])
        drawn = draw(period, register, known, [], key)
        figures |= figures_of(period, register, drawn, figures)
        all_drawn |= drawn
    return World(registers, figures, all_drawn, true)


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


def _counts(world: World, year: Period) -> Iterator[Count]:
    for town in ("town", "village"):
        places = _terms(world, year, town)
        years_places = next(e for e in world.registers[year].municipalities if e.id == town).places
        of_year: list[Cell] = []
        for term in terms_of(year):
            of_term = [place for when, place in places if when == term]
            months = tuple(Cell(Table.MONTHS, month, town) for month in month_periods(term))
            rows = tuple(Cell(Table.TERMS, term, place) for place in of_term)
            columns = tuple(Cell(Table.TOPICS, term, town, topic) for topic in TOPICS)
            everybody = {_unknown(place, term, topic): 1 for place in of_term for topic in TOPICS}
            for month in months:
                yield Count("MONTHS", {f"{town} {month.period.name}": 1}, (month,))
            for place, row in zip(of_term, rows, strict=True):
                yield Count("TERMS", {_unknown(place, term, topic): 1 for topic in TOPICS}, (row,))
            for topic, column in zip(TOPICS, columns, strict=True):
                yield Count("TOPICS", {_unknown(place, term, topic): 1 for place in of_term}, (column,))
            yield Count("municipality's term", everybody, months)
            of_year += months
        yield Count(
            "municipality's year",
            {_unknown(place, term, topic): 1 for term, place in places for topic in TOPICS},
            tuple(of_year),
        )
        for place in years_places:
            inside = [(term, each) for term, each in places if set(each.split("+")) <= set(place.schools)]
            for topic in TOPICS:
                cell = Cell(Table.SCHOOL_TOPICS, year, place.id, topic)
                yield Count("SCHOOL_TOPICS", {_unknown(each, term, topic): 1 for term, each in inside}, (cell,))
            rows = tuple(Cell(Table.TERMS, term, each) for term, each in inside)
            yield Count(
                "school's year",
                {_unknown(each, term, topic): 1 for term, each in inside for topic in TOPICS},
                rows,
            )


def _all_draws(world: World, year: Period) -> Published:
    """Everything that was drawn for a year, of all tables; one year has nothing to do with another."""
    published = Published()
    for each in _counts(world, year):
        if len(each.published) == 1 and each.published[0].table.name == each.kind:
            (cell,) = each.published
            published.says(each.of, world.drawn[cell], float(cell.table.epsilon), _moved_with(cell, world))
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
            published.says(
                {f"{table.name} {cell.category}": 1}, world.drawn[cell], float(table.epsilon), _moved_with(cell, world)
            )
        published.bounds(everybody | {f"{table.name} {cell.category}": -1 for cell in parts}, 0, 0)
    return published


def _moved_with(cell: Cell, world: World) -> tuple[str, ...]:
    """The rows and columns whose draws go out only as far as they differ from each other."""
    where = {place.id: each.id for each in world.registers[cell.period].municipalities for place in each.places}
    row = f"moved {cell.table.name} {cell.period.name} {where.get(cell.place, cell.place)}"
    match cell.table:
        case Table.MONTHS:
            return ()
        case Table.SCHOOL_TOPICS:
            return f"{row} {cell.place}", f"{row} {cell.category}"
        case _:
            return (row,)


def _interval(each: Count, world: World) -> Range:
    value = sum(world.figures[cell].published for cell in each.published)
    if len(each.published) == 1:
        width = world.figures[each.published[0]].width
    else:
        parts = tuple(part for cell in each.published for part in parts_of(cell, world.registers[cell.period]))
        unfitted = sum(world.figures[cell].unfitted for cell in each.published)
        width = width_of(parts, Fraction(unfitted), value)
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
    """By least squares all of them are tried; by programming a part, unless the attack is whole."""
    by_squares, by_both = Counter[str](), Counter[str]()
    for seed in range(WORLDS):
        world = _world(f"attack {seed}", SHARE)
        for year in YEARS:
            published = _all_draws(world, year)
            squares, likelihood = LeastSquares(published), _programs(published, seed)
            small = [each for each in _counts(world, year) if _truth(each, world) < SMALL]
            for nth, each in enumerate(small):
                truth, promised = _truth(each, world), _interval(each, world)
                claims = [squares.claim(each.of)]
                by_squares[_became(claims, promised, truth)] += 1
                if likelihood and nth % TRIED_BY_PROGRAMMING == seed % TRIED_BY_PROGRAMMING:
                    # A range with the truth in it, and with this end, is too long already.
                    other = likelihood.claim(each.of, truth + promised.count / 2)
                    by_both[_became(claims if other is None else [*claims, other], promised, truth)] += 1
    for name, became in (("squares", by_squares), ("squares and programming", by_both)):
        bad = became["outside"] + became["beaten"]
        at_most = float(beta.ppf(SURE, bad + 1, became.total() - bad))
        with capsys.disabled():
            print(f"\n{name}: of {became.total()} small counts {dict(became)}: at most {at_most:.2%}")
        # A part of them is too few to be sure.
        assert (at_most if became.total() == by_squares.total() else bad / became.total()) <= MOST


def _programs(published: Published, seed: int) -> Likelihood | None:
    return Likelihood(published, SLACK) if seed % TRIED_BY_PROGRAMMING == 0 else None


def _became(claims: Sequence[Range], promised: Range, truth: int) -> str:
    if truth not in promised:
        return "outside"
    return "beaten" if any(beats(claim, promised, truth) for claim in claims) else "kept"


def test_the_attacker_is_as_sure_as_what_was_promised() -> None:
    """Of counts of which he cannot say beforehand that they are small."""
    by_squares, by_likelihood = Counter[bool](), Counter[bool]()
    for seed in range(12):
        world = _world(f"training {seed}", 5 * SHARE)
        for year in YEARS:
            published = _all_draws(world, year)
            squares, likelihood = LeastSquares(published), _programs(published, seed)
            for nth, each in enumerate(each for each in _counts(world, year) if _truth(each, world) >= SMALL):
                by_squares[_truth(each, world) in squares.claim(each.of)] += 1
                if likelihood and nth % 16 == seed % 16:
                    by_likelihood[likelihood.holds(each.of, _truth(each, world))] += 1
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
                    claim = likelihood.claim(each.of)
                    found += claim is not None and beats(claim, Range(0, SMALL - 1), truth)
    assert float(beta.ppf(1 - SURE, found, small - found + 1)) > MOST


@pytest.mark.parametrize(
    "table", [Table.TERMS, Table.TOPICS, Table.SERVICES, Table.ROLES], ids=lambda table: table.name
)
def test_what_the_draws_of_a_row_say_together_does_not_go_out(table: Table) -> None:
    """Of its total nothing is known but what was published of it before."""
    world = _world("attack 0", SHARE)
    by = 17
    assert _made_again(world, lambda cell: by if cell.table is table else 0) == world.figures


def test_of_a_schools_topics_goes_out_neither_what_a_row_says_together_nor_what_a_column_does() -> None:
    world = _world("attack 0", SHARE)

    def moved(cell: Cell) -> int:
        if cell.table is not Table.SCHOOL_TOPICS:
            return 0
        return 10 * len(cell.place) + 100 * TOPICS.index(cell.category)

    assert _made_again(world, moved) == world.figures


def _made_again(world: World, moved: Callable[[Cell], int]) -> dict[Cell, Figure]:
    """Everything that goes out, of these draws moved by so much."""
    again: dict[Cell, Figure] = {}
    for period, register in world.registers.items():
        drawn = {cell: number + moved(cell) for cell, number in world.drawn.items() if cell.period == period}
        again |= figures_of(period, register, drawn, again)
    return again
