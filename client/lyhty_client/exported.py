"""Reads a copy of a case by the rules of the case itself: whose words they are, and that none is missing (SPEC 11)."""

from hashlib import sha256

from lyhty_client.conversation import Conversation
from lyhty_client.errors import UntrustedError
from lyhty_crypto.exports import Export
from lyhty_crypto.sealing import Opened, open_object
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import InstanceId, SignKey
from lyhty_wire.rosters import UntrustedRoster


class ExportedConversation(Conversation):
    """Opens each envelope with the key that came along for it."""

    def __init__(self, export: Export, reporter: SignKey, directory: Directory) -> None:
        super().__init__(export.case, reporter, directory)
        self._object_keys = {each.envelope: each.key for each in export.kept}
        self.sealed = {each.seq: sha256(each.envelope).digest() for each in export.kept}
        """By `seq`, the hash of what the server stored."""

    def _open(self, envelope: bytes) -> Opened:
        key = self._object_keys[envelope]
        return open_object(envelope, key, instance=self.directory.instance, case=self.case)


def read_export(export: Export, anchor: InstanceId | None = None) -> ExportedConversation:
    """All of it; what does not hold is among the conversation's alarms. `anchor`: of the poster, if there is one.

    Raises:
        WireError, CryptoError, ClientError: nothing of it can be believed.
    """
    if anchor is not None and anchor != export.instance:
        raise UntrustedError("anchor-mismatch", "the export is of another instance")
    # As it was when the copy was made: by now another directory may have taken its place.
    directory = TrustBundle.decode(export.trust).verify(export.instance, export.made)
    if not export.rosters:
        raise MalformedError("export-unreadable", "a case without a roster")
    opening = UntrustedRoster.decode(export.rosters[0]).verify_opening(export.instance, export.case)
    conversation = ExportedConversation(export, opening.signer, directory)
    for roster in export.rosters:
        conversation.add_generation(roster, lambda _roster: None)
    for each in export.kept:
        conversation.accept(each.seq, each.envelope)
    conversation.whole()
    return conversation
