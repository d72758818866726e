"""What a sign-in's proof must be made of: good once, for one name, for two minutes (SPEC 9.4).

A challenge vouches for itself, and nothing is kept of it until it is spent: whoever asks for a million of them pushes
nobody's out.
"""

import hmac
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.reader import u32

CHALLENGE_S: Final = 120  # long enough for Argon2id on a slow laptop, and for the work
MAX_SPENT: Final = 100_000  # about 15 MB, and 800 proofs a second without a pause
_MAC_BYTES: Final = 16


class Challenges:
    def __init__(self, key: bytes, good_for_s: int = CHALLENGE_S) -> None:
        """`key`: of this run of the server. What was spent is forgotten with it."""
        self._key = key
        self._good_for_s = good_for_s
        self._spent: dict[bytes, int] = {}

    def give(self, purpose: bytes, now_s: int, random: bytes) -> bytes:
        """`random`: 12 bytes."""
        head = u32(now_s + self._good_for_s) + random
        return head + self._mac(purpose, head)

    def is_good(self, challenge: bytes, purpose: bytes, now_s: int) -> bool:
        """Whether it is ours, for this purpose, fresh, and not used before."""
        head, mac = challenge[:-_MAC_BYTES], challenge[-_MAC_BYTES:]
        is_ours = hmac.compare_digest(mac, self._mac(purpose, head))
        return is_ours and int.from_bytes(head[:4], "big") >= now_s and challenge not in self._spent

    def spend(self, challenge: bytes, now_s: int) -> None:
        """
        Raises:
            DomainError: `busy`, when so many have been spent in two minutes that no more can be remembered.
        """
        while self._spent and self._spent[first := next(iter(self._spent))] < now_s:
            del self._spent[first]
        if len(self._spent) >= MAX_SPENT:
            raise DomainError(Code.BUSY)
        self._spent[challenge] = now_s + self._good_for_s

    def _mac(self, purpose: bytes, head: bytes) -> bytes:
        return hmac.digest(self._key, purpose + head, "sha256")[:_MAC_BYTES]
