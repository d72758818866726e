"""What the long run takes a school day and a slope to be."""

import random

import pytest

from tests.soak.day import HOURS, SHARES, arrivals, mornings, slope

DAY_S = 240.0


def hours_of(moments: list[float]) -> list[int]:
    return [int(moment % DAY_S / DAY_S * HOURS) for moment in moments]


def test_everybody_comes_once_each_day_and_nobody_in_the_night() -> None:
    moments = arrivals(500, 3, DAY_S, random.Random(2))
    assert moments == sorted(moments)
    assert [sum(day * DAY_S <= moment < (day + 1) * DAY_S for moment in moments) for day in range(3)] == [500] * 3
    assert {SHARES[hour] for hour in hours_of(moments)} >= {1, 9}
    assert 0 not in {SHARES[hour] for hour in hours_of(moments)}


def test_memory_is_weighed_when_nobody_is_there() -> None:
    assert [SHARES[hour] for hour in hours_of(mornings(3, DAY_S))] == [0, 0, 0]
    assert mornings(2, DAY_S) == [DAY_S * (1 + 5 / 24), DAY_S * (2 + 5 / 24)]


@pytest.mark.parametrize("odd", [0, 3, 9])
def test_a_slope_is_what_most_points_say(odd: int) -> None:
    points = [(float(x), 3.0 * x + 7.0) for x in range(10)]
    points[odd] = (points[odd][0], 1_000.0)
    assert slope(points) == pytest.approx(3.0)
