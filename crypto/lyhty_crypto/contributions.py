"""Makes the statistics key, and seals and opens what experts' clients contribute to the figures (SPEC 12.3)."""

from collections.abc import Sequence

from msgspec.structs import replace

from lyhty_crypto.errors import TamperedError
from lyhty_crypto.keys import KemKeyPair, SigningKey, expand, seal_to
from lyhty_wire.contexts import context
from lyhty_wire.contributions import (
    SEALED_BYTES,
    TOKEN_BYTES,
    Counted,
    SignedCounted,
    StatisticsKey,
    StatisticsLink,
    contribution_info,
    to_sign_counted,
)
from lyhty_wire.directories import Directory
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import InstanceId, digest


def statistics_seed(directory_seed: bytes) -> bytes:
    """Whoever coordinates has it, and nobody needs to store it."""
    return expand(directory_seed, context("statistics"))


def noise_key(seed: bytes) -> bytes:
    """Makes the noise of a release the same when it is made again. `seed`: the statistics key's."""
    return expand(seed, context("statistics-noise"))


def state_key(directory_key: SigningKey, instance: InstanceId) -> StatisticsKey:
    own = KemKeyPair(statistics_seed(directory_key.seed))
    unsigned = StatisticsKey(instance, own.public, directory_key.public)
    return replace(unsigned, signature=directory_key.sign(unsigned.to_sign()))


def seal_statistics_link(before: KemKeyPair, after: StatisticsKey) -> StatisticsLink:
    link = StatisticsLink(digest(before.public), after.id, b"")
    return replace(link, sealed=seal_to(after.kem, before.seed, link.info(after.instance)))


def open_statistics_link(link: StatisticsLink, own: KemKeyPair, instance: InstanceId) -> KemKeyPair:
    """Raises TamperedError unless it gives the key that it names."""
    if link.after != digest(own.public):
        raise TamperedError("wrap-tampered", "a link to another key")
    before = KemKeyPair(own.open(link.sealed, link.info(instance)))
    if digest(before.public) != link.before:  # SPEC 12.3
        raise TamperedError("wrap-tampered", "another key than the link says")
    return before


def contribution_token(first_key: bytes, instance: InstanceId, of: int) -> bytes:
    """The same for everybody who reads the case. `first_key`: of its first generation; `of`: CASE, IMPACT or LATER."""
    return expand(first_key, context("contribution-token", instance, bytes((of,))))[:TOKEN_BYTES]


def sign_counted(counted: Counted, token: bytes, key: StatisticsKey, sign: SigningKey) -> SignedCounted:
    signature = sign.sign(to_sign_counted(key.instance, key.kem, token, counted))
    return SignedCounted(counted, sign.public, signature)


def seal_contribution(counted: Counted, token: bytes, key: StatisticsKey, sign: SigningKey) -> bytes:
    """`key`: verified against the root in use."""
    plaintext = sign_counted(counted, token, key, sign).encode()
    return seal_to(key.kem, plaintext, contribution_info(key.instance, key.kem, token))


def open_contribution(
    sealed: bytes, token: bytes, own: KemKeyPair, instance: InstanceId, directory: Directory
) -> Counted:
    """
    Raises:
        WireError, CryptoError: not for this key and token, not whole, or not by an expert of this service.
    """
    if len(sealed) != SEALED_BYTES or len(token) != TOKEN_BYTES:
        raise MalformedError("operation-malformed", "length of a contribution or its token")
    signed = SignedCounted.decode(own.open(sealed, contribution_info(instance, own.public, token)))
    if directory.expert_by_sign(signed.author) is None and directory.former_by_sign(signed.author) is None:
        raise ForgedError("signature-invalid", "a contribution by nobody in the directory")
    signed.verify(instance, own.public, token)
    return signed.counted


def keys_by_id(
    own: KemKeyPair, links: Sequence[StatisticsLink], instance: InstanceId
) -> tuple[dict[bytes, KemKeyPair], tuple[bytes, ...]]:
    """Every statistics key that `own` leads back to, by H(kem); and the ids of those whose link does not hold."""
    keys, broken = {digest(own.public): own}, []
    for link in reversed(links):  # each leads to a key that is earlier in the list
        if link.after not in keys:
            broken.append(link.before)
            continue
        try:
            keys[link.before] = open_statistics_link(link, keys[link.after], instance)
        except TamperedError:
            broken.append(link.before)
    return keys, tuple(broken)
