"""How password and device code open an expert's keys, as the server keeps it, and the step to another (SPEC 2.3)."""

from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import EXPERT_ID_BYTES, SIGN_KEY_BYTES, SIGNATURE_BYTES, ExpertId, InstanceId, SignKey
from lyhty_wire.proofs import verify
from lyhty_wire.reader import Reader, u32

KEY_BLOB_BYTES: Final = 93
SALT_BYTES: Final = 16
UNLOCK_BYTES: Final = 1 + EXPERT_ID_BYTES + SALT_BYTES + 3 * 4 + SIGN_KEY_BYTES + KEY_BLOB_BYTES
NEW_UNLOCK_BYTES: Final = UNLOCK_BYTES + 2 * SIGNATURE_BYTES
# SPEC 2.3: a client that stretched its password less than this has no business here. The upper ends keep a server's
# answer from asking the impossible of the next sign-in.
LEAST_MEMORY_KIB: Final = 65_536
MOST_MEMORY_KIB: Final = 1_048_576
LEAST_PASSES: Final = 3
MOST_PASSES: Final = 64

_VERSION: Final = 1
_MALFORMED: Final = "operation-malformed"


class Unlock(Struct, frozen=True):
    """Of one expert: salt and cost of the password, what checks a sign-in, and the sealed keys."""

    expert_id: ExpertId
    salt: bytes
    m_kib: int
    t: int
    p: int
    login_pk: SignKey
    keys: bytes

    def __post_init__(self) -> None:
        in_bounds = LEAST_MEMORY_KIB <= self.m_kib <= MOST_MEMORY_KIB and LEAST_PASSES <= self.t <= MOST_PASSES
        if not in_bounds or self.p != 1:
            raise MalformedError(_MALFORMED, "not a derivation that signing in accepts")

    def encode(self) -> bytes:
        numbers = (u32(self.m_kib), u32(self.t), u32(self.p))
        return b"".join((bytes((_VERSION,)), self.expert_id, self.salt, *numbers, self.login_pk, self.keys))

    @classmethod
    def read(cls, reader: Reader) -> "Unlock":
        if reader.u8() != _VERSION:
            raise MalformedError(_MALFORMED, "version of an unlock")
        return cls(
            ExpertId(reader.take(EXPERT_ID_BYTES)), reader.take(SALT_BYTES), reader.u32(), reader.u32(), reader.u32(),
            SignKey(reader.take(SIGN_KEY_BYTES)), reader.take(KEY_BLOB_BYTES),
        )  # fmt: skip


class NewUnlock(Struct, frozen=True):
    """Another password or device code for an account, signed by the login key of before and by the new one."""

    unlock: Unlock
    proof: bytes
    signature: bytes

    def encode(self) -> bytes:
        return self.unlock.encode() + self.proof + self.signature

    @classmethod
    def decode(cls, data: bytes) -> "NewUnlock":
        reader = Reader(data, _MALFORMED)
        new = cls(Unlock.read(reader), reader.take(SIGNATURE_BYTES), reader.take(SIGNATURE_BYTES))
        reader.end()
        return new

    def verify(self, instance: InstanceId, challenge: bytes, before: SignKey) -> None:
        """Raises ForgedError: `sign-in-failed` without the login key of before, `signature-invalid` without the new."""
        signed = to_sign_new_unlock(instance, challenge, before, self.unlock)
        verify(before, self.proof, signed, code="sign-in-failed")
        verify(self.unlock.login_pk, self.signature, signed)


def to_sign_new_unlock(instance: InstanceId, challenge: bytes, before: SignKey, unlock: Unlock) -> bytes:
    """`before`: the login key that the account has until then."""
    return context("new-unlock", instance, challenge, before) + unlock.encode()
