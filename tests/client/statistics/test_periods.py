"""Months, terms and school years, and when their figures may go out."""

from datetime import date

import pytest

from lyhty_wire.figures.periods import Month, Period, Span, month_of, term_of, terms_of, year_of


def test_a_case_belongs_to_its_month_by_the_clock_of_helsinki() -> None:
    new_year_in_helsinki = 1_798_754_400  # 2026-12-31 22:00 UTC
    assert month_of(new_year_in_helsinki - 1) == Month(2026, 12)
    assert month_of(new_year_in_helsinki) == Month(2027, 1)


@pytest.mark.parametrize(
    ("month", "term", "year"),
    [
        (Month(2026, 8), "2026-autumn", "2026-2027"),
        (Month(2026, 12), "2026-autumn", "2026-2027"),
        (Month(2027, 1), "2027-spring", "2026-2027"),
        (Month(2027, 7), "2027-spring", "2026-2027"),
    ],
)
def test_a_month_has_one_term_and_one_school_year(month: Month, term: str, year: str) -> None:
    assert (term_of(month).name, year_of(month).name) == (term, year)


def test_two_terms_are_a_school_year_and_no_month_is_in_both() -> None:
    year = year_of(Month(2026, 11))
    autumn, spring = terms_of(year)
    assert (*autumn.months, *spring.months) == year.months


def test_figures_go_out_fourteen_days_after_their_period() -> None:
    assert Period(Span.MONTH, Month(2026, 12)).published == date(2027, 1, 15)
    assert year_of(Month(2026, 12)).published == date(2027, 8, 15)
