"""How far a published figure may be from the true one: the interval that is printed beside it.

All that is published is a sum of independent draws, each times a known weight (what fitting to a total does to the draw
of one cell, as long as nothing falls below zero). The characteristic function of such a sum is a product, and inverting
it gives the exact distribution (a Dirichlet kernel, because the error lies on a lattice). Where that lattice is too
fine many draws are added up, and the first terms of the expansion of Cornish and Fisher (1938) are as good. Only public
quantities go in.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import ceil, cos, exp, floor, lcm, pi, sin, sinh, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

LEVEL: Final = 0.95
_MOST_STEPS: Final = 8_000


class Part(NamedTuple):
    """`times` draws with this epsilon, each taken `weight` times."""

    epsilon: Fraction
    weight: Fraction = Fraction(1)
    times: int = 1


def half_width(parts: tuple[Part, ...], level: float = LEVEL) -> int:
    """The least whole w with P(|error| <= w) >= `level`; one more where something was rounded."""
    return reach(parts, level) + any(part.weight.denominator != 1 for part in parts)


def width_of(parts: tuple[Part, ...], unfitted: Fraction, published: int, level: float = LEVEL) -> int:
    """The least w for which `published` +- w holds all that is likely: `unfitted` +- `reach`, as far as it is not below
    zero.

    `unfitted` is the sum of the draws that `parts` says, before anything was kept from falling below zero or rounded:
    its error alone is known exactly. What was moved by that is public, and is added here.
    """
    reached = reach(parts, level)
    low, high = max(0, ceil(unfitted - reached)), floor(unfitted + reached)
    # However far below zero it was drawn, nobody is told that a count is nearly sure.
    return max(ceil(reached / 2), published - low, high - published)


@lru_cache(maxsize=4_096)
def reach(parts: tuple[Part, ...], level: float = LEVEL) -> int:
    """The least whole w with P(|error| <= w) >= `level`."""
    lattice = lcm(*(part.weight.denominator for part in parts))
    steps = _steps(parts, lattice)
    if steps > _MOST_STEPS:
        return _expanded(parts, level)
    angles = ((nth + 0.5) * pi / steps for nth in range(steps))
    characteristic = _characteristic(parts)
    waves = [(a, sin(a / 2), characteristic(a * lattice)) for a in angles]

    def within(width: int) -> float:
        half = (2 * width * lattice + 1) / 2
        return sum(sin(half * a) / sine * value for a, sine, value in waves) / steps

    enough = 1
    while within(enough) < level:
        enough *= 2
    too_little = -1
    while enough - too_little > 1:
        middle = (enough + too_little) // 2
        enough, too_little = (middle, too_little) if within(middle) >= level else (enough, middle)
    return enough


def mean_error(parts: tuple[Part, ...]) -> float:
    """How far off it is on average; within a hundredth of that."""
    if len(parts) == 1 and parts[0].weight == parts[0].times == 1:
        return 1 / sinh(parts[0].epsilon)
    second, fourth = _cumulants(parts)
    return sqrt(2 * second / pi) * (1 - fourth / second**2 / 24)


def _expanded(parts: Sequence[Part], level: float) -> int:
    second, fourth = _cumulants(parts)
    z = NormalDist().inv_cdf((1 + level) / 2)
    return ceil(sqrt(second) * (z + (z**3 - 3 * z) / 24 * fourth / second**2))


def _cumulants(parts: Sequence[Part]) -> tuple[float, float]:
    """The second and the fourth; a draw with the variance v has v + 3 v^2 as its fourth."""
    second = fourth = 0.0
    for epsilon, weight, times in parts:
        q = exp(-float(epsilon))
        variance = 2 * q / (1 - q) ** 2
        second += times * float(weight) ** 2 * variance
        fourth += times * float(weight) ** 4 * (variance + 3 * variance**2)
    return second, fourth


def _steps(parts: Sequence[Part], lattice: int) -> int:
    """Twice as many lattice points: what lies farther out, folded back, is less than anybody could see."""
    spread = sum(2 * part.times * (part.weight / part.epsilon) ** 2 for part in parts) ** 0.5
    longest = max(part.weight / part.epsilon for part in parts)
    return ceil(lattice * (6 * spread + 20 * float(longest)))


def _characteristic(parts: Sequence[Part]) -> Callable[[float], float]:
    draws = [(exp(-float(epsilon)), float(weight), times) for epsilon, weight, times in parts]

    def value(at: float) -> float:
        product = 1.0
        for q, weight, times in draws:
            product *= ((1 - q) ** 2 / (1 - 2 * q * cos(at * weight) + q * q)) ** times
        return product

    return value
