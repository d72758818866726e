"""A copy of one case that its reporter keeps: everything that was read, sealed under a phrase or a password (SPEC 11).

It brings what anybody needs to verify it again: the rosters, the directory with its roots, and each envelope with the
key that opens this envelope and no other.
"""

import unicodedata
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lyhty_crypto.errors import TamperedError
from lyhty_crypto.keys import KEY_BYTES, expand
from lyhty_crypto.passphrase import LANES, MEMORY_KIB, PASSES, PHRASE_BYTES
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.contexts import context
from lyhty_wire.encoding import MAX_INTEGER
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import HASH_BYTES, CaseId, InstanceId
from lyhty_wire.reader import Reader, bytes16, bytes32, u16, u32, u64

UNREADABLE: Final = "export-unreadable"
SALT_BYTES: Final = 16
STEP_BYTES: Final = 4_096
"""A file tells how long a conversation is only so finely."""
MAX_FILE_BYTES: Final = 64 * 2**20

_MAGIC: Final = b"LYHTY"
_VERSION: Final = 1
_KIND: Final = 3  # 1 and 2 are signed documents, SPEC 5.1
_NONCE_BYTES: Final = 12
_HEADER_BYTES: Final = len(_MAGIC) + 3 + SALT_BYTES + _NONCE_BYTES


class Secret(IntEnum):
    """What a file opens with."""

    PHRASE = 1
    PASSWORD = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """One envelope, and the key that opens it and nothing else."""

    seq: int
    key: bytes = field(repr=False)
    envelope: bytes


@dataclass(frozen=True, slots=True)
class Export:
    """A case as its reporter had read it at `made`, seconds since 1970 by the reporter's clock."""

    instance: InstanceId
    case: CaseId
    made: int
    trust: bytes
    rosters: tuple[bytes, ...]
    kept: tuple[Kept, ...]

    def encode(self) -> bytes:
        kept = [b"".join((u32(each.seq), each.key, bytes32(each.envelope))) for each in self.kept]
        rosters = [bytes16(roster) for roster in self.rosters]
        head = (self.instance, self.case, u64(self.made), bytes32(self.trust))
        return b"".join((*head, u16(len(rosters)), *rosters, u32(len(kept)), *kept))

    @classmethod
    def decode(cls, data: bytes) -> "Export":
        """Refuses envelopes out of order or listed twice, and fill that is not zero (SPEC 1.4)."""
        reader = Reader(data, UNREADABLE)
        instance, case = InstanceId(reader.take(HASH_BYTES)), CaseId(reader.take(HASH_BYTES))
        made, trust = reader.u64(), reader.bytes32()
        if made > MAX_INTEGER:
            raise MalformedError(UNREADABLE, "a time beyond all clocks")
        rosters = tuple([reader.bytes16() for _ in range(reader.u16())])
        kept = tuple([Kept(reader.u32(), reader.take(KEY_BYTES), reader.bytes32()) for _ in range(reader.u32())])
        fill = reader.rest()
        if len(fill) >= STEP_BYTES or any(fill):
            raise MalformedError(UNREADABLE, "fill")
        if any(after.seq <= before.seq for before, after in pairwise(kept)):
            raise MalformedError(UNREADABLE, "envelopes out of order")
        return cls(instance, case, made, trust, rosters, kept)


@dataclass(frozen=True, slots=True)
class Locked:
    """A file, and what it takes to open it."""

    secret: Secret
    salt: bytes
    _file: bytes = field(repr=False)

    @classmethod
    def decode(cls, file: bytes) -> "Locked":
        if len(file) > MAX_FILE_BYTES:
            raise MalformedError(UNREADABLE, "larger than any export")
        reader = Reader(file, UNREADABLE)
        if (reader.take(len(_MAGIC)), reader.u8(), reader.u8()) != (_MAGIC, _VERSION, _KIND):
            raise MalformedError(UNREADABLE, "not an export of this version")
        secret = reader.u8()
        if secret not in tuple(Secret):
            raise MalformedError(UNREADABLE, "no such secret")
        salt = reader.take(SALT_BYTES)
        reader.take(_NONCE_BYTES)
        return cls(Secret(secret), salt, file)

    def open(self, stretched: bytes) -> Export:
        """
        Raises:
            TamperedError: another secret, or a changed file: nobody can tell which.
        """
        header = self._file[:_HEADER_BYTES]
        try:
            plaintext = AESGCM(_key(stretched)).decrypt(
                header[-_NONCE_BYTES:], self._file[_HEADER_BYTES:], context("export", header)
            )
        except InvalidTag:
            raise TamperedError(UNREADABLE, "does not open") from None
        return Export.decode(plaintext)


def of_password(password: str) -> bytes:
    """As it is stretched: the same however a keyboard composes its letters."""
    return unicodedata.normalize("NFC", password).encode("utf-8")


def stretch(secret: Secret, typed: bytes, salt: bytes) -> bytes:
    """The slow half. `typed`: the eight bytes of a phrase, or `of_password`."""
    if secret is Secret.PHRASE and len(typed) != PHRASE_BYTES:
        raise ValueError("a phrase has eight bytes")
    return hash_secret_raw(typed, salt, PASSES, MEMORY_KIB, LANES, KEY_BYTES, Type.ID)  # SPEC 2.2


def draw_salt(randomness: Randomness = draw) -> bytes:
    return randomness(SALT_BYTES)


def seal_export(export: Export, secret: Secret, salt: bytes, stretched: bytes, randomness: Randomness = draw) -> bytes:
    header = b"".join((_MAGIC, bytes((_VERSION, _KIND, secret)), salt, randomness(_NONCE_BYTES)))
    plaintext = export.encode()
    padded = plaintext + bytes(-len(plaintext) % STEP_BYTES)
    sealed = AESGCM(_key(stretched)).encrypt(header[-_NONCE_BYTES:], padded, context("export", header))
    if len(header) + len(sealed) > MAX_FILE_BYTES:
        raise MalformedError("too-large", "a longer conversation than a file holds")
    return header + sealed


def _key(stretched: bytes) -> bytes:
    return expand(stretched, context("export-key"))
