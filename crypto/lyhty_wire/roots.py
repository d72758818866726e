"""The provider's root documents: who may sign directories, and the chain that starts at the anchor (SPEC 5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lyhty_wire.documents import FORGED, ROOT, UntrustedDocument
from lyhty_wire.encoding import b64encode, canonical_json, parse_canonical_json
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.fields import Fields
from lyhty_wire.ids import HASH_BYTES, SIGN_KEY_BYTES, InstanceId, SignKey

_FIELDS: Final = frozenset(("directory_keys", "expires", "issued", "keys", "previous", "threshold", "version"))


@dataclass(frozen=True, slots=True)
class RootBody:
    """What a root document says."""

    version: int
    issued: int
    expires: int
    keys: tuple[SignKey, ...]
    threshold: int
    directory_keys: tuple[SignKey, ...]
    previous: bytes | None

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= len(self.keys) or not self.directory_keys:
            raise MalformedError(FORGED, "no such threshold, or no directory keys")
        if self.expires < self.issued:
            raise MalformedError(FORGED, "expires before it is issued")
        if (self.version == 1) != (self.previous is None):
            raise MalformedError(FORGED, "only the first root has no previous one")

    def encode(self) -> bytes:
        return canonical_json(
            {
                "directory_keys": [b64encode(key) for key in self.directory_keys],
                "expires": self.expires,
                "issued": self.issued,
                "keys": [b64encode(key) for key in self.keys],
                "previous": None if self.previous is None else b64encode(self.previous),
                "threshold": self.threshold,
                "version": self.version,
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> "RootBody":
        fields = Fields(parse_canonical_json(body, code=FORGED), _FIELDS, FORGED)
        return cls(
            version=fields.integer("version", 1),
            issued=fields.integer("issued"),
            expires=fields.integer("expires"),
            keys=tuple(SignKey(key) for key in fields.sorted_binary("keys", SIGN_KEY_BYTES)),
            threshold=fields.integer("threshold", 1),
            directory_keys=tuple(SignKey(key) for key in fields.sorted_binary("directory_keys", SIGN_KEY_BYTES)),
            previous=fields.optional_binary("previous", HASH_BYTES),
        )


@dataclass(frozen=True, slots=True)
class Root:
    """The last root document of a chain that starts at the anchor."""

    instance: InstanceId
    body: RootBody
    digest: bytes


def verify_roots(anchor: InstanceId, documents: Sequence[bytes]) -> Root:
    """Walks the chain from the anchor (SPEC 5.2). Whether the last root has expired is asked with the directory."""
    root: Root | None = None
    for encoded in documents:
        document = UntrustedDocument.decode(encoded)
        if document.kind != ROOT:
            raise MalformedError(FORGED, "not a root document")
        if root is None and document.digest() != anchor:
            raise ForgedError(FORGED, "the first root document is not the anchor's")
        document.verify_signatures()
        body = RootBody.decode(document.body)
        if root is None:
            _check_first(document, body)
        else:
            _check_next(root, document, body)
        root = Root(anchor, body, document.digest())
    if root is None:
        raise ForgedError(FORGED, "no root document")
    return root


def _check_first(document: UntrustedDocument, body: RootBody) -> None:
    if body.version != 1:
        raise ForgedError(FORGED, "the first root document has another version")
    _check_signers(document, body)


def _check_next(before: Root, document: UntrustedDocument, body: RootBody) -> None:
    if body.version != before.body.version + 1 or body.previous != before.digest:
        raise ForgedError(FORGED, "does not follow the root document before it")
    _check_signers(document, before.body, body)


def _check_signers(document: UntrustedDocument, *bodies: RootBody) -> None:
    """Enough keys of every body have signed, and nobody else."""
    signers = set(document.signers)
    if not signers <= {key for body in bodies for key in body.keys}:
        raise ForgedError(FORGED, "signed by somebody who may not")
    if any(len(signers.intersection(body.keys)) < body.threshold for body in bodies):
        raise ForgedError(FORGED, "signed by too few")
