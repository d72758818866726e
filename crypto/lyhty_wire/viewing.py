"""What viewers of figures, and coordinators who invite them, say to the server in JSON (SPEC 12.2). As in `desk.py`."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from lyhty_wire.contexts import context
from lyhty_wire.desk import AccountName, Address, Bytes16, Bytes32, Seconds
from lyhty_wire.ids import InstanceId, ViewerId, digest
from lyhty_wire.organisations import Kind

VIEWER_ID_BYTES: Final = 16

OrganisationId = Annotated[str, Meta(pattern="^[a-z0-9-]{1,32}$")]
# Of a person as coordinators know them: something to see in it.
PersonName = Annotated[str, Meta(min_length=1, max_length=200, pattern="[^ \t\r\n]")]
MemoryKib = Annotated[int, Meta(ge=65_536, le=1_048_576, description="SPEC 2.3")]
Passes = Annotated[int, Meta(ge=3, le=64)]
Lanes = Annotated[int, Meta(ge=1, le=1)]
ProviderText = Annotated[str, Meta(min_length=1, max_length=4_096, pattern="^[!-~]+$")]


def viewer_id(instance: InstanceId, secret: bytes) -> ViewerId:
    """Of an invitation, and of the viewer who comes by it; `secret`: 32 bytes, of the link."""
    return ViewerId(digest(context("viewer-invitation", instance, secret))[:VIEWER_ID_BYTES])


class NewViewerInvitation(Struct, frozen=True, forbid_unknown_fields=True):
    """`id`: a hash of the link's secret, which the server sees when somebody comes by it."""

    id: Bytes16
    name: PersonName
    organisation: OrganisationId


class ViewerInvitation(Struct, frozen=True):
    id: Bytes16
    name: PersonName
    organisation: OrganisationId
    expires: Seconds


class ViewerInvitations(Struct, frozen=True):
    invitations: list[ViewerInvitation]
    """By name."""


class Viewer(Struct, frozen=True):
    viewer: Bytes16
    name: PersonName
    organisation: OrganisationId
    account: AccountName | None
    """None: of a municipal account."""


class Viewers(Struct, frozen=True):
    viewers: list[Viewer]
    """By name."""


class SeenOrganisation(Struct, frozen=True):
    id: OrganisationId
    kind: Kind
    name: str


class Invited(Struct, frozen=True, forbid_unknown_fields=True):
    """Of somebody who has the link: in a body, for an address is kept by whoever passes it on."""

    secret: Bytes32


class Welcome(Struct, frozen=True):
    """Who is invited, and for whose figures."""

    name: PersonName
    organisation: SeenOrganisation


class JoinAsViewer(Struct, frozen=True, forbid_unknown_fields=True):
    """How the password is stretched and what checks it (SPEC 2.3). No key is kept: a viewer has nothing to open."""

    secret: Bytes32
    name: AccountName
    salt: Bytes16
    m_kib: MemoryKib
    t: Passes
    p: Lanes
    login: Bytes32


class ViewerSignedIn(Struct, frozen=True):
    token: Bytes32


class Me(Struct, frozen=True):
    """Whoever is signed in, and of whom they may see figures: their own body first, then by kind and id."""

    name: PersonName
    organisations: list[SeenOrganisation]


class ReportWish(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a viewer wants to be told that a report can be downloaded, and in which language."""

    address: Address | None
    """None: nowhere, and nothing is kept."""
    language: Literal["fi", "sv", "en"]


class ReportNotices(Struct, frozen=True):
    wish: ReportWish
    sends: Annotated[bool, Meta(description="whether this server has a mail server at all")]


class Doors(Struct, frozen=True):
    """How a viewer may come in, besides the password."""

    provider: bool


class ToProvider(Struct, frozen=True, forbid_unknown_fields=True):
    """`holder`: drawn by the page that begins, and known to nobody else."""

    holder: Bytes32


class AtProvider(Struct, frozen=True):
    address: str
    """Where the browser goes on."""


class FromProvider(Struct, frozen=True, forbid_unknown_fields=True):
    """What came back with the browser. `secret`: of an invitation, the first time."""

    holder: Bytes32
    state: Bytes32
    code: ProviderText
    secret: Bytes32 | None = None
