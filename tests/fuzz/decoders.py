"""Everything in `lyhty_wire` that reads bytes from strangers, as one table: what is fuzzed, whoever does the fuzzing.

Of each it must hold, for any bytes: they are refused with a `WireError`, or they are exactly what the encoder writes
for the value they gave (SPEC 1.4).
"""

import inspect
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

import lyhty_wire
from lyhty_wire.contents import decode_content, encode_content
from lyhty_wire.contributions import decode_counted, encode_counted
from lyhty_wire.encoding import b64decode, b64encode, canonical_json, parse_canonical_json
from lyhty_wire.envelopes import EnvelopeHeader, decode_header, pad, unpad
from lyhty_wire.errors import WireError
from lyhty_wire.figures.releases import Release
from lyhty_wire.frames import Direction, decode_frame, encode_frame
from lyhty_wire.multiplex import MAX_OPEN_RECORDS, Incoming

MESSAGE_HEADER: Final = EnvelopeHeader(2, False, 1, 1, bytes(32), b"\xff" * 33)  # of an author after all heads seen

Check = Callable[[bytes], object]


def _same(decode: Callable[[bytes], Any], encode: Callable[[Any], bytes]) -> Check:
    def check(data: bytes) -> object:
        value = decode(data)
        assert encode(value) == data, f"{value!r} has two encodings"
        return value

    return check


def _frame(direction: Direction) -> Check:
    return _same(
        lambda data: decode_frame(direction, data),
        lambda frame: encode_frame(direction, frame.slot, frame.pieces),
    )


def _header(data: bytes) -> object:
    header = decode_header(data)
    assert header.encode() == data[:75]
    return header


def _plaintext(data: bytes) -> object:
    signature, encoded, body = unpad(data, MESSAGE_HEADER)
    assert pad(signature, encoded, 2) == data
    assert body.encode() == encoded
    return body


def _frames_of_a_stranger(data: bytes) -> object:
    """A row of frames into one channel's `Incoming`: it holds no more than it should, and gives whole records."""
    incoming, arrived = Incoming(), []
    size = Direction.UP.frame_bytes
    for start in range(0, len(data) or 1, size):
        for stream, record in incoming.accept(decode_frame(Direction.UP, data[start : start + size])):
            assert 1 <= len(record) <= Direction.UP.max_record_bytes
            arrived.append((stream, record))
        assert incoming.open_records <= MAX_OPEN_RECORDS
    return arrived


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise WireError("operation-malformed") from error


def classes_that_decode() -> dict[str, type[Any]]:
    """Every class of lyhty_wire with an encoding of its own, found and not listed."""
    found = {}
    for module in iter_modules(lyhty_wire.__path__):
        for name, kind in inspect.getmembers(import_module(f"lyhty_wire.{module.name}"), inspect.isclass):
            is_its_own = kind.__module__ == f"lyhty_wire.{module.name}" and not issubclass(kind, str | bytes)
            if is_its_own and hasattr(kind, "decode") and hasattr(kind, "encode"):
                found[f"{module.name}.{name}"] = kind
    return found


DECODERS: Final[dict[str, Check]] = {
    **{name: _same(kind.decode, lambda value: value.encode()) for name, kind in classes_that_decode().items()},
    "a frame up": _frame(Direction.UP),
    "a frame down": _frame(Direction.DOWN),
    "frames of a stranger": _frames_of_a_stranger,
    "an envelope's header": _header,
    "an envelope's plaintext": _plaintext,
    "a content": _same(decode_content, encode_content),
    "what is counted": _same(decode_counted, encode_counted),
    "a release": _same(Release.decode, Release.encode),
    "canonical JSON": _same(parse_canonical_json, canonical_json),
    "base64url": _same(lambda data: b64decode(_text(data)), lambda value: b64encode(value).encode()),
}


def decode(name: str, data: bytes) -> object:
    """What the bytes say, or None when they are refused. Anything else is a bug: AssertionError or what was raised."""
    try:
        return DECODERS[name](data)
    except WireError:
        return None
