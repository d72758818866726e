"""Key acts: a coordinator's browser signs the next directory, and everybody hears of it (SPEC 9.1)."""

from lyhty_server.api.asking import Asked, AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.newer_trust import trust_changed
from lyhty_server.api.news import TrustNews
from lyhty_server.api.routes import Nothing
from lyhty_server.api.states import tell_all
from lyhty_server.clock import hour_of
from lyhty_server.domain.audit import check_author, check_key_act
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import (
    Newcomer,
    check_coordinator,
    check_succession,
    check_wraps,
    members_of,
    renewed_in,
    unlisted_epochs,
    wraps_after,
)
from lyhty_server.domain.recovery import check_may_renew
from lyhty_server.store.people_rows import Accepted, ExpertRow, KeyAct, RenewalRow, TrustRow
from lyhty_server.trust import MAX_BUNDLE_BYTES, Trust
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.desk import Certified, Founding, FoundingAct, OwnWraps, Renewals, WaitingRenewal
from lyhty_wire.desk import KeyAct as KeyActBody
from lyhty_wire.directories import Directory, TrustBundle, UntrustedDirectory
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import MalformedError, StaleError, WireError
from lyhty_wire.ids import ExpertId
from lyhty_wire.invitations import INVITATION_ID_BYTES, Application
from lyhty_wire.renewals import Renewal


class Keys:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def own_wraps(self, asked: AskedByExpert[Nothing, None]) -> OwnWraps:
        row = await self._server.store.expert_by_id(asked.expert)
        if row is None:
            raise DomainError(Code.NOT_SIGNED_IN)
        return OwnWraps([b64encode(wrap) for wrap in row.queue_wraps])

    async def certify(self, asked: AskedByExpert[Nothing, KeyActBody]) -> Certified:
        body, present = asked.body, self._server.trust
        check_coordinator(present.directory, asked.expert)
        if _bundle(present, body.directory).encode() == present.bundle:  # a retry: the invitation is gone already
            return Certified(present.version)
        accepted = None if body.accept is None else await self._accepted(b64decode(body.accept, INVITATION_ID_BYTES))
        return await self._act(present, body, accepted, (asked.expert, body.entry))

    async def renewals(self, asked: AskedByExpert[Nothing, None]) -> Renewals:
        """Those that an act can list now: whoever lists one that it cannot would have the whole act refused."""
        server = self._server
        directory = server.trust.directory
        check_coordinator(directory, asked.expert)
        members = members_of(directory)
        waiting = await _verified_renewals(server, directory)
        recovery = await server.store.recovery()
        asked_for = any(request.ended_by is None for request in recovery.requests)
        ready = []
        for expert, (_, row) in waiting.items():
            held = {s.queue for s in recovery.splits for share in s.shares if share.expert_id == expert}
            try:
                wraps_after(row.queue_wraps, (), members[expert])
                check_may_renew(held, members, is_asked_for=asked_for)
            except DomainError:
                continue
            ready.append(WaitingRenewal(b64encode(expert), b64encode(row.renewal)))
        return Renewals(ready)

    async def founding(self, _asked: Asked[Nothing, None]) -> Founding:
        packet = self._server.founding
        if packet is None or self._server.trust.directory.experts:
            raise DomainError(Code.INVITATION_UNKNOWN)
        return Founding(packet)

    async def found(self, asked: Asked[Nothing, FoundingAct]) -> Certified:
        """Whoever signs with the directory key has opened the packet; but only the first."""
        present, body = self._server.trust, asked.body
        if _bundle(present, body.directory).encode() == present.bundle:  # a retry
            return Certified(present.version)
        if present.directory.experts:
            raise DomainError(Code.NOT_COORDINATOR)
        encoded = b64decode(body.application)
        Application.decode(encoded).verify(self._server.instance)
        accepted = _accepted(None, encoded, self._server.clock())
        return await self._act(present, body, accepted)

    async def _act(
        self,
        present: Trust,
        body: KeyActBody | FoundingAct,
        accepted: tuple[Accepted, Newcomer] | None,
        said: tuple[ExpertId, str] | None = None,
    ) -> Certified:
        """`said`: who acts, and what they have signed of it for the audit log. Whoever founds signs nothing yet."""
        server, bundle = self._server, _bundle(present, body.directory)
        if len(bundle.encode()) > MAX_BUNDLE_BYTES:
            raise DomainError(Code.TOO_LARGE)
        offered = _verified(bundle.directory, present, server.clock())
        waiting = await _verified_renewals(server, present.directory)
        kems = {expert: renewal.kem for expert, (renewal, _) in waiting.items()}
        check_succession(present.directory, offered, None if accepted is None else accepted[1], kems)
        renewed = {expert: waiting[expert][1].renewal for expert in renewed_in(present.directory, offered)}
        wraps = tuple((ExpertId(b64decode(each.expert, 16)), b64decode(each.wrap)) for each in body.wraps)
        members = members_of(offered)
        check_wraps(wraps, members)
        entry = None
        if said is not None:
            author, entry = said[0], Entry.decode(b64decode(said[1]))
            check_author(entry, server.instance, author, present.expert(author).sign, offered.version)
            check_key_act(entry, bundle.directory, offered.version)
        row = TrustRow(offered.version, bundle.roots, bundle.directory)
        unlisted = unlisted_epochs(present.directory, offered)
        act = KeyAct(
            row,
            members,
            wraps,
            unlisted,
            accepted and accepted[0],
            entry,
            renewed=renewed,
            hour=hour_of(server.clock()),
        )
        returned = await server.store.act_on_keys(act)
        trust_changed(server, Trust.of(bundle, offered))
        for expert in renewed:
            server.hub.look(expert)
        server.hub.say(TrustNews(offered.version))
        for place in returned:
            await tell_all(server, place)
        return Certified(offered.version)

    async def _accepted(self, invitation_id: bytes) -> tuple[Accepted, Newcomer]:
        server, now_s = self._server, self._server.clock()
        encoded = (await server.store.invitation(invitation_id, now_s)).application
        if encoded is None:
            raise DomainError(Code.INVITATION_UNKNOWN)
        return _accepted(invitation_id, encoded, now_s)


