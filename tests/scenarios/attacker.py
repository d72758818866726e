"""Somebody who adds up and subtracts everything that was ever published, to find out what the small counts were.

He knows the method, the register and that counts are whole and not below zero. Two ways, both with all draws of all
tables at once: least squares, each draw with its weight; and mixed-integer programming (HiGHS), which finds the counts
that are likeliest and, for a count, how small and how large it can be with all others still nearly as likely.

Fitted figures, their widths, sums for a funder or a county, rates for 100 pupils and every file are made of the draws
and of what is public, so that whoever has all of the draws that goes out has them all: those of months, and of other
tables by how much they differ within a row (a test proves it).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

Array = NDArray[np.float64]
_NEARLY = 1e-6
_FAR = 500
"""Nothing is as large as that."""
_NODES = 500
"""That are looked at: of what is nearly the likeliest, some programs would look for hours for the last tenth."""


class Range(NamedTuple):
    """Whole numbers, from the first to the last."""

    low: int
    high: int

    @property
    def count(self) -> int:
        return self.high - self.low + 1

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.low <= number <= self.high


def around(estimate: float, width: float) -> Range:
    """Not below zero; at least one number, because something it must be."""
    high = max(0, floor(estimate + width + _NEARLY))
    return Range(min(high, max(0, ceil(estimate - width - _NEARLY))), high)


Sum = Mapping[str, int]
"""Of unknown counts, by their names; the number is how often each is in it, mostly once."""


@dataclass
class Published:
    """Unknown whole counts, what was said of sums of them, and which sums are equal."""

    unknowns: dict[str, int] = field(default_factory=dict)
    noisy: list[tuple[Sum, float, float]] = field(default_factory=list)
    """A sum, what was drawn for it, with which epsilon."""
    within: list[tuple[Sum, float, float]] = field(default_factory=list)
    """A sum, and between what it is for certain."""
    moved: set[str] = field(default_factory=set)
    """Those of the unknowns that are no counts: by how much draws were moved together, up or down."""

    def says(self, of: Sum, drawn: float, epsilon: float, moved: Sequence[str] = ()) -> None:
        """`moved`: by what, besides, nobody is told."""
        self.moved.update(moved)
        all_of = {**of, **dict.fromkeys(moved, -1)}
        self._know(all_of)
        self.noisy.append((all_of, drawn, epsilon))

    def bounds(self, of: Sum, least: float, most: float) -> None:
        self._know(of)
        self.within.append((of, least, most))

    def _know(self, of: Iterable[str]) -> None:
        for name in of:
            self.unknowns.setdefault(name, len(self.unknowns))

    def row(self, of: Sum) -> Array:
        row = np.zeros(len(self.unknowns))
        for name, times in of.items():
            row[self.unknowns[name]] += times
        return row


class LeastSquares:
    """The best estimate that is a sum of draws, and how far off it may be."""

    def __init__(self, published: Published) -> None:
        self._published = published
        certain = [(of, least, 1e-4) for of, least, most in published.within if least == most]
        drawn = [(of, value, 2 * (q := np.exp(-epsilon)) / (1 - q) ** 2) for of, value, epsilon in published.noisy]
        rows = np.array([published.row(of) for of, _, _ in (*drawn, *certain)])
        self._values = np.array([value for _, value, _ in (*drawn, *certain)])
        self._variances = np.array([variance for _, _, variance in (*drawn, *certain)])
        weighted = rows.T / self._variances
        self._solver = np.linalg.pinv(weighted @ rows, hermitian=True) @ weighted

    def claim(self, of: Sum) -> Range:
        weights = self._published.row(of) @ self._solver
        second = float(weights**2 @ self._variances)
        fourth = float(weights**4 @ (self._variances + 3 * self._variances**2))
        return around(float(weights @ self._values), second**0.5 * (1.96 + 1.65 / 24 * fourth / second**2))


class Likelihood:
    """Mixed-integer programming over all that is not impossible, within `slack` of the likeliest (in nats)."""

    def __init__(self, published: Published, slack: float) -> None:
        self._published = published
        counts, draws = len(published.unknowns), len(published.noisy)
        rows = np.array([published.row(of) for of, _, _ in published.noisy]).reshape(draws, counts)
        drawn = np.array([value for _, value, _ in published.noisy])
        is_count = [name not in published.moved for name in published.unknowns]
        self._integrality = np.array([*is_count, *[False] * draws], dtype=int)
        self._lowest = np.array([*(0 if each else -_FAR for each in is_count), *[0] * draws])
        self._costs = np.array([0.0] * counts + [epsilon for _, _, epsilon in published.noisy])
        ones, nothing = np.eye(draws), np.zeros(draws)
        self._constraints = (
            [
                LinearConstraint(np.hstack((rows, ones)), drawn, np.inf),
                LinearConstraint(np.hstack((rows, -ones)), -np.inf, drawn),
            ]
            if draws
            else []
        )
        for of, least, most in published.within:
            self._constraints.append(LinearConstraint(np.hstack((published.row(of), nothing)), least, most))
        if draws:
            likeliest = self._least(self._costs)
            assert likeliest is not None, "nothing is possible"
            self._constraints.append(LinearConstraint(self._costs, -np.inf, likeliest + slack))

    def _least(self, of: Array, *more: LinearConstraint) -> float | None:
        found = milp(
            of, constraints=[*self._constraints, *more], integrality=self._integrality,
            bounds=Bounds(self._lowest, _FAR), options={"mip_rel_gap": 0.01, "node_limit": _NODES},
        )  # fmt: skip
        return None if found.fun is None else float(found.fun)

    def claim(self, of: Sum, useless_from: float = np.inf) -> Range | None:
        """None: it goes up to `useless_from` or farther; how far is not asked."""
        row = self._row(of)
        if np.isfinite(useless_from) and self._is_possible(row, useless_from, np.inf):
            return None
        negative_high, low = self._least(-row), self._least(row)
        assert negative_high is not None
        assert low is not None
        return Range(ceil(low - _NEARLY), floor(-negative_high + _NEARLY))

    def holds(self, of: Sum, count: int) -> bool:
        """Whether a claim has it in it: much sooner than the claim is found."""
        row = self._row(of)
        return self._is_possible(row, count, np.inf) and self._is_possible(row, -np.inf, count)

    def _is_possible(self, row: Array, least: float, most: float) -> bool:
        return self._least(np.zeros(len(row)), LinearConstraint(row, least, most)) is not None

    def _row(self, of: Sum) -> Array:
        return np.concatenate((self._published.row(of), np.zeros(len(self._published.noisy))))


def beats(claim: Range, promised: Range, truth: int) -> bool:
    """Right, and fewer than half as many numbers as were promised."""
    return truth in claim and 2 * claim.count < promised.count
