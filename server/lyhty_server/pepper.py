"""What a stolen database lacks: the pepper, and what is derived from it (SPEC 8).

The pepper is 32 bytes in a file beside the database, not in it. Without it a mailbox row says neither whose
it is nor which case it leads to, so a copy of the database allows no guessing of phrases.
"""

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from lyhty_server.config import ConfigError
from lyhty_wire.contexts import context
from lyhty_wire.ids import HASH_BYTES, CaseId, MailboxId
from lyhty_wire.reader import u64
from lyhty_wire.work import CHALLENGE_BYTES

PEPPER_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class Pepper:
    """Keyed hashes and row encryption. `repr` shows nothing."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != PEPPER_BYTES:
            raise ConfigError(f"The pepper must have {PEPPER_BYTES} bytes.")
        self._secret = secret
        self._rows = AESGCM(HKDFExpand(SHA256(), 32, context("mailbox-seal")).derive(secret))

    @classmethod
    def read(cls, path: Path) -> "Pepper":
        if not path.is_file():
            raise ConfigError(f"There is no pepper at {path}. Run `lyhty init` first.")
        return cls(path.read_bytes())

    def row_key(self, mailbox: MailboxId) -> bytes:
        return hmac.digest(self._secret, context("mailbox-row") + mailbox, "sha256")

    def seal_row(self, row_key: bytes, case: CaseId, case_salt: bytes, draw: Callable[[int], bytes]) -> bytes:
        nonce = draw(_NONCE_BYTES)
        return nonce + self._rows.encrypt(nonce, case + case_salt, row_key)

    def open_row(self, row_key: bytes, sealed: bytes) -> tuple[CaseId, bytes]:
        """The case and its salt."""
        row = self._rows.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row_key)
        return CaseId(row[:HASH_BYTES]), row[HASH_BYTES:]

    def work_challenge(self, period: int) -> bytes:
        """Public, and nobody knows it before its ten minutes begin (SPEC 6.7)."""
        return hmac.digest(self._secret, context("work-challenge") + u64(period), "sha256")[:CHALLENGE_BYTES]

    def one_time_key(self, purpose: bytes) -> bytes:
        """Under it every process makes challenges that every other one knows for its own (SPEC 9.4)."""
        return hmac.digest(self._secret, context("one-time") + purpose, "sha256")

    @property
    def news_key(self) -> bytes:
        """What processes of one service seal under that they tell each other (SPEC 8)."""
        return HKDFExpand(SHA256(), 32, context("news")).derive(self._secret)

    def name_key(self, name: str) -> bytes:
        """What stands for an account name in the store, whether there is such an account or not (SPEC 9.4)."""
        return hmac.digest(self._secret, context("sign-in-name") + name.encode(), "sha256")

    def unknown_expert_salt(self, name: str) -> bytes:
        """So that a sign-in tells nobody which names exist (SPEC 2.3)."""
        return hmac.digest(self._secret, context("unknown-expert") + name.encode(), "sha256")[:16]
