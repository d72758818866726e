"""What an expert's client says of one case for the figures, sealed to the statistics key; and that key (SPEC 12.3)."""

from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.encoding import canonical_json, parse_canonical_json
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.fields import Fields
from lyhty_wire.figures.periods import Month, Period, Span
from lyhty_wire.ids import (
    HASH_BYTES,
    KEM_KEY_BYTES,
    SIGN_KEY_BYTES,
    SIGNATURE_BYTES,
    InstanceId,
    KemKey,
    SignKey,
    digest,
)
from lyhty_wire.proofs import verify
from lyhty_wire.reader import Reader
from lyhty_wire.roots import Root

TOKEN_BYTES: Final = 16
PLAINTEXT_BYTES: Final = 384
"""The longest contribution has 325, so that all of them have one size."""
SEALED_BYTES: Final = 1120 + PLAINTEXT_BYTES + 16
STATEMENT_BYTES: Final = 1 + HASH_BYTES + KEM_KEY_BYTES + SIGN_KEY_BYTES + SIGNATURE_BYTES
LINK_BYTES: Final = 1 + 2 * HASH_BYTES + 1120 + 32 + 16

CASE, IMPACT, LATER = 1, 2, 3
"""What a token is for: of one case each is taken once."""

_VERSION: Final = 1
_CODE: Final = "operation-malformed"
_FORGED: Final = "signature-invalid"
_PROMISES: Final = ("kept", "missed")
_ASKED: Final = {"impact": IMPACT, "later": LATER}
_ANSWERS: Final = ("helped", "somewhat", "no")
_CASE: Final = frozenset(("kind", "month", "promise", "role", "school", "service", "topic"))
_REPLY: Final = frozenset(("answer", "asked", "kind", "month", "school"))


class CaseCounted(Struct, frozen=True):
    """One case, as the figures see it. `school`: None where the reporter's page knew none."""

    school: str | None
    month: Month
    topic: str
    service: str
    role: str
    promise: str

    @property
    def of(self) -> int:
        """What its token is for."""
        return CASE


class ReplyCounted(Struct, frozen=True):
    """What one reporter said when asked whether it had helped. `asked`: impact, with the answer; or later."""

    school: str | None
    month: Month
    asked: str
    answer: str

    @property
    def of(self) -> int:
        return _ASKED[self.asked]


Counted = CaseCounted | ReplyCounted


def encode_counted(counted: Counted) -> bytes:
    """A value that does not fit is refused as `decode_counted` would."""
    month = Period(Span.MONTH, counted.month).name
    fields: dict[str, object] = {"month": month, "school": counted.school}
    if isinstance(counted, CaseCounted):
        fields |= {"kind": "case", "promise": counted.promise, "role": counted.role}
        fields |= {"service": counted.service, "topic": counted.topic}
    else:
        fields |= {"kind": "reply", "answer": counted.answer, "asked": counted.asked}
    encoded = canonical_json(fields)
    decode_counted(encoded)
    return encoded


def decode_counted(data: bytes) -> Counted:
    value = parse_canonical_json(data, code=_CODE)
    if isinstance(value, dict) and value.get("kind") == "case":
        fields = Fields(value, _CASE, _CODE)
        return CaseCounted(
            fields.optional_identifier("school"), _month(fields), fields.identifier("topic"),
            fields.identifier("service"), fields.identifier("role"), _one_of(fields, "promise", _PROMISES),
        )  # fmt: skip
    fields = Fields(value, _REPLY, _CODE)
    _one_of(fields, "kind", ("reply",))
    return ReplyCounted(
        fields.optional_identifier("school"), _month(fields), _one_of(fields, "asked", tuple(_ASKED)),
        _one_of(fields, "answer", _ANSWERS),
    )  # fmt: skip


def _month(fields: Fields) -> Month:
    period = Period.parse(fields.line("month"))
    if period.span is not Span.MONTH:
        raise MalformedError(_CODE, "not a month")
    return period.first


