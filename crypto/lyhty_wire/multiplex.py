"""Cuts records into the pieces of frames and puts them together again; one of each per direction (SPEC 6.1).

Records share every frame fairly: of those that are open, four at a time in rotation, and what a small one leaves goes
to the others. So a short record overtakes a long one. Whoever needs an order between records waits for the answer.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lyhty_wire.errors import MalformedError
from lyhty_wire.frames import (
    HEADER_BYTES,
    MAX_PIECES,
    Direction,
    Frame,
    Piece,
    encode_frame,
)

MAX_OPEN_RECORDS: Final = 16


@dataclass(slots=True)
class _Sending:
    stream: int
    data: bytes
    offset: int = 0

    @property
    def remaining(self) -> int:
        return len(self.data) - self.offset


class Outgoing:
    """Records waiting to leave, and the next frame made of them."""

    __slots__ = ("_budget", "_direction", "_open", "_waiting", "pending_bytes")

    pending_bytes: int
    """How much has not left yet."""

    def __init__(self, direction: Direction) -> None:
        self._direction = direction
        self._budget = direction.frame_bytes - HEADER_BYTES
        self._open: deque[_Sending] = deque()
        self._waiting: deque[_Sending] = deque()
        self.pending_bytes = 0

    def add(self, stream: int, record: bytes) -> None:
        """Queues a record. Streams are the caller's to choose; two open records never share one."""
        if not 1 <= len(record) <= self._direction.max_record_bytes:
            raise MalformedError("too-large", "no record has this length")
        self._waiting.append(_Sending(stream, record))
        self.pending_bytes += len(record)

    def next_frame(self, slot: int) -> bytes:
        """The frame of this slot; a cover frame when nothing waits."""
        return encode_frame(self._direction, slot, self.next_pieces())

    def next_pieces(self) -> list[Piece]:
        """What the next frame carries: at most four pieces that together fit."""
        while self._waiting and len(self._open) < MAX_OPEN_RECORDS:
            self._open.append(self._waiting.popleft())
        chosen = [self._open.popleft() for _ in range(min(MAX_PIECES, len(self._open)))]
        # Smallest first: each may take an equal share of what is left, so unused shares reach the larger ones.
        chosen.sort(key=lambda record: record.remaining)
        budget = self._budget
        pieces = []
        for index, record in enumerate(chosen):
            length = min(record.remaining, budget // (len(chosen) - index))
            data = record.data[record.offset : record.offset + length]
            pieces.append(Piece(record.stream, record.offset, len(record.data), data))
            record.offset += length
            budget -= length
            self.pending_bytes -= length
            if record.remaining:
                self._open.append(record)
        return pieces

    def __len__(self) -> int:
        """How many records have not left completely."""
        return len(self._open) + len(self._waiting)


@dataclass(slots=True)
class _Receiving:
    total: int
    data: bytearray


class Incoming:
    """Records of which pieces have come. A piece out of order is a MalformedError `frame-malformed`."""

    __slots__ = ("_open", "pending_bytes")

    pending_bytes: int
    """How much has come of records that are not whole yet."""

    def __init__(self) -> None:
        self._open: dict[int, _Receiving] = {}
        self.pending_bytes = 0

    def accept(self, frame: Frame) -> list[tuple[int, bytes]]:
        """The records that this frame completes, as (stream, bytes)."""
        return list(self._accept(frame.pieces)) if frame.pieces else []

    def _accept(self, pieces: Iterable[Piece]) -> Iterable[tuple[int, bytes]]:
        for piece in pieces:
            receiving = self._open.get(piece.stream)
            if receiving is None:
                if piece.offset != 0:
                    raise MalformedError("frame-malformed", "a record starts at offset 0")
                if len(piece.data) == piece.total:
                    yield piece.stream, piece.data
                    continue
                if len(self._open) == MAX_OPEN_RECORDS:
                    raise MalformedError("frame-malformed", "too many open records")
                self._open[piece.stream] = _Receiving(piece.total, bytearray(piece.data))
                self.pending_bytes += len(piece.data)
                continue
            if piece.offset != len(receiving.data) or piece.total != receiving.total:
                raise MalformedError("frame-malformed", "a piece out of order")
            receiving.data += piece.data
            self.pending_bytes += len(piece.data)
            if len(receiving.data) == receiving.total:
                del self._open[piece.stream]
                self.pending_bytes -= receiving.total
                yield piece.stream, bytes(receiving.data)

    @property
    def open_records(self) -> int:
        return len(self._open)
