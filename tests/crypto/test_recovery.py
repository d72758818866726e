"""A secret in shares: enough of them make it again, and fewer say nothing (SPEC 5.9)."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from lyhty_crypto.randomness import Randomness
from lyhty_crypto.recovery import combine_shares, inverse, multiply, split_secret
from lyhty_wire.recovery import threshold_of

secrets = st.binary(min_size=32, max_size=32)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_the_fields_multiplication_is_one(a: int, b: int, c: int) -> None:
    assert multiply(a, b) == multiply(b, a)
    assert multiply(a, multiply(b, c)) == multiply(multiply(a, b), c)
    assert multiply(a, b ^ c) == multiply(a, b) ^ multiply(a, c)


def test_every_number_but_nothing_has_an_inverse() -> None:
    assert all(multiply(a, inverse(a)) == 1 for a in range(1, 256))
    assert inverse(0) == 0


@settings(max_examples=20)
@given(secrets, st.integers(2, 6), st.data())
def test_any_shares_that_are_enough_make_the_secret_again(secret: bytes, count: int, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(2, count))
    shares = split_secret(secret, threshold, count)
    for chosen in combinations(range(1, count + 1), threshold):
        assert combine_shares({position: shares[position - 1] for position in chosen}) == secret


def test_one_share_too_few_leaves_every_secret_possible_and_none_likelier() -> None:
    # 3 of 3, of one byte: two shares are known. For each secret exactly one pair of coefficients gives them.
    known = split_secret(b"\x42", 3, 3, _rows(0x17, 0xA9))[1:]
    ways = dict.fromkeys(range(256), 0)
    for secret in range(256):
        # The two shares fix both coefficients once the secret is assumed; looked for and not derived.
        for first in range(256):
            fit = _second_coefficient(secret, first, 2, known[0][0])
            if split_secret(bytes((secret,)), 3, 3, _rows(first, fit))[1:] == known:
                ways[secret] += 1
    assert set(ways.values()) == {1}


def test_one_share_of_two_leaves_every_secret_possible() -> None:
    share = split_secret(b"\x42", 2, 2, _rows(0x17))[1]
    possible = [
        secret
        for secret in range(256)
        if sum(split_secret(bytes((secret,)), 2, 2, _rows(row))[1] == share for row in range(256)) == 1
    ]
    assert possible == list(range(256))


def test_more_than_half_are_needed_and_never_one_alone() -> None:
    assert [threshold_of(count) for count in range(2, 10)] == [2, 2, 3, 3, 4, 4, 5, 5]


def _rows(*values: int) -> Randomness:
    rows = iter([bytes((value,)) for value in values])
    return lambda _length: next(rows)


def _second_coefficient(secret: int, first: int, position: int, share: int) -> int:
    """So that secret + first * x + second * x^2 is the share at the position."""
    return multiply(share ^ secret ^ multiply(first, position), inverse(multiply(position, position)))
