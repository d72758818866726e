"""How much work opening a case costs at present: more when more cases are opened than anybody could answer (SPEC 6.7).

What a flood of openings harms first is the experts' queue, long before the machine; so the price follows the rate of
cases that were really opened. Openings that are refused do not count: else who pays nothing could raise the price for
all others.
"""

from dataclasses import dataclass
from typing import Final

# Measured in Chromium at a sixth of the speed: 1.2 s (one in twenty: 1.5) for the usual effort, ten for the most.
USUAL_EFFORT: Final = 4_096
DEAREST: Final = 3
"""Steps up from the usual effort; each doubles it."""

# 72,000 reports an hour: no service has that many readers. A class that tries it out together stays below.
FREE_PER_S: Final = 20
# Of the write queue: a disk this far behind needs a pause, whatever the rate.
FULL_SHARE: Final = 0.25
# A step down for each half minute of calm, so that a flood in waves finds the price still up.
CALM_S: Final = 30
_CALM_STRAIN: Final = 0.25


@dataclass(frozen=True, slots=True)
class Price:
    step: int = 0
    calm_s: int = 0

    def effort(self, usual: int) -> int:
        """`usual` 1 asks for nothing, and so does its double: for load tests."""
        return usual << self.step if usual > 1 else 1


def strain(opened: int, queue_share: float = 0.0) -> float:
    """Above 1 it is too much. `opened`: cases in this second so far; `queue_share`: of the write queue, 0 to 1."""
    return max(opened / FREE_PER_S, queue_share / FULL_SHARE)


def raised(price: Price, strain: float) -> Price:
    """At once, within the second: a step up for each doubling above what is free."""
    step = price.step
    while strain > 1 and step < DEAREST:
        step, strain = step + 1, strain / 2
    return price if step == price.step else Price(step)


def settled(price: Price, strain: float) -> Price:
    """For the next second, when one that began with `price` ends."""
    if price.step == 0 or strain > _CALM_STRAIN:
        return Price(raised(price, strain).step)
    calm_s = price.calm_s + 1
    return Price(price.step, calm_s) if calm_s < CALM_S else Price(price.step - 1)
