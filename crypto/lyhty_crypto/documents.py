"""Signs root documents and directories (SPEC 5.1). For `init` and for coordinators."""

from collections.abc import Sequence

from lyhty_crypto.keys import SigningKey
from lyhty_wire.directories import DirectoryBody
from lyhty_wire.documents import DIRECTORY, ROOT, DocumentSignature, UntrustedDocument, to_sign
from lyhty_wire.roots import RootBody


def sign_document(kind: int, body: bytes, keys: Sequence[SigningKey]) -> bytes:
    signed = to_sign(kind, body)
    ordered = sorted(keys, key=lambda key: key.public)
    signatures = tuple(DocumentSignature(key.public, key.sign(signed)) for key in ordered)
    return UntrustedDocument(kind, body, signatures).encode()


def sign_root(body: RootBody, keys: Sequence[SigningKey]) -> bytes:
    """`keys`: enough of the new root's, and from the second root on enough of the previous one's."""
    return sign_document(ROOT, body.encode(), keys)


def sign_directory(body: DirectoryBody, key: SigningKey) -> bytes:
    return sign_document(DIRECTORY, body.encode(), [key])
