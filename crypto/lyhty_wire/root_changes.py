"""What goes from the computer with the root key to the server: the next root and all it brings (SPEC 5.10)."""

from dataclasses import dataclass
from typing import Final

from lyhty_wire.directories import TrustBundle
from lyhty_wire.documents import FORGED, ROOT_CHANGE, UntrustedDocument
from lyhty_wire.encoding import b64decode, b64encode, canonical_json, parse_canonical_json
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.fields import Fields
from lyhty_wire.ids import EXPERT_ID_BYTES, HASH_BYTES, ExpertId, InstanceId
from lyhty_wire.roots import verify_roots
from lyhty_wire.wraps import WRAP_BYTES

_FIELDS: Final = frozenset(("base", "directory", "founding", "roots", "wraps"))
_WRAP: Final = frozenset(("expert", "wrap"))


@dataclass(frozen=True, slots=True)
class RootChange:
    """The chain of roots with a new last one, the directory under it, and the seeds sealed for its experts."""

    base: bytes
    """H(the directory it follows)."""
    roots: tuple[bytes, ...]
    directory: bytes
    wraps: tuple[tuple[ExpertId, bytes], ...]
    founding: bytes | None
    """The founding packet (SPEC 5.8), where the directory lists nobody."""

    @property
    def bundle(self) -> TrustBundle:
        return TrustBundle(self.roots, self.directory)

    def encode(self) -> bytes:
        """The body of the document."""
        return canonical_json(
            {
                "base": b64encode(self.base),
                "directory": b64encode(self.directory),
                "founding": None if self.founding is None else b64encode(self.founding),
                "roots": [b64encode(root) for root in self.roots],
                "wraps": [{"expert": b64encode(expert), "wrap": b64encode(wrap)} for expert, wrap in self.wraps],
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> "RootChange":
        fields = Fields(parse_canonical_json(body, code=FORGED), _FIELDS, FORGED)
        return cls(
            base=fields.binary("base", HASH_BYTES),
            roots=tuple(b64decode(root, code=FORGED) for root in fields.items("roots")),
            directory=fields.binary("directory", None),
            wraps=tuple(_wrap(each) for each in fields.items("wraps")),
            founding=fields.optional_binary("founding", None),
        )

    @classmethod
    def verify(cls, encoded: bytes, instance: InstanceId) -> "RootChange":
        """Whether enough keys of its last root have signed every byte of it. Its directory is not looked at.

        Raises:
            WireError: it is not whole, or made by somebody else.
        """
        document = UntrustedDocument.decode(encoded)
        if document.kind != ROOT_CHANGE:
            raise MalformedError(FORGED, "not a change of root")
        change = cls.decode(document.body)
        root = verify_roots(instance, change.roots).body
        signers = set(document.signers)
        if not signers <= set(root.keys) or len(signers) < root.threshold:
            raise ForgedError(FORGED, "not signed by enough keys of the new root, or by others")
        document.verify_signatures()
        return change


def _wrap(value: object) -> tuple[ExpertId, bytes]:
    fields = Fields(value, _WRAP, FORGED)
    return ExpertId(fields.binary("expert", EXPERT_ID_BYTES)), fields.binary("wrap", WRAP_BYTES)
