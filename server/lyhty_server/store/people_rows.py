"""What the server keeps of people and of what they trust: accounts, passkeys, directory, invitations, audit log,
who is on call, and what may be asked of it (SPEC 2.3, 5, 9).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import Member, QueueEpoch
from lyhty_server.domain.notices import NoticeWish, Shift
from lyhty_server.store.interface import PlaceRow
from lyhty_server.store.session_rows import Door, Ending
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId, SignKey
from lyhty_wire.unlocks import Unlock


class ExpertRow(Struct, frozen=True):
    """An expert's account (SPEC 2.3): nothing in it opens anything without password and device secret."""

    expert_id: ExpertId
    name: str
    """Trimmed, NFC, A-Z lowered."""
    salt: bytes
    m_kib: int
    t: int
    p: int
    login_pk: SignKey
    keys: bytes
    """The key blob."""
    queue_wraps: tuple[bytes, ...]
    """Seeds sealed for the expert: wraps of kinds 3 and 4, 1,213 bytes each."""
    keys_hour: int | None = None
    """Since when the directory lists their `kem`; hours since 1970."""

    @property
    def unlock(self) -> Unlock:
        return Unlock(self.expert_id, self.salt, self.m_kib, self.t, self.p, self.login_pk, self.keys)


class RenewalRow(Struct, frozen=True):
    """An expert's next `kem`, until a key act lists it (SPEC 2.3, 9.1)."""

    expert_id: ExpertId
    renewal: bytes
    keys: bytes
    """The key blob that the account has then."""
    queue_wraps: tuple[bytes, ...]
    """The wraps that it has then, besides those of the act."""


class PasskeyRow(Struct, frozen=True):
    """One of an expert's passkeys (SPEC 2.3): what checks its assertions, and keys that only its own secret opens."""

    credential_id: bytes
    expert_id: ExpertId
    public_key: bytes
    """COSE."""
    sign_count: int
    keys: bytes
    """The passkey blob."""
    added_hour: int
    """Hours since 1970."""


MAX_PASSKEYS: Final = 20  # of an expert


class TrustRow(Struct, frozen=True):
    version: int
    roots: tuple[bytes, ...]
    directory: bytes


class InvitationRow(Struct, frozen=True):
    """A link that somebody may answer (SPEC 5.7). The server can open nothing of it."""

    invitation_id: bytes
    offer: bytes
    kept: bytes
    """The link's secret, sealed for coordinators."""
    expires_s: int
    application: bytes | None


class Accepted(Struct, frozen=True):
    """The application that a key act accepts, and the account it makes."""

    invitation_id: bytes | None
    """None: of the first coordinator, who comes by the founding link (SPEC 9.3)."""
    application: bytes
    account: ExpertRow
    """Without wraps: they come with the act."""
    now_s: int


class KeyAct(Struct, frozen=True):
    """The next directory, and what follows from it for accounts (SPEC 9.1)."""

    trust: TrustRow
    members: Mapping[ExpertId, Member]
    """Everybody in it: other accounts are deleted."""
    wraps: tuple[tuple[ExpertId, bytes], ...]
    unlisted: frozenset[QueueEpoch]
    """Epochs that were in the directory before and are not any more."""
    accepted: Accepted | None = None
    entry: Entry | None = None
    """What whoever acts has signed of it for the audit log (SPEC 9.10)."""
    is_new_root: bool = False
    """Under one root more (SPEC 9.11): what coordinators keep of invitations opens no more, so these go."""
    renewed: Mapping[ExpertId, bytes] = MappingProxyType({})
    """Whose `kem` is another from here on, and the renewal that says so."""
    hour: int = 0
    """Of the act. Hours since 1970."""


class AuditPage(Struct, frozen=True):
    """Entries of the audit log, in its order."""

    entries: tuple[bytes, ...]
    more: bool


