"""What the server keeps and what it may ask of it; every database is reached through `Store` alone.

Each write is one transaction and is answered only once it is durable. Every write is idempotent or refuses by name: a
method raises `DomainError` with a code of SPEC 7. Any write may be refused as `busy` or `storage-failed`; then nothing
was stored. No method reads a clock.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from lyhty_server.domain.cases import CAPACITY, PlaceState, Snooze
from lyhty_server.domain.key_acts import QueueEpoch
from lyhty_server.domain.retention import Kept, Noticed
from lyhty_server.domain.turns import Turner
from lyhty_wire.audit import Entry
from lyhty_wire.ids import CaseId, Epoch, ExpertId, Generation, ObjectId, QueueId, SignKey

# --- Opening a case


class NewPlace(Struct, frozen=True):
    """A case's place in one queue. `wrap` is the case key's wrap to it, `card_wrap` the card key's."""

    queue: QueueId
    wrap: bytes
    card_wrap: bytes
    epoch: Epoch


class NewEnvelope(Struct, frozen=True):
    object_id: ObjectId
    author: SignKey
    generation: Generation
    counter: int
    body: bytes
    """The whole envelope, header included."""


class NewCase(Struct, frozen=True):
    case_id: CaseId
    sign_pk: SignKey
    mailbox_row_key: bytes
    """32 bytes: the keyed hash of the mailbox id (SPEC 8)."""
    mailbox_sealed: bytes
    """The case id, sealed under a key from the pepper (SPEC 8)."""
    urgent: bool
    opened_hour: int
    """Hours since 1970."""
    roster: bytes
    self_wrap: bytes
    places: tuple[NewPlace, ...]
    card: bytes
    report: NewEnvelope
    digest: bytes
    """16 bytes over the whole opening: a retry has the same, anything else under this case id is a conflict."""


class Opened(Struct, frozen=True):
    seq: int
    """Of the report: 1."""
    fresh: bool
    """False when a retry found it stored already: nothing is announced then."""
    case_seq: int
    """The case's number in order of arrival, `PlaceRow.case_seq`."""


# --- Places and claims


class BarePlace(Struct, frozen=True, kw_only=True):
    """How a place stands, without its card: no act changes that and writes no envelope."""

    case_id: CaseId
    queue: QueueId
    urgent: bool
    state: PlaceState
    holder: ExpertId | None
    lease_until_s: int | None
    opened_hour: int
    """When the case came to this queue, in hours since 1970."""
    case_seq: int
    """`seq` in SPEC 9: the case's number in order of arrival."""
    last_seq: int
    answered: bool = False
    """An expert has written to the reporter from this queue."""
    missed: bool = False
    """The promised time passed before anybody did."""
    lapses: int = 0
    snooze: Snooze | None = None


class PlaceRow(BarePlace, frozen=True, kw_only=True):
    """One line of a queue's list (SPEC 9, Place)."""

    card: bytes
    card_wrap: bytes
    closer: ExpertId | None = None
    closed_hour: int | None = None
    """Hours since 1970."""
    closed_nth: int | None = None
    """Order of closing in its queue."""
    closed_seq: int | None = None
    """Of a closed case: its newest envelope when the last of its places was closed."""


class HeldPlace(Struct, frozen=True):
    """What a holder may read besides the envelopes (SPEC 9, Opened)."""

    place: PlaceRow
    sign_pk: SignKey
    rosters: tuple[bytes, ...]
    """All generations, first to last."""
    wraps: tuple[bytes, ...]
    """Kind 1 to this queue, all generations that have one, first to last."""
    links: tuple[bytes | None, ...]
    """For each roster, what leads from its key to the one before."""


class QueueCursor(Struct, frozen=True):
    """Where the last page ended: urgent first, then oldest."""

    urgent: bool
    case_seq: int


class QueuePage(Struct, frozen=True):
    places: tuple[PlaceRow, ...]
    next: QueueCursor | None
    """None when there is no more."""


class BarePage(Struct, frozen=True):
    places: tuple[BarePlace, ...]
    next: QueueCursor | None
    """None when there is no more."""


class QueueCounts(Struct, frozen=True):
    """How many places of a queue are open; of what is closed nobody counts."""

    waiting: int
    held: int


