"""The store in SQL: writes go through the committer; reads have threads of their own and wait for no writer."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from lyhty_server.domain.cases import CAPACITY, Snooze
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.guessing import Failures
from lyhty_server.domain.key_acts import QueueEpoch
from lyhty_server.domain.notices import NoticeWish, Shift
from lyhty_server.domain.retention import Kept, Noticed
from lyhty_server.domain.turns import Turner
from lyhty_server.store import (
    appends,
    audit,
    duty,
    figures,
    holds,
    invitations,
    key_acts,
    openings,
    organisations,
    passkeys,
    reads,
    recovery,
    reports,
    retention,
    rooms,
    sessions,
    shelves,
    turns,
    viewers,
    writes,
)
from lyhty_server.store.committer import Committer, Kind
from lyhty_server.store.databases import Database, Fault, open_database
from lyhty_server.store.figure_rows import ContributionPage, ContributionRow, StatisticsKeyRow
from lyhty_server.store.interface import (
    Appended,
    BarePage,
    CaseState,
    ClosedPage,
    EnvelopePage,
    Erased,
    ForTurn,
    HeldPlace,
    Holder,
    NewCase,
    NewEnvelope,
    NewTurn,
    Opened,
    PlaceRow,
    QueueCounts,
    QueueCursor,
    QueuePage,
    Reporter,
    UnturnedPage,
)
from lyhty_server.store.people_rows import AuditPage, ExpertRow, InvitationRow, KeyAct, PasskeyRow, RenewalRow, TrustRow
from lyhty_server.store.recovery_rows import Recovery, RequestRow, SplitRow
from lyhty_server.store.report_rows import OwedReport, ReportWish
from lyhty_server.store.room_rows import GivenSlip, NewRoom, Reader, RoomChange, RoomCursor, RoomPage, RoomRow
from lyhty_server.store.session_rows import Door, Ending, JobRow, SessionRow, Spent, Try
from lyhty_server.store.shelf_rows import NewShelfRoom, ShelfAppended, ShelfRow
from lyhty_server.store.viewer_rows import Entry as ViewerEntry
from lyhty_server.store.viewer_rows import ViewerInvitationRow, ViewerRow
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, Epoch, ExpertId, QueueId, RoomId, SignKey, ViewerId
from lyhty_wire.organisation_desk import Organisations
from lyhty_wire.unlocks import Unlock

P = ParamSpec("P")
A = TypeVar("A")
R = TypeVar("R")


def _of_case(asked: tuple[CaseId, *tuple[Any, ...]]) -> holds.Holds:
    return holds.of_case(asked[0])


def _of_kept(asked: Kept) -> holds.Holds:
    return holds.of_case(asked.case_id)


def _of_claim(asked: writes.Claim) -> holds.Holds:
    case_id, _, expert_id, *_ = asked
    return holds.of_case(case_id, holds.places_of(expert_id))


def _of_room(asked: tuple[RoomId, *tuple[Any, ...]]) -> holds.Holds:
    return holds.of_room(asked[0])


def _of_append(asked: appends.Append) -> holds.Holds:
    case_id, _, _, entry = asked
    return holds.of_case(case_id) if entry is None else holds.of_case(case_id, holds.AUDIT)


def _of_closing(asked: writes.Closing) -> holds.Holds:
    case_id, queue, *_ = asked
    return holds.of_case(case_id, holds.closings_in(queue))


def _of_opened_room(asked: rooms.Open) -> holds.Holds:
    return holds.of_case(asked[0].case_id)


def _nothing(_asked: object) -> holds.Holds:
    return holds.NOTHING


def _sweep(_asked: object) -> holds.Holds:
    return holds.SWEEP


def _audit(_asked: object) -> holds.Holds:
    return holds.named(holds.AUDIT)


def _rare_with_audit(_asked: object) -> holds.Holds:
    return holds.union([holds.RARE, holds.named(holds.AUDIT)])


_OPEN: Final = Kind(openings.open_cases, holds=_nothing)
_APPEND: Final = Kind(appends.append, holds=_of_append)
_CLAIM: Final = Kind(writes.singly(writes.claim_place), holds=_of_claim)
_REOPEN: Final = Kind(writes.singly(writes.reopen_place), holds=_of_claim)
_SNOOZE: Final = Kind(writes.singly(writes.snooze_place), holds=_of_case)
_RELEASE: Final = Kind(writes.singly(writes.release_place), holds=_of_case)
_CLOSE: Final = Kind(writes.singly(writes.close_place), holds=_of_closing)
_LAPSE: Final = Kind(writes.singly(writes.lapse_leases), holds=_sweep)
_MISS: Final = Kind(writes.singly(writes.mark_missed), holds=_sweep)
_WAKE: Final = Kind(writes.singly(writes.wake_snoozed), holds=_sweep)
_TURN: Final = Kind(writes.singly(turns.turn), holds=_of_case)
_ERASE: Final = Kind(writes.singly(writes.erase), erases=True, holds=_of_case)
_NOTICE: Final = Kind(writes.singly(retention.notice), holds=_sweep)
_EXPIRE: Final = Kind(writes.singly(retention.expire), erases=True, holds=_of_kept)
_OPEN_ROOM: Final = Kind(writes.singly(rooms.open_room), holds=_of_opened_room)
_APPEND_TO_ROOM: Final = Kind(writes.singly(rooms.append), holds=_of_room)
_END_ROOM: Final = Kind(writes.singly(rooms.end), holds=_of_room)
_TAKE_BACK: Final = Kind(writes.singly(rooms.take_back), erases=True, holds=_of_case)
_OPEN_SHELF_ROOM: Final = Kind(writes.singly(shelves.open_room))
_APPEND_TO_SHELF: Final = Kind(writes.singly(shelves.append))
_PUT_EXPERT: Final = Kind(writes.singly(writes.put_expert))
_CHANGE_UNLOCK: Final = Kind(writes.singly(writes.change_unlock), erases=True)
_ADD_PASSKEY: Final = Kind(writes.singly(passkeys.add_passkey))
_COUNT_PASSKEY: Final = Kind(writes.singly(passkeys.count_passkey))
_REMOVE_PASSKEY: Final = Kind(writes.singly(passkeys.remove_passkey))
_PUT_TRUST: Final = Kind(writes.singly(writes.put_trust))
_PUT_INVITATION: Final = Kind(writes.singly(invitations.put))
_APPLY: Final = Kind(writes.singly(invitations.apply))
_WITHDRAW: Final = Kind(writes.singly(invitations.withdraw))
_INVITE_VIEWER: Final = Kind(writes.singly(viewers.put_invitation))
_WITHDRAW_VIEWER: Final = Kind(writes.singly(viewers.withdraw))
_JOIN_VIEWER: Final = Kind(writes.singly(viewers.join))
_REMOVE_VIEWER: Final = Kind(writes.singly(viewers.remove), erases=True)
_PUT_REPORT_WISH: Final = Kind(writes.singly(reports.put_wish), erases=True)
_DROP_REPORT_WISH: Final = Kind(writes.singly(reports.drop_wish), erases=True)
_REPORT_TOLD: Final = Kind(writes.singly(reports.told))
_PUT_PREPARED: Final = Kind(writes.singly(reports.put_prepared))
_ACT_ON_KEYS: Final = Kind(writes.singly(key_acts.act_on_keys), erases=True, holds=_rare_with_audit)
_PUT_SPLIT: Final = Kind(writes.singly(recovery.put_split))
_ASK: Final = Kind(writes.singly(recovery.ask))
_END_REQUEST: Final = Kind(writes.singly(recovery.end))
_GIVE: Final = Kind(writes.singly(recovery.give))
_WITNESS: Final = Kind(writes.singly(audit.witness), holds=_audit)
_PUT_ON_CALL: Final = Kind(writes.singly(duty.put_on_call))
_PUT_WISH: Final = Kind(writes.singly(duty.put_notice_wish))
_DROP_WISH: Final = Kind(writes.singly(duty.drop_notice_wish))
# The log tells what was written beside what: of contributions nothing stays in it.
_CONTRIBUTE: Final = Kind(writes.singly(figures.put_contributions), erases=True)
_REMOVE_CONTRIBUTIONS: Final = Kind(writes.singly(figures.remove_contributions), erases=True)
_MIX: Final = Kind(writes.singly(figures.mix_contributions), erases=True)
_PUT_STATISTICS_KEY: Final = Kind(writes.singly(figures.put_key))
_PUT_STATISTICS_LINK: Final = Kind(writes.singly(figures.put_link), erases=True)
_PUT_RELEASE: Final = Kind(writes.singly(figures.put_release))
_BEGIN_SESSION: Final = Kind(writes.singly(sessions.begin), holds=_nothing)
_END_SESSIONS: Final = Kind(writes.singly(sessions.end), holds=_nothing)
_SPEND: Final = Kind(writes.singly(sessions.spend), holds=_nothing)
_BEGIN_TRY: Final = Kind(writes.singly(sessions.begin_try), holds=_nothing)
_TAKE_BACK_TRY: Final = Kind(writes.singly(sessions.take_back_try), holds=_nothing)
_BEAT: Final = Kind(writes.singly(sessions.beat), holds=_nothing)
_CHANGE_ORGANISATIONS: Final = Kind(writes.singly(organisations.change))


class SqlStore:
    """`Store` on a file of SQLite, or on a database of PostgreSQL that other processes may use as well."""

    def __init__(self, where: Path | URL) -> None:
        self._where = where
        self._database: Database | None = None
        self._committer: Committer | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._is_mixed = False

    async def start(self) -> None:
        """DatabaseUnavailableError."""
        database = await asyncio.to_thread(open_database, self._where)
        self._database = database
        self._threads = ThreadPoolExecutor(database.reading_threads, thread_name_prefix="lyhty-reader")
        self._committer = Committer(database)

    async def close(self) -> None:
        if self._committer is not None:
            await self._committer.close()
        if self._threads is not None:
            await asyncio.to_thread(self._threads.shutdown)
        if self._database is not None:
            self._database.close()
            self._database = None

    async def _write(self, kind: Kind[A, R], argument: A) -> R:
        if self._committer is None:
            raise DomainError(Code.STORAGE_FAILED)
        return await self._committer.submit(kind, argument)

    async def _read(self, read: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._read_with(lambda database: database.readers, read, *args, **kwargs)

    async def _read_with(
        self,
        engine: Callable[[Database], Engine],
        read: Callable[Concatenate[Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        database = self._database
        if database is None:
            raise DomainError(Code.STORAGE_FAILED)

        def run() -> R:
            try:
                with engine(database).begin() as connection:
                    return read(connection, *args, **kwargs)
            except DBAPIError as error:
                if database.fault(error) is not Fault.BUG:
                    raise DomainError(Code.STORAGE_FAILED) from error
                raise

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    @property
    def is_shared(self) -> bool:
        return self._database is not None and self._database.is_shared

    @property
    def queue_share(self) -> float:
        return 0.0 if self._committer is None else self._committer.queue_share

    def slowest_commit_s(self) -> float:
        return 0.0 if self._committer is None else self._committer.slowest_s()

    # Reporters

    async def open_case(self, new: NewCase) -> Opened:
        return await self._write(_OPEN, new)

    async def mailbox(self, row_key: bytes) -> bytes | None:
        return await self._read(reads.mailbox, row_key)

    async def case_state(self, case_id: CaseId) -> CaseState:
        return await self._read(reads.case_of_reporter, case_id)

    async def erase(self, case_id: CaseId, mailbox_row_key: bytes) -> Erased:
        return await self._write(_ERASE, (case_id, mailbox_row_key))

    async def kept_page(self, after: int, limit: int) -> tuple[Kept, ...]:
        return await self._read(retention.kept_page, after, limit)

    async def notice(self, found: tuple[tuple[int, Noticed], ...]) -> None:
        await self._write(_NOTICE, found)

    async def expire(self, case: Kept) -> Erased | None:
        return await self._write(_EXPIRE, case)

    async def scrub(self) -> bool:
        database = self._database
        if database is None:
            raise DomainError(Code.STORAGE_FAILED)
        try:
            return await asyncio.to_thread(database.scrub)
        except DBAPIError as error:
            if database.fault(error) is Fault.BUG:
                raise
            raise DomainError(Code.STORAGE_FAILED) from error

    # Envelopes

    async def append(
        self, case_id: CaseId, envelope: NewEnvelope, writer: Reporter | Holder, entry: Entry | None = None
    ) -> Appended:
        return await self._write(_APPEND, (case_id, envelope, writer, entry))

    async def turn(self, case_id: CaseId, turn: NewTurn, turner: Turner | None) -> Appended:
        return await self._write(_TURN, (case_id, turn, turner))

    async def epochs_in_use(self, listed: frozenset[QueueEpoch]) -> frozenset[QueueEpoch]:
        return await self._read(key_acts.epochs_in_use, listed)

    async def unturned(self, queue: QueueId, current: Epoch, after: QueueCursor | None, limit: int) -> UnturnedPage:
        return await self._read(turns.unturned, queue, current, after, limit)

    async def for_turn(self, case_id: CaseId, turner: Turner, current: Epoch) -> ForTurn:
        return await self._read(turns.for_turn, case_id, turner, current)

    async def envelopes_for_turn(
        self, case_id: CaseId, turner: Turner, current: Epoch, after: int, limit: int
    ) -> EnvelopePage:
        return await self._read(turns.envelopes_for_turn, case_id, turner, current, after, limit)

    async def envelopes(self, case_id: CaseId, before: int, after: int, max_bytes: int) -> EnvelopePage:
        return await self._read(reads.newest_envelopes, case_id, before, after, max_bytes)

    async def envelopes_after(self, case_id: CaseId, after: int, limit: int, expert_id: ExpertId) -> EnvelopePage:
        return await self._read(reads.oldest_envelopes, case_id, after, limit, expert_id)

    async def envelopes_before(self, case_id: CaseId, before: int, limit: int, expert_id: ExpertId) -> EnvelopePage:
        return await self._read(reads.latest_envelopes, case_id, before, limit, expert_id)

    # Experts

    async def queue_page(self, queue: QueueId, after: QueueCursor | None, limit: int) -> QueuePage:
        return await self._read(reads.queue_page, queue, after, limit)

    async def bare_page(self, queue: QueueId, after: QueueCursor | None, limit: int) -> BarePage:
        return await self._read(reads.bare_page, queue, after, limit)

    async def queue_counts(self, queue: QueueId) -> QueueCounts:
        return await self._read(reads.queue_counts, queue)

    async def closed_page(self, queue: QueueId, closer: ExpertId | None, before: int | None, limit: int) -> ClosedPage:
        return await self._read(reads.closed_page, queue, closer, before, limit)

    async def places(self, case_id: CaseId) -> tuple[PlaceRow, ...]:
        return await self._read(reads.places_of, case_id)

    async def places_in(self, case_ids: Sequence[CaseId]) -> tuple[PlaceRow, ...]:
        return await self._read_with(lambda database: database.single_reads, reads.places_in, case_ids)

    async def claim(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        now_s: int,
        until_s: int,
        capacity: int = CAPACITY,
    ) -> HeldPlace:
        return await self._write(_CLAIM, (case_id, queue, expert_id, now_s, until_s, capacity))

    async def reopen(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        now_s: int,
        until_s: int,
        capacity: int = CAPACITY,
    ) -> HeldPlace:
        return await self._write(_REOPEN, (case_id, queue, expert_id, now_s, until_s, capacity))

    async def snooze(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        snooze: Snooze | None,
        now_s: int,
        until_s: int,
    ) -> PlaceRow:
        return await self._write(_SNOOZE, (case_id, queue, expert_id, snooze, now_s, until_s))

    async def release(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId) -> PlaceRow:
        return await self._write(_RELEASE, (case_id, queue, expert_id))

    async def close_place(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId, now_s: int) -> PlaceRow:
        return await self._write(_CLOSE, (case_id, queue, expert_id, now_s))

    async def opened(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId) -> HeldPlace:
        return await self._read(reads.held_place, case_id, queue, expert_id)

    async def lapse_leases(self, now_s: int) -> tuple[PlaceRow, ...]:
        return await self._write(_LAPSE, now_s)

    async def mark_missed(self, usual_hour: int, urgent_hour: int, limit: int) -> tuple[PlaceRow, ...]:
        return await self._write(_MISS, (usual_hour, urgent_hour, limit))

    async def wake_snoozed(self, now_s: int) -> tuple[PlaceRow, ...]:
        return await self._write(_WAKE, now_s)

    async def held_by(self, expert_id: ExpertId) -> tuple[PlaceRow, ...]:
        return await self._read(reads.held_by, expert_id)

    # Rooms

    async def open_room(self, new: NewRoom, opener: Reader | None) -> RoomChange:
        return await self._write(_OPEN_ROOM, (new, opener))

    async def rooms_of(self, case_id: CaseId, reader: Reader) -> tuple[RoomRow, ...]:
        return await self._read(rooms.rooms_of, case_id, reader)

    async def consultations(self, queue: QueueId, after: RoomCursor | None, limit: int) -> RoomPage:
        return await self._read(rooms.consultations, queue, after, limit)

    async def append_to_room(self, room_id: RoomId, envelope: NewEnvelope, reader: Reader) -> RoomChange:
        return await self._write(_APPEND_TO_ROOM, (room_id, envelope, reader))

    async def room_envelopes(self, room_id: RoomId, after: int, limit: int, reader: Reader) -> EnvelopePage:
        return await self._read(rooms.envelopes, room_id, after, limit, reader)

    async def end_room(self, room_id: RoomId, reader: Reader) -> RoomChange:
        return await self._write(_END_ROOM, (room_id, reader))

    async def slips(self, case_id: CaseId) -> tuple[GivenSlip, ...]:
        return await self._read(rooms.slips, case_id)

    async def take_back(self, case_id: CaseId, room_id: RoomId) -> RoomChange | None:
        return await self._write(_TAKE_BACK, (case_id, room_id))

    # Shelves

    async def open_shelf_room(self, new: NewShelfRoom, after: int) -> ShelfAppended:
        return await self._write(_OPEN_SHELF_ROOM, (new, after))

    async def append_to_shelf(self, queue: QueueId, envelope: NewEnvelope, after: int, current: Epoch) -> ShelfAppended:
        return await self._write(_APPEND_TO_SHELF, (queue, envelope, after, current))

    async def shelf(self, queue: QueueId) -> ShelfRow:
        return await self._read(shelves.shelf, queue)

    async def shelf_envelopes(self, queue: QueueId, after: int, limit: int) -> EnvelopePage:
        return await self._read(shelves.envelopes, queue, after, limit)

    # Accounts and trust

    async def put_expert(self, expert: ExpertRow) -> None:
        await self._write(_PUT_EXPERT, expert)

    async def change_unlock(self, before: SignKey, new: Unlock, renewal: RenewalRow | None = None) -> None:
        await self._write(_CHANGE_UNLOCK, (before, new, renewal))

    async def renewals(self) -> tuple[RenewalRow, ...]:
        return await self._read(reads.renewals_waiting)

    async def expert_by_name(self, name: str) -> ExpertRow | None:
        return await self._read(reads.expert_by_name, name)

    async def expert_by_id(self, expert_id: ExpertId) -> ExpertRow | None:
        return await self._read(reads.expert_by_id, expert_id)

    async def add_passkey(self, passkey: PasskeyRow) -> None:
        await self._write(_ADD_PASSKEY, passkey)

    async def passkeys_of(self, expert_id: ExpertId) -> tuple[PasskeyRow, ...]:
        return await self._read(passkeys.passkeys_of, expert_id)

    async def passkey(self, credential_id: bytes) -> PasskeyRow | None:
        return await self._read(passkeys.passkey, credential_id)

    async def count_passkey(self, credential_id: bytes, sign_count: int) -> None:
        await self._write(_COUNT_PASSKEY, (credential_id, sign_count))

    async def remove_passkey(self, expert_id: ExpertId, credential_id: bytes) -> None:
        await self._write(_REMOVE_PASSKEY, (expert_id, credential_id))

    async def put_trust(self, trust: TrustRow) -> None:
        await self._write(_PUT_TRUST, trust)

    async def trust(self) -> TrustRow | None:
        return await self._read(reads.trust)

    async def trust_version(self) -> int:
        return await self._read(reads.trust_version)

    async def act_on_keys(self, act: KeyAct) -> tuple[PlaceRow, ...]:
        return await self._write(_ACT_ON_KEYS, act)

    # The audit log

    async def audit_page(self, after: int, limit: int) -> AuditPage:
        return await self._read(audit.page, after, limit)

    async def own_entry(self, author: ExpertId) -> bytes | None:
        return await self._read(audit.own_entry, author)

    async def witness(self, entry: Entry) -> int:
        return await self._write(_WITNESS, entry)

    # On call, and notices

    async def put_on_call(self, shifts: tuple[Shift, ...]) -> None:
        await self._write(_PUT_ON_CALL, shifts)

    async def on_call(self) -> tuple[Shift, ...]:
        return await self._read(duty.on_call_list)

    async def put_notice_wish(self, wish: NoticeWish) -> None:
        await self._write(_PUT_WISH, wish)

    async def drop_notice_wish(self, expert_id: ExpertId) -> None:
        await self._write(_DROP_WISH, expert_id)

    async def notice_wishes(self) -> tuple[NoticeWish, ...]:
        return await self._read(duty.notice_wishes)

    # Invitations

    async def put_invitation(self, invitation: InvitationRow, now_s: int) -> None:
        await self._write(_PUT_INVITATION, (invitation, now_s))

    async def invitations(self, now_s: int) -> tuple[InvitationRow, ...]:
        return await self._read(invitations.all_of, now_s)

    async def invitation(self, invitation_id: bytes, now_s: int) -> InvitationRow:
        return await self._read(invitations.one, invitation_id, now_s)

    async def apply(self, invitation_id: bytes, application: bytes, name: str, now_s: int) -> bool:
        return await self._write(_APPLY, (invitation_id, application, name, now_s))

    async def withdraw(self, invitation_id: bytes) -> None:
        await self._write(_WITHDRAW, invitation_id)

    # Viewers

    async def put_viewer_invitation(self, invitation: ViewerInvitationRow, now_s: int) -> None:
        await self._write(_INVITE_VIEWER, (invitation, now_s))

    async def viewer_invitations(self, now_s: int) -> tuple[ViewerInvitationRow, ...]:
        return await self._read(viewers.invitations, now_s)

    async def viewer_invitation(self, invitation_id: ViewerId, now_s: int) -> ViewerInvitationRow:
        return await self._read(viewers.invitation, invitation_id, now_s)

    async def withdraw_viewer_invitation(self, invitation_id: ViewerId) -> None:
        await self._write(_WITHDRAW_VIEWER, invitation_id)

    async def join_viewer(self, invitation_id: ViewerId, entry: ViewerEntry, now_s: int) -> ViewerRow:
        return await self._write(_JOIN_VIEWER, (invitation_id, entry, now_s))

    async def viewers(self) -> tuple[ViewerRow, ...]:
        return await self._read(viewers.everybody)

    async def viewer(self, viewer_id: ViewerId) -> ViewerRow | None:
        return await self._read(viewers.viewer, viewer_id)

    async def viewer_by_account(self, account: str) -> ViewerRow | None:
        return await self._read(viewers.by_account, account)

    async def viewer_by_subject(self, issuer: str, subject: str) -> ViewerRow | None:
        return await self._read(viewers.by_subject, issuer, subject)

    async def remove_viewer(self, viewer_id: ViewerId) -> None:
        await self._write(_REMOVE_VIEWER, viewer_id)

    # Who is told of reports

    async def put_report_wish(self, wish: ReportWish) -> None:
        await self._write(_PUT_REPORT_WISH, wish)

    async def drop_report_wish(self, viewer_id: ViewerId) -> None:
        await self._write(_DROP_REPORT_WISH, viewer_id)

    async def report_wish(self, viewer_id: ViewerId) -> ReportWish | None:
        return await self._read(reports.wish, viewer_id)

    async def owed_reports(self) -> tuple[OwedReport, ...]:
        return await self._read(reports.owed)

    async def report_told(self, owed: OwedReport) -> None:
        await self._write(_REPORT_TOLD, owed)

    async def prepared_report(self, digest: bytes) -> bytes | None:
        return await self._read(reports.prepared, digest)

    async def put_prepared_report(self, digest: bytes, pdf: bytes) -> None:
        await self._write(_PUT_PREPARED, (digest, pdf))

    # Organisations

    async def organisations(self) -> Organisations:
        return await self._read(organisations.all_of)

    async def change_organisations(self, before: Organisations, after: Organisations) -> bool:
        return await self._write(_CHANGE_ORGANISATIONS, (before, after))

    # Recovery shares

    async def recovery(self) -> Recovery:
        return await self._read(recovery.recovery)

    async def put_split(self, split: SplitRow) -> bool:
        return await self._write(_PUT_SPLIT, split)

    async def ask_for_shares(self, request: RequestRow) -> bool:
        return await self._write(_ASK, request)

    async def end_request(self, queue: QueueId, request_hash: bytes, by: ExpertId) -> bool:
        return await self._write(_END_REQUEST, (queue, request_hash, by))

    async def give_shares(
        self, queue: QueueId, request_hash: bytes, holder: ExpertId, shares: tuple[tuple[Epoch, bytes], ...]
    ) -> bool:
        return await self._write(_GIVE, (queue, request_hash, holder, shares))

    # Contributions and releases

    async def put_contributions(self, rows: tuple[ContributionRow, ...]) -> None:
        self._is_mixed = False
        await self._write(_CONTRIBUTE, rows)

    async def contributions(self, after: bytes, limit: int) -> ContributionPage:
        return await self._read(figures.page, after, limit)

    async def remove_contributions(self, tokens: tuple[bytes, ...]) -> None:
        await self._write(_REMOVE_CONTRIBUTIONS, tokens)

    async def mix_contributions(self) -> None:
        if self._is_mixed and not self.is_shared:
            return
        self._is_mixed = True  # before it: what comes meanwhile is mixed the next time
        try:
            await self._write(_MIX, None)
        except DomainError:
            self._is_mixed = False
            raise

    async def statistics_keys(self) -> tuple[StatisticsKeyRow, ...]:
        return await self._read(figures.keys)

    async def put_statistics_key(self, row: StatisticsKeyRow) -> None:
        await self._write(_PUT_STATISTICS_KEY, row)

    async def put_statistics_link(self, roots: int, link: bytes) -> None:
        await self._write(_PUT_STATISTICS_LINK, (roots, link))

    async def earlier_wraps(self, expert_id: ExpertId) -> tuple[bytes, ...]:
        return await self._read(figures.wraps_of, expert_id)

    async def put_release(self, period: str, release: bytes) -> bool:
        return await self._write(_PUT_RELEASE, (period, release))

    async def releases(self) -> tuple[str, ...]:
        return await self._read(figures.released)

    async def signed_release(self, period: str) -> bytes | None:
        return await self._read(figures.release, period)

    # Processes

    async def begin_session(self, row: SessionRow, now_s: int) -> None:
        await self._write(_BEGIN_SESSION, (row, now_s))

    async def session(self, token_digest: bytes) -> SessionRow | None:
        return await self._read(sessions.session, token_digest)

    async def sessions_of(self, door: Door, person: bytes) -> tuple[SessionRow, ...]:
        return await self._read(sessions.sessions_of, door, person)

    async def end_sessions(self, ending: Ending) -> int:
        return await self._write(_END_SESSIONS, ending)

    async def spend(self, spent: Spent, now_s: int) -> bool:
        return await self._write(_SPEND, (spent, now_s))

    async def failures(self, bucket: int) -> Failures:
        return await self._read(sessions.failures, bucket)

    async def begin_try(self, new: Try, now_s: int) -> None:
        await self._write(_BEGIN_TRY, (new, now_s))

    async def take_back_try(self, bucket: int, now_s: int) -> None:
        await self._write(_TAKE_BACK_TRY, (bucket, now_s))

    async def beat(self, job: str, holder: bytes, seen: int) -> bool:
        return await self._write(_BEAT, (job, holder, seen))

    async def job(self, name: str) -> JobRow:
        return await self._read(sessions.job, name)