class PeopleStore(Protocol):
    async def put_expert(self, expert: ExpertRow) -> None:
        """Add or replace by id. object-conflict: the name is another expert's."""

    async def change_unlock(self, before: SignKey, new: Unlock, renewal: RenewalRow | None = None) -> None:
        """All of it at once, the old blob gone from the disk too, and what was to be renewed under it. sign-in-failed:
        the account's login key is not `before`."""

    async def renewals(self) -> tuple[RenewalRow, ...]:
        """By expert."""

    async def expert_by_name(self, name: str) -> ExpertRow | None: ...

    async def expert_by_id(self, expert_id: ExpertId) -> ExpertRow | None: ...

    async def add_passkey(self, passkey: PasskeyRow) -> None:
        """The same again is no change. object-conflict: the credential is known otherwise; MAX_PASSKEYS are there."""

    async def passkeys_of(self, expert_id: ExpertId) -> tuple[PasskeyRow, ...]:
        """The oldest first."""

    async def passkey(self, credential_id: bytes) -> PasskeyRow | None: ...

    async def count_passkey(self, credential_id: bytes, sign_count: int) -> None:
        """It has been used; the count never goes back."""

    async def remove_passkey(self, expert_id: ExpertId, credential_id: bytes) -> None:
        """Of this expert. One that is not there is removed already."""

    async def put_trust(self, trust: TrustRow) -> None:
        """Replace the roots and the directory. object-conflict: a lower version, or other bytes under the same one."""

    async def trust(self) -> TrustRow | None: ...

    async def trust_version(self) -> int:
        """Of the newest directory; 0: there is none."""

    async def act_on_keys(self, act: KeyAct) -> tuple[PlaceRow, ...]:
        """The next directory with all that follows, or nothing of it. Places of accounts that go return to their
        queues; these are the places as they are now. Sessions end of whoever goes or gets other keys, under a new root
        everybody's.

        directory-outdated: not the version after the stored one, or not under its roots; operation-malformed: a member
        without an account, or a wrap that must not be missing; epoch-in-use: a case is wrapped to an unlisted epoch;
        invitation-unknown: it does not hold the accepted application; object-conflict: the account's name or id is
        another expert's; counter-conflict: its entry does not follow. With a renewal its account gets the blob and the
        wraps that waited, and loses its passkeys; directory-outdated: another waits, or none; recovery-under-way: of a
        coordinator, while shares are asked for. A renewal goes with it, with its expert, and with an act that gives
        the expert another seed.
        """

    # The audit log

    async def audit_page(self, after: int, limit: int) -> AuditPage:
        """`after`: entries that are passed over."""

    async def own_entry(self, author: ExpertId) -> bytes | None:
        """The author's last one."""

    async def witness(self, entry: Entry) -> int:
        """Its place in the log; the same again: the same answer. counter-conflict, directory-outdated."""

    # On call, and notices

    async def put_on_call(self, shifts: tuple[Shift, ...]) -> None:
        """All of them, instead of those there were; each expert, weekday and beginning once."""

    async def on_call(self) -> tuple[Shift, ...]:
        """By weekday, beginning and expert."""

    async def put_notice_wish(self, wish: NoticeWish) -> None:
        """Add or replace."""

    async def drop_notice_wish(self, expert_id: ExpertId) -> None:
        """The address is gone; nothing if there is none."""

    async def notice_wishes(self) -> tuple[NoticeWish, ...]:
        """By expert."""

    # Invitations. What has run out by `now_s` is as if it had never been.

    async def put_invitation(self, invitation: InvitationRow, now_s: int) -> None:
        """The same again is no change. object-conflict: other bytes under this id; busy: too many wait."""

    async def invitations(self, now_s: int) -> tuple[InvitationRow, ...]:
        """By id."""

    async def invitation(self, invitation_id: bytes, now_s: int) -> InvitationRow:
        """invitation-unknown."""

    async def apply(self, invitation_id: bytes, application: bytes, name: str, now_s: int) -> bool:
        """Whether it is fresh: the same bytes again are no change.

        invitation-unknown; object-conflict: another application is there, or the name is an expert's.
        """

    async def withdraw(self, invitation_id: bytes) -> None:
        """With the application, if there is one. Again: no change."""


def ended_by(act: KeyAct) -> Ending:
    """Of experts, all sessions but those of who stays as they were."""
    stay = () if act.is_new_root else tuple(act.members.keys() - act.renewed.keys())
    return Ending(Door.EXPERTS, but_people=stay)


def fresh_wraps(act: KeyAct, expert_id: ExpertId) -> list[bytes]:
    return [wrap for whose, wrap in act.wraps if whose == expert_id]


def renewed_accounts(
    act: KeyAct, accounts: Mapping[ExpertId, ExpertRow], waiting: Mapping[ExpertId, RenewalRow]
) -> dict[ExpertId, ExpertRow]:
    """With the blob and the wraps that waited.

    Raises:
        DomainError: `directory-outdated`, where another renewal waits than the act goes by.
    """
    renewed = {}
    for expert_id, renewal in act.renewed.items():
        row = waiting.get(expert_id)
        if row is None or row.renewal != renewal:
            raise DomainError(Code.DIRECTORY_OUTDATED)
        renewed[expert_id] = replace(
            accounts[expert_id], keys=row.keys, queue_wraps=row.queue_wraps, keys_hour=act.hour
        )
    return renewed


def outlived_renewals(act: KeyAct, waiting: Mapping[ExpertId, RenewalRow]) -> set[ExpertId]:
    """Those that the act lists, whose experts are gone, and that lack a seed which the act brings for the old key."""
    return {
        expert_id
        for expert_id in waiting
        if expert_id in act.renewed or expert_id not in act.members or fresh_wraps(act, expert_id)
    }


def check_new_passkey(new: PasskeyRow, known: PasskeyRow | None, count: int) -> None:
    """`known`: what is stored under its credential id; `count`: how many the expert has.

    Raises:
        DomainError: `object-conflict`.
    """
    if known is None and count >= MAX_PASSKEYS:
        raise DomainError(Code.OBJECT_CONFLICT)
    if known is not None and replace(known, sign_count=new.sign_count, added_hour=new.added_hour) != new:
        raise DomainError(Code.OBJECT_CONFLICT)


def check_next(stored: TrustRow | None, act: KeyAct) -> None:
    """The version after the stored one, under the same roots or with one more.

    Raises:
        DomainError: `directory-outdated`.
    """
    roots = act.trust.roots[:-1] if act.is_new_root else act.trust.roots
    if stored is None or (stored.version + 1, stored.roots) != (act.trust.version, roots):
        raise DomainError(Code.DIRECTORY_OUTDATED)
