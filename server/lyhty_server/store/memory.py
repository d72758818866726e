"""The store without a disk: the shortest statement of what a store must do, and quick for tests of what stands on it.

It keeps nothing over a restart and is never the server's store.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from lyhty_server.domain import cases
from lyhty_server.domain.admission import check_epochs
from lyhty_server.domain.cases import CAPACITY, Place, PlaceState, Snooze
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import QueueEpoch, wraps_after
from lyhty_server.domain.retention import Kept, Noticed
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
    BarePage,
    BarePlace,
    CaseState,
    ClosedPage,
    EnvelopePage,
    Erased,
    ForTurn,
    GenerationRow,
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
    StoredEnvelope,
    UnturnedCase,
    UnturnedPage,
)
from lyhty_server.store.memory_case import MemoryCase
from lyhty_server.store.memory_organisations import MemoryOrganisations
from lyhty_server.store.memory_recovery import MemoryRecovery
from lyhty_server.store.memory_reports import MemoryReports
from lyhty_server.store.memory_rooms import MemoryRooms
from lyhty_server.store.memory_sessions import MemorySessions
from lyhty_server.store.memory_shelves import MemoryShelves
from lyhty_server.store.people_rows import (
    KeyAct,
    check_next,
    ended_by,
    fresh_wraps,
    outlived_renewals,
    renewed_accounts,
)
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, Epoch, ExpertId, Generation, QueueId, tombstone
from lyhty_wire.wraps import NO_LINK

_FIRST = Generation(1)
_HOUR_S = 3_600


class MemoryStore(MemoryReports, MemoryRooms, MemoryRecovery, MemoryShelves, MemoryOrganisations, MemorySessions):
    def __init__(self) -> None:
        super().__init__()
        self._cases: dict[CaseId, MemoryCase] = {}
        self._opened = 0
        self._mailboxes: dict[bytes, bytes] = {}
        self._tombstones: set[bytes] = set()

    @property
    def queue_share(self) -> float:
        return 0.0

    def slowest_commit_s(self) -> float:
        return 0.0

    def _case(self, case_id: CaseId) -> MemoryCase:
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
        self._cases[new.case_id] = MemoryCase(
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
        erased = self._erase_case(self._case(case_id))
        self._mailboxes.pop(mailbox_row_key, None)
        return erased

    def _erase_case(self, case: MemoryCase) -> Erased:
        case_id, were = case.new.case_id, case.summaries()
        self._erase_rooms(case_id)
        del self._cases[case_id]
        self._tombstones.add(tombstone(case_id))
        return Erased(tombstone(case_id), were)

    async def kept_page(self, after: int, limit: int) -> tuple[Kept, ...]:
        self._check_running()
        return tuple(case.kept() for case in self._cases.values() if case.number > after)[:limit]

    async def notice(self, found: tuple[tuple[int, Noticed], ...]) -> None:
        self._check_running()
        by_number = {case.number: case for case in self._cases.values()}
        for number, noticed in found:
            if number in by_number:
                by_number[number].noticed = noticed

    async def expire(self, case: Kept) -> Erased | None:
        self._check_running()
        kept = self._cases.get(case.case_id)
        if kept is None or (kept.kept().last_seq, kept.kept().is_closed) != (case.last_seq, case.is_closed):
            return None
        return self._erase_case(kept)

    async def scrub(self) -> bool:
        self._check_running()
        return True

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
        if isinstance(writer, Reporter) and writer.late:
            case.check_late(envelope)
        else:
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
        if turner is None and turn.let_in is None:
            case.check_late(turn.envelope)
        else:
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

    def _held_case(self, case_id: CaseId, expert_id: ExpertId) -> MemoryCase:
        case = self._case(case_id)
        if expert_id not in {person for place in case.places.values() for person in (place.holder, place.closer)}:
            raise DomainError(Code.CASE_NOT_HELD)
        return case

    # Experts

    async def queue_page(self, queue: QueueId, after: QueueCursor | None, limit: int) -> QueuePage:
        rows = self._open_rows(queue, after)
        page = tuple(rows[:limit])
        return QueuePage(page, QueueCursor(page[-1].urgent, page[-1].case_seq) if len(rows) > limit else None)

    async def bare_page(self, queue: QueueId, after: QueueCursor | None, limit: int) -> BarePage:
        page = await self.queue_page(queue, after, limit)
        return BarePage(tuple(_bare(row) for row in page.places), page.next)

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

    async def places_in(self, case_ids: Sequence[CaseId]) -> tuple[PlaceRow, ...]:
        self._check_running()
        found = [self._cases[case_id] for case_id in dict.fromkeys(case_ids) if case_id in self._cases]
        return tuple(row for case in found for row in case.rows())

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

    def _take(self, case: MemoryCase, queue: QueueId, taken: Place, now_s: int, capacity: int) -> HeldPlace:
        if case.places[queue].holder != taken.holder:
            places = [place for other in self._cases.values() for place in other.places.values()]
            awake = [p for p in places if p.holder == taken.holder and not cases.is_snoozed(p, now_s)]
            cases.check_capacity(len(awake), capacity)
        case.places[queue] = taken
        case.closings.pop(queue, None)
        case.closed_seq = None
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
        if case.state() is PlaceState.CLOSED:
            case.closed_seq = len(case.envelopes)
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
        self._keep_earlier(act, self._experts)
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
        await self.end_sessions(ended_by(act))
        returned: list[PlaceRow] = []
        for case in self._cases.values():
            for queue, place in sorted(case.places.items()):
                holder = None if place.holder is None else act.members.get(place.holder)
                if place.holder is not None and (holder is None or not holder.belongs_to(queue)):
                    case.places[queue] = cases.release(place, place.holder)
                    returned.append(case.row(queue))
        return tuple(returned)


def _order(row: PlaceRow) -> tuple[bool, int]:
    return (not row.urgent, row.case_seq)


def _bare(row: PlaceRow) -> BarePlace:
    return BarePlace(**{name: getattr(row, name) for name in BarePlace.__struct_fields__})
