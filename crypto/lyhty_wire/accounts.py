"""The one spelling of an expert's account name (SPEC 2.3)."""

import unicodedata
from typing import Final

_UPPER_TO_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def viewer_name(typed: str) -> str:
    """A viewer's in all that is hashed or signed (SPEC 12.2): no expert's, which never begins with a space."""
    return f" {account_name(typed)}"


def account_name(typed: str) -> str:
    """Trimmed, NFC and A-Z lowered; other letters keep their case, because languages disagree about it."""
    return unicodedata.normalize("NFC", typed.strip(" \t\n\r")).translate(_UPPER_TO_LOWER)
