"""The store without a disk: the shortest statement of what a store must do, and quick for tests of what stands on it.

It keeps nothing over a restart and is never the server's store.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import asdict, replace

from lyhty_server.domain import cases
from lyhty_server.domain.admission import check_epochs
from lyhty_server.domain.cases import CAPACITY, Place, PlaceState, Snooze
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.invitations import check_room, is_fresh_application
from lyhty_server.domain.key_acts import QueueEpoch, wraps_after
from lyhty_server.domain.notices import NoticeWish, Shift
from lyhty_server.domain.turns import (
    Turner,
    check_follows,
    check_generation,
    check_may_let_in,
    check_may_read,
    check_may_turn,
    is_unturned,
)
from lyhty_server.store.interface import (
    Appended,
    AuditPage,
    CaseState,
    ClosedPage,
    EnvelopePage,
    Erased,
    ExpertRow,
    ForTurn,
    GenerationRow,
    HeldPlace,
    Holder,
    InvitationRow,
    KeyAct,
    NewCase,
    NewEnvelope,
    NewTurn,
    Opened,
    PasskeyRow,
    PlaceRow,
    PlaceSummary,
    QueueCounts,
    QueueCursor,
    QueuePage,
    RenewalRow,
    Reporter,
    StoredEnvelope,
    TrustRow,
    UnturnedCase,
    UnturnedPage,
    check_new_passkey,
    check_next,
    fresh_wraps,
    outlived_renewals,
    renewed_accounts,
)
from lyhty_server.store.memory_audit import MemoryLog
from lyhty_server.store.memory_recovery import MemoryRecovery
from lyhty_server.store.memory_rooms import MemoryRooms
from lyhty_server.store.memory_shelves import MemoryShelves
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, Epoch, ExpertId, Generation, QueueId, SignKey, tombstone
from lyhty_wire.unlocks import Unlock
from lyhty_wire.wraps import NO_LINK

_FIRST = Generation(1)
_HOUR_S = 3_600


@dataclass(slots=True)
class _Case:
    number: int
    new: NewCase
    places: dict[QueueId, Place]
    rosters: dict[Generation, bytes]
    own_wraps: dict[Generation, bytes]
    wraps: dict[tuple[Generation, QueueId, Epoch], bytes]
    card_wraps: dict[tuple[QueueId, Epoch], bytes]
    links: dict[Generation, bytes] = field(default_factory=dict)
    envelopes: list[NewEnvelope] = field(default_factory=list)
    """Its seq is its position, from 1."""
    answered: set[QueueId] = field(default_factory=set)
    missed: set[QueueId] = field(default_factory=set)
    since: dict[QueueId, int] = field(default_factory=dict)
    """The hour in which a queue was let in later."""
    closings: dict[QueueId, tuple[int, int]] = field(default_factory=dict)
    """The hour and the number in order, of places that are closed."""

    def row(self, queue: QueueId) -> PlaceRow:
        if queue not in self.places:
            raise DomainError(Code.QUEUE_UNKNOWN)
        place = self.places[queue]
        hour, nth = self.closings.get(queue, (None, None))
        return PlaceRow(
            case_id=self.new.case_id,
            queue=queue,
            urgent=self.new.urgent,
            state=place.state,
            holder=place.holder,
            lease_until_s=place.lease_until_s,
            opened_hour=self.since.get(queue, self.new.opened_hour),
            case_seq=self.number,
            last_seq=len(self.envelopes),
            card=self.new.card,
            card_wrap=self.card_wrap(queue),
            answered=queue in self.answered,
            missed=queue in self.missed,
            lapses=place.lapses,
            snooze=place.snooze,
            closer=place.closer,
            closed_hour=hour,
            closed_nth=nth,
        )

    def card_wrap(self, queue: QueueId) -> bytes:
        return next(wrap for (of, _), wrap in self.card_wraps.items() if of == queue)

    def rows(self) -> tuple[PlaceRow, ...]:
        return tuple(self.row(queue) for queue in sorted(self.places))

    def summaries(self) -> tuple[PlaceSummary, ...]:
        return tuple(PlaceSummary(row.queue, row.state, row.holder, row.lapses) for row in self.rows())

    def state(self) -> PlaceState:
        return cases.case_state(place.state for place in self.places.values())

    def held(self, queue: QueueId) -> HeldPlace:
        return HeldPlace(
            place=self.row(queue),
            sign_pk=self.new.sign_pk,
            rosters=tuple(self.rosters[generation] for generation in sorted(self.rosters)),
            wraps=self.wraps_to(queue),
            links=self.all_links(),
        )

    def wraps_to(self, queue: QueueId) -> tuple[bytes, ...]:
        return tuple(wrap for key, wrap in sorted(self.wraps.items()) if key[1] == queue)

    def all_links(self) -> tuple[bytes | None, ...]:
        return tuple(self.links.get(generation) for generation in sorted(self.rosters))

    def last_generation(self) -> Generation:
        return max(self.rosters)

    def wrapped(self) -> set[tuple[QueueId, Epoch]]:
        """With which of the queues' keys its card and what is written now can be opened."""
        return self.newest_epochs() | set(self.card_wraps)

    def all_epochs(self) -> set[tuple[QueueId, Epoch]]:
        """With which of the queues' keys anything of it can be opened."""
        return {(queue, epoch) for _, queue, epoch in self.wraps} | set(self.card_wraps)

    def add(self, envelope: NewEnvelope, *, answered: bool = False) -> Appended:
        self.envelopes.append(envelope)
        held = (place.holder for place in self.summaries() if place.holder is not None)
        return Appended(len(self.envelopes), fresh=True, holders=tuple(dict.fromkeys(held)), answered=answered)

    def stored_already(self, envelope: NewEnvelope) -> Appended | None:
        for seq, stored in enumerate(self.envelopes, start=1):
            if stored.object_id == envelope.object_id:
                if stored.body != envelope.body:
                    raise DomainError(Code.OBJECT_CONFLICT)
                return Appended(seq, fresh=False, holders=())
        return None

    def check_counter(self, envelope: NewEnvelope) -> None:
        if any((each.author, each.counter) == (envelope.author, envelope.counter) for each in self.envelopes):
            raise DomainError(Code.COUNTER_CONFLICT)

    def newest_epochs(self) -> set[tuple[QueueId, Epoch]]:
        last = max(self.rosters)
        return {(queue, epoch) for generation, queue, epoch in self.wraps if generation == last}


