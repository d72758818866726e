"""Where the generations of a case end: what a turn message says of everything before it (SPEC 4.3).

An old key must not sign into the past. Whatever order messages come in, one that lies beyond the end of its generation
is nobody's.
"""

from lyhty_crypto.chains import NOTHING, Link
from lyhty_crypto.sealing import Opened
from lyhty_wire.contents import begins_generation
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import Generation, SignKey
from lyhty_wire.rosters import Roster


def check_turn(opened: Opened, roster: Roster) -> None:
    """A turn message is by whoever signed its generation's roster, and the first generation has none."""
    if begins_generation(opened.content) and (roster.generation == 1 or opened.header.author != roster.signer):
        raise ForgedError("envelope-tampered", "a turn that its generation's roster does not know of")


class Ends:
    """The turn messages of one case, as far as they have been read."""

    __slots__ = ("_turns",)

    def __init__(self) -> None:
        self._turns: dict[Generation, Opened] = {}

    def learn(self, turn: Opened) -> None:
        known = self._turns.setdefault(turn.header.generation, turn)
        if known.head != turn.head:
            raise ForgedError("envelope-tampered", "a generation begins once")

    def has_begun(self, generation: Generation) -> bool:
        """Whether this generation's turn message has been read; the first needs none."""
        return generation == 1 or generation in self._turns

    def check(self, opened: Opened) -> None:
        if self.is_beyond(opened):
            raise ForgedError("envelope-tampered", "written after its generation had ended")

    def is_beyond(self, opened: Opened) -> bool:
        """Whether it stands behind the end of its generation, or in the place of the last message before it."""
        header = opened.header
        following = min((each for each in self._turns if each > header.generation), default=None)
        if following is None:
            return False
        end = self._end(following, header.author)
        return header.counter > end.counter or (header.counter == end.counter and opened.head != end.head)

    def _end(self, generation: Generation, author: SignKey) -> Link:
        """By the turn of `generation`, or, of somebody it does not name, by the newest one before it that does."""
        for number in sorted((each for each in self._turns if each <= generation), reverse=True):
            turn = self._turns[number]
            if turn.header.author == author:
                return Link(turn.header.counter - 1, turn.previous_head)
            for seen in turn.heads:
                if seen.author == author:
                    return Link(seen.counter, seen.head)
        return NOTHING