class ClosedPage(Struct, frozen=True):
    """Newest closed first."""

    places: tuple[PlaceRow, ...]
    more: bool


# --- A case as its reporter sees it


class PlaceSummary(Struct, frozen=True):
    queue: QueueId
    state: PlaceState
    holder: ExpertId | None
    lapses: int = 0


class GenerationRow(Struct, frozen=True):
    generation: Generation
    roster: bytes
    own_wrap: bytes
    """The reporter's: a self-wrap in generation 1, later a wrap of kind 1."""
    link: bytes | None
    """What leads from this key to the one before."""


class CaseState(Struct, frozen=True):
    case_id: CaseId
    sign_pk: SignKey
    state: PlaceState
    urgent: bool
    opened_hour: int
    last_seq: int
    places: tuple[PlaceSummary, ...]
    """By queue."""
    generations: tuple[GenerationRow, ...]
    """First to last."""


class NewWrap(Struct, frozen=True):
    """A case key's, or a card key's, wrap to an epoch of a queue."""

    queue: QueueId
    epoch: Epoch
    wrap: bytes


class LetIn(Struct, frozen=True):
    """One more queue, by the reporter's will (SPEC 4.7)."""

    queue: QueueId
    since_hour: int
    """Hours since 1970: what its promise counts from."""
    card: bytes
    """Takes the place of the case's."""


class NewTurn(Struct, frozen=True):
    """A case's next key (SPEC 3.4)."""

    generation: Generation
    known_seq: int
    """Of the newest envelope that whoever made it had read."""
    roster: bytes
    link: bytes
    own_wrap: bytes
    wraps: tuple[NewWrap, ...]
    card_wraps: tuple[NewWrap, ...]
    """None: the card's stay as they are."""
    envelope: NewEnvelope
    let_in: LetIn | None = None


class UnturnedCase(Struct, frozen=True):
    case_id: CaseId
    urgent: bool
    case_seq: int


class UnturnedPage(Struct, frozen=True):
    cases: tuple[UnturnedCase, ...]
    next: QueueCursor | None


class ForTurn(Struct, frozen=True):
    """What somebody needs who gives a case its next key, besides the envelopes."""

    sign_pk: SignKey
    last_seq: int
    rosters: tuple[bytes, ...]
    wraps: tuple[bytes, ...]
    """As in `HeldPlace`."""
    links: tuple[bytes | None, ...]
    card_wrap: bytes


class Erased(Struct, frozen=True):
    tombstone: bytes
    places: tuple[PlaceSummary, ...]
    """As they were: who must be told. Empty when the case had been erased before."""


# --- Envelopes


class Reporter(Struct, frozen=True):
    """Writes as the case's reporter; `current_epochs` are the directory's, one for each queue."""

    current_epochs: frozenset[tuple[QueueId, Epoch]]
    late: bool = False
    """Knowing that the case is closed (SPEC 6.4, PUT_LATE)."""


class Holder(Struct, frozen=True):
    """Writes as an expert who holds a place of the case; the write renews the lease."""

    expert_id: ExpertId
    until_s: int
    """When the lease of who writes now ends."""
    current_epochs: frozenset[tuple[QueueId, Epoch]]
    answers: QueueId | None = None
    """The envelope is the answer that the reporter was promised from this queue, as its writer says."""


class Appended(Struct, frozen=True):
    seq: int
    fresh: bool
    """False when a retry found it stored already: nothing is announced then."""
    holders: tuple[ExpertId, ...]
    """Who holds a place of the case: whose feeds hear of it. Empty when not fresh."""
    answered: bool = False
    """The place had not been answered before this."""
    closers: tuple[ExpertId, ...] = ()
    """Of a closed case, who closed it: their feeds hear of it too, and nobody is called."""


class StoredEnvelope(Struct, frozen=True):
    seq: int
    body: bytes


class EnvelopePage(Struct, frozen=True):
    envelopes: tuple[StoredEnvelope, ...]
    more: bool


# --- Experts and trust