async def _verified_renewals(server: Server, directory: Directory) -> dict[ExpertId, tuple[Renewal, RenewalRow]]:
    """Of who is in the directory, and going on from what it lists of them."""
    verified = {}
    for row in await server.store.renewals():
        renewal, listed = Renewal.decode(row.renewal), directory.expert(row.expert_id)
        if listed is None:
            continue
        try:
            renewal.verify(server.instance, listed)
        except WireError:
            continue
        verified[row.expert_id] = renewal, row
    return verified


def _bundle(present: Trust, directory: str) -> TrustBundle:
    return TrustBundle(TrustBundle.decode(present.bundle).roots, b64decode(directory))


def _accepted(invitation_id: bytes | None, encoded: bytes, now_s: int) -> tuple[Accepted, Newcomer]:
    account = Application.decode(encoded).account
    row = ExpertRow(
        expert_id=account.expert_id, name=account.name, salt=account.salt, m_kib=account.m_kib, t=account.t,
        p=account.p, login_pk=account.login_pk, keys=account.keys, queue_wraps=(), keys_hour=hour_of(now_s),
    )  # fmt: skip
    newcomer = Newcomer(account.expert_id, account.sign, account.kem)
    return Accepted(invitation_id, encoded, row, now_s), newcomer


def _verified(encoded: bytes, present: Trust, now_s: int) -> Directory:
    try:
        return UntrustedDirectory(encoded).verify_under(present.directory.root, now_s)
    except MalformedError:
        raise DomainError(Code.OPERATION_MALFORMED) from None
    except StaleError:  # a coordinator's clock is days off: nobody would believe what it signs
        raise DomainError(Code.DIRECTORY_OUTDATED) from None
    except WireError:
        raise DomainError(Code.SIGNATURE_INVALID) from None
