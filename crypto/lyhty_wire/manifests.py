"""The release manifest: what a server of one release hands to browsers, byte by byte and header by header (SPEC 10).

It is the same for every instance: what differs between them, `/anchor.json`, is not in it.
"""

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from lyhty_wire.encoding import canonical_json, parse_canonical_json
from lyhty_wire.errors import MalformedError

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Address = Annotated[str, Meta(pattern="^/[A-Za-z0-9._/-]*$")]


class ServedBytes(Struct, frozen=True, forbid_unknown_fields=True):
    sha256: Digest
    size_bytes: Annotated[int, Meta(ge=0)]

    @classmethod
    def of(cls, content: bytes) -> "ServedBytes":
        return cls(hashlib.sha256(content).hexdigest(), len(content))


class ServedFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`plain` without a content coding; `br` for who accepts Brotli, null where nothing is packed."""

    plain: ServedBytes
    br: ServedBytes | None
    headers: dict[str, str]
    """Those of this file; the manifest's own come on top."""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    headers: dict[str, str]
    """On every answer."""
    files: dict[Address, ServedFile]
    """By address, as `/` and `/assets/...`."""

    def encode(self) -> bytes:
        return canonical_json(msgspec.to_builtins(self))

    @classmethod
    def decode(cls, data: bytes) -> "Manifest":
        """
        Raises:
            MalformedError: not a manifest, or spelled in another way.
        """
        try:
            return msgspec.convert(parse_canonical_json(data), cls)
        except msgspec.ValidationError as error:
            raise MalformedError("operation-malformed", f"not a manifest: {error}") from None
