"""Which cases were erased, kept beside the backups: what an older backup still holds of them is not put back.

    "lyhty-erased 1", LF || u64 made, in seconds since 1970 || digests of 32 bytes, sorted || HMAC-SHA256 of all before

Each digest is an HMAC of a tombstone under the pepper. Without that the list tells how many were erased, and nothing
else.
"""

import hmac
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lyhty_server.operator.backup_file import BackupError, whole_file
from lyhty_wire.ids import CaseId, tombstone

FIRST_LINE: Final = b"lyhty-erased 1\n"
NAME: Final = "erased"
_BYTES: Final = 32
_HEAD: Final = len(FIRST_LINE) + 8


class ErasedList:
    def __init__(self, pepper: bytes, made_s: int, digests: frozenset[bytes]) -> None:
        self._pepper = pepper
        self.made_s = made_s
        self._digests = digests

    @classmethod
    def of(cls, pepper: bytes, made_s: int, tombstones: Iterable[bytes]) -> "ErasedList":
        return cls(pepper, made_s, frozenset(_digest(pepper, each) for each in tombstones))

    @classmethod
    def read(cls, path: Path, pepper: bytes) -> "ErasedList":
        """
        Raises:
            BackupError: there is none, or it is damaged or of another service.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise BackupError(f"There is no list of erased cases at {path}.") from None
        body, seal = data[:-_BYTES], data[-_BYTES:]
        whole = body.startswith(FIRST_LINE) and len(body) >= _HEAD and (len(body) - _HEAD) % _BYTES == 0
        if not whole or not hmac.compare_digest(seal, _seal(pepper, body)):
            raise BackupError(f"The list of erased cases at {path} is damaged, or of another service.")
        digests = frozenset(body[start : start + _BYTES] for start in range(_HEAD, len(body), _BYTES))
        return cls(pepper, int.from_bytes(body[len(FIRST_LINE) : _HEAD], "big"), digests)

    def write(self, path: Path) -> None:
        body = FIRST_LINE + self.made_s.to_bytes(8, "big") + b"".join(sorted(self._digests))
        with whole_file(path) as file:
            file.write(body + _seal(self._pepper, body))

    def __contains__(self, case: CaseId) -> bool:
        return _digest(self._pepper, tombstone(case)) in self._digests

    def __len__(self) -> int:
        return len(self._digests)


def _digest(pepper: bytes, mark: bytes) -> bytes:
    return hmac.digest(pepper, b"lyhty backup: erased case " + mark, "sha256")


def _seal(pepper: bytes, body: bytes) -> bytes:
    return hmac.digest(pepper, b"lyhty backup: erased list " + body, "sha256")
