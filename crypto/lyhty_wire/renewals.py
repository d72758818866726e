"""An expert's next `kem`, said by their `sign`: what a coordinator's client lists by itself (SPEC 2.3, 9.1)."""

from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.directories import Expert
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import (
    EXPERT_ID_BYTES,
    HASH_BYTES,
    KEM_KEY_BYTES,
    SIGNATURE_BYTES,
    ExpertId,
    InstanceId,
    KemKey,
    digest,
)
from lyhty_wire.proofs import verify
from lyhty_wire.reader import Reader, u64

RENEWAL_BYTES: Final = 1 + HASH_BYTES + EXPERT_ID_BYTES + HASH_BYTES + KEM_KEY_BYTES + HASH_BYTES + 8 + SIGNATURE_BYTES

_VERSION: Final = 1
_MALFORMED: Final = "operation-malformed"
_FORGED: Final = "signature-invalid"


class Renewal(Struct, frozen=True):
    """`before`: H(the kem that the directory lists). `blob`: H(the key blob that holds the new one)."""

    instance: InstanceId
    expert_id: ExpertId
    before: bytes
    kem: KemKey
    blob: bytes
    at_s: int
    signature: bytes = bytes(SIGNATURE_BYTES)

    def signed(self) -> bytes:
        """What the signature is over."""
        fields = (self.instance, self.expert_id, self.before, self.kem, self.blob, u64(self.at_s))
        return context("kem-renewal") + bytes((_VERSION,)) + b"".join(fields)

    def encode(self) -> bytes:
        return self.signed()[len(context("kem-renewal")) :] + self.signature

    @classmethod
    def decode(cls, data: bytes) -> "Renewal":
        reader = Reader(data, _MALFORMED)
        if reader.u8() != _VERSION:
            raise MalformedError(_MALFORMED, "version of a renewal")
        renewal = cls(
            InstanceId(reader.take(HASH_BYTES)), ExpertId(reader.take(EXPERT_ID_BYTES)), reader.take(HASH_BYTES),
            KemKey(reader.take(KEM_KEY_BYTES)), reader.take(HASH_BYTES), reader.u64(), reader.take(SIGNATURE_BYTES),
        )  # fmt: skip
        reader.end()
        return renewal

    def verify(self, instance: InstanceId, listed: Expert) -> None:
        """Raises ForgedError unless it goes on from what the directory lists of this expert."""
        if (self.instance, self.expert_id, self.before) != (instance, listed.id, digest(listed.kem)):
            raise ForgedError(_FORGED, "a renewal of other keys")
        verify(listed.sign, self.signature, self.signed())
