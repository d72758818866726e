"""What people sign to prove who they are, and the one place that verifies Ed25519 (SPEC 1.3, 2.3, 6.4)."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lyhty_wire.contexts import context
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import CaseId, InstanceId, RoomId, SignKey, digest

_FIELD: Final = 2**255 - 19
_Y_MASK: Final = 2**255 - 1
_Y_OF_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# With such a key one signature holds for many messages.
_Y_OF_SMALL_ORDER: Final = frozenset((0, 1, _FIELD - 1, _Y_OF_ORDER_8, _FIELD - _Y_OF_ORDER_8))


def to_prove_open(instance: InstanceId, nonce: bytes, after_proof: bytes) -> bytes:
    """`after_proof` is all of the operation's body behind the proof."""
    return context("open", instance, nonce, digest(after_proof))


def to_prove_resume(instance: InstanceId, nonce: bytes) -> bytes:
    return context("resume", instance, nonce)


def to_prove_erase(instance: InstanceId, case: CaseId) -> bytes:
    return context("erase", instance, case)


def to_prove_take_back(instance: InstanceId, room: RoomId) -> bytes:
    return context("take-back", instance, room)


def to_prove_sign_in(instance: InstanceId, challenge: bytes, name: str) -> bytes:
    """`name` as `account_name` returns it."""
    return context("sign-in", instance, challenge, digest(name.encode("utf-8")))


def verify(public_key: SignKey, signature: bytes, data: bytes, *, code: str = "signature-invalid") -> None:
    """Returns when the signature holds, else raises ForgedError with `code`."""
    # SPEC 1.3: OpenSSL leaves the cofactor out, but takes keys that are written in a second way or of small order.
    y = int.from_bytes(public_key, "little") & _Y_MASK
    if y >= _FIELD or y in _Y_OF_SMALL_ORDER:
        raise ForgedError(code, "not a key that can sign")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):  # ValueError: the key is not 32 bytes
        raise ForgedError(code, "a signature does not hold") from None
