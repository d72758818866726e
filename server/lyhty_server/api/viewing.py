"""Viewers come in, and are told whose figures they may see (SPEC 12.2). The server never receives a password."""

from datetime import date

from msgspec import convert

from lyhty_server.api.asking import Asked, AskedByViewer
from lyhty_server.api.context import Server
from lyhty_server.api.even_time import in_even_time
from lyhty_server.api.own_sessions import list_own
from lyhty_server.api.routes import InSession, Nothing
from lyhty_server.api.sign_in import check_proof, what_to_prove
from lyhty_server.api.tries import succeed
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.viewers import check_seen, in_order
from lyhty_server.municipal import Municipal
from lyhty_server.store.report_rows import ReportWish
from lyhty_server.store.viewer_rows import PasswordEntry, ProviderEntry, ViewerRow
from lyhty_wire import desk
from lyhty_wire import viewing as wire
from lyhty_wire.accounts import account_name, viewer_name
from lyhty_wire.codes import Code
from lyhty_wire.desk import Challenge, Done, Ended, Proof, Start
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import SignKey
from lyhty_wire.organisations import Organisation, Tree
from lyhty_wire.viewing import (
    AtProvider,
    Doors,
    FromProvider,
    Invited,
    JoinAsViewer,
    Me,
    ReportNotices,
    SeenOrganisation,
    ToProvider,
    ViewerSignedIn,
    Welcome,
    viewer_id,
)


async def organisation_seen(server: Server, seer: str | None, organisation: str) -> Organisation:
    """The body of this id, if `seer` may see its figures (`AskedBySeer.seer`).

    Raises:
        DomainError: `organisation-unknown`: there is none, or it is not for them, and nobody can tell which.
    """
    return check_seen(await _tree(server), seer, organisation, _today(server))


class ViewersDoor:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def welcome(self, asked: Asked[Nothing, Invited]) -> Welcome:
        server = self._server
        invitation = viewer_id(server.instance, b64decode(asked.body.secret, 32))
        row = await server.store.viewer_invitation(invitation, server.clock())
        return Welcome(row.name, _seen_json(await organisation_seen(server, None, row.organisation)))

    async def join(self, asked: Asked[Nothing, JoinAsViewer]) -> Done:
        server, body = self._server, asked.body
        entry = PasswordEntry(
            account_name(body.name), b64decode(body.salt), body.m_kib, body.t, body.p, SignKey(b64decode(body.login))
        )
        invitation = viewer_id(server.instance, b64decode(body.secret, 32))
        await server.store.join_viewer(invitation, entry, server.clock())
        return Done()

    async def start(self, asked: Asked[Nothing, Start]) -> Challenge:
        async with in_even_time():
            row = await self._named(asked.body.name)
            return await what_to_prove(self._server, viewer_name(asked.body.name), _entry(row))

    async def finish(self, asked: Asked[Nothing, Proof]) -> ViewerSignedIn:
        async with in_even_time():
            row, name = await self._named(asked.body.name), viewer_name(asked.body.name)
            await check_proof(self._server, name, asked.body, _entry(row))
            if row is None:
                raise DomainError(Code.SIGN_IN_FAILED)
            await succeed(self._server, name)
            return await viewer_signed_in(self._server, row)

    async def doors(self, _asked: Asked[Nothing, None]) -> Doors:
        return Doors(self._server.municipal is not None)

    async def to_provider(self, asked: Asked[Nothing, ToProvider]) -> AtProvider:
        holder = b64decode(asked.body.holder, 32)
        return AtProvider(await self._municipal().set_out(holder, self._server.draw(12)))

    async def from_provider(self, asked: Asked[Nothing, FromProvider]) -> ViewerSignedIn:
        server, body, municipal = self._server, asked.body, self._municipal()
        subject = await municipal.come_back(b64decode(body.holder, 32), b64decode(body.state, 32), body.code)
        entry = ProviderEntry(municipal.provider.issuer, subject)
        if body.secret is not None:
            invitation = viewer_id(server.instance, b64decode(body.secret, 32))
            return await viewer_signed_in(server, await server.store.join_viewer(invitation, entry, server.clock()))
        row = await server.store.viewer_by_subject(entry.issuer, entry.subject)
        if row is None:
            raise DomainError(Code.VIEWER_UNKNOWN)
        return await viewer_signed_in(server, row)

    def _municipal(self) -> Municipal:
        if self._server.municipal is None:
            raise DomainError(Code.ROUTE_UNKNOWN)
        return self._server.municipal

    async def me(self, asked: AskedByViewer[Nothing, None]) -> Me:
        tree, own = await _tree(self._server), asked.viewer.organisation
        return Me(asked.viewer.name, [_seen_json(each) for each in in_order(tree, own, _today(self._server))])

    async def out(self, asked: AskedByViewer[Nothing, None]) -> Done:
        await self._server.viewer_sessions.sign_out(asked.token)
        return Done()

    async def notices(self, asked: AskedByViewer[Nothing, None]) -> ReportNotices:
        wish = await self._server.store.report_wish(asked.viewer.viewer_id)
        said = wire.ReportWish(None, "fi") if wish is None else convert(wish, wire.ReportWish, from_attributes=True)
        return ReportNotices(said, self._server.notices.are_sent)

    async def put_notices(self, asked: AskedByViewer[Nothing, wire.ReportWish]) -> ReportNotices:
        wish, viewer, store = asked.body, asked.viewer, self._server.store
        if wish.address is None:
            await store.drop_report_wish(viewer.viewer_id)
        elif not desk.is_address(wish.address):  # `$` in a pattern would let a line's end pass
            raise DomainError(Code.OPERATION_MALFORMED)
        else:
            await store.put_report_wish(ReportWish(viewer.viewer_id, wish.address, wish.language))
        return await self.notices(AskedByViewer(asked.params, None, viewer, asked.token))

    async def sessions(self, asked: AskedByViewer[Nothing, None]) -> desk.Sessions:
        return await list_own(self._server.viewer_sessions, asked.token, self._server.clock())

    async def end(self, asked: AskedByViewer[InSession, None]) -> Done:
        await self._server.viewer_sessions.end(asked.viewer.viewer_id, b64decode(asked.params.session))
        return Done()

    async def end_others(self, asked: AskedByViewer[Nothing, None]) -> Ended:
        return Ended(await self._server.viewer_sessions.end_others(asked.token, asked.viewer.viewer_id))

    async def _named(self, typed: str) -> ViewerRow | None:
        return await self._server.store.viewer_by_account(account_name(typed))


async def viewer_signed_in(server: Server, row: ViewerRow) -> ViewerSignedIn:
    """However they have proved who they are. Who is removed meanwhile has a token that opens nothing."""
    return ViewerSignedIn(b64encode(await server.viewer_sessions.sign_in(row.viewer_id, server.clock())))


async def _tree(server: Server) -> Tree:
    known = await server.store.organisations()
    return Tree(known.organisations, known.agreements)


def _today(server: Server) -> date:
    return server.calendar.day(server.clock())


def _entry(row: ViewerRow | None) -> PasswordEntry | None:
    return row.entry if row is not None and isinstance(row.entry, PasswordEntry) else None


def _seen_json(organisation: Organisation) -> SeenOrganisation:
    return SeenOrganisation(organisation.id, organisation.kind, organisation.name)
