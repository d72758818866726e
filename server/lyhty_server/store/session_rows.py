"""Who is signed in, what has been used up, what signing in costs, and who does the jobs: known to every process.

What is kept of a session signs nobody in: the hash of its token.
"""

from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from lyhty_server.domain.guessing import Failures


class Door(IntEnum):
    """What somebody is signed in to."""

    EXPERTS = 1
    VIEWERS = 2


class SessionRow(Struct, frozen=True):
    token_digest: bytes
    session_id: bytes
    """For its owner to name it by; it is no token."""
    door: Door
    person: bytes
    begun_hour: int
    until_s: int


class Ending(Struct, frozen=True):
    """Which sessions end: those that everything given here is true of."""

    door: Door
    person: bytes | None = None
    session_id: bytes | None = None
    token_digest: bytes | None = None
    but_digest: bytes | None = None
    but_people: tuple[bytes, ...] | None = None

    def ends(self, row: SessionRow) -> bool:
        return (
            row.door == self.door
            and self.person in (None, row.person)
            and self.session_id in (None, row.session_id)
            and self.token_digest in (None, row.token_digest)
            and self.but_digest != row.token_digest
            and (self.but_people is None or row.person not in self.but_people)
        )


class Spent(Struct, frozen=True):
    """A challenge that is good once, and until when somebody might bring it again."""

    challenge: bytes
    until_s: int


class Try(Struct, frozen=True):
    """One try to prove a login key."""

    spent: Spent
    bucket: int
    """Of the name: 16 bits of a keyed hash."""
    effort: int
    """The work that was done for it."""


class JobRow(Struct, frozen=True):
    """Who does a job. `beat` only ever grows; `holder` is empty while nobody has it."""

    holder: bytes = b""
    beat: int = 0


class SessionStore(Protocol):
    @property
    def is_shared(self) -> bool:
        """Whether other processes may write here too."""

    async def begin_session(self, row: SessionRow, now_s: int) -> None:
        """What has run out by now is deleted with it."""

    async def session(self, token_digest: bytes) -> SessionRow | None:
        """Also one that has run out, if it is still there."""

    async def sessions_of(self, door: Door, person: bytes) -> tuple[SessionRow, ...]:
        """The oldest first."""

    async def end_sessions(self, ending: Ending) -> int:
        """How many ended."""

    async def spend(self, spent: Spent, now_s: int) -> bool:
        """Whether it had not been spent before. What nobody can bring any more is deleted with it."""

    async def failures(self, bucket: int) -> Failures: ...

    async def begin_try(self, new: Try, now_s: int) -> None:
        """Spends its challenge, and counts it as failed.

        sign-in-failed: the challenge was spent before; work-insufficient: a try costs more by now.
        """

    async def take_back_try(self, bucket: int, now_s: int) -> None:
        """It did not fail."""

    async def beat(self, job: str, holder: bytes, seen: int) -> bool:
        """The holder's next sign of life, or the first of whoever takes the job over; an empty holder gives it up.

        `seen`: the beat that was last seen. Of two who have seen the same, one succeeds.
        """

    async def job(self, name: str) -> JobRow: ...
