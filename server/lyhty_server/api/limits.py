"""How long a connection may keep the server waiting, and how much may be held for it. Whatever takes longer or holds
more is let go: it would take the room of somebody who needs help.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds. Tests ask for less than what stands here."""

    asked_within_s: float = 20.0
    """A request's headers come in one packet; whoever takes longer holds a socket for nothing."""
    body_within_s: float = 30.0
    """70 kB on a line of 19 kbit/s."""
    lingering_s: float = 10.0
    """Whoever is refused in the middle of sending reads why when they have sent it."""
    idle_s: float = 30.0
    """Between two requests. The command-line desk keeps its connections for 15 s: it is the one that lets go."""
    read_within_s: float = 30.0
    """Some of an unread answer must leave in this time; on the slowest line that carries anything, some does."""
    held_bytes: int = 64 * 1_048_576
    """Half-received records and what waits to leave, of all channels. One at rest holds nothing; a report coming in
    10 kB."""
    feed_events: int = 1_000
    """About 4 MB; a desk that far behind is closed and reads by cursor again."""


LIMITS: Final = Limits()
