"""Key acts: a coordinator's browser signs the next directory, and everybody hears of it (SPEC 9.1)."""

from typing import Final

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import Nothing
from lyhty_server.api.states import feed_text, tell_all
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import check_coordinator, check_succession, check_wraps, members_of, unlisted_epochs
from lyhty_server.store.interface import KeyAct, TrustRow
from lyhty_server.trust import Trust
from lyhty_wire.codes import Code
from lyhty_wire.desk import Certified, FeedTrust, OwnWraps
from lyhty_wire.desk import KeyAct as KeyActBody
from lyhty_wire.directories import Directory, TrustBundle, UntrustedDirectory
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import MalformedError, StaleError, WireError
from lyhty_wire.ids import ExpertId, QueueId

# A reporter's page gets the whole bundle as one record of the channel, of at most 393,216 bytes (SPEC 6.1).
MAX_BUNDLE_BYTES: Final = 360_000


class Keys:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def own_wraps(self, asked: AskedByExpert[Nothing, None]) -> OwnWraps:
        row = await self._server.store.expert_by_id(asked.expert)
        if row is None:
            raise DomainError(Code.NOT_SIGNED_IN)
        return OwnWraps([b64encode(wrap) for wrap in row.queue_wraps])

    async def certify(self, asked: AskedByExpert[Nothing, KeyActBody]) -> Certified:
        server, body, present = self._server, asked.body, self._server.trust
        check_coordinator(present.directory, asked.expert)
        bundle = TrustBundle(TrustBundle.decode(present.bundle).roots, b64decode(body.directory))
        if bundle.encode() == present.bundle:  # a retry: the same answer
            return Certified(present.version)
        if len(bundle.encode()) > MAX_BUNDLE_BYTES:
            raise DomainError(Code.TOO_LARGE)
        if body.accept is not None:
            raise DomainError(Code.INVITATION_UNKNOWN)
        offered = _verified(bundle.directory, present, server.clock())
        check_succession(present.directory, offered, newcomer=None)
        wraps = tuple((ExpertId(b64decode(each.expert, 16)), b64decode(each.wrap)) for each in body.wraps)
        members = members_of(offered)
        check_wraps(wraps, members)
        row = TrustRow(offered.version, bundle.roots, bundle.directory)
        returned = await server.store.act_on_keys(
            KeyAct(row, members, wraps, unlisted_epochs(present.directory, offered))
        )
        trust_changed(server, Trust.of(bundle, offered))
        for place in returned:
            await tell_all(server, place)
        return Certified(offered.version)


def trust_changed(server: Server, trust: Trust) -> None:
    """Who has left is signed out before anybody hears anything."""
    if server.keeper.renew(trust):
        server.journal.write("directory-certified", directory_version=trust.version)
        server.sessions.keep_only(server.trust.experts)
        server.hub.directory_changed(
            lambda expert: _queues_of(server.trust, expert), feed_text(FeedTrust(trust.version))
        )


def _queues_of(trust: Trust, expert: ExpertId) -> frozenset[QueueId]:
    found = trust.experts.get(expert)
    return frozenset() if found is None else frozenset(found.queues)


def _verified(encoded: bytes, present: Trust, now_s: int) -> Directory:
    try:
        return UntrustedDirectory(encoded).verify_under(present.directory.root, now_s)
    except MalformedError:
        raise DomainError(Code.OPERATION_MALFORMED) from None
    except StaleError:  # a coordinator's clock is days off: nobody would believe what it signs
        raise DomainError(Code.DIRECTORY_OUTDATED) from None
    except WireError:
        raise DomainError(Code.SIGNATURE_INVALID) from None
