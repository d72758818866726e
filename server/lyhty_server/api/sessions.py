"""Who is signed in, to the desk or to see figures: kept in the store, so that every process knows it (SPEC 9).

A restart signs nobody out; a stolen database signs nobody in. Of a session the hour is known in which it began, and
nothing else: no address, no browser's name. What the store said is believed for a few seconds.
"""

import hashlib
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from lyhty_server.clock import hour_of
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.session_rows import Door, Ending, SessionRow, SessionStore
from lyhty_wire.codes import Code

TOKEN_S: Final = 12 * 3600  # a working day; SPEC 9
SESSION_ID_BYTES: Final = 16
# How long another process may go on believing in a session that has ended, where no news reached it. With less, a
# desk that is busy would ask the store for the same row several times a second.
BELIEVED_S: Final = 5
MOST_BELIEVED: Final = 10_000  # about 4 MB

Draw = Callable[[int], bytes]
Who = TypeVar("Who", bound=bytes)


class Sessions(Generic[Who]):
    def __init__(self, door: Door, store: SessionStore, draw: Draw, person: Callable[[bytes], Who]) -> None:
        self._door = door
        self._store = store
        self._draw = draw
        self._person = person
        self._believed: dict[bytes, tuple[SessionRow, int]] = {}
        """What the store said, and when."""
        self._endings = 0

    async def sign_in(self, whose: Who, now_s: int) -> bytes:
        token = self._draw(32)
        row = SessionRow(
            digest_of(token), self._draw(SESSION_ID_BYTES), self._door, whose, hour_of(now_s), now_s + TOKEN_S
        )
        await self._store.begin_session(row, now_s)
        return token

    async def whose(self, token: bytes, now_s: int) -> Who:
        """
        Raises:
            DomainError: `not-signed-in`.
        """
        found = await self._find(digest_of(token), now_s)
        if found is None:
            raise DomainError(Code.NOT_SIGNED_IN)
        return self._person(found.person)

    async def is_signed_in(self, token: bytes, now_s: int) -> bool:
        return await self._find(digest_of(token), now_s) is not None

    async def of(self, whose: Who, now_s: int) -> list[SessionRow]:
        """The oldest first."""
        return [row for row in await self._store.sessions_of(self._door, whose) if row.until_s > now_s]

    async def sign_out(self, token: bytes) -> None:
        await self._end(Ending(self._door, token_digest=digest_of(token)))

    async def end(self, whose: Who, session_id: bytes) -> None:
        """
        Raises:
            DomainError: `session-unknown`; somebody else's is unknown too.
        """
        if await self._end(Ending(self._door, person=whose, session_id=session_id)) == 0:
            raise DomainError(Code.SESSION_UNKNOWN)

    async def end_others(self, token: bytes, whose: Who) -> int:
        return await self._end(Ending(self._door, person=whose, but_digest=digest_of(token)))

    async def end_all(self, whose: Who) -> int:
        return await self._end(Ending(self._door, person=whose))

    def forget(self) -> None:
        """Some have ended elsewhere: the store is asked again."""
        self._endings += 1
        self._believed.clear()

    async def _end(self, ending: Ending) -> int:
        """How many ended."""
        ended = await self._store.end_sessions(ending)
        self.forget()
        return ended

    async def _find(self, digest: bytes, now_s: int) -> SessionRow | None:
        row, since_s = self._believed.get(digest, (None, 0))
        # A clock that was put back must not keep an old belief alive.
        if row is None or not 0 <= now_s - since_s < BELIEVED_S:
            row = await self._ask(digest, now_s)
        return row if row is not None and row.door is self._door and row.until_s > now_s else None

    async def _ask(self, digest: bytes, now_s: int) -> SessionRow | None:
        endings = self._endings
        row = await self._store.session(digest)
        if row is None:
            self._believed.pop(digest, None)
        elif endings == self._endings:  # what was read before something ended is not to be remembered
            if len(self._believed) >= MOST_BELIEVED:
                self._believed.clear()
            self._believed[digest] = row, now_s
        return row


def digest_of(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
