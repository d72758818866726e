"""Our noise and OpenDP's are drawn from one distribution."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from math import exp
from random import Random

import opendp.prelude as dp
import pytest
from scipy.stats import chi2

from lyhty_client.statistics.noise import discrete_laplace
from lyhty_wire.figures.tables import EPSILON, Table

dp.enable_features("contrib")

DRAWS = 40_000
FALSE_ALARM = 1e-6
"""In a thousand runs of all of these, once in a hundred. OpenDP's draws have no seed."""
EPSILONS = sorted({*(table.epsilon for table in Table), EPSILON})
_RARELY = 20


@pytest.mark.parametrize("epsilon", EPSILONS, ids=str)
def test_ours_and_opendp_s_draws_are_of_one_distribution(epsilon: Fraction) -> None:
    assert _sameness(_ours(epsilon), _theirs(epsilon), epsilon) > FALSE_ALARM


def test_another_epsilon_or_a_shift_by_one_would_be_seen() -> None:
    epsilon = Table.MONTHS.epsilon
    theirs = _theirs(epsilon)
    assert _sameness(_ours(epsilon * Fraction(11, 10)), theirs, epsilon) < FALSE_ALARM
    assert _sameness([draw + 1 for draw in _ours(epsilon)], theirs, epsilon) < FALSE_ALARM


def _ours(epsilon: Fraction) -> list[int]:
    randomness = Random(f"two {epsilon}").randbytes
    return [discrete_laplace(epsilon, randomness) for _ in range(DRAWS)]


def _theirs(epsilon: Fraction) -> list[int]:
    counts = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    drawn: list[int] = dp.m.make_laplace(*counts, scale=float(1 / epsilon))([0] * DRAWS)
    return drawn


def _sameness(ours: list[int], theirs: list[int], epsilon: Fraction) -> float:
    """The p-value of chi-square for two samples, in bins that the distribution fills with some twenty draws or more."""
    bins = _bins(float(epsilon))
    one, other = Counter(bins(draw) for draw in ours), Counter(bins(draw) for draw in theirs)
    names = one.keys() | other.keys()
    chi = sum((one[name] - other[name]) ** 2 / (one[name] + other[name]) for name in names)
    return float(chi2.sf(chi, len(names) - 1))


def _bins(epsilon: float) -> Callable[[int], int]:
    """Of a draw its bin: some neighbors together, and what is far out all in one."""
    q = exp(-epsilon)
    together = max(1, round(0.1 / epsilon))
    far = 0
    while DRAWS * (1 - q) / (1 + q) * q ** (far + together) * together > _RARELY:
        far += together
    return lambda draw: max(-far, min(far, draw)) // together
