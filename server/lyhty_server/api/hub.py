"""Who is looking right now: channels bound to a case, and feeds of experts at their desks.

The database is the truth; the hub only carries news, at most once. Whoever missed some reads again by cursor. What
is told here is told at this process; `say` tells the other ones.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Protocol

from lyhty_server.api.news import EverybodyNews, ExpertNews, News, QueuesNews, SessionsNews, WroteNews
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


class _Ear:
    """A listener and the envelopes it knows: all up to `heard`, and of later ones its own."""

    __slots__ = ("heard", "listener", "own")

    def __init__(self, listener: Listener, heard: int) -> None:
        self.listener = listener
        self.heard = heard
        self.own: set[int] = set()

    def hear(self, seq: int, envelope: bytes) -> bool:
        """False: there is a gap before it. What was heard before is passed over."""
        if seq > self.heard + 1:
            return False
        if seq == self.heard + 1:
            self.heard = seq
            if seq in self.own:
                self.own.discard(seq)
            else:
                self.listener.hear_envelope(seq, envelope)
        return True


def nobody(_news: News) -> None:
    """There are no other processes."""


class Hub:
    def __init__(self, say: Callable[[News], None] = nobody) -> None:
        self.say = say
        self.is_behind: Callable[[CaseId], None] = lambda _case: None
        """Told of a case some of whose listeners missed an envelope."""
        self._ears: defaultdict[CaseId, dict[Listener, _Ear]] = defaultdict(dict)
        self._feeds: set[Feed] = set()

    # --- Who is here

    def bind(self, case: CaseId, listener: Listener, seq: int) -> None:
        """`seq`: of the newest envelope that it knows of already."""
        self._ears[case][listener] = _Ear(listener, seq)

    def unbind(self, case: CaseId, listener: Listener) -> None:
        ears = self._ears.get(case, {})
        ears.pop(listener, None)
        if not ears:
            self._ears.pop(case, None)

    def open_feed(self, feed: Feed) -> None:
        self._feeds.add(feed)

    def close_feed(self, feed: Feed) -> None:
        self._feeds.discard(feed)

    def is_heard(self, case: CaseId) -> bool:
        return case in self._ears

    def heard(self, case: CaseId) -> int | None:
        """All of its listeners know all envelopes up to this. None: it has none."""
        return min((ear.heard for ear in self._ears.get(case, {}).values()), default=None)

    def has_desk(self, expert: ExpertId) -> bool:
        return any(feed.expert == expert for feed in self._feeds)

    def has_feeds(self, queue: QueueId) -> bool:
        return any(queue in feed.queues for feed in self._feeds)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return tuple(self._feeds)

    @property
    def cases(self) -> tuple[CaseId, ...]:
        return tuple(self._ears)

    @property
    def queues(self) -> frozenset[QueueId]:
        return frozenset(queue for feed in self._feeds for queue in feed.queues)

    # --- Told everywhere

    def tell_reporter(self, case: CaseId, seq: int, envelope: bytes, *, but: Listener | None = None) -> None:
        ears = self._ears.get(case)
        if ears is not None and but in ears:
            ears[but].own.add(seq)
        self.pass_on(case, seq, envelope)
        self.say(WroteNews(case, seq))

    def look(self, expert: ExpertId) -> None:
        """Some of the expert's sessions have ended: their feeds close."""
        self.look_here(expert)
        self.say(SessionsNews(expert))

    def tell_queues(self, queues: frozenset[QueueId], text: str) -> None:
        self.tell_queues_here(queues, text)
        self.say(QueuesNews(tuple(queues), text))

    def tell_everybody(self, text: str) -> None:
        self.tell_everybody_here(text)
        self.say(EverybodyNews(text))

    def tell_expert(self, expert: ExpertId, text: str) -> None:
        self.tell_expert_here(expert, text)
        self.say(ExpertNews(expert, text))

    # --- Told here

    def pass_on(self, case: CaseId, seq: int, envelope: bytes) -> None:
        heard = [ear.hear(seq, envelope) for ear in tuple(self._ears.get(case, {}).values())]
        if not all(heard):
            self.is_behind(case)

    def tell_reporter_state(self, case: CaseId, state: bytes) -> None:
        for listener in tuple(self._ears.get(case, ())):
            listener.hear_state(state)

    def tell_reporter_presence(self, case: CaseId, presence: bytes) -> None:
        for listener in tuple(self._ears.get(case, ())):
            listener.hear_presence(presence)

    def look_here(self, expert: ExpertId) -> None:
        for feed in tuple(self._feeds):
            if feed.expert == expert:
                feed.look()

    def tell_queues_here(self, queues: Iterable[QueueId], text: str) -> None:
        """Each desk once, whoever belongs to several."""
        wanted = frozenset(queues)
        for feed in tuple(self._feeds):
            if not wanted.isdisjoint(feed.queues):
                feed.hear(text)

    def tell_everybody_here(self, text: str) -> None:
        for feed in tuple(self._feeds):
            feed.hear(text)

    def tell_expert_here(self, expert: ExpertId, text: str) -> None:
        for feed in tuple(self._feeds):
            if feed.expert == expert:
                feed.hear(text)

    def directory_changed(self, queues_of: Callable[[ExpertId], frozenset[QueueId]], text: str) -> None:
        """Every feed hears it; who belongs to other queues now hears of those from here on."""
        for feed in tuple(self._feeds):
            feed.queues = queues_of(feed.expert)
            feed.hear(text)