class MemoryStore(MemoryRooms, MemoryRecovery, MemoryShelves):
    def __init__(self) -> None:
        super().__init__()
        self._running = False
        self._cases: dict[CaseId, _Case] = {}
        self._opened = 0
        self._mailboxes: dict[bytes, bytes] = {}
        self._tombstones: set[bytes] = set()
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

    @property
    def queue_share(self) -> float:
        return 0.0

    def _check_running(self) -> None:
        if not self._running:
            raise DomainError(Code.STORAGE_FAILED)

    def _case(self, case_id: CaseId) -> _Case:
        self._check_running()
        if case_id in self._cases:
            return self._cases[case_id]
        raise DomainError(Code.CASE_ERASED if tombstone(case_id) in self._tombstones else Code.CASE_UNKNOWN)

    def _places(self, case_id: CaseId) -> Mapping[QueueId, Place]:
        return self._case(case_id).places

    # Reporters

    async def open_case(self, new: NewCase) -> Opened:
        self._check_running()
        if new.case_id in self._cases:
            case = self._cases[new.case_id]
            if case.new.digest != new.digest:
                raise DomainError(Code.OBJECT_CONFLICT)
            return Opened(seq=1, fresh=False, case_seq=case.number)
        if tombstone(new.case_id) in self._tombstones:
            raise DomainError(Code.CASE_ERASED)
        if new.mailbox_row_key in self._mailboxes:
            raise DomainError(Code.OBJECT_CONFLICT)
        self._opened += 1
        self._mailboxes[new.mailbox_row_key] = new.mailbox_sealed
        self._cases[new.case_id] = _Case(
            number=self._opened,
            new=new,
            places={place.queue: cases.WAITING for place in new.places},
            rosters={_FIRST: new.roster},
            own_wraps={_FIRST: new.self_wrap},
            wraps={(_FIRST, place.queue, place.epoch): place.wrap for place in new.places},
            card_wraps={(place.queue, place.epoch): place.card_wrap for place in new.places},
            envelopes=[new.report],
        )
        return Opened(seq=1, fresh=True, case_seq=self._opened)

    async def mailbox(self, row_key: bytes) -> bytes | None:
        self._check_running()
        return self._mailboxes.get(row_key)

    async def case_state(self, case_id: CaseId) -> CaseState:
        case = self._case(case_id)
        return CaseState(
            case_id=case_id,
            sign_pk=case.new.sign_pk,
            state=case.state(),
            urgent=case.new.urgent,
            opened_hour=case.new.opened_hour,
            last_seq=len(case.envelopes),
            places=case.summaries(),
            generations=tuple(
                GenerationRow(generation, roster, case.own_wraps[generation], case.links.get(generation))
                for generation, roster in sorted(case.rosters.items())
            ),
        )

    async def erase(self, case_id: CaseId, mailbox_row_key: bytes) -> Erased:
        self._check_running()
        mark = tombstone(case_id)
        if mark in self._tombstones:
            return Erased(mark, ())
        were = self._case(case_id).summaries()
        self._erase_rooms(case_id)
        del self._cases[case_id]
        self._mailboxes.pop(mailbox_row_key, None)
        self._tombstones.add(mark)
        return Erased(mark, were)

    # Envelopes

    async def append(
        self, case_id: CaseId, envelope: NewEnvelope, writer: Reporter | Holder, entry: Entry | None = None
    ) -> Appended:
        case = self._case(case_id)
        stored = case.stored_already(envelope)
        if stored is not None:
            if entry is not None:
                self._log.check_stored(entry)
            return stored
        cases.check_may_write(case.places.values(), writer.expert_id if isinstance(writer, Holder) else None)
        check_generation(envelope.generation, case.last_generation())
        check_epochs(case.newest_epochs(), writer.current_epochs)
        case.check_counter(envelope)
        if entry is not None:
            self._log.check(entry)
        answered = False
        if isinstance(writer, Holder):
            if writer.answers is not None:
                cases.check_may_answer(case.places.get(writer.answers), writer.expert_id)
                answered = writer.answers not in case.answered
                case.answered.add(writer.answers)
            case.places = {
                queue: cases.renew(place, writer.expert_id, writer.until_s) for queue, place in case.places.items()
            }
        if entry is not None:
            self._log.add(entry)
        return case.add(envelope, answered=answered)

    async def turn(self, case_id: CaseId, turn: NewTurn, turner: Turner | None) -> Appended:
        case = self._case(case_id)
        stored = case.stored_already(turn.envelope)
        if stored is not None:
            return stored
        check_may_turn(case.places, turner)
        check_follows(case.last_generation(), len(case.envelopes), turn.generation, turn.known_seq)
        if turn.let_in is not None:
            check_may_let_in(case.places, turn.let_in.queue)
        case.check_counter(turn.envelope)
        case.rosters[turn.generation] = turn.roster
        case.links[turn.generation] = turn.link
        case.own_wraps[turn.generation] = turn.own_wrap
        if turn.link != NO_LINK:
            case.wraps = {key: wrap for key, wrap in case.wraps.items() if key[0] != turn.generation - 1}
        case.wraps |= {(turn.generation, wrap.queue, wrap.epoch): wrap.wrap for wrap in turn.wraps}
        if turn.let_in is not None:
            case.places[turn.let_in.queue] = cases.WAITING
            case.since[turn.let_in.queue] = turn.let_in.since_hour
            case.new = replace(case.new, card=turn.let_in.card)
        if turn.card_wraps:
            case.card_wraps = {(wrap.queue, wrap.epoch): wrap.wrap for wrap in turn.card_wraps}
        return case.add(turn.envelope)

    async def epochs_in_use(self, listed: frozenset[QueueEpoch]) -> frozenset[QueueEpoch]:
        self._check_running()
        return listed & self._epochs_in_use()

    def _epochs_in_use(self) -> frozenset[QueueEpoch]:
        of_cases = {epoch for case in self._cases.values() for epoch in case.all_epochs()}
        return frozenset(of_cases | self._epochs_of_rooms() | self._epochs_of_shelves())

    async def unturned(self, queue: QueueId, current: Epoch, after: QueueCursor | None, limit: int) -> UnturnedPage:
        rows = [
            row
            for row in self._open_rows(queue, after)
            if is_unturned(self._cases[row.case_id].wrapped(), queue, current)
        ]
        page = tuple(UnturnedCase(row.case_id, row.urgent, row.case_seq) for row in rows[:limit])
        return UnturnedPage(page, QueueCursor(page[-1].urgent, page[-1].case_seq) if len(rows) > limit else None)

    async def for_turn(self, case_id: CaseId, turner: Turner, current: Epoch) -> ForTurn:
        case = self._case(case_id)
        check_may_read(case.places, turner, case.wrapped(), current)
        return ForTurn(
            sign_pk=case.new.sign_pk,
            last_seq=len(case.envelopes),
            rosters=tuple(case.rosters[generation] for generation in sorted(case.rosters)),
            wraps=case.wraps_to(turner.queue),
            links=case.all_links(),
            card_wrap=case.card_wrap(turner.queue),
        )

    async def envelopes_for_turn(
        self, case_id: CaseId, turner: Turner, current: Epoch, after: int, limit: int
    ) -> EnvelopePage:
        case = self._case(case_id)
        check_may_read(case.places, turner, case.wrapped(), current)
        found = [StoredEnvelope(seq, e.body) for seq, e in enumerate(case.envelopes, start=1) if seq > after]
        return EnvelopePage(tuple(found[:limit]), more=len(found) > limit)

    async def envelopes(self, case_id: CaseId, before: int, after: int, max_bytes: int) -> EnvelopePage:
        case = self._case(case_id)
        end = before or len(case.envelopes) + 1
        taken: list[StoredEnvelope] = []
        for seq in range(min(end - 1, len(case.envelopes)), after, -1):
            body = case.envelopes[seq - 1].body
            if taken and sum(len(envelope.body) for envelope in taken) + len(body) > max_bytes:
                return EnvelopePage(tuple(taken), more=True)
            taken.append(StoredEnvelope(seq, body))
        return EnvelopePage(tuple(taken), more=False)

    async def envelopes_after(self, case_id: CaseId, after: int, limit: int, expert_id: ExpertId) -> EnvelopePage:
        case = self._held_case(case_id, expert_id)
        found = [StoredEnvelope(seq, e.body) for seq, e in enumerate(case.envelopes, start=1) if seq > after]
        return EnvelopePage(tuple(found[:limit]), more=len(found) > limit)

    async def envelopes_before(self, case_id: CaseId, before: int, limit: int, expert_id: ExpertId) -> EnvelopePage:
        case = self._held_case(case_id, expert_id)
        found = [
            StoredEnvelope(seq, e.body) for seq, e in enumerate(case.envelopes, start=1) if seq < before or before == 0
        ]
        return EnvelopePage(tuple(found[::-1][:limit]), more=len(found) > limit)

    def _held_case(self, case_id: CaseId, expert_id: ExpertId) -> _Case:
        case = self._case(case_id)
        if expert_id not in {person for place in case.places.values() for person in (place.holder, place.closer)}:
            raise DomainError(Code.CASE_NOT_HELD)
        return case

    # Experts

    async def queue_page(self, queue: QueueId, after: QueueCursor | None, limit: int) -> QueuePage:
        rows = self._open_rows(queue, after)
        page = tuple(rows[:limit])
        return QueuePage(page, QueueCursor(page[-1].urgent, page[-1].case_seq) if len(rows) > limit else None)

    async def queue_counts(self, queue: QueueId) -> QueueCounts:
        states = [row.state for row in self._rows() if row.queue == queue]
        return QueueCounts(states.count(PlaceState.WAITING), states.count(PlaceState.HELD))

    async def closed_page(self, queue: QueueId, closer: ExpertId | None, before: int | None, limit: int) -> ClosedPage:
        numbered = [
            (row.closed_nth, row)
            for row in self._rows()
            if row.queue == queue and row.closed_nth is not None and closer in (None, row.closer)
        ]
        rows = [row for nth, row in sorted(numbered, key=lambda pair: -pair[0]) if before is None or nth < before]
        return ClosedPage(tuple(rows[:limit]), more=len(rows) > limit)

    def _open_rows(self, queue: QueueId, after: QueueCursor | None) -> list[PlaceRow]:
        rows = [row for row in self._rows() if row.queue == queue and row.state is not PlaceState.CLOSED]
        rows.sort(key=_order)
        return [row for row in rows if after is None or _order(row) > (not after.urgent, after.case_seq)]

    async def places(self, case_id: CaseId) -> tuple[PlaceRow, ...]:
        return self._case(case_id).rows()

    async def claim(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        now_s: int,
        until_s: int,
        capacity: int = CAPACITY,
    ) -> HeldPlace:
        case = self._case(case_id)
        case.row(queue)
        return self._take(case, queue, cases.claim(case.places[queue], expert_id, now_s, until_s), now_s, capacity)

    async def reopen(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        now_s: int,
        until_s: int,
        capacity: int = CAPACITY,
    ) -> HeldPlace:
        case = self._case(case_id)
        case.row(queue)
        return self._take(case, queue, cases.reopen(case.places[queue], expert_id, now_s, until_s), now_s, capacity)

    def _take(self, case: _Case, queue: QueueId, taken: Place, now_s: int, capacity: int) -> HeldPlace:
        if case.places[queue].holder != taken.holder:
            places = [place for other in self._cases.values() for place in other.places.values()]
            awake = [p for p in places if p.holder == taken.holder and not cases.is_snoozed(p, now_s)]
            cases.check_capacity(len(awake), capacity)
        case.places[queue] = taken
        case.closings.pop(queue, None)
        return case.held(queue)

    async def snooze(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        snooze: Snooze | None,
        now_s: int,
        until_s: int,
    ) -> PlaceRow:
        case = self._case(case_id)
        case.row(queue)
        case.places[queue] = cases.snooze(case.places[queue], expert_id, snooze, now_s, until_s)
        return case.row(queue)

    async def release(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId) -> PlaceRow:
        case = self._case(case_id)
        case.row(queue)
        case.places[queue] = cases.release(case.places[queue], expert_id)
        return case.row(queue)

    async def close_place(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId, now_s: int) -> PlaceRow:
        case = self._case(case_id)
        case.row(queue)
        case.places[queue] = cases.close(case.places[queue], expert_id)
        numbers = [nth for other in self._cases.values() for of, (_, nth) in other.closings.items() if of == queue]
        case.closings[queue] = (now_s // _HOUR_S, max(numbers, default=0) + 1)
        return case.row(queue)

    async def opened(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId) -> HeldPlace:
        case = self._case(case_id)
        case.row(queue)
        cases.check_reader(case.places[queue], expert_id)
        return case.held(queue)

    async def lapse_leases(self, now_s: int) -> tuple[PlaceRow, ...]:
        return self._pass(cases.lapse, now_s)

    async def wake_snoozed(self, now_s: int) -> tuple[PlaceRow, ...]:
        return self._pass(cases.wake, now_s)

    def _pass(self, rule: Callable[[Place, int], Place], now_s: int) -> tuple[PlaceRow, ...]:
        """What time alone does to places."""
        self._check_running()
        changed: list[PlaceRow] = []
        for case in self._cases.values():
            for queue, place in sorted(case.places.items()):
                case.places[queue] = rule(place, now_s)
                if case.places[queue] != place:
                    changed.append(case.row(queue))
        return tuple(changed)

    async def mark_missed(self, usual_hour: int, urgent_hour: int, limit: int) -> tuple[PlaceRow, ...]:
        late = [
            row
            for row in self._rows()
            if row.state is not PlaceState.CLOSED and not row.answered and not row.missed
            if row.opened_hour <= (urgent_hour if row.urgent else usual_hour)
        ][:limit]
        for row in late:
            self._cases[row.case_id].missed.add(row.queue)
        return tuple(replace(row, missed=True) for row in late)

    async def held_by(self, expert_id: ExpertId) -> tuple[PlaceRow, ...]:
        return tuple(row for row in self._rows() if row.holder == expert_id)

    def _rows(self) -> Iterable[PlaceRow]:
        """Oldest first."""
        self._check_running()
        return (row for case in self._cases.values() for row in case.rows())

    # Accounts and trust

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

    async def act_on_keys(self, act: KeyAct) -> tuple[PlaceRow, ...]:
        self._check_running()
        check_next(self._trust, act)
        if act.unlisted & self._epochs_in_use():
            raise DomainError(Code.EPOCH_IN_USE)
        accounts = self._experts | self._accepted(act)
        if not act.members.keys() <= accounts.keys():
            raise DomainError(Code.OPERATION_MALFORMED)
        self._check_renewed(act)
        accounts |= renewed_accounts(act, accounts, self._renewals)
        after = {}
        for expert_id, member in act.members.items():
            account = accounts[expert_id]
            wraps = wraps_after(account.queue_wraps, fresh_wraps(act, expert_id), member)
            after[expert_id] = replace(account, queue_wraps=wraps)
        if act.entry is not None:
            self._log.check(act.entry)
            self._log.add(act.entry)
        self._trust, self._experts = act.trust, after
        self._on_call = tuple(shift for shift in self._on_call if shift.expert_id in after)
        self._wishes = {expert_id: wish for expert_id, wish in self._wishes.items() if expert_id in after}
        if act.accepted is not None and act.accepted.invitation_id is not None:
            del self._invitations[act.accepted.invitation_id]
        if act.is_new_root:
            self._invitations.clear()
        keep = after.keys() - act.renewed.keys()
        self._passkeys = {key: each for key, each in self._passkeys.items() if each.expert_id in keep}
        for expert_id in outlived_renewals(act, self._renewals):
            del self._renewals[expert_id]
        self._keep_to(act)
        returned: list[PlaceRow] = []
        for case in self._cases.values():
            for queue, place in sorted(case.places.items()):
                holder = None if place.holder is None else act.members.get(place.holder)
                if place.holder is not None and (holder is None or not holder.belongs_to(queue)):
                    case.places[queue] = cases.release(place, place.holder)
                    returned.append(case.row(queue))
        return tuple(returned)

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


def _order(row: PlaceRow) -> tuple[bool, int]:
    return (not row.urgent, row.case_seq)