def _one_of(fields: Fields, name: str, choices: tuple[str, ...]) -> str:
    value = fields.identifier(name)
    if value not in choices:
        raise MalformedError(_CODE, f"{name} does not fit")
    return value


class SignedCounted(Struct, frozen=True):
    """What is inside the seal. Whether its author may contribute, the directory says."""

    counted: Counted
    author: SignKey
    signature: bytes

    def encode(self) -> bytes:
        body = encode_counted(self.counted)
        fields = (bytes((_VERSION,)), self.author, self.signature, len(body).to_bytes(2, "big"), body)
        return b"".join(fields).ljust(PLAINTEXT_BYTES, b"\0")

    @classmethod
    def decode(cls, data: bytes) -> "SignedCounted":
        reader = Reader(data, _CODE)
        if len(data) != PLAINTEXT_BYTES or reader.u8() != _VERSION:
            raise MalformedError(_CODE, "length or version of a contribution")
        author, signature = SignKey(reader.take(SIGN_KEY_BYTES)), reader.take(SIGNATURE_BYTES)
        signed = cls(decode_counted(reader.take(reader.u16())), author, signature)
        if signed.encode() != data:
            raise MalformedError(_CODE, "fill that is not zero")
        return signed

    def verify(self, instance: InstanceId, kem: KemKey, token: bytes) -> None:
        verify(self.author, self.signature, to_sign_counted(instance, kem, token, self.counted), code=_FORGED)


def contribution_info(instance: InstanceId, kem: KemKey, token: bytes) -> bytes:
    """What the seal is bound to."""
    return context("contribution", instance, digest(kem), token)


def to_sign_counted(instance: InstanceId, kem: KemKey, token: bytes, counted: Counted) -> bytes:
    return context("contribution-signature", instance, digest(kem), token) + encode_counted(counted)


class StatisticsKey(Struct, frozen=True):
    """The public half of the key that contributions are sealed to, as a directory key has signed it."""

    instance: InstanceId
    kem: KemKey
    signer: SignKey
    signature: bytes = bytes(SIGNATURE_BYTES)

    @property
    def id(self) -> bytes:
        return digest(self.kem)

    def unsigned(self) -> bytes:
        return bytes((_VERSION,)) + self.instance + self.kem + self.signer

    def to_sign(self) -> bytes:
        return context("statistics-key") + self.unsigned()

    def encode(self) -> bytes:
        return self.unsigned() + self.signature

    @classmethod
    def decode(cls, data: bytes) -> "StatisticsKey":
        reader = Reader(data, _CODE)
        if reader.u8() != _VERSION:
            raise MalformedError(_CODE, "version of a statistics key")
        key = cls(
            InstanceId(reader.take(HASH_BYTES)), KemKey(reader.take(KEM_KEY_BYTES)),
            SignKey(reader.take(SIGN_KEY_BYTES)), reader.take(SIGNATURE_BYTES),
        )  # fmt: skip
        reader.end()
        return key

    def verify(self, root: Root) -> None:
        """Whether a directory key of the root in use has signed it; else ForgedError."""
        if self.instance != root.instance or self.signer not in root.body.directory_keys:
            raise ForgedError(_FORGED, "a statistics key of another instance, or of a directory key not in use")
        verify(self.signer, self.signature, self.to_sign(), code=_FORGED)


class StatisticsLink(Struct, frozen=True):
    """The seed of an earlier statistics key, sealed to a later one. Both are named by H(kem)."""

    before: bytes
    after: bytes
    sealed: bytes

    def info(self, instance: InstanceId) -> bytes:
        return context("statistics-link", instance, self.before, self.after)

    def encode(self) -> bytes:
        return bytes((_VERSION,)) + self.before + self.after + self.sealed

    @classmethod
    def decode(cls, data: bytes) -> "StatisticsLink":
        reader = Reader(data, _CODE)
        if len(data) != LINK_BYTES or reader.u8() != _VERSION:
            raise MalformedError(_CODE, "length or version of a link")
        return cls(reader.take(HASH_BYTES), reader.take(HASH_BYTES), reader.rest())