class Store(Protocol):
    async def start(self) -> None:
        """Open the database, bring its tables up to date and refuse if another server has it (`DatabaseInUseError`)."""

    async def close(self) -> None:
        """Finish what was accepted, then close. Later writes are refused as `storage-failed`."""

    @property
    def queue_share(self) -> float:
        """How much of what may wait to be written is waiting, 0 to 1: at 1 writes are refused as busy."""

    def slowest_commit_s(self) -> float:
        """Of the transactions since the last time this was asked; 0 without any."""

    # Reporters

    async def open_case(self, new: NewCase) -> Opened:
        """case-erased; object-conflict: other bytes under this case id, or the mailbox belongs to another case."""

    async def mailbox(self, row_key: bytes) -> bytes | None:
        """The sealed case id of this mailbox."""

    async def case_state(self, case_id: CaseId) -> CaseState:
        """case-unknown, case-erased."""

    async def erase(self, case_id: CaseId, mailbox_row_key: bytes) -> Erased:
        """Remove every trace but a tombstone, on disk too. Again: the same answer. case-unknown.

        The mailbox's key is asked for because no row says which mailbox leads to which case.
        """

    async def kept_page(self, after: int, limit: int) -> tuple[Kept, ...]:
        """Cases whose number (`case_seq`) is above `after`, in order."""

    async def notice(self, found: tuple[tuple[int, Noticed], ...]) -> None:
        """Keep, by case number, how a case was found and when; it takes the place of what was kept before."""

    async def expire(self, case: Kept) -> Erased | None:
        """As `erase`, but the mailbox stays: who comes back learns that the case has been erased. None, and nothing is
        done, if it was erased, written in, closed or opened since."""

    async def scrub(self) -> bool:
        """Of a job: what erasures have left in the database's files leaves them. False: somebody was in the way."""

    # Envelopes

    async def append(
        self, case_id: CaseId, envelope: NewEnvelope, writer: Reporter | Holder, entry: Entry | None = None
    ) -> Appended:
        """A retry of stored bytes is answered with their seq, whatever has become of the case since, short of erasure.
        With an entry (SPEC 9.10) both are stored, or neither.

        case-unknown, case-closed, case-erased, case-not-held (holders: none of its places, or not the one that is
        answered), generation-stale, epoch-stale, object-conflict, counter-conflict (also of the entry),
        directory-outdated (of the entry).
        """

    async def envelopes(self, case_id: CaseId, before: int, after: int, max_bytes: int) -> EnvelopePage:
        """Newest first, `after < seq < before` (before 0: from the newest), as `max_bytes` lets, at least one if any.

        case-unknown, case-erased.
        """

    async def envelopes_after(self, case_id: CaseId, after: int, limit: int, expert_id: ExpertId) -> EnvelopePage:
        """Oldest first, for a holder or closer. case-unknown, case-erased, case-not-held."""

    async def turn(self, case_id: CaseId, turn: NewTurn, turner: Turner | None) -> Appended:
        """The case's next key, and its first envelope. None: the reporter. The queues' wraps of the key before go if a
        link leads to it, and stay otherwise.

        A retry is answered as in `append`. case-unknown, case-closed, case-erased, case-not-held, queue-unknown,
        generation-stale, case-changed, too-large, object-conflict, counter-conflict.
        """

    async def epochs_in_use(self, listed: frozenset[QueueEpoch]) -> frozenset[QueueEpoch]:
        """Those of them that a case's key or card is wrapped to, closed cases included."""

    async def unturned(self, queue: QueueId, current: Epoch, after: QueueCursor | None, limit: int) -> UnturnedPage:
        """Open cases that somebody could still open with another epoch of the queue than the current one; order as a
        queue's."""

    async def for_turn(self, case_id: CaseId, turner: Turner, current: Epoch) -> ForTurn:
        """case-unknown, case-closed, case-erased, queue-unknown; case-not-held: neither the holder's nor unturned."""

    async def envelopes_for_turn(
        self, case_id: CaseId, turner: Turner, current: Epoch, after: int, limit: int
    ) -> EnvelopePage:
        """Oldest first. Refused as `for_turn`."""

    async def envelopes_before(self, case_id: CaseId, before: int, limit: int, expert_id: ExpertId) -> EnvelopePage:
        """Newest first (before 0: from the newest), for a holder or closer.

        case-unknown, case-erased, case-not-held.
        """

    # Experts

    async def queue_page(self, queue: QueueId, after: QueueCursor | None, limit: int) -> QueuePage:
        """Waiting and held places, urgent first, then oldest. Only the directory knows which queues exist."""

    async def bare_page(self, queue: QueueId, after: QueueCursor | None, limit: int) -> BarePage:
        """The same places in the same order, at a tenth of the price."""

    async def queue_counts(self, queue: QueueId) -> QueueCounts:
        """Of the same places."""

    async def closed_page(self, queue: QueueId, closer: ExpertId | None, before: int | None, limit: int) -> ClosedPage:
        """Closed places whose `closed_nth` is below `before` (None: from the newest); with `closer`, theirs alone."""

    async def places(self, case_id: CaseId) -> tuple[PlaceRow, ...]:
        """All of a case's places, closed ones too, by queue. case-unknown, case-erased."""

    async def places_in(self, case_ids: Sequence[CaseId]) -> tuple[PlaceRow, ...]:
        """The same of many cases, of each together, in one snapshot; of those that are not there, nothing."""

    async def claim(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        now_s: int,
        until_s: int,
        capacity: int = CAPACITY,
    ) -> HeldPlace:
        """Take the place, or renew the lease of the one who has it; it lasts until `until_s`.

        case-already-claimed, case-closed, case-unknown, case-erased; queue-unknown: the case has no place there;
        capacity-reached: the expert holds as many others, without those that are snoozed.
        """

    async def reopen(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        now_s: int,
        until_s: int,
        capacity: int = CAPACITY,
    ) -> HeldPlace:
        """Take back what one closed oneself, or renew the lease of what one holds.

        case-not-held, case-closed (by somebody else), capacity-reached, case-unknown, case-erased, queue-unknown.
        """

    async def snooze(
        self,
        case_id: CaseId,
        queue: QueueId,
        expert_id: ExpertId,
        snooze: Snooze | None,
        now_s: int,
        until_s: int,
    ) -> PlaceRow:
        """None wakes the place. Asleep, its lease lasts until `until_s` at least.

        operation-malformed: a time that has passed or is too far off; case-not-held, case-closed, case-unknown,
        case-erased, queue-unknown.
        """

    async def release(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId) -> PlaceRow:
        """case-not-held, case-closed, case-unknown, case-erased, queue-unknown."""

    async def close_place(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId, now_s: int) -> PlaceRow:
        """case-not-held, case-closed, case-unknown, case-erased, queue-unknown."""

    async def opened(self, case_id: CaseId, queue: QueueId, expert_id: ExpertId) -> HeldPlace:
        """For its holder, and for whoever closed it.

        case-not-held, case-closed, case-unknown, case-erased, queue-unknown.
        """

    async def lapse_leases(self, now_s: int) -> tuple[PlaceRow, ...]:
        """Return places whose lease has passed to their queues; these are the places as they are now."""

    async def mark_missed(self, usual_hour: int, urgent_hour: int, limit: int) -> tuple[PlaceRow, ...]:
        """Mark, once, open places that nobody has answered, of cases opened in these hours or before; oldest first.

        There may be more when it is `limit` of them.
        """

    async def wake_snoozed(self, now_s: int) -> tuple[PlaceRow, ...]:
        """Wake places whose time has come; these are the places as they are now."""

    async def held_by(self, expert_id: ExpertId) -> tuple[PlaceRow, ...]:
        """The places this expert holds, oldest first: what a feed starts with."""


def fresh_places(new: NewCase, opened: Opened) -> tuple[PlaceRow, ...]:
    """The places of a case just opened, for announcing them without reading them back."""
    return tuple(
        PlaceRow(
            case_id=new.case_id,
            queue=place.queue,
            urgent=new.urgent,
            state=PlaceState.WAITING,
            holder=None,
            lease_until_s=None,
            opened_hour=new.opened_hour,
            case_seq=opened.case_seq,
            last_seq=opened.seq,
            card=new.card,
            card_wrap=place.card_wrap,
        )
        for place in sorted(new.places, key=lambda place: place.queue)
    )
