"""What the next try to sign in costs: nothing at first, then more and more, and less again with time (SPEC 9.4)."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from lyhty_server.domain.guessing import FIRST_EFFORT, FORGET_S, FREE_FAILURES, Failures
from lyhty_wire.work import MAX_SIGN_IN_EFFORT

NOW_S = 1_800_000_000


def failed(times: int, now_s: int = NOW_S) -> Failures:
    return reduce(lambda failures, _: failures.one_more(now_s), range(times), Failures())


def test_the_first_tries_cost_nothing() -> None:
    assert [failed(times).effort(NOW_S) for times in range(FREE_FAILURES)] == [0] * FREE_FAILURES


def test_each_further_failure_doubles_the_price() -> None:
    prices = [failed(times).effort(NOW_S) for times in range(FREE_FAILURES, FREE_FAILURES + 4)]
    assert prices == [FIRST_EFFORT, 2 * FIRST_EFFORT, 4 * FIRST_EFFORT, 8 * FIRST_EFFORT]


def test_no_number_of_failures_costs_more_than_a_client_will_do() -> None:
    assert failed(10_000).effort(NOW_S) == MAX_SIGN_IN_EFFORT


def test_the_dearest_price_is_forgotten_within_an_hour() -> None:
    assert failed(10_000).effort(NOW_S + 3_600) == 0


def test_failures_are_forgotten_one_after_another() -> None:
    failures = failed(FREE_FAILURES + 1)
    assert failures.effort(NOW_S + FORGET_S - 1) == 2 * FIRST_EFFORT
    assert failures.effort(NOW_S + FORGET_S) == FIRST_EFFORT
    assert failures.effort(NOW_S + 2 * FORGET_S) == 0


def test_a_failure_just_before_the_next_would_be_forgotten_delays_nothing() -> None:
    late = failed(FREE_FAILURES).one_more(NOW_S + FORGET_S - 1)
    assert late.effort(NOW_S + FORGET_S) == FIRST_EFFORT


def test_a_try_that_is_taken_back_leaves_the_price_as_it_was() -> None:
    for times in range(FREE_FAILURES + 3):
        before = failed(times)
        assert before.one_more(NOW_S).one_less(NOW_S).effort(NOW_S) == before.effort(NOW_S)


@given(steps=st.lists(st.tuples(st.integers(0, 2_000), st.booleans()), max_size=40), later_s=st.integers(0, 10_000))
def test_whatever_happened_the_price_is_within_its_bounds_and_only_falls_while_nobody_tries(
    steps: list[tuple[int, bool]], later_s: int
) -> None:
    now_s, failures = NOW_S, Failures()
    for pause_s, fails in steps:
        now_s += pause_s
        failures = failures.one_more(now_s) if fails else failures.one_more(now_s).one_less(now_s)
    assert 0 <= failures.effort(now_s + later_s) <= failures.effort(now_s) <= MAX_SIGN_IN_EFFORT
