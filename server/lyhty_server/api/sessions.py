"""Who is signed in to the desk: tokens and sign-in challenges, in memory only.

A restart signs everybody out; a stolen database signs nobody in.
"""

import hashlib
from collections.abc import Callable, Container
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId

TOKEN_S: Final = 12 * 3600  # a working day; SPEC 9
CHALLENGE_S: Final = 120  # long enough for Argon2id on a slow laptop
MAX_CHALLENGES: Final = 10_000  # 10,000 x 40 bytes; the oldest goes first

Draw = Callable[[int], bytes]


class Sessions:
    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._challenges: dict[bytes, int] = {}
        self._tokens: dict[bytes, tuple[ExpertId, int]] = {}

    def challenge(self, now_s: int) -> bytes:
        fresh = self._draw(32)
        while len(self._challenges) >= MAX_CHALLENGES:
            del self._challenges[next(iter(self._challenges))]
        self._challenges[fresh] = now_s + CHALLENGE_S
        return fresh

    def spend(self, challenge: bytes, now_s: int) -> bool:
        """Whether the challenge was ours, fresh and not used before."""
        return self._challenges.pop(challenge, 0) >= now_s

    def sign_in(self, expert: ExpertId, now_s: int) -> bytes:
        self._tokens = {key: value for key, value in self._tokens.items() if value[1] > now_s}
        token = self._draw(32)
        self._tokens[_digest(token)] = (expert, now_s + TOKEN_S)
        return token

    def expert(self, token: bytes, now_s: int) -> ExpertId:
        """
        Raises:
            DomainError: `not-signed-in`.
        """
        found = self._tokens.get(_digest(token))
        if found is None or found[1] <= now_s:
            raise DomainError(Code.NOT_SIGNED_IN)
        return found[0]

    def is_signed_in(self, token: bytes, now_s: int) -> bool:
        found = self._tokens.get(_digest(token))
        return found is not None and found[1] > now_s

    def keep_only(self, experts: Container[ExpertId]) -> None:
        """Signs out everybody else."""
        self._tokens = {key: value for key, value in self._tokens.items() if value[0] in experts}

    def sign_out(self, token: bytes) -> None:
        self._tokens.pop(_digest(token), None)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
