"""What the server keeps of viewers: how they come in, and whose figures they see (SPEC 12.2). No key opens anything."""

from typing import Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.ids import SignKey, ViewerId


class PasswordEntry(Struct, frozen=True):
    """As an expert's account (SPEC 2.3), without a key blob."""

    account: str
    """Trimmed, NFC, A-Z lowered."""
    salt: bytes
    m_kib: int
    t: int
    p: int
    login_pk: SignKey


class ProviderEntry(Struct, frozen=True):
    """An account of the municipality's own (OpenID Connect), as its provider names it for good."""

    issuer: str
    subject: str


Entry: TypeAlias = PasswordEntry | ProviderEntry


class ViewerInvitationRow(Struct, frozen=True):
    invitation_id: ViewerId
    """A hash of the link's secret; the viewer who comes by it has the same id."""
    name: str
    organisation: str
    expires_s: int


class ViewerRow(Struct, frozen=True):
    viewer_id: ViewerId
    name: str
    organisation: str
    entry: Entry


class ViewerStore(Protocol):
    # Invitations. What has run out by `now_s` is as if it had never been.

    async def put_viewer_invitation(self, invitation: ViewerInvitationRow, now_s: int) -> None:
        """The same again is no change. object-conflict: something else under this id; busy: too many wait."""

    async def viewer_invitations(self, now_s: int) -> tuple[ViewerInvitationRow, ...]:
        """By name and id."""

    async def viewer_invitation(self, invitation_id: ViewerId, now_s: int) -> ViewerInvitationRow:
        """invitation-unknown."""

    async def withdraw_viewer_invitation(self, invitation_id: ViewerId) -> None:
        """Again: no change."""

    # Viewers

    async def join_viewer(self, invitation_id: ViewerId, entry: Entry, now_s: int) -> ViewerRow:
        """The invitation becomes a viewer. The same again: the same answer.

        invitation-unknown, also where somebody else has come by it; object-conflict: the entry is another viewer's.
        """

    async def viewers(self) -> tuple[ViewerRow, ...]:
        """By name and id."""

    async def viewer(self, viewer_id: ViewerId) -> ViewerRow | None: ...

    async def viewer_by_account(self, account: str) -> ViewerRow | None: ...

    async def viewer_by_subject(self, issuer: str, subject: str) -> ViewerRow | None: ...

    async def remove_viewer(self, viewer_id: ViewerId) -> None:
        """Again: no change."""


def check_new_invitation(new: ViewerInvitationRow, before: ViewerInvitationRow) -> None:
    if replace(before, expires_s=new.expires_s) != new:
        raise DomainError(Code.OBJECT_CONFLICT)


def is_same(entry: Entry, other: Entry) -> bool:
    """Whether both name one account."""
    match entry, other:
        case PasswordEntry(), PasswordEntry():
            return entry.account == other.account
        case _:
            return entry == other


def joined(viewer: ViewerRow | None, entry: Entry) -> ViewerRow | None:
    """What is answered where somebody has come by the invitation already."""
    if viewer is not None and viewer.entry != entry:
        raise DomainError(Code.INVITATION_UNKNOWN)
    return viewer
