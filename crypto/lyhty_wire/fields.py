"""Reads parsed JSON that may hold anything: each method takes one field and refuses what does not fit (SPEC 4.4, 5)."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final, TypeVar

from lyhty_wire.encoding import MAX_INTEGER, b64decode
from lyhty_wire.errors import MalformedError

MAX_TEXT_CODE_POINTS: Final = 10_000
MAX_LINE_CODE_POINTS: Final = 280
T = TypeVar("T")

# SPEC 4.4: no C0 control but tab and line feed; and no half of a surrogate pair.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_IDENTIFIER: Final = re.compile("[a-z0-9-]{1,32}")


def check_text(text: str, code: str | None = None) -> None:
    """The rules for written texts. Without `code`, the error says which one: what a writer can be told."""
    if not text:
        raise MalformedError(code or "message-empty", "empty")
    if len(text) > MAX_TEXT_CODE_POINTS:
        raise MalformedError(code or "message-too-long", "more than 10,000 code points")
    if _FORBIDDEN.search(text):
        raise MalformedError(code or "message-forbidden-character", "a control character or half a surrogate pair")


class Fields:
    """One JSON object whose keys must be exactly `names`."""

    __slots__ = ("_code", "_values")

    def __init__(self, value: object, names: frozenset[str], code: str) -> None:
        if not isinstance(value, dict) or value.keys() != names:
            raise MalformedError(code, f"not an object with {', '.join(sorted(names))}")
        self._values: dict[str, object] = value
        self._code = code

    def integer(self, name: str, least: int = 0, most: int = MAX_INTEGER) -> int:
        value = self._values[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._error(name)
        return value

    def flag(self, name: str) -> bool:
        value = self._values[name]
        if not isinstance(value, bool):
            raise self._error(name)
        return value

    def text(self, name: str) -> str:
        value = self._values[name]
        if not isinstance(value, str):
            raise self._error(name)
        check_text(value, self._code)
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self._values[name] is None else self.text(name)

    def line(self, name: str) -> str:
        return self._line(self._values[name], name)

    def lines(self, name: str, most: int) -> tuple[str, ...]:
        values = self.items(name)
        if len(values) > most:
            raise self._error(name)
        return tuple(self._line(value, name) for value in values)

    def identifier(self, name: str) -> str:
        return self._identifier(self._values[name], name)

    def optional_identifier(self, name: str) -> str | None:
        value = self._values[name]
        return None if value is None else self._identifier(value, name)

    def identifiers(self, name: str, most: int) -> tuple[str, ...]:
        values = self.items(name)
        if len(values) > most:
            raise self._error(name)
        return tuple(self._identifier(value, name) for value in values)

    def sorted_identifiers(self, name: str, most: int) -> tuple[str, ...]:
        values = self.identifiers(name, most)
        self._check_sorted(name, values)
        return values

    def binary(self, name: str, length: int | None) -> bytes:
        return b64decode(self._values[name], length, code=self._code)

    def optional_binary(self, name: str, length: int | None) -> bytes | None:
        return None if self._values[name] is None else self.binary(name, length)

    def items(self, name: str) -> list[object]:
        value = self._values[name]
        if not isinstance(value, list):
            raise self._error(name)
        return value

    def sorted_binary(self, name: str, length: int) -> tuple[bytes, ...]:
        values = tuple(b64decode(value, length, code=self._code) for value in self.items(name))
        self._check_sorted(name, values)
        return values

    def sorted_integers(self, name: str, least: int, most: int) -> tuple[int, ...]:
        values = self.items(name)
        integers = tuple(value for value in values if isinstance(value, int) and not isinstance(value, bool))
        if len(integers) != len(values) or not all(least <= value <= most for value in integers):
            raise self._error(name)
        self._check_sorted(name, integers)
        return integers

    def objects(self, name: str, read: Callable[[object], T], key: Callable[[T], bytes | int]) -> tuple[T, ...]:
        """A list of objects, sorted and distinct by `key`."""
        values = tuple(read(value) for value in self.items(name))
        self._check_sorted(name, tuple(key(value) for value in values))
        return values

    def _check_sorted(self, name: str, keys: Sequence[Any]) -> None:
        if any(after <= before for before, after in pairwise(keys)):
            raise MalformedError(self._code, f"{name}: not sorted or not distinct")

    def _line(self, value: object, name: str) -> str:
        if not isinstance(value, str) or len(value) > MAX_LINE_CODE_POINTS or "\n" in value or "\t" in value:
            raise self._error(name)
        check_text(value, self._code)
        return value

    def _identifier(self, value: object, name: str) -> str:
        if not isinstance(value, str) or not _IDENTIFIER.fullmatch(value):
            raise self._error(name)
        return value

    def _error(self, name: str) -> MalformedError:
        return MalformedError(self._code, f"{name} does not fit")
