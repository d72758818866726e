"""What a reader remembers of a case's history, so that holes, forks, replays and moves show (SPEC 4.3)."""

from dataclasses import dataclass

from lyhty_crypto.errors import HistoryGapError
from lyhty_crypto.sealing import Opened, OpenedAside, OpenedOnShelf
from lyhty_wire.contents import Report
from lyhty_wire.envelopes import MAX_HEADS, HeadSeen
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import NO_HEAD, Head, SignKey


@dataclass(frozen=True, slots=True)
class Link:
    """The last message of one author."""

    counter: int
    head: Head


NOTHING = Link(0, NO_HEAD)


class Chains:
    """The heads of every author in one case. Messages are accepted in the server's order, oldest first."""

    __slots__ = ("_heads", "_last", "_reporter")

    def __init__(self, reporter: SignKey) -> None:
        self._reporter = reporter
        self._last: dict[SignKey, Link] = {}
        self._heads: dict[tuple[SignKey, int], Head] = {}

    def accept(self, opened: Opened | OpenedOnShelf | OpenedAside) -> None:
        """Takes a message into the history, or raises and leaves the history as it was."""
        header = opened.header
        self._check_report(opened)
        last = self.last(header.author)
        if header.counter != last.counter + 1 or opened.previous_head != last.head:
            raise HistoryGapError("not the author's next message")
        for seen in opened.heads:
            # An older head counts too: a fork does not become right when its author has written on.
            known = self._heads.get((seen.author, seen.counter))
            if known != seen.head if known is not None else seen.counter > self.last(seen.author).counter:
                raise HistoryGapError("its author has read a message that is not here")
        self._take(opened)

    def adopt(self, opened: Opened | OpenedOnShelf | OpenedAside) -> bool:
        """Goes on from a message before which there is a gap. False for a repeated one: nothing goes on from there."""
        header = opened.header
        if header.counter <= self.last(header.author).counter:
            return False
        for seen in opened.heads:  # told once: the author's next messages name the same heads again
            self._heads.setdefault((seen.author, seen.counter), seen.head)
        self._take(opened)
        return True

    def begin(self, opened: Opened) -> None:
        """Goes on from the first message this reader may read: all others stand where its author saw them."""
        for seen in opened.heads:
            self._last[seen.author] = Link(seen.counter, seen.head)
            self._heads[seen.author, seen.counter] = seen.head
        self._take(opened)

    def _take(self, opened: Opened | OpenedOnShelf | OpenedAside) -> None:
        header = opened.header
        self._last.pop(header.author, None)
        self._last[header.author] = Link(header.counter, opened.head)
        self._heads[header.author, header.counter] = opened.head

    def last(self, author: SignKey) -> Link:
        """Counter 0 and a zero head when nothing of the author was read."""
        return self._last.get(author, NOTHING)

    def heads_seen(self, excluding: SignKey) -> tuple[HeadSeen, ...]:
        """What the next message of `excluding` says it has read. SPEC 4.2: of more than 8, the last who wrote."""
        others = [(author, link) for author, link in self._last.items() if author != excluding]
        return tuple(
            HeadSeen(author, link.counter, link.head)
            for author, link in sorted(others[-MAX_HEADS:], key=lambda other: other[0])
        )

    def _check_report(self, opened: Opened | OpenedOnShelf | OpenedAside) -> None:
        """SPEC 4.4: the first message of the reporter is the report, and nobody else writes one."""
        first_of_reporter = opened.header.author == self._reporter and opened.header.counter == 1
        if isinstance(opened.content, Report) != first_of_reporter:
            raise ForgedError("envelope-tampered", "a report is the reporter's first message and nothing else")
