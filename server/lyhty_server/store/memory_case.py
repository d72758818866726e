"""One case of the store without a disk."""

from dataclasses import dataclass, field

from lyhty_server.domain.cases import Place, PlaceState, case_state, check_may_write_late, closers_told
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.retention import Kept, Noticed
from lyhty_server.store.interface import (
    Appended,
    HeldPlace,
    NewCase,
    NewEnvelope,
    PlaceRow,
    PlaceSummary,
)
from lyhty_wire.codes import Code
from lyhty_wire.ids import Epoch, Generation, QueueId


@dataclass(slots=True)
class MemoryCase:
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
    closed_seq: int | None = None
    """Of a closed case: its newest envelope when it was closed."""
    noticed: Noticed | None = None

    def kept(self) -> Kept:
        open_places = {queue for queue, place in self.places.items() if place.state is not PlaceState.CLOSED}
        return Kept(
            self.number,
            self.new.case_id,
            len(self.envelopes),
            self.state() is PlaceState.CLOSED,
            open_places <= self.answered,
            any(place.snooze is not None for place in self.places.values()),
            self.noticed,
        )

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
            closed_seq=self.closed_seq,
        )

    def card_wrap(self, queue: QueueId) -> bytes:
        return next(wrap for (of, _), wrap in self.card_wraps.items() if of == queue)

    def rows(self) -> tuple[PlaceRow, ...]:
        return tuple(self.row(queue) for queue in sorted(self.places))

    def summaries(self) -> tuple[PlaceSummary, ...]:
        return tuple(PlaceSummary(row.queue, row.state, row.holder, row.lapses) for row in self.rows())

    def state(self) -> PlaceState:
        return case_state(place.state for place in self.places.values())

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
        return Appended(
            len(self.envelopes),
            fresh=True,
            holders=tuple(dict.fromkeys(held)),
            answered=answered,
            closers=closers_told(place for _, place in sorted(self.places.items())),
        )

    def stored_already(self, envelope: NewEnvelope) -> Appended | None:
        for seq, stored in enumerate(self.envelopes, start=1):
            if stored.object_id == envelope.object_id:
                if stored.body != envelope.body:
                    raise DomainError(Code.OBJECT_CONFLICT)
                return Appended(seq, fresh=False, holders=())
        return None

    def check_late(self, envelope: NewEnvelope) -> None:
        check_may_write_late(self.places.values(), len(envelope.body), len(self.envelopes), self.closed_seq)

    def check_counter(self, envelope: NewEnvelope) -> None:
        if any((each.author, each.counter) == (envelope.author, envelope.counter) for each in self.envelopes):
            raise DomainError(Code.COUNTER_CONFLICT)

    def newest_epochs(self) -> set[tuple[QueueId, Epoch]]:
        last = max(self.rosters)
        return {(queue, epoch) for generation, queue, epoch in self.wraps if generation == last}
