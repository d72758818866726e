"""Published counts, their sums, and how sure each is (SPEC 12.5)."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from math import sqrt
from typing import Final, NamedTuple

from lyhty_wire.figures.certainty import LEVEL, Part, width_of

FEW: Final = 5
"""SPEC 12.5: below this a count is shown as `<5`. The noise protects, not this: it keeps a reader from reading more
into a small figure than there is."""
BOTH: Final = 1 - (1 - LEVEL) / 2
"""Two intervals of this level hold together as often as one of the usual level."""
CHANGE: Final = 0.99
"""What is called a change. A page compares some ten figures: at the usual level every other page would find one."""
_SIGMAS: Final = 2.5758
"""Of a normal distribution, for `CHANGE`."""


class Count(NamedTuple):
    """A published count, or a sum of such whose draws are independent of each other."""

    value: int
    unfitted: int | Fraction
    """What the draws alone make, before anything was kept from falling below zero: the error of this is known."""
    parts: tuple[Part, ...]
    signed: int | None = None
    """The half width that the release says; of a sum None."""

    def width(self, level: float = LEVEL) -> int:
        if self.signed is not None and level == LEVEL:
            return self.signed
        return width_of(self.parts, Fraction(self.unfitted), self.value, level)

    @property
    def low(self) -> int:
        return max(0, self.value - self.width())

    @property
    def high(self) -> int:
        return self.value + self.width()

    @property
    def is_few(self) -> bool:
        return self.value < FEW

    def within(self, level: float) -> tuple[int, int]:
        return max(0, self.value - self.width(level)), self.value + self.width(level)


def total(counts: Iterable[Count]) -> Count:
    """Of counts that share no draw: different months, terms or municipalities."""
    added = list(counts)
    if len(added) == 1:
        return added[0]
    # Thousands of figures, of a few kinds: counted by what they are made of first.
    kinds = {id(each.parts): each.parts for each in added}
    often = Counter(id(each.parts) for each in added)
    times: Counter[tuple[Fraction, Fraction]] = Counter()
    for kind, made_of in kinds.items():
        for part in made_of:
            times[part.epsilon, part.weight] += part.times * often[kind]
    parts = tuple(Part(epsilon, weight, count) for (epsilon, weight), count in sorted(times.items()))
    return Count(sum(each.value for each in added), sum(each.unfitted for each in added), parts)


class Share(NamedTuple):
    """A part of a whole, in hundredths."""

    value: float
    low: float
    high: float


def share(part: Count, rest: Count) -> Share | None:
    """With 95 % for both together. None: of nothing."""
    if part.value + rest.value == 0:
        return None
    (part_low, part_high), (rest_low, rest_high) = part.within(BOTH), rest.within(BOTH)
    return Share(100 * part.value / (part.value + rest.value), _share(part_low, rest_high), _share(part_high, rest_low))


def rate_of_replies(replies: Count, cases: Count) -> Share | None:
    """How many in a hundred answered; at most all of them."""
    if cases.value == 0:
        return None
    (few, many), (low, high) = replies.within(BOTH), cases.within(BOTH)
    return Share(
        min(100.0, 100 * replies.value / cases.value),
        min(100.0, 100 * few / high) if high else 0.0,
        min(100.0, 100 * many / low) if low else 100.0,
    )


def differs(now: Count, before: Count, scale_now: float = 1.0, scale_before: float = 1.0) -> bool:
    """Whether there is more between them than noise and chance make (SPEC 12.5): each times its scale, for rates.

    What protects the figures is known exactly; of how cases come, it is supposed that they come independently.
    """
    difference = abs(now.value * scale_now - before.value * scale_before)
    noise = (now.width(CHANGE) * scale_now) ** 2 + (before.width(CHANGE) * scale_before) ** 2
    chance = _SIGMAS**2 * (now.value * scale_now**2 + before.value * scale_before**2)
    return difference > sqrt(noise + chance)


def _share(part: int, rest: int) -> float:
    return 100 * part / (part + rest) if part + rest else 0.0
