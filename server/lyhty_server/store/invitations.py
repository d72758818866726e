"""Invitations in SQL. What has run out is passed over, and deleted with the next one that is made."""

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.invitations import check_room, is_fresh_application
from lyhty_server.store.people_rows import InvitationRow
from lyhty_server.store.tables import experts, invitations
from lyhty_wire.codes import Code

Put = tuple[InvitationRow, int]
"""now_s last."""
Application = tuple[bytes, bytes, str, int]
"""Invitation, application, account name, now_s."""

_LIVE = select(invitations).where(invitations.c.expires_s > bindparam("now_s"))
_ONE = _LIVE.where(invitations.c.invitation_id == bindparam("invitation_id"))
_SET_APPLICATION = (
    update(invitations).where(invitations.c.invitation_id == bindparam("which")).values(application=bindparam("what"))
)


def all_of(connection: Connection, now_s: int) -> tuple[InvitationRow, ...]:
    rows = connection.execute(_LIVE.order_by(invitations.c.invitation_id), {"now_s": now_s})
    return tuple(InvitationRow(*row) for row in rows)


def one(connection: Connection, invitation_id: bytes, now_s: int) -> InvitationRow:
    row = connection.execute(_ONE, {"now_s": now_s, "invitation_id": invitation_id}).one_or_none()
    if row is None:
        raise DomainError(Code.INVITATION_UNKNOWN)
    return InvitationRow(*row)


def put(connection: Connection, asked: Put) -> None:
    new, now_s = asked
    stored = connection.execute(_ONE, {"now_s": now_s, "invitation_id": new.invitation_id}).one_or_none()
    if stored is not None:
        before = InvitationRow(*stored)
        if replace(before, application=None, expires_s=new.expires_s) != new:
            raise DomainError(Code.OBJECT_CONFLICT)
        return
    live = select(func.count()).select_from(invitations).where(invitations.c.expires_s > now_s)
    check_room(connection.execute(live).scalar_one())
    connection.execute(delete(invitations).where(invitations.c.expires_s <= now_s))
    connection.execute(
        insert(invitations),
        {
            "invitation_id": new.invitation_id,
            "offer": new.offer,
            "kept": new.kept,
            "expires_s": new.expires_s,
            "application": new.application,
        },
    )


def apply(connection: Connection, asked: Application) -> bool:
    invitation_id, application, name, now_s = asked
    stored = one(connection, invitation_id, now_s).application
    names = connection.execute(select(experts.c.name).where(experts.c.name == name)).scalars().all()
    is_fresh = is_fresh_application(stored, application, name, names)
    if is_fresh:
        connection.execute(_SET_APPLICATION, {"which": invitation_id, "what": application})
    return is_fresh


def withdraw(connection: Connection, invitation_id: bytes) -> None:
    connection.execute(delete(invitations).where(invitations.c.invitation_id == invitation_id))
