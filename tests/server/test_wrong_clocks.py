"""What a clock that jumps may do to the time by which cases expire, and to the times that are stored."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lyhty_server.domain.wrong_clocks import FASTEST, next_tick, within_life

START = 500_000
YEAR = 365 * 24
clocks = st.lists(st.integers(START - 2 * YEAR, START + 2 * YEAR), min_size=1, max_size=50)


def ticks(clock: list[int]) -> list[int]:
    """Looked at every hour by a server that runs on."""
    told = [START]
    for now in clock:
        told.append(next_tick(told[-1], now, 1))
    return told


@given(clocks)
def test_however_the_clock_jumps_expiry_never_runs_more_than_twice_as_fast(clock: list[int]) -> None:
    assert all(after - before <= FASTEST for before, after in pairwise(ticks(clock)))


@given(clocks)
def test_expiry_is_never_ahead_of_the_clock(clock: list[int]) -> None:
    assert all(tick <= now for tick, now in zip(ticks(clock)[1:], clock, strict=True))


def test_with_a_clock_that_is_right_expiry_goes_with_it() -> None:
    assert ticks([START + hour for hour in range(1, 100)]) == [START + hour for hour in range(100)]


def test_after_a_month_without_a_server_expiry_has_caught_up_in_a_month() -> None:
    month = 30 * 24
    assert ticks([START + month + hour for hour in range(1, month + 1)])[-1] == START + 2 * month


def test_a_server_that_starts_again_and_again_expires_nothing() -> None:
    assert next_tick(START, START + YEAR, 0) == START


def test_a_clock_a_year_ahead_for_a_week_costs_a_week() -> None:
    week = 7 * 24
    assert ticks([START + YEAR + hour for hour in range(week)])[-1] == START + 2 * week


def test_an_hour_that_is_stored_is_never_outside_the_directorys_life() -> None:
    assert [within_life(now, 100, 200) for now in (0, 100, 150, 200, 9_999)] == [100, 100, 150, 200, 200]
