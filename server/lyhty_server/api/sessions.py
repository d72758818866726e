"""Who is signed in, to the desk or to see figures, in memory only.

A restart signs everybody out; a stolen database signs nobody in. Of a session the hour is known in which it began, and
nothing else: no address, no browser's name.
"""

import hashlib
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from lyhty_server.clock import hour_of
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code

TOKEN_S: Final = 12 * 3600  # a working day; SPEC 9
SESSION_ID_BYTES: Final = 16

Draw = Callable[[int], bytes]
Who = TypeVar("Who", bound=bytes)


@dataclass(frozen=True, slots=True)
class Session(Generic[Who]):
    id: bytes
    """For its owner to name it by; it is no token."""
    whose: Who
    begun_hour: int
    until_s: int


class Sessions(Generic[Who]):
    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._by_token: dict[bytes, Session[Who]] = {}

    def sign_in(self, whose: Who, now_s: int) -> bytes:
        self._by_token = {key: session for key, session in self._by_token.items() if session.until_s > now_s}
        token = self._draw(32)
        self._by_token[_digest(token)] = Session(self._draw(SESSION_ID_BYTES), whose, hour_of(now_s), now_s + TOKEN_S)
        return token

    def whose(self, token: bytes, now_s: int) -> Who:
        """
        Raises:
            DomainError: `not-signed-in`.
        """
        return self.session(token, now_s).whose

    def session(self, token: bytes, now_s: int) -> Session[Who]:
        """
        Raises:
            DomainError: `not-signed-in`.
        """
        found = self._by_token.get(_digest(token))
        if found is None or found.until_s <= now_s:
            raise DomainError(Code.NOT_SIGNED_IN)
        return found

    def is_signed_in(self, token: bytes, now_s: int) -> bool:
        found = self._by_token.get(_digest(token))
        return found is not None and found.until_s > now_s

    def keep_only(self, people: Container[Who]) -> None:
        """Signs out everybody else."""
        self._end(lambda session: session.whose not in people)

    def sign_out(self, token: bytes) -> None:
        self._by_token.pop(_digest(token), None)

    def of(self, whose: Who, now_s: int) -> list[Session[Who]]:
        """The oldest first."""
        return [session for session in self._by_token.values() if session.whose == whose and session.until_s > now_s]

    def end(self, whose: Who, session_id: bytes) -> None:
        """
        Raises:
            DomainError: `session-unknown`; somebody else's is unknown too.
        """
        if self._end(lambda session: session.whose == whose and session.id == session_id) == 0:
            raise DomainError(Code.SESSION_UNKNOWN)

    def end_others(self, token: bytes, whose: Who) -> int:
        own = self._by_token.get(_digest(token))
        return self._end(lambda session: session.whose == whose and session is not own)

    def end_all(self, whose: Who) -> int:
        return self._end(lambda session: session.whose == whose)

    def _end(self, ends: Callable[[Session[Who]], bool]) -> int:
        """How many ended."""
        before = len(self._by_token)
        self._by_token = {key: session for key, session in self._by_token.items() if not ends(session)}
        return before - len(self._by_token)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
