"""Integer noise of exactly the discrete Laplace distribution, from bytes and whole numbers alone.

No floating point comes near a secret count: rounding has given such mechanisms away before (Mironov, CCS 2012).
Algorithms 1 and 2 of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020).
"""

from fractions import Fraction

from lyhty_crypto.randomness import Randomness


def discrete_laplace(epsilon: Fraction, randomness: Randomness) -> int:
    """P(n) is proportional to exp(-epsilon |n|). `epsilon` > 0; for counts that one case changes by at most 1."""
    numerator, denominator = epsilon.numerator, epsilon.denominator
    while True:
        rest = _below(denominator, randomness)
        if not _with_exp_minus(rest, denominator, randomness):
            continue
        whole = 0
        while _with_exp_minus(1, 1, randomness):
            whole += 1
        size = (rest + denominator * whole) // numerator
        is_negative = _below(2, randomness) == 1
        # Zero has no sign: it would come twice as often.
        if not (is_negative and size == 0):
            return -size if is_negative else size


def _with_exp_minus(numerator: int, denominator: int, randomness: Randomness) -> bool:
    """True with probability exp(-numerator / denominator), for a ratio of at most 1."""
    rounds = 1
    while _below(denominator * rounds, randomness) < numerator:
        rounds += 1
    return rounds % 2 == 1


def _below(bound: int, randomness: Randomness) -> int:
    """0 .. bound - 1, each as likely."""
    length = (bound.bit_length() + 7) // 8 + 1
    usable = 256**length - 256**length % bound
    while True:
        number = int.from_bytes(randomness(length), "big")
        if number < usable:
            return number % bound
