"""Looks into the store for those who are here, when another process says that something happened, or nobody can.

Alone, a server tells what it wrote at once, as it has it in its hands. Of many, each tells what it read: so the last
thing told of a place is how it stands, in whatever order the news came. What came while it read is read together.
"""

import asyncio
import contextlib
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from lyhty_server.api.hub import Hub
from lyhty_server.api.news import ErasedNews, HoldersNews, PlaceNews
from lyhty_server.api.presence import Presence
from lyhty_server.api.shapes import Standing, feed_text, holders_of, place_json, state_event
from lyhty_server.domain.cases import PlaceState
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import BarePlace, PlaceRow, Store, StoredEnvelope
from lyhty_wire.codes import Code
from lyhty_wire.desk import FeedEnvelope, FeedErased, FeedPlace
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import CaseId, ExpertId, QueueId

AT_ONCE: Final = 200  # cases in one reading
BARE_AT_ONCE: Final = 1_000
PAGE_BYTES: Final = 262_144
AGAIN_S: Final = 1.0  # after an outage of the store


class _Shown:
    """What the desks of a queue were told of one of its open places. `card`: None when only how it stands was read."""

    __slots__ = ("card", "seq", "stands")

    def __init__(self, place: BarePlace, card: int | None = None) -> None:
        self.stands = _stands(place)
        self.seq = place.last_seq
        self.card = card


