"""What opening a case costs follows how many are opened (SPEC 6.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyhty_server.domain.pricing import CALM_S, DEAREST, FREE_PER_S, USUAL_EFFORT, Price, raised, settled, strain
from lyhty_wire.work import MAX_EFFORT

DEAR = Price(DEAREST)


def test_an_ordinary_second_costs_the_usual() -> None:
    assert raised(Price(), strain(FREE_PER_S)).effort(USUAL_EFFORT) == USUAL_EFFORT


@pytest.mark.parametrize(("times", "factor"), [(1.05, 2), (2, 2), (2.05, 4), (4.05, 8), (100, 8)])
def test_each_doubling_above_what_is_free_doubles_the_effort_up_to_eight_times(times: float, factor: int) -> None:
    assert raised(Price(), strain(round(times * FREE_PER_S))).effort(USUAL_EFFORT) == factor * USUAL_EFFORT


def test_no_effort_is_more_than_a_client_accepts() -> None:
    assert 2 * DEAR.effort(USUAL_EFFORT) == MAX_EFFORT  # the rest is for who was refused once (SPEC 6.7)


def test_a_disk_that_falls_behind_raises_the_price_too() -> None:
    assert settled(Price(), strain(0, queue_share=0.5)).step == 1


def test_the_price_falls_by_one_step_after_half_a_minute_of_calm() -> None:
    price = DEAR
    for _ in range(CALM_S - 1):
        price = settled(price, strain(0))
    assert (price.step, settled(price, strain(0)).step) == (DEAREST, DEAREST - 1)


def test_a_second_that_is_not_calm_begins_the_half_minute_anew() -> None:
    price = DEAR
    for opened in (*[0] * (CALM_S - 1), FREE_PER_S // 2, *[0] * (CALM_S - 1)):
        price = settled(price, strain(opened))
    assert price.step == DEAREST


def test_load_tests_that_ask_for_nothing_are_asked_for_nothing() -> None:
    assert DEAR.effort(1) == 1


@given(st.lists(st.integers(0, 3_000), max_size=200))
def test_the_price_never_leaves_its_bounds_and_never_falls_faster_than_promised(seconds: list[int]) -> None:
    price = Price()
    for opened in seconds:
        before, price = price, settled(price, strain(opened))
        assert max(0, before.step - 1) <= price.step <= DEAREST
