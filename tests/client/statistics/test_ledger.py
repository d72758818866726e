"""The ledger knows what every case has lost, as another accountant reckons it too, and lets nothing be drawn twice."""

from fractions import Fraction
from random import Random

import opendp.prelude as dp
import pytest

from lyhty_client.statistics.ledger import DrawnTwiceError, Ledger
from lyhty_client.statistics.release import Contribution, count
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, term_of, terms_of
from lyhty_wire.figures.register import Cell
from lyhty_wire.figures.releases import cells_of
from lyhty_wire.figures.tables import EPSILON, REPLIES, Table
from tests.client.statistics import worlds

dp.enable_features("contrib")

TOWNS = (worlds.TOWN,) * 10
"""Ten municipalities, eighty schools."""
AREA = worlds.register(TOWNS, counties=3)
HISTOGRAM = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
"""All counts of one table; one case more or less is a distance of one."""


def _ledger(periods: tuple[Period, ...]) -> Ledger:
    ledger = Ledger()
    for period in periods:
        ledger = ledger.with_release(cells_of(period, AREA))
    return ledger


YEAR = tuple(worlds.periods())


def test_the_whole_costs_what_is_promised() -> None:
    assert sum(table.epsilon for table in Table) == EPSILON == 2


@pytest.mark.parametrize("month", worlds.YEAR.months, ids=lambda month: Period(Span.MONTH, month).name)
def test_a_school_year_costs_a_case_what_opendp_s_accountant_says(month: Month) -> None:
    """For all that is published, and for the tables in which this case stands."""
    ledger = _ledger(YEAR)
    entries = list(ledger.of_month(month))
    assert {entry.table for entry in entries} == set(Table)
    composed = dp.c.make_composition(
        [dp.m.make_laplace(*HISTOGRAM, scale=float(1 / entry.epsilon)) for entry in entries]
    )
    assert composed.map(1) == pytest.approx(float(ledger.spent(month)), rel=1e-9)
    assert ledger.spent(month) == EPSILON


def test_every_count_of_the_year_together_costs_what_opendp_s_accountant_says() -> None:
    """Of all periods at once: a table is one list of counts, over its periods too, in which a case stands once."""
    chance = Random(80)
    cases = worlds.cases(chance, TOWNS)
    less = cases[1:]
    measurements, distances = [], []
    for table in (table for table in Table if table not in REPLIES):
        periods = [period for period in YEAR if period.span is table.value.span]
        with_it, without = _counts(periods, table, cases), _counts(periods, table, less)
        distances.append(sum(abs(one - other) for one, other in zip(with_it, without, strict=True)))
        measurements.append(dp.m.make_laplace(*HISTOGRAM, scale=float(1 / table.epsilon)))
        assert len(measurements[-1](with_it)) == len(with_it)
    assert set(distances) == {1}
    replies = sum(table.epsilon for table in REPLIES)
    assert dp.c.make_composition(measurements).map(1) == pytest.approx(float(EPSILON - replies), rel=1e-9)


def _counts(periods: list[Period], table: Table, cases: list[Contribution]) -> list[int]:
    found = []
    for period in periods:
        counts = count(period, AREA, cases, [])
        found += [counts[cell] for cell in cells_of(period, AREA) if cell.table is table]
    return found


def test_what_was_drawn_is_not_drawn_again() -> None:
    ledger = _ledger(YEAR[:3])
    with pytest.raises(DrawnTwiceError, match=r"MONTHS of 2026-09"):
        ledger.with_release(cells_of(YEAR[1], AREA))


def test_what_was_drawn_is_not_drawn_for_other_places_either() -> None:
    """The schools would stand in two cells of one table."""
    (term, _) = terms_of(worlds.YEAR)
    ledger = _ledger((term,))
    with pytest.raises(DrawnTwiceError):
        ledger.with_release([Cell(Table.TERMS, term, "another-school")])


def test_a_table_belongs_to_periods_of_its_span() -> None:
    with pytest.raises(ValueError, match="not a table of a year"):
        Ledger().with_release([Cell(Table.MONTHS, worlds.YEAR, "town-0")])


def test_a_month_has_cost_what_has_gone_out_of_it() -> None:
    months = month_periods(worlds.YEAR)
    ledger = _ledger((*months[:5], term_of(months[0].first)))
    assert ledger.left(Month(2027, 2)) == EPSILON
    assert ledger.spent(Month(2026, 9)) == sum(
        (table.epsilon for table in Table if table.value.span is not Span.YEAR), start=Fraction(0)
    )


def test_many_years_never_cost_a_case_more() -> None:
    ledger = Ledger()
    for year in range(2026, 2030):
        whole = Period(Span.YEAR, Month(year, 8))
        for period in (*month_periods(whole), *terms_of(whole), whole):
            ledger = ledger.with_release(cells_of(period, AREA))
    assert {ledger.spent(month) for entry in ledger.entries for month in entry.period.months} == {EPSILON}
