"""A sealed card or message from the outside, and the layout of what is inside before sealing (SPEC 4.1, 4.2)."""

import struct
from itertools import pairwise
from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import NO_HASH, CaseId, Generation, Head, InstanceId, ObjectId, SignKey, digest
from lyhty_wire.reader import Reader, bytes32, u32

CARD: Final = 1
MESSAGE: Final = 2

HEADER_BYTES: Final = 75
TAG_BYTES: Final = 16
SIZES: Final = (1_024, 4_096, 16_384, 65_536)
CARD_BYTES: Final = 1_024
MAX_HEADS: Final = 8

_VERSION: Final = 1
_URGENT: Final = 1
_SIGNATURE_BYTES: Final = 64
_HEADER: Final = struct.Struct(">BBBII32s32s")
_HEAD: Final = struct.Struct(">32sI32s")
_OUTSIDE: Final = HEADER_BYTES + TAG_BYTES


def _malformed(reason: str) -> MalformedError:
    return MalformedError("envelope-malformed", reason)


class EnvelopeHeader(Struct, frozen=True):
    """What everybody who stores the envelope can read. Only legal headers can be made."""

    kind: int
    urgent: bool
    generation: Generation
    counter: int
    object_id: ObjectId
    author: SignKey

    def __post_init__(self) -> None:
        if self.kind == CARD:
            if self.generation != 0 or self.counter != 0:
                raise _malformed("a card has no generation and no counter")
        elif self.kind != MESSAGE or self.urgent or self.generation < 1 or self.counter < 1:
            raise _malformed("kind, flags, generation or counter of an envelope")

    def encode(self) -> bytes:
        return _HEADER.pack(
            _VERSION, self.kind, int(self.urgent), self.generation, self.counter, self.object_id, self.author
        )


def decode_header(envelope: bytes) -> EnvelopeHeader:
    """The header of a whole envelope, whose size is checked too. What is sealed stays unseen."""
    size = len(envelope)
    if size not in SIZES:
        code = "too-large" if size > SIZES[-1] else "envelope-malformed"
        raise MalformedError(code, f"no envelope has {size} bytes")
    version, kind, flags, generation, counter, object_id, author = _HEADER.unpack_from(envelope)
    if version != _VERSION or flags > _URGENT:
        raise _malformed("version or flags of an envelope")
    if kind == CARD and size != CARD_BYTES:
        raise _malformed("a card has 1,024 bytes")
    return EnvelopeHeader(kind, flags == _URGENT, generation, counter, object_id, author)


class HeadSeen(Struct, frozen=True):
    """The last message of another author that the writer had read."""

    author: SignKey
    counter: int
    head: Head


class Body(Struct, frozen=True):
    """What is signed and sealed."""

    previous_head: Head  # the author's own head before this message
    directory_version: int
    heads: tuple[HeadSeen, ...]
    content: bytes

    def encode(self) -> bytes:
        heads = [_HEAD.pack(seen.author, seen.counter, seen.head) for seen in self.heads]
        return b"".join(
            (self.previous_head, u32(self.directory_version), bytes((len(heads),)), *heads, bytes32(self.content))
        )

    def check(self, header: EnvelopeHeader) -> None:
        """The body fits the header: raises MalformedError."""
        authors = [seen.author for seen in self.heads]
        if len(authors) > MAX_HEADS or (authors and header.kind == CARD):
            raise _malformed("too many heads")
        if any(after <= before for before, after in pairwise(authors)):
            raise _malformed("heads are sorted by author and distinct")
        if header.author in authors or any(seen.counter < 1 for seen in self.heads):
            raise _malformed("a head is of a message of another author")
        if header.counter <= 1 and self.previous_head != NO_HASH:
            raise _malformed("nothing is before the first message")


def to_sign(instance: InstanceId, case: CaseId, header: bytes, body: bytes) -> bytes:
    return context("object-signature", instance, case, header) + body


def head_of(signed: bytes) -> Head:
    """The link of the author's chain, made of the bytes that were signed."""
    return Head(digest(context("head") + signed))


def associated_data(instance: InstanceId, case: CaseId, header: bytes) -> bytes:
    return context("object", instance, case, header)


def envelope_size(body_bytes: int, kind: int) -> int:
    """SPEC 4.2: the smallest legal size that holds the body."""
    needed = _OUTSIDE + _SIGNATURE_BYTES + body_bytes
    for size in (CARD_BYTES,) if kind == CARD else SIZES:
        if needed <= size:
            return size
    raise MalformedError("too-large", "more than the largest envelope holds")


def capacity(size: int, heads: int) -> int:
    """How many bytes of content an envelope of this size holds."""
    return size - 196 - _HEAD.size * heads


def pad(signature: bytes, body: bytes, kind: int) -> bytes:
    """The plaintext: what is sealed has one of four lengths."""
    return (signature + body).ljust(envelope_size(len(body), kind) - _OUTSIDE, b"\0")


def unpad(plaintext: bytes, header: EnvelopeHeader) -> tuple[bytes, bytes, Body]:
    """Signature, the body's bytes (as signed) and its fields. Refuses longer padding than needed."""
    reader = Reader(plaintext, "envelope-malformed")
    signature = reader.take(_SIGNATURE_BYTES)
    previous_head, directory_version, count = reader.take(32), reader.u32(), reader.u8()
    if count > MAX_HEADS:
        raise _malformed("too many heads")
    heads = tuple(HeadSeen(*fields) for fields in _HEAD.iter_unpack(reader.take(_HEAD.size * count)))
    body = Body(Head(previous_head), directory_version, heads, reader.bytes32())
    encoded = body.encode()
    # Writing it again proves both the zeros behind it and that no shorter envelope would have held it.
    if pad(signature, encoded, header.kind) != plaintext:
        raise _malformed("padding")
    body.check(header)
    return signature, encoded, body
