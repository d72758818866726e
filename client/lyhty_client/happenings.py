"""What a reporter's session tells whoever shows it."""

from dataclasses import dataclass
from typing import NewType

from lyhty_client.conversation import Read
from lyhty_wire.directories import Directory
from lyhty_wire.records import PlaceState, State

Ticket = NewType("Ticket", int)
"""What somebody asked the session for; `Done` or `Failed` names it later."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """The directory has been verified; from now on something may be sent."""

    directory: Directory


@dataclass(frozen=True, slots=True)
class Done:
    """The server has acknowledged it, durably."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not done, and will not be tried again."""

    ticket: Ticket
    code: str


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """Who holds the case now."""

    state: State
    places: tuple[PlaceState, ...]


@dataclass(frozen=True, slots=True)
class ClockOff:
    """This computer's clock and the server's differ by more than half an hour."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing can be believed any more and nothing is sent."""

    code: str


Happening = Trusted | Done | Failed | Read | CaseChanged | ClockOff | Stopped
