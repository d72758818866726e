"""The signed container of roots, directories, root changes and releases, before anything inside is read (SPEC 5.1)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lyhty_wire.contexts import context
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import SignKey, digest
from lyhty_wire.proofs import verify
from lyhty_wire.reader import Reader, bytes32

ROOT: Final = 1
DIRECTORY: Final = 2
ROOT_CHANGE: Final = 3
RELEASE: Final = 4
MAX_SIGNERS: Final = 8

FORGED: Final = "directory-forged"  # the one thing a person is told about a document that is not right

_MAGIC: Final = b"LYHTY"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class DocumentSignature:
    """One signer and what they signed with."""

    signer: SignKey
    signature: bytes


@dataclass(frozen=True, slots=True)
class UntrustedDocument:
    """The container, well formed. `verify_signatures` says nothing about whether the signers are entitled."""

    kind: int
    body: bytes
    signatures: tuple[DocumentSignature, ...]

    def __post_init__(self) -> None:
        if self.kind not in (ROOT, DIRECTORY, ROOT_CHANGE, RELEASE):
            raise MalformedError(FORGED, "no such kind of document")
        if not 1 <= len(self.signatures) <= MAX_SIGNERS:
            raise MalformedError(FORGED, "a document has 1 to 8 signatures")
        signers = self.signers
        if any(after <= before for before, after in pairwise(signers)):
            raise MalformedError(FORGED, "signers are sorted and distinct")

    @property
    def signers(self) -> tuple[SignKey, ...]:
        return tuple(signature.signer for signature in self.signatures)

    def verify_signatures(self) -> None:
        """SPEC 5.1: every signature present verifies; else ForgedError."""
        signed = to_sign(self.kind, self.body)
        for signature in self.signatures:
            verify(signature.signer, signature.signature, signed, code=FORGED)

    def digest(self) -> bytes:
        """H(document), whole bytes."""
        return digest(self.encode())

    def encode(self) -> bytes:
        signatures = [signature.signer + signature.signature for signature in self.signatures]
        return b"".join((_unsigned(self.kind, self.body), bytes((len(signatures),)), *signatures))

    @classmethod
    def decode(cls, data: bytes) -> "UntrustedDocument":
        reader = Reader(data, FORGED)
        if reader.take(len(_MAGIC)) != _MAGIC or reader.u8() != _VERSION:
            raise MalformedError(FORGED, "not a document of this version")
        kind, body, count = reader.u8(), reader.bytes32(), reader.u8()
        signatures = tuple(
            [DocumentSignature(SignKey(reader.take(32)), reader.take(64)) for _ in range(count)],
        )
        reader.end()
        return cls(kind, body, signatures)


def to_sign(kind: int, body: bytes) -> bytes:
    return context("document") + _unsigned(kind, body)


def _unsigned(kind: int, body: bytes) -> bytes:
    return _MAGIC + bytes((_VERSION, kind)) + bytes32(body)
