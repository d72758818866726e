"""Invitations: a coordinator makes a link, whoever has it answers once (SPEC 9.2). The server opens neither."""

from lyhty_server.api.asking import Asked, AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InInvitation, Nothing
from lyhty_server.api.shapes import feed_text
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_server.store.people_rows import InvitationRow
from lyhty_wire.desk import (
    Apply,
    Done,
    FeedApplication,
    NewInvitation,
    OpenInvitation,
    WaitingInvitation,
)
from lyhty_wire.desk import Invitations as WaitingInvitations
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import ExpertId
from lyhty_wire.invitations import INVITATION_ID_BYTES, KEPT_BYTES, LIFE_S, Application


class Invitations:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def invite(self, asked: AskedByExpert[Nothing, NewInvitation]) -> Done:
        self._check(asked.expert)
        body, now_s = asked.body, self._server.clock()
        row = InvitationRow(_id(body.id), b64decode(body.offer), b64decode(body.kept, KEPT_BYTES), now_s + LIFE_S, None)
        await self._server.store.put_invitation(row, now_s)
        return Done()

    async def waiting(self, asked: AskedByExpert[Nothing, None]) -> WaitingInvitations:
        self._check(asked.expert)
        rows = await self._server.store.invitations(self._server.clock())
        return WaitingInvitations([_waiting_json(row) for row in rows])

    async def withdraw(self, asked: AskedByExpert[InInvitation, None]) -> Done:
        self._check(asked.expert)
        await self._server.store.withdraw(_id(asked.params.invitation))
        return Done()

    async def one(self, asked: Asked[InInvitation, None]) -> OpenInvitation:
        row = await self._server.store.invitation(_id(asked.params.invitation), self._server.clock())
        return OpenInvitation(b64encode(row.offer), row.application is not None)

    async def apply(self, asked: Asked[InInvitation, Apply]) -> Done:
        server, invitation_id = self._server, _id(asked.params.invitation)
        # First: who has no link costs no check of a signature.
        await server.store.invitation(invitation_id, server.clock())
        encoded = b64decode(asked.body.application)
        application = Application.decode(encoded)
        application.verify(server.instance)
        is_fresh = await server.store.apply(invitation_id, encoded, application.account.name, server.clock())
        if is_fresh:
            text = feed_text(FeedApplication(asked.params.invitation))
            for expert in server.trust.directory.experts:
                if expert.coordinator:
                    server.hub.tell_expert(expert.id, text)
        return Done()

    def _check(self, expert: ExpertId) -> None:
        check_coordinator(self._server.trust.directory, expert)


def _id(text: str) -> bytes:
    return b64decode(text, INVITATION_ID_BYTES)


def _waiting_json(row: InvitationRow) -> WaitingInvitation:
    application = None if row.application is None else b64encode(row.application)
    return WaitingInvitation(
        b64encode(row.invitation_id), b64encode(row.offer), b64encode(row.kept), row.expires_s, application
    )
