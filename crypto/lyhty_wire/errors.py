"""What can be wrong with bytes that arrive: a class per failure name (SPEC 1.6), carrying a stable code (SPEC 7)."""

from typing import ClassVar


class WireError(Exception):
    """Bytes that this package refuses. `code` is what a person's screen or another program is told."""

    failure: ClassVar[str]

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(f"{code}: {reason}" if reason else code)
        self.code = code


class MalformedError(WireError):
    """No encoder writes such bytes."""

    failure = "malformed"


class ForgedError(WireError):
    """A signature, or the chain of trust behind it, does not hold."""

    failure = "forged"


class StaleError(WireError):
    """A time or an epoch has passed, or has not come yet."""

    failure = "stale"
