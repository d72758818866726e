"""How far a published figure may be from the true one: the interval that is printed beside it.

All that is published is a sum of independent draws, each times a known weight (what fitting to a total does to the draw
of one cell, as long as nothing falls below zero). The characteristic function of such a sum is a product, and inverting
it gives the exact distribution (a Dirichlet kernel, because the error lies on a lattice). Only public quantities go in.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import cos, exp, lcm, pi, sin
from typing import Final, NamedTuple

LEVEL: Final = 0.95
_STEPS: Final = 4_000


class Part(NamedTuple):
    """`times` draws with this epsilon, each taken `weight` times."""

    epsilon: Fraction
    weight: Fraction = Fraction(1)
    times: int = 1


@lru_cache(maxsize=4_096)
def half_width(parts: tuple[Part, ...], level: float = LEVEL) -> int:
    """The least whole w with P(|error| <= w) >= `level`; one more where something was rounded."""
    is_rounded = any(part.weight.denominator != 1 for part in parts)
    enough = 1
    while _within(parts, enough) < level:
        enough *= 2
    too_little = -1
    while enough - too_little > 1:
        middle = (enough + too_little) // 2
        enough, too_little = (middle, too_little) if _within(parts, middle) >= level else (enough, middle)
    return enough + is_rounded


def _within(parts: Sequence[Part], width: int) -> float:
    lattice = lcm(*(part.weight.denominator for part in parts))
    points = 2 * width * lattice + 1
    step = pi / _STEPS
    angles = ((nth + 0.5) * step for nth in range(_STEPS))
    return sum(sin(points * a / 2) / sin(a / 2) * _characteristic(parts, a * lattice) for a in angles) * step / pi


def _characteristic(parts: Sequence[Part], at: float) -> float:
    value = 1.0
    for epsilon, weight, times in parts:
        q = exp(-float(epsilon))
        value *= ((1 - q) ** 2 / (1 - 2 * q * cos(at * float(weight)) + q * q)) ** times
    return value
