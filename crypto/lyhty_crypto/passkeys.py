"""What a passkey's PRF secret opens: the same keys as password and device secret, sealed once more (SPEC 2.3)."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lyhty_crypto.experts import ExpertKeys, open_seeds, seal_seeds
from lyhty_crypto.keys import expand
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contexts import context
from lyhty_wire.ids import ExpertId, InstanceId, digest


def prf_input(instance: InstanceId) -> bytes:
    """What every passkey of an instance is asked for the secret of."""
    return digest(context("passkey-prf", instance))


def passkey_seal_key(prf_output: bytes, instance: InstanceId) -> bytes:
    return expand(HKDF.extract(SHA256(), context("passkey-unlock", instance), prf_output), context("passkey-seal"))


def seal_passkey_blob(
    keys: ExpertKeys,
    seal_key: bytes,
    instance: InstanceId,
    expert: ExpertId,
    credential: bytes,
    randomness: Randomness = draw,
) -> bytes:
    return seal_seeds(keys, seal_key, context("passkey-keys", instance, expert, digest(credential)), randomness)


def open_passkey_blob(
    blob: bytes, seal_key: bytes, instance: InstanceId, expert: ExpertId, credential: bytes
) -> ExpertKeys:
    return open_seeds(blob, seal_key, context("passkey-keys", instance, expert, digest(credential)))