class Lookout:
    def __init__(self, store: Store, hub: Hub, presence: Presence, *, is_shared: bool) -> None:
        self._store = store
        self._hub = hub
        self._presence = presence
        self._is_shared = is_shared
        self._noted: dict[CaseId, None] = {}
        self._behind: dict[CaseId, None] = {}
        self._wake = asyncio.Event()
        self._walking = asyncio.Lock()
        self._shown: dict[QueueId, dict[CaseId, _Shown]] = {}
        self._states: dict[CaseId, bytes] = {}
        hub.is_behind = self._note_behind

    # --- Something happened here: told to all processes

    def place_changed(self, place: PlaceRow) -> None:
        if self._is_shared:
            self._hub.say(PlaceNews(place.case_id, place.queue))
            self.note(place.case_id, place.queue)
        elif self._hub.has_feeds(place.queue):
            self._show(place)

    def place_opened(self, place: PlaceRow) -> None:
        """With its case: the reporter knows it from the answer, so only desks make it worth reading."""
        if self._is_shared and not self._hub.has_feeds(place.queue):
            self._hub.say(PlaceNews(place.case_id, place.queue))
        else:
            self.place_changed(place)

    async def case_changed(self, place: PlaceRow) -> None:
        """The same, and whoever watches the case."""
        self.place_changed(place)
        if not self._is_shared and self._presence.watches(place.case_id):
            try:
                places = await self._store.places(place.case_id)
            except DomainError:  # erased meanwhile, or no disk: the change itself is stored, and news may be missed
                return
            self._show_reporter(place.case_id, places)

    def holders_hear(self, case: CaseId, seq: int, holders: tuple[ExpertId, ...]) -> None:
        if holders:
            self.tell_holders(case, seq, holders)
            self._hub.say(HoldersNews(case, seq, holders))

    def case_erased(self, case: CaseId, queues: Iterable[QueueId]) -> None:
        self._hub.tell_queues(frozenset(queues), feed_text(FeedErased(b64encode(case))))
        self.forget(case)
        self._hub.say(ErasedNews(case))

    # --- Something happened anywhere: told to those who are here

    def note(self, case: CaseId, queue: QueueId) -> None:
        if self._presence.watches(case) or self._hub.has_feeds(queue):
            self._noted[case] = None
            self._wake.set()

    def wrote(self, case: CaseId, seq: int) -> None:
        heard = self._hub.heard(case)
        if heard is not None and seq > heard:
            self._note_behind(case)

    def tell_holders(self, case: CaseId, seq: int, holders: Iterable[ExpertId]) -> None:
        """In whatever order news come, a desk hears of a later envelope once and of no earlier one after it."""
        shown = [each[case] for each in self._shown.values() if case in each]
        if any(each.seq >= seq for each in shown):
            return
        for each in shown:
            each.seq = seq
        text = feed_text(FeedEnvelope(b64encode(case), seq))
        for holder in holders:
            self._hub.tell_expert_here(holder, text)

    def forget(self, case: CaseId) -> None:
        """It was erased."""
        self._presence.erased(case)
        self._states.pop(case, None)
        for shown in self._shown.values():
            shown.pop(case, None)

    def reporter_knows(self, case: CaseId, places: Collection[Standing]) -> None:
        """How they stand now, from an answer: no event need say it."""
        if self._is_shared:
            self._states[case] = state_event(places)

    # --- Looking

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._look_at_noted()
            except DomainError:  # no disk: it is looked at again
                await asyncio.sleep(AGAIN_S)
                self._wake.set()

    async def know(self, queues: frozenset[QueueId]) -> None:
        """How the places of these queues stand, before a desk of them begins to listen."""
        if not self._is_shared:
            return
        with contextlib.suppress(DomainError):
            for queue in queues:
                if queue not in self._shown:
                    await self._walk(queue)

    async def poll(self) -> None:
        """All that may have been missed.

        Raises:
            DomainError: the store is away.
        """
        cases, queues = self._hub.cases, self._hub.queues
        self._states = {case: state for case, state in self._states.items() if self._presence.watches(case)}
        self._shown = {queue: shown for queue, shown in self._shown.items() if queue in queues}
        await self._look_in_turn(cases)
        for queue in queues:
            await self._walk(queue)

    async def _look_at_noted(self) -> None:
        while self._noted or self._behind:
            cases = tuple(self._noted)[:AT_ONCE]
            if cases:
                await self._look(cases)
            for case in tuple(self._behind):
                del self._behind[case]
                try:
                    await self._catch_up(case)
                except DomainError as error:
                    if error.code not in (Code.CASE_ERASED, Code.CASE_UNKNOWN):
                        self._behind[case] = None
                        raise

    async def _look(self, cases: tuple[CaseId, ...]) -> None:
        # Before it is read: what is noted while it is read, is read once more.
        noted = [case for case in cases if case in self._noted]
        for case in noted:
            del self._noted[case]
        try:
            rows = await self._store.places_in(cases)
        except DomainError:
            self._noted |= dict.fromkeys(noted)
            raise
        found: dict[CaseId, list[PlaceRow]] = {}
        for row in rows:
            found.setdefault(row.case_id, []).append(row)
        for case in cases:
            if case in found:
                self._show_all(found[case])
            else:
                self._gone(case)

    def _show_all(self, places: list[PlaceRow]) -> None:
        for place in places:
            if self._hub.has_feeds(place.queue):
                self._show(place)
        case = places[0].case_id
        if self._presence.watches(case):
            self._show_reporter(case, places)
        self.wrote(case, places[0].last_seq)

    def _show(self, place: PlaceRow) -> None:
        if self._is_shared and not self._is_news(place):
            return
        self._hub.tell_queues_here((place.queue,), feed_text(FeedPlace(place_json(place))))

    def _is_news(self, place: PlaceRow) -> bool:
        shown = self._shown.get(place.queue)
        if shown is None:
            return True
        if place.state is PlaceState.CLOSED:
            return shown.pop(place.case_id, None) is not None
        known, stands, card = shown.get(place.case_id), _stands(place), hash((place.card, place.card_wrap))
        if known is None:
            shown[place.case_id] = _Shown(place, card)
            return True
        is_news = (known.stands, known.card) != (stands, card)
        known.stands, known.card = stands, card
        return is_news

    def _show_reporter(self, case: CaseId, places: Collection[Standing]) -> None:
        event = state_event(places)
        if not self._is_shared or self._states.get(case) != event:
            self.reporter_knows(case, places)
            self._hub.tell_reporter_state(case, event)
        self._presence.holders_changed(case, holders_of(places))

    def _gone(self, case: CaseId) -> None:
        text = feed_text(FeedErased(b64encode(case)))
        for queue, shown in self._shown.items():
            if case in shown:
                self._hub.tell_queues_here((queue,), text)
        self.forget(case)

    async def _walk(self, queue: QueueId) -> None:
        """All open places of a queue, page by page. The first time nothing is told: whoever listens reads it too."""
        async with self._walking:
            before = set(self._shown.get(queue, ()))
            listed, changed = dict[CaseId, _Shown](), list[BarePlace]()
            after, more = None, True
            while more:
                page = await self._store.bare_page(queue, after, BARE_AT_ONCE)
                shown = self._shown.get(queue)
                for place in page.places:
                    now = listed[place.case_id] = _Shown(place)
                    if shown is not None:
                        known = shown.get(place.case_id)
                        if known is None or (known.stands, known.seq) != (now.stands, now.seq):
                            changed.append(place)
                after, more = page.next, page.next is not None
            self._shown.setdefault(queue, listed)
            await self._look_in_turn([*(place.case_id for place in changed), *(before - listed.keys())])
            for place in changed:
                if place.holder is not None:
                    self.tell_holders(place.case_id, place.last_seq, (place.holder,))

    async def _look_in_turn(self, cases: Sequence[CaseId]) -> None:
        for first in range(0, len(cases), AT_ONCE):
            await self._look(tuple(cases[first : first + AT_ONCE]))

    async def _catch_up(self, case: CaseId) -> None:
        heard = self._hub.heard(case)
        if heard is None:
            return
        missed, before, more = list[StoredEnvelope](), 0, True
        while more:
            page = await self._store.envelopes(case, before, heard, PAGE_BYTES)
            missed += page.envelopes
            more, before = page.more, page.envelopes[-1].seq if page.envelopes else 0
        for envelope in reversed(missed):
            self._hub.pass_on(case, envelope.seq, envelope.body)

    def _note_behind(self, case: CaseId) -> None:
        self._behind[case] = None
        self._wake.set()


def _stands(place: BarePlace) -> int:
    return hash((
        place.state, place.holder, place.lease_until_s, place.answered, place.missed, place.lapses, place.snooze,
        place.opened_hour,
    ))  # fmt: skip
