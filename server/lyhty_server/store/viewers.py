"""Viewers in SQL. An invitation that has run out is passed over, and deleted with the next one that is made."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, Select, delete, func, insert, select

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.invitations import check_room
from lyhty_server.store import reports
from lyhty_server.store.tables import viewer_invitations, viewers
from lyhty_server.store.viewer_rows import (
    Entry,
    PasswordEntry,
    ProviderEntry,
    ViewerInvitationRow,
    ViewerRow,
    check_new_invitation,
    joined,
)
from lyhty_wire.codes import Code
from lyhty_wire.ids import ViewerId

Put = tuple[ViewerInvitationRow, int]
"""now_s last."""
Join = tuple[ViewerId, Entry, int]
"""now_s last."""


def _live(now_s: int) -> Select[Any]:
    return select(viewer_invitations).where(viewer_invitations.c.expires_s > now_s)


def put_invitation(connection: Connection, asked: Put) -> None:
    new, now_s = asked
    stored = connection.execute(
        _live(now_s).where(viewer_invitations.c.invitation_id == new.invitation_id)
    ).one_or_none()
    if stored is not None:
        check_new_invitation(new, ViewerInvitationRow(*stored))
        return
    if viewer(connection, new.invitation_id) is not None:
        raise DomainError(Code.OBJECT_CONFLICT)
    check_room(connection.execute(select(func.count()).select_from(_live(now_s).subquery())).scalar_one())
    connection.execute(delete(viewer_invitations).where(viewer_invitations.c.expires_s <= now_s))
    connection.execute(insert(viewer_invitations), asdict(new))


def invitations(connection: Connection, now_s: int) -> tuple[ViewerInvitationRow, ...]:
    rows = connection.execute(_live(now_s).order_by(viewer_invitations.c.name, viewer_invitations.c.invitation_id))
    return tuple(ViewerInvitationRow(*row) for row in rows)


def invitation(connection: Connection, invitation_id: ViewerId, now_s: int) -> ViewerInvitationRow:
    row = connection.execute(_live(now_s).where(viewer_invitations.c.invitation_id == invitation_id)).one_or_none()
    if row is None:
        raise DomainError(Code.INVITATION_UNKNOWN)
    return ViewerInvitationRow(*row)


def withdraw(connection: Connection, invitation_id: ViewerId) -> None:
    connection.execute(delete(viewer_invitations).where(viewer_invitations.c.invitation_id == invitation_id))


def join(connection: Connection, asked: Join) -> ViewerRow:
    invitation_id, entry, now_s = asked
    before = joined(viewer(connection, invitation_id), entry)
    if before is not None:
        return before
    found = invitation(connection, invitation_id, now_s)
    if _with(connection, entry) is not None:
        raise DomainError(Code.OBJECT_CONFLICT)
    row = ViewerRow(invitation_id, found.name, found.organisation, entry)
    whose = {"viewer_id": row.viewer_id, "name": row.name, "organisation": row.organisation}
    connection.execute(insert(viewers), whose | asdict(entry))
    withdraw(connection, invitation_id)
    return row


def everybody(connection: Connection) -> tuple[ViewerRow, ...]:
    rows = connection.execute(select(viewers).order_by(viewers.c.name, viewers.c.viewer_id))
    return tuple(_viewer(row) for row in rows)


def viewer(connection: Connection, viewer_id: ViewerId) -> ViewerRow | None:
    return _one(connection, select(viewers).where(viewers.c.viewer_id == viewer_id))


def by_account(connection: Connection, account: str) -> ViewerRow | None:
    return _one(connection, select(viewers).where(viewers.c.account == account))


def by_subject(connection: Connection, issuer: str, subject: str) -> ViewerRow | None:
    return _one(connection, select(viewers).where(viewers.c.issuer == issuer, viewers.c.subject == subject))


def remove(connection: Connection, viewer_id: ViewerId) -> None:
    reports.drop_wish(connection, viewer_id)
    connection.execute(delete(viewers).where(viewers.c.viewer_id == viewer_id))


def _with(connection: Connection, entry: Entry) -> ViewerRow | None:
    if isinstance(entry, PasswordEntry):
        return by_account(connection, entry.account)
    return by_subject(connection, entry.issuer, entry.subject)


def _one(connection: Connection, asked: Select[Any]) -> ViewerRow | None:
    row = connection.execute(asked).one_or_none()
    return None if row is None else _viewer(row)


def _viewer(row: Iterable[Any]) -> ViewerRow:
    viewer_id, name, organisation, account, *unlock, issuer, subject = row
    entry = ProviderEntry(issuer, subject) if account is None else PasswordEntry(account, *unlock)
    return ViewerRow(viewer_id, name, organisation, entry)
