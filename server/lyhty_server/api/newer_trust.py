"""From one directory to the next, whichever process certified it (SPEC 9.1)."""

from lyhty_server.api.context import Server
from lyhty_server.api.shapes import feed_text
from lyhty_server.trust import Trust
from lyhty_wire.desk import FeedTrust
from lyhty_wire.directories import TrustBundle
from lyhty_wire.ids import ExpertId, QueueId


def trust_changed(server: Server, trust: Trust) -> None:
    """It is stored, and the sessions of who has left have ended with it."""
    if server.keeper.renew(trust):
        server.journal.write("directory-certified", directory_version=trust.version)
        server.sessions.forget()
        server.hub.directory_changed(
            lambda expert: _queues_of(server.trust, expert), feed_text(FeedTrust(trust.version))
        )


async def take_newer_trust(server: Server) -> None:
    """Another process may have certified a directory.

    Raises:
        DomainError: the store is away.
        WireError: what is stored does not verify.
    """
    if await server.store.trust_version() <= server.trust.version:
        return
    row = await server.store.trust()
    if row is not None:
        trust_changed(server, Trust.check(TrustBundle(row.roots, row.directory), server.instance))


def _queues_of(trust: Trust, expert: ExpertId) -> frozenset[QueueId]:
    found = trust.experts.get(expert)
    return frozenset() if found is None else frozenset(found.queues)
