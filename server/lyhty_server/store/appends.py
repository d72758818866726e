"""Adding envelopes to cases: a group costs a fixed number of look-ups, however large it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select, tuple_, update

from lyhty_server.domain.admission import check_epochs
from lyhty_server.domain.cases import (
    Place,
    PlaceState,
    check_may_answer,
    check_may_write,
    check_may_write_late,
    closers_told,
    renew,
)
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.turns import check_generation
from lyhty_server.store.audit import Log
from lyhty_server.store.bulk import Row, insert_rows
from lyhty_server.store.interface import Appended, Holder, NewEnvelope, Reporter
from lyhty_server.store.openings import ENVELOPE_COLUMNS, envelope_digest
from lyhty_server.store.reads import CARD_KEY, REPORTER
from lyhty_server.store.tables import cases, closed_cases, envelopes, places, tombstones, wraps
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, Epoch, Generation, ObjectId, QueueId, SignKey, tombstone

Append = tuple[CaseId, NewEnvelope, Reporter | Holder, Entry | None]

_CASES = (
    select(cases.c.case_id, cases.c.case_seq, cases.c.last_seq, closed_cases.c.closed_seq)
    .outerjoin_from(cases, closed_cases)
    .where(cases.c.case_id.in_(bindparam("case_ids", expanding=True)))
)
_ERASED = select(tombstones.c.tombstone).where(tombstones.c.tombstone.in_(bindparam("tombstones", expanding=True)))
# A snooze has no say in writing.
_PLACES = select(
    places.c.case_seq,
    places.c.queue,
    places.c.state,
    places.c.holder,
    places.c.lease_until_s,
    places.c.closer,
    places.c.answered,
).where(places.c.case_seq.in_(bindparam("numbers", expanding=True)))
_WRAPPED = select(wraps.c.case_seq, wraps.c.generation, wraps.c.queue, wraps.c.epoch).where(
    wraps.c.case_seq.in_(bindparam("numbers", expanding=True)),
    wraps.c.generation != CARD_KEY,
    wraps.c.queue != REPORTER,
)
_SAME_OBJECT = select(envelopes.c.case_seq, envelopes.c.object_id, envelopes.c.seq, envelopes.c.digest).where(
    tuple_(envelopes.c.case_seq, envelopes.c.object_id).in_(bindparam("objects", expanding=True))
)
_SAME_COUNTER = select(envelopes.c.case_seq, envelopes.c.author, envelopes.c.counter).where(
    tuple_(envelopes.c.case_seq, envelopes.c.author, envelopes.c.counter).in_(bindparam("counters", expanding=True))
)
_SET_LAST = update(cases).where(cases.c.case_seq == bindparam("number")).values(last_seq=bindparam("last"))
_SET_LEASE = (
    update(places)
    .where(places.c.case_seq == bindparam("number"), places.c.queue == bindparam("in_queue"))
    .values(lease_until_s=bindparam("until_s"))
)
_SET_ANSWERED = (
    update(places)
    .where(places.c.case_seq == bindparam("number"), places.c.queue == bindparam("in_queue"))
    .values(answered=1)
)


@dataclass(slots=True)
class Case:
    """What one case has become so far in this group."""

    number: int
    last_seq: int
    closed_seq: int | None
    places: dict[QueueId, Place] = field(default_factory=dict)
    generation: Generation = CARD_KEY
    """The last one that is wrapped to a queue."""
    wrapped: set[tuple[QueueId, Epoch]] = field(default_factory=set)
    """With which of the queues' keys the newest case key was wrapped."""
    objects: dict[ObjectId, tuple[int, bytes]] = field(default_factory=dict)
    counters: set[tuple[SignKey, int]] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    renewed: set[QueueId] = field(default_factory=set)
    answered: set[QueueId] = field(default_factory=set)
    newly_answered: set[QueueId] = field(default_factory=set)

    def append(self, envelope: NewEnvelope, writer: Reporter | Holder, entry: Entry | None, log: Log) -> Appended:
        stored = self.stored_already(envelope)
        if stored is not None:
            if entry is not None:
                log.check_stored(entry)
            return stored
        if isinstance(writer, Reporter) and writer.late:
            self.check_late(envelope)
        else:
            check_may_write(self.places.values(), writer.expert_id if isinstance(writer, Holder) else None)
        check_generation(envelope.generation, self.generation)
        check_epochs(self.wrapped, writer.current_epochs)
        self.check_counter(envelope)
        if entry is not None:
            log.check(entry)
        answered = False
        if isinstance(writer, Holder):
            answered = writer.answers is not None and self._answer(writer.answers, writer)
            self._renew(writer)
        if entry is not None:
            log.add(entry)
        return self.add(envelope, answered=answered)

    def stored_already(self, envelope: NewEnvelope) -> Appended | None:
        """object-conflict: other bytes under the same id."""
        if envelope.object_id not in self.objects:
            return None
        seq, stored = self.objects[envelope.object_id]
        if stored != envelope_digest(envelope.body):
            raise DomainError(Code.OBJECT_CONFLICT)
        return Appended(seq, fresh=False, holders=())

    def check_late(self, envelope: NewEnvelope) -> None:
        check_may_write_late(self.places.values(), len(envelope.body), self.last_seq, self.closed_seq)

    def check_counter(self, envelope: NewEnvelope) -> None:
        if (envelope.author, envelope.counter) in self.counters:
            raise DomainError(Code.COUNTER_CONFLICT)

    def add(self, envelope: NewEnvelope, *, answered: bool = False) -> Appended:
        digest = envelope_digest(envelope.body)
        self.last_seq += 1
        self.objects[envelope.object_id] = (self.last_seq, digest)
        self.counters.add((envelope.author, envelope.counter))
        self.rows.append(
            (self.number, self.last_seq, envelope.object_id, envelope.author, envelope.counter, digest, envelope.body)
        )
        in_order = [place for _, place in sorted(self.places.items())]
        held = (place.holder for place in in_order if place.holder is not None)
        return Appended(
            self.last_seq,
            fresh=True,
            holders=tuple(dict.fromkeys(held)),
            answered=answered,
            closers=closers_told(in_order),
        )

    def _answer(self, queue: QueueId, writer: Holder) -> bool:
        """Whether it had not been answered before."""
        check_may_answer(self.places.get(queue), writer.expert_id)
        if queue in self.answered:
            return False
        self.answered.add(queue)
        self.newly_answered.add(queue)
        return True

    def _renew(self, writer: Holder) -> None:
        for queue, place in self.places.items():
            after = renew(place, writer.expert_id, writer.until_s)
            if after != place:
                self.places[queue] = after
                self.renewed.add(queue)


