"""The one way to write bytes as text and values as JSON; a second spelling is refused (SPEC 1.1, 1.5)."""

import base64
import binascii
import json
from typing import Final, Never

from lyhty_wire.errors import MalformedError

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 16

_URL_TO_PLAIN: Final = bytes.maketrans(b"-_", b"+/")


def b64encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64decode(text: object, length: int | None = None, *, code: str = "operation-malformed") -> bytes:
    """The bytes of a base64url text, refused when `b64encode` would have written it otherwise."""
    if not isinstance(text, str):
        raise MalformedError(code, "base64url is a text")
    try:
        data = binascii.a2b_base64(text.encode("ascii").translate(_URL_TO_PLAIN) + b"=" * (-len(text) % 4))
    except ValueError:
        raise MalformedError(code, "not base64url") from None
    if b64encode(data) != text:
        raise MalformedError(code, "not canonical base64url")
    if length is not None and len(data) != length:
        raise MalformedError(code, f"{len(data)} bytes where {length} are due")
    return data


def canonical_json(value: object) -> bytes:
    """The one way to write a value (SPEC 1.5). A value it cannot write is a mistake in the program: ValueError."""
    _check(value, 0)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, which is a ValueError


def parse_canonical_json(data: bytes, *, code: str = "operation-malformed") -> object:
    """The value of canonical JSON; any other spelling of it is refused."""
    try:
        # SPEC 1.5: a decoder re-encodes and compares.
        value: object = json.loads(str(data, "utf-8"), parse_float=_refuse, parse_constant=_refuse)
        canonical = canonical_json(value)
    except (ValueError, RecursionError) as error:
        raise MalformedError(code, f"not canonical JSON: {type(error).__name__}") from None
    if canonical != data:
        raise MalformedError(code, "not canonical JSON: another spelling")
    return value


def _refuse(text: str) -> Never:
    raise ValueError(f"integers only, not {text[:20]}")


def _check(value: object, depth: int) -> None:
    if value is None or isinstance(value, str):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("integer out of range")
        return
    if not isinstance(value, dict | list | tuple):
        raise ValueError(f"JSON has no {type(value).__name__}")  # noqa: TRY004 - one kind of error for all that cannot be written
    if depth == MAX_DEPTH:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError("keys are texts")  # noqa: TRY004 - one kind of error for all that cannot be written
            _check(item, depth + 1)
    else:
        for item in value:
            _check(item, depth + 1)
