"""The noise is exactly the discrete Laplace distribution."""

from collections import Counter
from fractions import Fraction
from math import exp
from random import Random

import pytest

from lyhty_client.statistics.noise import discrete_laplace

DRAWS = 20_000


@pytest.mark.parametrize("epsilon", [Fraction(3, 100), Fraction(43, 100), Fraction(2), Fraction(7, 3)])
def test_every_value_comes_as_often_as_the_distribution_says(epsilon: Fraction) -> None:
    randomness = Random(f"noise {epsilon}").randbytes
    drawn = Counter(discrete_laplace(epsilon, randomness) for _ in range(DRAWS))
    q = exp(-float(epsilon))
    expected = {n: DRAWS * (1 - q) / (1 + q) * q ** abs(n) for n in range(-400, 401)}
    frequent = [n for n, count in expected.items() if count >= 10]
    rest_seen = DRAWS - sum(drawn[n] for n in frequent)
    rest = DRAWS - sum(expected[n] for n in frequent)
    chi = sum((drawn[n] - expected[n]) ** 2 / expected[n] for n in frequent) + (rest_seen - rest) ** 2 / rest
    cells = len(frequent)
    # Six standard deviations of chi-square: the seed is fixed, so that it is always the same draw.
    assert abs(chi - cells) < 6 * (2 * cells) ** 0.5


def test_a_draw_follows_from_its_bytes_alone() -> None:
    first, second = Random(1).randbytes, Random(1).randbytes
    epsilon = Fraction(43, 100)
    assert [discrete_laplace(epsilon, first) for _ in range(50)] == [
        discrete_laplace(epsilon, second) for _ in range(50)
    ]
