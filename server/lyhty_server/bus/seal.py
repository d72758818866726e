"""News sealed under a key from the pepper: who carries them sees sizes and times, and can neither make nor repeat any.

`sender 16 || u64 count || AES-256-GCM`. Each sender has a key of its own, drawn anew at each start, so that its count
is the nonce.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

SENDER_BYTES: Final = 16
_COUNT_BYTES: Final = 8
_HEAD_BYTES: Final = SENDER_BYTES + _COUNT_BYTES
# Of the longest silent ones the count is forgotten: what they said long ago could only say "look" once more.
MAX_SENDERS: Final = 1_000


class Seal:
    """What one process says. `sender`: fresh random bytes."""

    def __init__(self, secret: bytes, sender: bytes) -> None:
        self._sender = sender
        self._key = _key_of(secret, sender)
        self._count = 0

    def seal(self, news: bytes) -> bytes:
        self._count += 1
        head = self._sender + self._count.to_bytes(_COUNT_BYTES, "big")
        return head + self._key.encrypt(_nonce(self._count), news, None)


class Opener:
    """What the others say."""

    def __init__(self, secret: bytes, own: bytes) -> None:
        self._secret = secret
        self._own = own
        self._senders: dict[bytes, tuple[AESGCM, int]] = {}
        self.gaps = 0
        """How often something was missing before what was opened."""

    def open(self, sealed: bytes) -> bytes | None:
        """None: it is our own, a stranger's, or was heard before."""
        sender, count = sealed[:SENDER_BYTES], int.from_bytes(sealed[SENDER_BYTES:_HEAD_BYTES], "big")
        if len(sealed) < _HEAD_BYTES or sender == self._own:
            return None
        key, last = self._senders.get(sender) or (_key_of(self._secret, sender), 0)
        if count <= last:
            return None
        try:
            news = key.decrypt(_nonce(count), sealed[_HEAD_BYTES:], None)
        except InvalidTag:
            return None
        self.gaps += sender in self._senders and count > last + 1
        self._senders.pop(sender, None)
        self._senders[sender] = key, count
        if len(self._senders) > MAX_SENDERS:
            del self._senders[next(iter(self._senders))]
        return news


def _key_of(secret: bytes, sender: bytes) -> AESGCM:
    return AESGCM(HKDFExpand(SHA256(), 32, sender).derive(secret))


def _nonce(count: int) -> bytes:
    return count.to_bytes(12, "big")
