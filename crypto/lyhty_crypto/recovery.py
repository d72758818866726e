"""Splits an epoch's seed into shares for coordinators and puts it together again: Shamir over GF(2^8) (SPEC 5.9)."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from lyhty_crypto.errors import TamperedError
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import Randomness, draw
from lyhty_crypto.wrapping import unwrap_key, wrap_key
from lyhty_wire.directories import Directory, Expert
from lyhty_wire.ids import SEED_BYTES, Epoch, ExpertId, InstanceId, KemKey, QueueId, commitment
from lyhty_wire.recovery import Holder, RecoveryRequest, Split, threshold_of
from lyhty_wire.wraps import GIVEN_SHARE, SEED_SHARE, TO_EXPERT, Wrap

_POLYNOMIAL: Final = 0x11B  # of AES: x^8 + x^4 + x^3 + x + 1
_NO_SIGNATURE: Final = bytes(64)


def multiply(a: int, b: int) -> int:
    """In GF(2^8). No table and no branch: what is secret chooses neither memory nor way."""
    product = 0
    for bit in range(8):
        product ^= -(b >> bit & 1) & a << bit
    for bit in range(14, 7, -1):
        product ^= -(product >> bit & 1) & _POLYNOMIAL << bit - 8
    return product


def inverse(a: int) -> int:
    """a^254; of 0 it is 0."""
    power, result = a, 1
    for _ in range(7):  # 254 = 2 + 4 + ... + 128
        power = multiply(power, power)
        result = multiply(result, power)
    return result


def split_secret(secret: bytes, threshold: int, count: int, randomness: Randomness = draw) -> list[bytes]:
    """Shares for the positions 1 to `count`: any `threshold` of them are enough, and fewer say nothing."""
    rows = [secret, *[randomness(len(secret)) for _ in range(threshold - 1)]]
    return [_at(position, rows) for position in range(1, count + 1)]


def combine_shares(shares: Mapping[int, bytes]) -> bytes:
    """The secret, if these are enough of its shares and each the right one at its position."""
    secret = bytes(SEED_BYTES)
    for position, share in shares.items():
        weight = 1
        for other in shares:
            if other != position:
                weight = multiply(weight, multiply(other, inverse(other ^ position)))
        secret = bytes(have ^ multiply(byte, weight) for have, byte in zip(secret, share, strict=True))
    return secret


def _at(position: int, rows: Sequence[bytes]) -> bytes:
    value = bytes(len(rows[0]))
    for row in reversed(rows):
        value = bytes(multiply(have, position) ^ byte for have, byte in zip(value, row, strict=True))
    return value


def split_seed(
    seed: bytes,
    queue: QueueId,
    epoch: Epoch,
    directory: Directory,
    signer: SigningKey,
    now_s: int,
    randomness: Randomness = draw,
) -> tuple[Split, tuple[Wrap, ...]]:
    """For all coordinators of the directory, at least two; a wrap for each, in the order of the split."""
    holders = [expert for expert in directory.experts if expert.coordinator]
    shares = split_secret(seed, threshold_of(len(holders)), len(holders), randomness)
    named = tuple(Holder(expert.id, commitment(share)) for expert, share in zip(holders, shares, strict=True))
    split = Split(directory.instance, queue, epoch, directory.version, now_s, named, signer.public, _NO_SIGNATURE)
    split = replace(split, signature=signer.sign(split.to_sign()))
    wraps = tuple(
        _seal(share, split, to.kem, SEED_SHARE, split.digest()) for to, share in zip(holders, shares, strict=True)
    )
    return split, wraps


def open_share(split: Split, wrap: bytes, own: KemKeyPair) -> bytes:
    """Ours, out of the wrap that came with the split."""
    return _opened(split, wrap, own, split.digest())


def give_share(split: Split, wrap: bytes, own: KemKeyPair, request: RecoveryRequest, asker: Expert) -> Wrap:
    """Our share, for the asker alone. `asker` is the expert whom the verified directory names."""
    return _seal(open_share(split, wrap, own), split, asker.kem, GIVEN_SHARE, request.digest())


def open_given(split: Split, wrap: bytes, own: KemKeyPair, request: RecoveryRequest) -> bytes:
    return _opened(split, wrap, own, request.digest())


def recover_seed(split: Split, shares: Mapping[ExpertId, bytes], expected: KemKey) -> bytes:
    """From checked shares, by holder. `expected`: the epoch's key in the directory.

    Raises:
        TamperedError: `recovery-unusable`: whoever split the seed did not split this one.
    """
    chosen = list(shares.items())[: split.threshold]
    seed = combine_shares({_position(split, expert): share for expert, share in chosen})
    if KemKeyPair(seed).public != expected:  # SPEC 5.9
        raise TamperedError("recovery-unusable", "the shares make another key")
    return seed


def check_share(split: Split, expert: ExpertId, share: bytes) -> None:
    """Raises TamperedError when it is not what the split says of this holder's."""
    if commitment(share) != split.holders[_position(split, expert) - 1].commitment:  # SPEC 5.9
        raise TamperedError("recovery-unusable", "another share than the split names")


def sign_request(instance: InstanceId, queue: QueueId, asker: ExpertId, at: int, signer: SigningKey) -> RecoveryRequest:
    unsigned = RecoveryRequest(instance, queue, asker, at, _NO_SIGNATURE)
    return replace(unsigned, signature=signer.sign(unsigned.to_sign()))


def _position(split: Split, expert: ExpertId) -> int:
    position = split.position(expert)
    if position is None:
        raise TamperedError("recovery-unusable", "somebody who holds no share")
    return position


def _seal(share: bytes, split: Split, to: KemKey, kind: int, subject: bytes) -> Wrap:
    return wrap_key(
        share, to, instance=split.instance, subject=subject, kind=kind, recipient=TO_EXPERT, queue=split.queue,
        epoch=split.epoch,
    )  # fmt: skip


def _opened(split: Split, wrap: bytes, own: KemKeyPair, subject: bytes) -> bytes:
    return unwrap_key(Wrap.decode(wrap), own, instance=split.instance, subject=subject)
