"""Who may publish figures: a release is believed by the signature of a coordinator (SPEC 12.4)."""

from typing import Final

from lyhty_wire.directories import Directory
from lyhty_wire.documents import RELEASE, UntrustedDocument
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.figures.releases import MAX_RELEASE_BYTES, Release
from lyhty_wire.ids import SignKey

_FORGED: Final = "signature-invalid"
_MALFORMED: Final = "operation-malformed"


def verify_release(encoded: bytes, directory: Directory) -> Release:
    """The release, if a coordinator has signed it.

    Raises:
        WireError: it is not whole, of another instance, or by somebody else.
    """
    if len(encoded) > MAX_RELEASE_BYTES:
        raise MalformedError(_MALFORMED, "a longer release than there are")
    document = _document(encoded)
    release = Release.decode(document.body)
    if release.instance != directory.instance or release.directory_version > directory.version:
        raise ForgedError(_FORGED, "a release of another instance, or of a directory still to come")
    if document.signers[0] not in _publishers(directory, release.directory_version):
        raise ForgedError(_FORGED, "a release by somebody who may not publish")
    return release


def _document(encoded: bytes) -> UntrustedDocument:
    """With codes that say nothing of the directory."""
    try:
        document = UntrustedDocument.decode(encoded)
        document.verify_signatures()
    except MalformedError as error:
        raise MalformedError(_MALFORMED, str(error)) from None
    except ForgedError as error:
        raise ForgedError(_FORGED, str(error)) from None
    if document.kind != RELEASE or len(document.signers) != 1:
        raise MalformedError(_MALFORMED, "not a release of one author")
    return document


def _publishers(directory: Directory, version: int) -> frozenset[SignKey]:
    """Of an earlier directory only who was in it is known, not who coordinated: the server knew that at the time."""
    is_earlier = version < directory.version
    now = {expert.sign for expert in directory.experts if expert.coordinator or is_earlier}
    return frozenset(now | {former.sign for former in directory.former if version < former.version})