def append(connection: Connection, appends: Sequence[Append]) -> list[Appended | DomainError]:
    found = load_cases(connection, [(case_id, envelope) for case_id, envelope, _, _ in appends])
    log = Log(connection)
    outcomes: list[Appended | DomainError] = []
    for case_id, envelope, writer, entry in appends:
        case = found[case_id]
        try:
            outcomes.append(case if isinstance(case, DomainError) else case.append(envelope, writer, entry, log))
        except DomainError as refusal:
            outcomes.append(refusal)
    changed = [case for case in found.values() if isinstance(case, Case) and case.rows]
    write_envelopes(connection, changed)
    log.write()
    leases = [
        {"number": case.number, "in_queue": queue, "until_s": case.places[queue].lease_until_s}
        for case in changed
        for queue in case.renewed
    ]
    if leases:
        connection.execute(_SET_LEASE, leases)
    answered = [{"number": case.number, "in_queue": queue} for case in changed for queue in sorted(case.newly_answered)]
    if answered:
        connection.execute(_SET_ANSWERED, answered)
    return outcomes


def write_envelopes(connection: Connection, changed: Sequence[Case]) -> None:
    insert_rows(connection, envelopes, ENVELOPE_COLUMNS, [row for case in changed for row in case.rows])
    if changed:
        connection.execute(_SET_LAST, [{"number": case.number, "last": case.last_seq} for case in changed])


def load_cases(connection: Connection, asked: Sequence[tuple[CaseId, NewEnvelope]]) -> dict[CaseId, Case | DomainError]:
    """The cases as they are, with what is known of these envelopes."""
    case_ids = list({case_id for case_id, _ in asked})
    found = {
        CaseId(case_id): Case(number, last_seq, closed_seq)
        for case_id, number, last_seq, closed_seq in connection.execute(_CASES, {"case_ids": case_ids})
    }
    by_number = {case.number: case for case in found.values()}
    numbers = {"numbers": list(by_number)}
    for number, queue, state, holder, lease_until_s, closer, answered in connection.execute(_PLACES, numbers):
        by_number[number].places[queue] = Place(PlaceState(state), holder, lease_until_s, closer=closer)
        if answered:
            by_number[number].answered.add(queue)
    for number, generation, queue, epoch in connection.execute(_WRAPPED, numbers):
        case = by_number[number]
        if generation > case.generation:
            case.generation = generation
            case.wrapped.clear()
        if generation == case.generation:
            case.wrapped.add((queue, epoch))
    wanted = [(found[case_id].number, envelope) for case_id, envelope in asked if case_id in found]
    if not wanted:
        return {**_missing(connection, case_ids)}
    objects = {"objects": [(number, envelope.object_id) for number, envelope in wanted]}
    for number, object_id, seq, stored in connection.execute(_SAME_OBJECT, objects):
        by_number[number].objects[object_id] = (seq, stored)
    counters = {"counters": [(number, envelope.author, envelope.counter) for number, envelope in wanted]}
    for number, author, counter in connection.execute(_SAME_COUNTER, counters):
        by_number[number].counters.add((author, counter))
    return {**found, **_missing(connection, [case_id for case_id in case_ids if case_id not in found])}


def _missing(connection: Connection, case_ids: Sequence[CaseId]) -> dict[CaseId, DomainError]:
    if not case_ids:
        return {}
    marks = {tombstone(case_id): case_id for case_id in case_ids}
    erased = set(connection.execute(_ERASED, {"tombstones": list(marks)}).scalars())
    return {
        case_id: DomainError(Code.CASE_ERASED if mark in erased else Code.CASE_UNKNOWN)
        for mark, case_id in marks.items()
    }
