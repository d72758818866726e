"""The audit log: what an expert signs of each act, and how the log chains what everybody has signed (SPEC 9.10)."""

import struct
from enum import IntEnum
from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import NO_HEAD, ExpertId, Head, InstanceId, SignKey, digest
from lyhty_wire.proofs import verify

ENTRY_BYTES: Final = 194
HOUR_S: Final = 3_600

_CODE: Final = "operation-malformed"
_VERSION: Final = 1
_SIGNED: Final = struct.Struct(">B32s16sII32sIB32sI")


class Kind(IntEnum):
    """What was done. The numbers are the protocol's."""

    OPENING = 1
    HANDOVER = 2
    EXPORT = 3
    KEY_ACT = 4
    WITNESS = 5


class Entry(Struct, frozen=True):
    """One act of one expert. Only legal ones can be made."""

    instance: InstanceId
    author: ExpertId
    counter: int
    directory_version: int
    """The directory its author went by; of a key act the one it makes."""
    previous_head: Head
    """The author's own entry before this one."""
    hour: int
    """Since 1970, by the author's clock."""
    kind: Kind
    subject: bytes
    """32 bytes: the hash of what was done, or the log's head that a witness has seen."""
    length: int
    """Of the log that a witness has seen; 0 in other kinds."""
    signature: bytes = b""

    def __post_init__(self) -> None:
        if self.counter < 1 or self.directory_version < 1:
            raise MalformedError(_CODE, "counters and versions are from 1")
        if (self.counter == 1) != (self.previous_head == NO_HEAD):
            raise MalformedError(_CODE, "only the first entry of an author has none before it")
        if self.kind is not Kind.WITNESS and self.length:
            raise MalformedError(_CODE, "only a witness names the log's length")

    @classmethod
    def decode(cls, encoded: bytes) -> "Entry":
        """Raises MalformedError. The signature is not looked at."""
        if len(encoded) != ENTRY_BYTES or encoded[0] != _VERSION:
            raise MalformedError(_CODE, "length or version of an entry")
        _, instance, author, counter, version, previous, hour, kind, subject, length = _SIGNED.unpack_from(encoded)
        try:
            known = Kind(kind)
        except ValueError:
            raise MalformedError(_CODE, f"no entry has the kind {kind}") from None
        return cls(
            instance=InstanceId(instance),
            author=ExpertId(author),
            counter=counter,
            directory_version=version,
            previous_head=Head(previous),
            hour=hour,
            kind=known,
            subject=subject,
            length=length,
            signature=encoded[_SIGNED.size :],
        )

    def to_sign(self) -> bytes:
        return context("audit") + self._signed()

    def encode(self) -> bytes:
        return self._signed() + self.signature

    def head(self) -> Head:
        """The author's own, after this entry."""
        return Head(digest(context("audit-head") + self.encode()))

    def verify(self, sign: SignKey) -> None:
        """Raises ForgedError (`signature-invalid`)."""
        verify(sign, self.signature, self.to_sign())

    def _signed(self) -> bytes:
        return _SIGNED.pack(
            _VERSION, self.instance, self.author, self.counter, self.directory_version, self.previous_head,
            self.hour, self.kind, self.subject, self.length,
        )  # fmt: skip


def log_head(before: Head, entry: bytes) -> Head:
    """Of a log with one entry more; an empty one has NO_HEAD."""
    return Head(digest(context("audit-log") + before + entry))
