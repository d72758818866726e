"""The viewers of the store without a disk."""

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.invitations import check_room
from lyhty_server.store.memory_people import MemoryPeople
from lyhty_server.store.viewer_rows import (
    Entry,
    PasswordEntry,
    ProviderEntry,
    ViewerInvitationRow,
    ViewerRow,
    check_new_invitation,
    is_same,
    joined,
)
from lyhty_wire.codes import Code
from lyhty_wire.ids import ViewerId


class MemoryViewers(MemoryPeople):
    def __init__(self) -> None:
        super().__init__()
        self._viewers: dict[ViewerId, ViewerRow] = {}
        self._viewer_invitations: dict[ViewerId, ViewerInvitationRow] = {}

    def _live_for_viewers(self, now_s: int) -> dict[ViewerId, ViewerInvitationRow]:
        self._check_running()
        return {key: row for key, row in self._viewer_invitations.items() if row.expires_s > now_s}

    async def put_viewer_invitation(self, invitation: ViewerInvitationRow, now_s: int) -> None:
        live = self._live_for_viewers(now_s)
        before = live.get(invitation.invitation_id)
        if before is not None:
            check_new_invitation(invitation, before)
            return
        if invitation.invitation_id in self._viewers:
            raise DomainError(Code.OBJECT_CONFLICT)
        check_room(len(live))
        self._viewer_invitations = live | {invitation.invitation_id: invitation}

    async def viewer_invitations(self, now_s: int) -> tuple[ViewerInvitationRow, ...]:
        return tuple(sorted(self._live_for_viewers(now_s).values(), key=lambda row: (row.name, row.invitation_id)))

    async def viewer_invitation(self, invitation_id: ViewerId, now_s: int) -> ViewerInvitationRow:
        found = self._live_for_viewers(now_s).get(invitation_id)
        if found is None:
            raise DomainError(Code.INVITATION_UNKNOWN)
        return found

    async def withdraw_viewer_invitation(self, invitation_id: ViewerId) -> None:
        self._check_running()
        self._viewer_invitations.pop(invitation_id, None)

    async def join_viewer(self, invitation_id: ViewerId, entry: Entry, now_s: int) -> ViewerRow:
        self._check_running()
        before = joined(self._viewers.get(invitation_id), entry)
        if before is not None:
            return before
        invitation = await self.viewer_invitation(invitation_id, now_s)
        if any(is_same(other.entry, entry) for other in self._viewers.values()):
            raise DomainError(Code.OBJECT_CONFLICT)
        self._viewers[invitation_id] = ViewerRow(invitation_id, invitation.name, invitation.organisation, entry)
        del self._viewer_invitations[invitation_id]
        return self._viewers[invitation_id]

    async def viewers(self) -> tuple[ViewerRow, ...]:
        self._check_running()
        return tuple(sorted(self._viewers.values(), key=lambda row: (row.name, row.viewer_id)))

    async def viewer(self, viewer_id: ViewerId) -> ViewerRow | None:
        self._check_running()
        return self._viewers.get(viewer_id)

    async def viewer_by_account(self, account: str) -> ViewerRow | None:
        return next((row for row in await self.viewers() if _account(row) == account), None)

    async def viewer_by_subject(self, issuer: str, subject: str) -> ViewerRow | None:
        wanted = ProviderEntry(issuer, subject)
        return next((row for row in await self.viewers() if row.entry == wanted), None)

    async def remove_viewer(self, viewer_id: ViewerId) -> None:
        self._check_running()
        self._viewers.pop(viewer_id, None)


def _account(row: ViewerRow) -> str | None:
    return row.entry.account if isinstance(row.entry, PasswordEntry) else None
