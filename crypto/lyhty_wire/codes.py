"""The stable error codes: number on the channel, text at the desk, HTTP status (SPEC 7); and those only clients use."""

from enum import IntEnum
from typing import Self

from lyhty_wire.errors import MalformedError


class Code(IntEnum):
    """One row of SPEC 7. The value is the number in an error record."""

    status: int

    def __new__(cls, number: int, status: int) -> Self:
        code = int.__new__(cls, number)
        code._value_ = number
        code.status = status
        return code

    FRAME_MALFORMED = 1, 400
    OPERATION_MALFORMED = 2, 400
    ENVELOPE_MALFORMED = 3, 400
    TOO_LARGE = 4, 413
    SIGNATURE_INVALID = 5, 403
    MAILBOX_UNKNOWN = 6, 404
    CASE_UNKNOWN = 7, 404
    CASE_CLOSED = 8, 409
    CASE_ERASED = 9, 410
    CASE_ALREADY_CLAIMED = 10, 409
    CASE_NOT_HELD = 11, 403
    OBJECT_CONFLICT = 12, 409
    COUNTER_CONFLICT = 13, 409
    EPOCH_STALE = 14, 409
    QUEUE_UNKNOWN = 15, 404
    BUSY = 16, 503
    STORAGE_FAILED = 17, 503
    NOT_SIGNED_IN = 18, 401
    SIGN_IN_FAILED = 19, 403
    NOT_RESUMED = 20, 403
    ROUTE_UNKNOWN = 21, 404
    METHOD_NOT_ALLOWED = 22, 405
    INTERNAL = 23, 500
    WORK_INSUFFICIENT = 24, 429
    CAPACITY_REACHED = 25, 409
    DIRECTORY_OUTDATED = 26, 409
    NOT_COORDINATOR = 27, 403
    INVITATION_UNKNOWN = 28, 404
    GENERATION_STALE = 29, 409
    CASE_CHANGED = 30, 409
    SECOND_FACTOR_NEEDED = 31, 403
    SESSION_UNKNOWN = 32, 404
    EPOCH_IN_USE = 33, 409
    ROOM_UNKNOWN = 35, 404
    TOO_MANY_ROOMS = 36, 409
    SHELF_CHANGED = 37, 409
    SHELF_FULL = 38, 409
    RECOVERY_UNKNOWN = 60, 404
    RECOVERY_UNDER_WAY = 61, 409
    ORGANISATION_UNKNOWN = 70, 404
    PROVIDER_REFUSED = 80, 403
    PROVIDER_UNAVAILABLE = 81, 503
    VIEWER_UNKNOWN = 82, 403
    PAPER_FAILED = 90, 503
    PAPER_UNAVAILABLE = 91, 501
    SITE_UNSET = 92, 501

    @property
    def number(self) -> int:
        return self.value

    @property
    def text(self) -> str:
        return self.name.lower().replace("_", "-")

    @classmethod
    def from_number(cls, number: int) -> "Code":
        code = _BY_NUMBER.get(number)
        if code is None:
            raise MalformedError(cls.OPERATION_MALFORMED.text, f"no error has the number {number}")
        return code

    @classmethod
    def from_text(cls, text: str) -> "Code":
        """The row of a text. Raises KeyError for a text that is not in SPEC 7."""
        return _BY_TEXT[text]


_BY_NUMBER = {code.value: code for code in Code}
_BY_TEXT = {code.text: code for code in Code}

# What a client finds out by itself and tells the person; never sent over the wire.
CLIENT_CODES = (
    "phrase-incomplete",
    "phrase-word-unknown",
    "phrase-uncertain",
    "message-empty",
    "message-too-long",
    "message-forbidden-character",
    "envelope-tampered",
    "history-gap",
    "directory-forged",
    "directory-expired",
    "directory-missing",
    "anchor-mismatch",
    "clock-off",
    "insecure-context",
    "connection-lost",
    "browser-unsupported",
    "urgent-mismatch",
    "wrap-tampered",
    "device-secret-missing",
    "answer-empty",
    "lines-too-many",
    "line-too-long",
    "variable-unfilled",
    "export-unreadable",
    "passkey-failed",
    "passkey-without-secret",
    "recovery-unusable",
    "audit-broken",
)
