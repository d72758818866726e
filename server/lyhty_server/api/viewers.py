"""Viewers as coordinators see them: invited by a link, listed, removed (SPEC 12.2)."""

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InInvitation, InViewer, Nothing
from lyhty_server.api.viewing import organisation_seen
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_server.store.viewer_rows import PasswordEntry, ViewerInvitationRow, ViewerRow
from lyhty_wire.desk import Done
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import ExpertId, ViewerId
from lyhty_wire.invitations import LIFE_S
from lyhty_wire.viewing import (
    VIEWER_ID_BYTES,
    NewViewerInvitation,
    Viewer,
    ViewerInvitation,
    ViewerInvitations,
    Viewers,
)


class ViewersDesk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def invite(self, asked: AskedByExpert[Nothing, NewViewerInvitation]) -> Done:
        self._check(asked.expert)
        body, now_s = asked.body, self._server.clock()
        await organisation_seen(self._server, None, body.organisation)
        row = ViewerInvitationRow(_id(body.id), body.name.strip(), body.organisation, now_s + LIFE_S)
        await self._server.store.put_viewer_invitation(row, now_s)
        return Done()

    async def waiting(self, asked: AskedByExpert[Nothing, None]) -> ViewerInvitations:
        self._check(asked.expert)
        rows = await self._server.store.viewer_invitations(self._server.clock())
        return ViewerInvitations(
            [ViewerInvitation(b64encode(row.invitation_id), row.name, row.organisation, row.expires_s) for row in rows]
        )

    async def withdraw(self, asked: AskedByExpert[InInvitation, None]) -> Done:
        self._check(asked.expert)
        await self._server.store.withdraw_viewer_invitation(_id(asked.params.invitation))
        return Done()

    async def listed(self, asked: AskedByExpert[Nothing, None]) -> Viewers:
        self._check(asked.expert)
        return Viewers([_viewer_json(row) for row in await self._server.store.viewers()])

    async def remove(self, asked: AskedByExpert[InViewer, None]) -> Done:
        self._check(asked.expert)
        viewer = _id(asked.params.viewer)
        await self._server.store.remove_viewer(viewer)
        await self._server.viewer_sessions.end_all(viewer)
        return Done()

    def _check(self, expert: ExpertId) -> None:
        check_coordinator(self._server.trust.directory, expert)


def _id(text: str) -> ViewerId:
    return ViewerId(b64decode(text, VIEWER_ID_BYTES))


def _viewer_json(row: ViewerRow) -> Viewer:
    account = row.entry.account if isinstance(row.entry, PasswordEntry) else None
    return Viewer(b64encode(row.viewer_id), row.name, row.organisation, account)
