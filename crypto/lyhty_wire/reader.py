"""Reads a value field by field from untrusted bytes and refuses what is short or left over (SPEC 1.1, 1.4)."""

import struct
from typing import Final

from lyhty_wire.errors import MalformedError

_U16: Final = struct.Struct(">H")
_U32: Final = struct.Struct(">I")
_U64: Final = struct.Struct(">Q")


class Reader:
    """A cursor over bytes. Every method that takes more than is there raises MalformedError with the reader's code."""

    __slots__ = ("_at", "_code", "_data")

    def __init__(self, data: bytes, code: str, at: int = 0) -> None:
        self._data = data
        self._code = code
        self._at = at

    def take(self, length: int) -> bytes:
        start = self._at
        self._at = end = start + length
        if end > len(self._data):
            raise MalformedError(self._code, "too short")
        return self._data[start:end]

    def u8(self) -> int:
        return self.take(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "big")

    def bytes16(self) -> bytes:
        return self.take(self.u16())

    def bytes32(self) -> bytes:
        return self.take(self.u32())

    def flag(self) -> bool:
        value = self.u8()
        if value > 1:
            raise MalformedError(self._code, "a flag is 0 or 1")
        return value == 1

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data) - self._at)

    def end(self) -> None:
        """SPEC 1.4: trailing bytes are refused."""
        if self._at != len(self._data):
            raise MalformedError(self._code, "trailing bytes")


def u16(value: int) -> bytes:
    return _U16.pack(value)


def u32(value: int) -> bytes:
    return _U32.pack(value)


def u64(value: int) -> bytes:
    return _U64.pack(value)


def bytes16(data: bytes) -> bytes:
    return _U16.pack(len(data)) + data


def bytes32(data: bytes) -> bytes:
    return _U32.pack(len(data)) + data
