"""What a client must not go on with: a class per failure name that only holders of keys can find (SPEC 1.6)."""

from typing import ClassVar


class CryptoError(Exception):
    """Something does not open, or a rule forbids it. `code` is what the person's screen explains."""

    failure: ClassVar[str]

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(f"{code}: {reason}" if reason else code)
        self.code = code


class TamperedError(CryptoError):
    """An AEAD or a commitment does not open: other bytes than were sealed, or for somebody else."""

    failure = "tampered"


class RefusedError(CryptoError):
    """A rule of the domain forbids it, whatever the server says."""

    failure = "refused"


class HistoryGapError(RefusedError):
    """A message is missing, repeated, moved or replaced (SPEC 4.3)."""

    def __init__(self, reason: str) -> None:
        super().__init__("history-gap", reason)
