"""The fixed-size unit of the channel: a checked header, up to four pieces of records, zeros to the end (SPEC 6.1)."""

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import Final, Self

from msgspec import Struct

from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import digest

UP_BYTES: Final = 2_048
DOWN_BYTES: Final = 4_096
HEADER_BYTES: Final = 68
MAX_PIECES: Final = 4
MAX_UP_RECORD_BYTES: Final = 98_304
MAX_DOWN_RECORD_BYTES: Final = 393_216
FIRST_EVENT_STREAM: Final = 1 << 31

_VERSION: Final = 1
_CHECK_BYTES: Final = 4
_CHECKED: Final = HEADER_BYTES - _CHECK_BYTES
_HEADER: Final = struct.Struct(">BBIBIIIHIIIHIIIHIIIHB4s")
_PIECE: Final = struct.Struct(">IIIH")
_START: Final = struct.Struct(">BBIB")
_UNUSED_PIECE: Final = bytes(_PIECE.size)


class Direction(IntEnum):
    """Who sends. The value is the header's byte."""

    frame_bytes: int
    max_record_bytes: int
    streams_end: int

    def __new__(cls, byte: int, frame_bytes: int, max_record_bytes: int, streams_end: int) -> Self:
        direction = int.__new__(cls, byte)
        direction._value_ = byte
        direction.frame_bytes = frame_bytes
        direction.max_record_bytes = max_record_bytes
        direction.streams_end = streams_end
        return direction

    UP = 0x55, UP_BYTES, MAX_UP_RECORD_BYTES, FIRST_EVENT_STREAM
    DOWN = 0x44, DOWN_BYTES, MAX_DOWN_RECORD_BYTES, 1 << 32


_ZEROS: Final = bytes(DOWN_BYTES)


class Piece(Struct, frozen=True):
    """A part of a record of `total` bytes, at `offset`."""

    stream: int
    offset: int
    total: int
    data: bytes


class Frame(Struct, frozen=True):
    """A decoded frame. Without pieces it is a cover frame."""

    slot: int
    pieces: tuple[Piece, ...]

    @property
    def is_cover(self) -> bool:
        return not self.pieces


def _malformed(reason: str) -> MalformedError:
    return MalformedError("frame-malformed", reason)


def encode_frame(direction: Direction, slot: int, pieces: Sequence[Piece] = ()) -> bytes:
    """A frame of exactly the direction's size. Without pieces: a cover frame."""
    count = len(pieces)
    if count > MAX_PIECES:
        raise _malformed("more than four pieces")
    header = [_START.pack(_VERSION, direction, slot, count)]
    for piece in pieces:
        _check_piece(direction, piece.stream, piece.offset, piece.total, len(piece.data))
        header.append(_PIECE.pack(piece.stream, piece.offset, piece.total, len(piece.data)))
    header.append(_UNUSED_PIECE * (MAX_PIECES - count) + b"\0")
    checked = b"".join(header)
    frame = b"".join((checked, digest(checked)[:_CHECK_BYTES], *[piece.data for piece in pieces]))
    if len(frame) > direction.frame_bytes:
        raise _malformed("the pieces do not fit")
    return frame.ljust(direction.frame_bytes, b"\0")


def decode_frame(direction: Direction, frame: bytes) -> Frame:
    """The slot and pieces of a frame that came from `direction`; anything an encoder would not write is refused."""
    size = direction.frame_bytes
    if len(frame) != size:
        raise _malformed(f"a frame has {size} bytes")
    fields = _HEADER.unpack_from(frame)
    version, from_direction, slot, count = fields[:4]
    if fields[-1] != digest(frame[:_CHECKED])[:_CHECK_BYTES]:
        raise _malformed("check of the header")
    if version != _VERSION or from_direction != direction or count > MAX_PIECES:
        raise _malformed("version, direction or count")
    if any(fields[4 + 4 * count : -1]):
        raise _malformed("an unused entry is not zero")
    pieces = []
    at = HEADER_BYTES
    for index in range(4, 4 + 4 * count, 4):
        stream, offset, total, length = fields[index : index + 4]
        _check_piece(direction, stream, offset, total, length)
        pieces.append(Piece(stream, offset, total, frame[at : at + length]))
        at += length
    if frame[at:] != _ZEROS[: size - at]:  # also when the pieces are longer than the frame: sizes differ
        raise _malformed("the fill is not zero")
    if at > size:
        raise _malformed("the pieces do not fit")
    return Frame(slot, tuple(pieces))


def _check_piece(direction: Direction, stream: int, offset: int, total: int, length: int) -> None:
    if not 1 <= stream < direction.streams_end:
        raise _malformed("no such stream")
    if not (length >= 1 and offset + length <= total <= direction.max_record_bytes):
        raise _malformed("a piece outside its record")
