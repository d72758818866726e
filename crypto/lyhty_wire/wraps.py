"""A key sealed for one recipient: its header, its legal combinations and what its sealing is bound to (SPEC 3.1)."""

import struct
from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import (
    NO_EPOCH,
    NO_GENERATION,
    NO_QUEUE,
    Commitment,
    Epoch,
    Generation,
    InstanceId,
    QueueId,
    digest,
)

CASE_KEY: Final = 1
CARD_KEY: Final = 2
QUEUE_SEED: Final = 3
DIRECTORY_SEED: Final = 4
ROOM_KEY: Final = 5
SEED_SHARE: Final = 7
GIVEN_SHARE: Final = 8

TO_QUEUE: Final = 1
TO_REPORTER: Final = 2
TO_EXPERT: Final = 3

HEADER_BYTES: Final = 45
BODY_BYTES: Final = 1168
WRAP_BYTES: Final = HEADER_BYTES + BODY_BYTES
SELF_WRAP_BYTES: Final = 48
LINK_BYTES: Final = 48
NO_LINK: Final = bytes(LINK_BYTES)

_VERSION: Final = 1
_HEADER: Final = struct.Struct(">BBBHII32s")
# (kind, recipient) -> whether queue and epoch are set, whether generation is set
_LEGAL: Final = {
    (CASE_KEY, TO_QUEUE): (True, True),
    (CASE_KEY, TO_REPORTER): (False, True),
    (CARD_KEY, TO_QUEUE): (True, False),
    (QUEUE_SEED, TO_EXPERT): (True, False),
    (DIRECTORY_SEED, TO_EXPERT): (False, False),
    (ROOM_KEY, TO_QUEUE): (True, False),
    (SEED_SHARE, TO_EXPERT): (True, False),
    (GIVEN_SHARE, TO_EXPERT): (True, False),
}


class WrapHeader(Struct, frozen=True):
    """What a wrap says about itself in the open. Only legal combinations can be made."""

    kind: int
    recipient: int
    queue: QueueId
    epoch: Epoch
    generation: Generation
    commitment: Commitment

    def __post_init__(self) -> None:
        legal = _LEGAL.get((self.kind, self.recipient))
        if legal is None:
            raise MalformedError("envelope-malformed", "no such kind of wrap")
        of_queue, of_generation = legal
        if (self.queue > NO_QUEUE, self.epoch > NO_EPOCH) != (of_queue, of_queue):
            raise MalformedError("envelope-malformed", "queue and epoch do not fit the kind of wrap")
        if (self.generation > NO_GENERATION) != of_generation:
            raise MalformedError("envelope-malformed", "the generation does not fit the kind of wrap")

    def encode(self) -> bytes:
        return _HEADER.pack(
            _VERSION, self.kind, self.recipient, self.queue, self.epoch, self.generation, self.commitment
        )


class Wrap(WrapHeader, frozen=True):
    """A whole wrap; `body` is the HPKE encapsulation and ciphertext."""

    body: bytes

    def encode(self) -> bytes:
        return self.header() + self.body

    def header(self) -> bytes:
        return WrapHeader.encode(self)

    def digest(self) -> bytes:
        """H(wrap), as rosters name it."""
        return digest(self.encode())

    @classmethod
    def decode(cls, data: bytes) -> "Wrap":
        if len(data) != WRAP_BYTES or data[0] != _VERSION:
            raise MalformedError("envelope-malformed", "length or version of a wrap")
        _, kind, recipient, queue, epoch, generation, key_commitment = _HEADER.unpack_from(data)
        return cls(kind, recipient, queue, epoch, generation, key_commitment, data[HEADER_BYTES:])


def wrap_info(instance: InstanceId, subject: bytes, header: bytes) -> bytes:
    """What HPKE binds. `subject`: the case or room id, for a seed the expert's sign key, for a share a hash (5.9)."""
    return context("wrap", instance, subject, header)
