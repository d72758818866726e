"""From an expert's password and device secret to the login key and the keys that the server keeps sealed (SPEC 2.3)."""

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec.structs import replace

from lyhty_crypto.errors import RefusedError, TamperedError
from lyhty_crypto.keys import KemKeyPair, SigningKey, expand
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contexts import context
from lyhty_wire.encoding import b64decode
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import ExpertId, InstanceId, digest
from lyhty_wire.renewals import Renewal
from lyhty_wire.unlocks import (
    KEY_BLOB_BYTES,
    LEAST_MEMORY_KIB,
    LEAST_PASSES,
    SALT_BYTES,
    NewUnlock,
    Unlock,
    to_sign_new_unlock,
)

LANES: Final = 1
DEVICE_SECRET_BYTES: Final = 32

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_STRETCHED_BYTES: Final = 32
_SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What password and device secret together give."""

    login: SigningKey
    seal: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExpertKeys:
    """An expert's own keys, as the directory names them."""

    sign: SigningKey
    kem: KemKeyPair

    @property
    def drafts(self) -> bytes:
        """Seals what is being written, on one device only: the same key however the expert has signed in, and when
        `kem` is renewed."""
        return expand(self.sign.seed, context("expert-drafts"))


def parse_device_secret(text: str) -> bytes:
    """The 43 characters of the recovery sheet; white space around them is forgiven."""
    return b64decode(text.strip(), DEVICE_SECRET_BYTES, code="device-secret-missing")


def stretch(password: str, salt: bytes, m_kib: int, t: int, p: int) -> bytes:
    """The slow half. Parameters below the floor raise RefusedError before anything is derived."""
    # SPEC 2.3: whatever the server says, or it could make passwords cheap to guess.
    if m_kib < LEAST_MEMORY_KIB or t < LEAST_PASSES or p != LANES or len(salt) != SALT_BYTES:
        raise RefusedError("sign-in-failed", "the server asks for a weaker derivation than allowed")
    typed = unicodedata.normalize("NFC", password).encode("utf-8")
    return hash_secret_raw(typed, salt, t, m_kib, p, _STRETCHED_BYTES, Type.ID)


def unlock(stretched: bytes, device_secret: bytes, instance: InstanceId) -> Unlocked:
    """The fast half."""
    if len(stretched) != _STRETCHED_BYTES or len(device_secret) != DEVICE_SECRET_BYTES:
        raise ValueError("lengths of what unlocks")
    prk = HKDF.extract(SHA256(), context("expert-unlock", instance), stretched + device_secret)
    return Unlocked(SigningKey(expand(prk, context("expert-login"))), expand(prk, context("expert-seal")))


def seal_key_blob(
    keys: ExpertKeys, unlocked: Unlocked, instance: InstanceId, expert: ExpertId, randomness: Randomness = draw
) -> bytes:
    return seal_seeds(keys, unlocked.seal, context("expert-keys", instance, expert), randomness)


def open_key_blob(blob: bytes, unlocked: Unlocked, instance: InstanceId, expert: ExpertId) -> ExpertKeys:
    return open_seeds(blob, unlocked.seal, context("expert-keys", instance, expert))


def make_unlock(
    keys: ExpertKeys,
    password: str,
    device_secret: bytes,
    instance: InstanceId,
    expert: ExpertId,
    randomness: Randomness = draw,
) -> tuple[Unlock, Unlocked]:
    """What the server is to keep, and what it is opened with. Slow: the password is stretched."""
    salt = randomness(SALT_BYTES)
    unlocked = unlock(stretch(password, salt, LEAST_MEMORY_KIB, LEAST_PASSES, LANES), device_secret, instance)
    blob = seal_key_blob(keys, unlocked, instance, expert, randomness)
    made = Unlock(expert, salt, LEAST_MEMORY_KIB, LEAST_PASSES, LANES, unlocked.login.public, blob)
    return made, unlocked


def sign_new_unlock(
    new: Unlock, login: SigningKey, before: SigningKey, instance: InstanceId, challenge: bytes
) -> NewUnlock:
    """`login` is the key that `new` names, `before` the one that the account has until then."""
    signed = to_sign_new_unlock(instance, challenge, before.public, new)
    return NewUnlock(new, before.sign(signed), login.sign(signed))


def make_renewal(
    keys: ExpertKeys, kem: KemKeyPair, blob: bytes, instance: InstanceId, expert: ExpertId, now_s: int
) -> Renewal:
    """`keys` as the directory lists them. `blob`: their `sign` and the new `kem`, sealed for the account."""
    renewal = Renewal(instance, expert, digest(keys.kem.public), kem.public, digest(blob), now_s)
    return replace(renewal, signature=keys.sign.sign(renewal.signed()))


def seal_seeds(keys: ExpertKeys, seal_key: bytes, bound_to: bytes, randomness: Randomness) -> bytes:
    nonce = randomness(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(seal_key).encrypt(nonce, keys.sign.seed + keys.kem.seed, bound_to)


def open_seeds(blob: bytes, seal_key: bytes, bound_to: bytes) -> ExpertKeys:
    if len(blob) != KEY_BLOB_BYTES or not blob.startswith(_VERSION):
        raise MalformedError("operation-malformed", "length or version of a key blob")
    nonce, sealed = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
    try:
        seeds = AESGCM(seal_key).decrypt(nonce, sealed, bound_to)
    except InvalidTag:
        raise TamperedError("wrap-tampered", "the expert's keys do not open") from None
    return ExpertKeys(SigningKey(seeds[:_SEED_BYTES]), KemKeyPair(seeds[_SEED_BYTES:]))
