"""The people of the store without a disk: accounts, passkeys, trust, invitations, the audit log, who is on call."""

from msgspec.structs import asdict, replace

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.invitations import check_room, is_fresh_application
from lyhty_server.domain.notices import NoticeWish, Shift
from lyhty_server.store.memory_audit import MemoryLog
from lyhty_server.store.people_rows import (
    AuditPage,
    ExpertRow,
    InvitationRow,
    KeyAct,
    PasskeyRow,
    RenewalRow,
    TrustRow,
    check_new_passkey,
)
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId, SignKey
from lyhty_wire.unlocks import Unlock


class MemoryPeople:
    def __init__(self) -> None:
        super().__init__()
        self._running = False
        self._experts: dict[ExpertId, ExpertRow] = {}
        self._passkeys: dict[bytes, PasskeyRow] = {}
        self._renewals: dict[ExpertId, RenewalRow] = {}
        self._trust: TrustRow | None = None
        self._on_call: tuple[Shift, ...] = ()
        self._wishes: dict[ExpertId, NoticeWish] = {}
        self._invitations: dict[bytes, InvitationRow] = {}
        self._log = MemoryLog()

    async def start(self) -> None:
        self._running = True

    async def close(self) -> None:
        self._running = False

    def _check_running(self) -> None:
        if not self._running:
            raise DomainError(Code.STORAGE_FAILED)

    async def put_expert(self, expert: ExpertRow) -> None:
        self._check_running()
        if any(other.name == expert.name and other.expert_id != expert.expert_id for other in self._experts.values()):
            raise DomainError(Code.OBJECT_CONFLICT)
        self._experts[expert.expert_id] = expert

    async def change_unlock(self, before: SignKey, new: Unlock, renewal: RenewalRow | None = None) -> None:
        self._check_running()
        account = self._experts.get(new.expert_id)
        if account is None or account.login_pk != before:
            raise DomainError(Code.SIGN_IN_FAILED)
        self._experts[new.expert_id] = replace(account, **asdict(new))
        self._renewals.pop(new.expert_id, None)
        if renewal is not None:
            self._renewals[new.expert_id] = renewal

    async def renewals(self) -> tuple[RenewalRow, ...]:
        self._check_running()
        return tuple(row for _, row in sorted(self._renewals.items()))

    async def expert_by_id(self, expert_id: ExpertId) -> ExpertRow | None:
        self._check_running()
        return self._experts.get(expert_id)

    async def add_passkey(self, passkey: PasskeyRow) -> None:
        self._check_running()
        known = self._passkeys.get(passkey.credential_id)
        check_new_passkey(passkey, known, len(await self.passkeys_of(passkey.expert_id)))
        self._passkeys[passkey.credential_id] = known or passkey

    async def passkeys_of(self, expert_id: ExpertId) -> tuple[PasskeyRow, ...]:
        self._check_running()
        own = [passkey for passkey in self._passkeys.values() if passkey.expert_id == expert_id]
        return tuple(sorted(own, key=lambda passkey: (passkey.added_hour, passkey.credential_id)))

    async def passkey(self, credential_id: bytes) -> PasskeyRow | None:
        self._check_running()
        return self._passkeys.get(credential_id)

    async def count_passkey(self, credential_id: bytes, sign_count: int) -> None:
        self._check_running()
        passkey = self._passkeys.get(credential_id)
        if passkey is not None and passkey.sign_count < sign_count:
            self._passkeys[credential_id] = replace(passkey, sign_count=sign_count)

    async def remove_passkey(self, expert_id: ExpertId, credential_id: bytes) -> None:
        self._check_running()
        passkey = self._passkeys.get(credential_id)
        if passkey is not None and passkey.expert_id == expert_id:
            del self._passkeys[credential_id]

    async def expert_by_name(self, name: str) -> ExpertRow | None:
        self._check_running()
        return next((expert for expert in self._experts.values() if expert.name == name), None)

    async def put_trust(self, trust: TrustRow) -> None:
        self._check_running()
        if self._trust is not None and self._trust != trust and self._trust.version >= trust.version:
            raise DomainError(Code.OBJECT_CONFLICT)
        self._trust = trust

    async def trust(self) -> TrustRow | None:
        self._check_running()
        return self._trust

    async def trust_version(self) -> int:
        self._check_running()
        return 0 if self._trust is None else self._trust.version

    # The audit log

    async def audit_page(self, after: int, limit: int) -> AuditPage:
        self._check_running()
        return self._log.page(after, limit)

    async def own_entry(self, author: ExpertId) -> bytes | None:
        self._check_running()
        last = self._log.own_last(author)
        return None if last is None else last.encode()

    async def witness(self, entry: Entry) -> int:
        self._check_running()
        return self._log.witness(entry)

    # On call, and notices

    async def put_on_call(self, shifts: tuple[Shift, ...]) -> None:
        self._check_running()
        self._on_call = shifts

    async def on_call(self) -> tuple[Shift, ...]:
        self._check_running()
        return tuple(sorted(self._on_call, key=lambda shift: (shift.weekday, shift.from_min, shift.expert_id)))

    async def put_notice_wish(self, wish: NoticeWish) -> None:
        self._check_running()
        self._wishes[wish.expert_id] = wish

    async def drop_notice_wish(self, expert_id: ExpertId) -> None:
        self._check_running()
        self._wishes.pop(expert_id, None)

    async def notice_wishes(self) -> tuple[NoticeWish, ...]:
        self._check_running()
        return tuple(wish for _, wish in sorted(self._wishes.items()))

    def _accepted(self, act: KeyAct) -> dict[ExpertId, ExpertRow]:
        if act.accepted is None:
            return {}
        new = act.accepted.account
        if act.accepted.invitation_id is not None:
            invitation = self._live(act.accepted.now_s).get(act.accepted.invitation_id)
            if invitation is None or invitation.application != act.accepted.application:
                raise DomainError(Code.INVITATION_UNKNOWN)
        if new.expert_id in self._experts or any(new.name == other.name for other in self._experts.values()):
            raise DomainError(Code.OBJECT_CONFLICT)
        return {new.expert_id: new}

    # Invitations

    def _live(self, now_s: int) -> dict[bytes, InvitationRow]:
        self._check_running()
        return {key: row for key, row in sorted(self._invitations.items()) if row.expires_s > now_s}

    async def put_invitation(self, invitation: InvitationRow, now_s: int) -> None:
        live = self._live(now_s)
        before = live.get(invitation.invitation_id)
        if before is not None:
            if replace(before, application=None, expires_s=invitation.expires_s) != invitation:
                raise DomainError(Code.OBJECT_CONFLICT)
            return
        check_room(len(live))
        self._invitations = live | {invitation.invitation_id: invitation}

    async def invitations(self, now_s: int) -> tuple[InvitationRow, ...]:
        return tuple(self._live(now_s).values())

    async def invitation(self, invitation_id: bytes, now_s: int) -> InvitationRow:
        found = self._live(now_s).get(invitation_id)
        if found is None:
            raise DomainError(Code.INVITATION_UNKNOWN)
        return found

    async def apply(self, invitation_id: bytes, application: bytes, name: str, now_s: int) -> bool:
        found = await self.invitation(invitation_id, now_s)
        names = {expert.name for expert in self._experts.values()}
        is_fresh = is_fresh_application(found.application, application, name, names)
        if is_fresh:
            self._invitations[invitation_id] = replace(found, application=application)
        return is_fresh

    async def withdraw(self, invitation_id: bytes) -> None:
        self._check_running()
        self._invitations.pop(invitation_id, None)
