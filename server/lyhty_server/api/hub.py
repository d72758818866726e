"""Who is looking right now: channels bound to a case, and feeds of experts at their desks.

The database is the truth; the hub only carries news, at most once. Whoever missed some reads again by cursor.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from lyhty_wire.ids import CaseId, ExpertId, QueueId


class Listener(Protocol):
    """A reporter's channel, bound to one case."""

    def hear_envelope(self, seq: int, envelope: bytes) -> None: ...

    def hear_state(self, state: bytes) -> None: ...

    def hear_presence(self, presence: bytes) -> None: ...


class Feed(Protocol):
    """An expert's open desk. `text` is a whole event, already encoded."""

    expert: ExpertId
    queues: frozenset[QueueId]

    def hear(self, text: str) -> None: ...

    def look(self) -> None:
        """Whether whoever opened it is still signed in."""


class Hub:
    def __init__(self) -> None:
        self._listeners: defaultdict[CaseId, set[Listener]] = defaultdict(set)
        self._feeds: set[Feed] = set()

    def bind(self, case: CaseId, listener: Listener) -> None:
        self._listeners[case].add(listener)

    def unbind(self, case: CaseId, listener: Listener) -> None:
        listeners = self._listeners.get(case, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(case, None)

    def open_feed(self, feed: Feed) -> None:
        self._feeds.add(feed)

    def close_feed(self, feed: Feed) -> None:
        self._feeds.discard(feed)

    def is_heard(self, case: CaseId) -> bool:
        return case in self._listeners

    def tell_reporter(self, case: CaseId, seq: int, envelope: bytes, *, but: Listener | None = None) -> None:
        for listener in tuple(self._listeners.get(case, ())):
            if listener is not but:
                listener.hear_envelope(seq, envelope)

    def tell_reporter_state(self, case: CaseId, state: bytes) -> None:
        for listener in tuple(self._listeners.get(case, ())):
            listener.hear_state(state)

    def tell_reporter_presence(self, case: CaseId, presence: bytes) -> None:
        for listener in tuple(self._listeners.get(case, ())):
            listener.hear_presence(presence)

    def look(self, expert: ExpertId) -> None:
        """Some of the expert's sessions have ended: their feeds close."""
        for feed in tuple(self._feeds):
            if feed.expert == expert:
                feed.look()

    def has_desk(self, expert: ExpertId) -> bool:
        return any(feed.expert == expert for feed in self._feeds)

    def has_feeds(self, queue: QueueId) -> bool:
        return any(queue in feed.queues for feed in self._feeds)

    def tell_queue(self, queue: QueueId, text: str) -> None:
        for feed in tuple(self._feeds):
            if queue in feed.queues:
                feed.hear(text)

    def directory_changed(self, queues_of: Callable[[ExpertId], frozenset[QueueId]], text: str) -> None:
        """Every feed hears it; who belongs to other queues now hears of those from here on."""
        for feed in tuple(self._feeds):
            feed.queues = queues_of(feed.expert)
            feed.hear(text)

    def tell_everybody(self, text: str) -> None:
        for feed in tuple(self._feeds):
            feed.hear(text)

    def feeds_of(self, queues: frozenset[QueueId]) -> tuple[Feed, ...]:
        """Each once, whoever belongs to several."""
        return tuple(feed for feed in self._feeds if not queues.isdisjoint(feed.queues))

    def tell_expert(self, expert: ExpertId, text: str) -> None:
        for feed in tuple(self._feeds):
            if feed.expert == expert:
                feed.hear(text)
