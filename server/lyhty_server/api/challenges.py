"""What a sign-in's proof must be made of: good once, for one name, for two minutes (SPEC 9.4).

A challenge vouches for itself, before every process of the service, and nothing is kept of it until it is spent:
whoever asks for a million of them pushes nobody's out.
"""

import hmac
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.session_rows import SessionStore, Spent
from lyhty_wire.codes import Code
from lyhty_wire.reader import u32

CHALLENGE_S: Final = 120  # long enough for Argon2id on a slow laptop, and for the work
MAX_SPENT: Final = 100_000  # of one process: about 15 MB, and 800 proofs a second without a pause
_MAC_BYTES: Final = 16


class Challenges:
    def __init__(self, key: bytes, store: SessionStore, good_for_s: int = CHALLENGE_S) -> None:
        """`key`: the same in every process, and after a restart."""
        self._key = key
        self._store = store
        self._good_for_s = good_for_s
        self._spent: dict[bytes, int] = {}

    def give(self, purpose: bytes, now_s: int, random: bytes) -> bytes:
        """`random`: 12 bytes."""
        head = u32(now_s + self._good_for_s) + random
        return head + self._mac(purpose, head)

    def is_good(self, challenge: bytes, purpose: bytes, now_s: int) -> bool:
        """Whether it is ours, for this purpose, fresh, and not used before in this process: `spend` knows of all."""
        head, mac = challenge[:-_MAC_BYTES], challenge[-_MAC_BYTES:]
        is_ours = hmac.compare_digest(mac, self._mac(purpose, head))
        return is_ours and int.from_bytes(head[:4], "big") >= now_s and challenge not in self._spent

    async def spend(self, challenge: bytes, now_s: int) -> bool:
        """Whether nobody has before: of two who bring the same at one time, one hears True.

        Raises:
            DomainError: `busy`, as `spend_here`.
        """
        return await self._store.spend(self.spend_here(challenge, now_s), now_s)

    def spend_here(self, challenge: bytes, now_s: int) -> Spent:
        """What is still to be written into the store.

        Raises:
            DomainError: `busy`, when so many have been spent in two minutes that no more can be remembered.
        """
        while self._spent and self._spent[first := next(iter(self._spent))] < now_s:
            del self._spent[first]
        if len(self._spent) >= MAX_SPENT:
            raise DomainError(Code.BUSY)
        until_s = int.from_bytes(challenge[:4], "big")
        self._spent[challenge] = until_s
        return Spent(challenge, until_s)

    def _mac(self, purpose: bytes, head: bytes) -> bytes:
        return hmac.digest(self._key, purpose + head, "sha256")[:_MAC_BYTES]
