"""The directory as the server needs it: which epochs are current, whose key an expert writes with (SPEC 5).

The server checks the chain when it imports it, so that a broken file is found at start and not by a child. It
does not enforce expiry: clients do, and a server that stopped itself would only take their stop screen away.
"""

from dataclasses import dataclass
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.directories import Directory, DirectoryBody, Expert, TrustBundle
from lyhty_wire.documents import UntrustedDocument
from lyhty_wire.ids import Epoch, ExpertId, InstanceId, QueueId

# A reporter's page gets the whole bundle as one record of the channel, of at most 393,216 bytes (SPEC 6.1).
MAX_BUNDLE_BYTES: Final = 360_000


@dataclass(frozen=True, slots=True)
class Trust:
    bundle: bytes
    directory: Directory
    queues: frozenset[QueueId]
    current_epochs: frozenset[tuple[QueueId, Epoch]]
    experts: dict[ExpertId, Expert]

    @classmethod
    def check(cls, bundle: TrustBundle, instance: InstanceId) -> "Trust":
        """Raises WireError when the chain does not hold."""
        issued = DirectoryBody.decode(UntrustedDocument.decode(bundle.directory).body).issued
        return cls.of(bundle, bundle.verify(instance, issued))

    @classmethod
    def of(cls, bundle: TrustBundle, directory: Directory) -> "Trust":
        """`directory` is the bundle's, verified."""
        return cls(
            bundle=bundle.encode(),
            directory=directory,
            queues=frozenset(queue.id for queue in directory.queues),
            current_epochs=frozenset((queue.id, queue.current.epoch) for queue in directory.queues),
            experts={expert.id: expert for expert in directory.experts},
        )

    @property
    def version(self) -> int:
        return self.directory.version

    def expert(self, expert: ExpertId) -> Expert:
        """Somebody who has left the directory is signed out at once."""
        found = self.experts.get(expert)
        if found is None:
            raise DomainError(Code.NOT_SIGNED_IN)
        return found


class TrustKeeper:
    """The newest trust of a running server."""

    def __init__(self, trust: Trust) -> None:
        self._newest = trust

    @property
    def newest(self) -> Trust:
        return self._newest

    def renew(self, trust: Trust) -> bool:
        """Whether it is newer than what was here: two acts may come back from the store in either order."""
        is_newer = trust.version > self._newest.version
        if is_newer:
            self._newest = trust
        return is_newer
