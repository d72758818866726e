"""Key pairs made from 32-byte seeds, and the derivation and sealing primitives they use (SPEC 1.3)."""

from hashlib import shake_256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from lyhty_crypto.errors import RefusedError, TamperedError
from lyhty_wire.ids import KEM_KEY_BYTES, SEED_BYTES, KemKey, SignKey

KEY_BYTES: Final = 32

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ML_KEM_SEED_BYTES: Final = 64
_ML_KEM_PUBLIC_BYTES: Final = 1184
_ZERO_NONCE: Final = bytes(12)


def expand(key: bytes, info: bytes) -> bytes:
    """HKDF-Expand with SHA-256 to 32 bytes."""
    return HKDFExpand(SHA256(), KEY_BYTES, info).derive(key)


def seal_once(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """AES-256-GCM with the zero nonce: only for a key that never seals a second plaintext."""
    return AESGCM(key).encrypt(_ZERO_NONCE, plaintext, aad)


def open_once(key: bytes, sealed: bytes, aad: bytes, *, code: str) -> bytes:
    try:
        return AESGCM(key).decrypt(_ZERO_NONCE, sealed, aad)
    except InvalidTag:
        raise TamperedError(code, "does not open") from None


class SigningKey:
    """An Ed25519 key pair. The seed is a secret: it never shows in a repr."""

    __slots__ = ("_private", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.seed = seed
        self.public = SignKey(self._private.public_key().public_bytes_raw())

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()})"


class KemKeyPair:
    """An X-Wing key pair. The seed is a secret: it never shows in a repr."""

    __slots__ = ("_private", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError("an X-Wing seed has 32 bytes")
        # SPEC 1.3: the seed itself is the private key; libraries disagree about DeriveKeyPair.
        expanded = shake_256(seed).digest(_ML_KEM_SEED_BYTES + KEY_BYTES)
        ml_kem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_ML_KEM_SEED_BYTES])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[_ML_KEM_SEED_BYTES:])
        self._private = MLKEM768X25519PrivateKey(ml_kem, x25519)
        self.seed = seed
        self.public = KemKey(ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    def open(self, sealed: bytes, info: bytes, *, code: str = "wrap-tampered") -> bytes:
        try:
            return _SUITE.decrypt(sealed, self._private, info)
        except InvalidTag:  # also when the X25519 result is all zeros
            raise TamperedError(code, "does not open") from None

    def __repr__(self) -> str:
        return f"KemKeyPair(public={self.public[:8].hex()}...)"


def seal_to(public: KemKey, plaintext: bytes, info: bytes) -> bytes:
    """HPKE to the holder of a KEM key. A key that cannot be sealed to safely raises RefusedError."""
    try:
        if len(public) != KEM_KEY_BYTES:
            raise ValueError("length of a KEM key")  # noqa: TRY301 - the same answer as for other bad keys
        recipient = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_ML_KEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(public[_ML_KEM_PUBLIC_BYTES:]),
        )
        return _SUITE.encrypt(plaintext, recipient, info)
    except ValueError:  # SPEC 1.3: an all-zero X25519 result is refused
        raise RefusedError("directory-forged", "not a KEM key that can be used") from None
