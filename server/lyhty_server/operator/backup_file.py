"""A backup as a file: one line in the clear, everything else sealed to a key that is not here, and a digest of it all.

    "lyhty-backup 1", LF || age file (X25519) of zlib of { u32 length || part as msgpack } ... || SHA-256 of all before

The digest shows damage to whoever has no key; with the key, age itself refuses every change.
"""

import fcntl
import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import pyrage

from lyhty_server.domain.errors import LyhtyServerError
from lyhty_server.store.copying import AnyPart, End, Start

FIRST_LINE: Final = b"lyhty-backup 1\n"
FORMAT: Final = 1
UNFINISHED: Final = ".part"
_DIGEST_BYTES: Final = 32
_PART_BYTES: Final = 256 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")
_CHUNK: Final = 1 << 20
_PARTS: Final = msgspec.msgpack.Decoder(AnyPart)


class BackupError(LyhtyServerError):
    """A backup cannot be made, or is not to be trusted; the sentence says why."""


def write(path: Path, parts: Iterable[AnyPart], recipient: pyrage.x25519.Recipient) -> None:
    """All of it or nothing: the name appears when the last byte is on the disk."""
    with whole_file(path) as file:
        hashed = _Hashed(file)
        hashed.write(FIRST_LINE)
        packed = _Packed(parts)
        try:
            pyrage.encrypt_io(packed, hashed, [recipient])
        except pyrage.EncryptError as error:
            raise packed.failure or BackupError(f"The backup could not be sealed: {error}.") from None
        file.write(hashed.digest())


def check(path: Path) -> None:
    """What can be checked without the key.

    Raises:
        BackupError: it is no backup, or not whole.
    """
    with path.open("rb") as file:
        _checked(file)


def read(path: Path, key: pyrage.x25519.Identity, take: Callable[[AnyPart], None]) -> None:
    """Hands over part by part. **What was taken holds only once this has returned**: the end may be missing.

    Raises:
        BackupError: it is no backup, not whole, changed, or sealed to another key.
    """
    with path.open("rb") as file:
        size = _checked(file)
        unpacker = _Unpacker(take)
        try:
            pyrage.decrypt_io(_Piece(file, size), unpacker, [key])
        except (pyrage.DecryptError, OSError):
            if unpacker.failure is not None:
                raise unpacker.failure from None
            raise BackupError(f"{path.name} does not open with this key, or was changed.") from None
        unpacker.finish()


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """For its owner alone. A kill leaves at most a file with another ending, which the next one takes away."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sweep(folder: Path) -> None:
    """What a killed one has left: nobody holds it."""
    for part in folder.glob(f".*{UNFINISHED}"):
        with part.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            part.unlink(missing_ok=True)


def _checked(file: BinaryIO) -> int:
    """How long the sealed piece is; the file then stands at its beginning."""
    size = os.fstat(file.fileno()).st_size
    if file.read(len(FIRST_LINE)) != FIRST_LINE:
        raise BackupError(f"{Path(file.name).name} is no backup of this kind.")
    hashed, left = hashlib.sha256(FIRST_LINE), size - len(FIRST_LINE) - _DIGEST_BYTES
    if left < 0:
        raise BackupError(f"{Path(file.name).name} is not whole.")
    sealed_bytes = left
    while left:
        chunk = file.read(min(_CHUNK, left))
        hashed.update(chunk)
        left -= len(chunk)
    if file.read() != hashed.digest():
        raise BackupError(f"{Path(file.name).name} is damaged or not whole: its digest does not fit.")
    file.seek(len(FIRST_LINE))
    return sealed_bytes


class _Hashed:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def digest(self) -> bytes:
        return self._hash.digest()


class _Piece:
    """Of an open file, so many bytes from where it stands."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


class _Packed:
    """Parts as a stream of bytes that is read."""

    def __init__(self, parts: Iterable[AnyPart]) -> None:
        self._parts = iter(parts)
        self._zip = zlib.compressobj(1)  # sealed bytes do not get smaller: only what is around them
        self._ready = b""
        self._at = 0
        self._ended = False
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        """At least one byte until there are no more."""
        try:
            while self._at == len(self._ready) and not self._ended:
                self._ready, self._at = self._next(), 0
        except BaseException as error:
            self.failure = error
            raise
        data = self._ready[self._at : self._at + size]
        self._at += len(data)
        return data

    def _next(self) -> bytes:
        part = next(self._parts, None)
        if part is None:
            self._ended = True
            return self._zip.flush()
        data = msgspec.msgpack.encode(part)
        return self._zip.compress(_LENGTH.pack(len(data)) + data)


class _Unpacker:
    """The same, as a stream that is written to."""

    def __init__(self, take: Callable[[AnyPart], None]) -> None:
        self._take = take
        self._zip = zlib.decompressobj()
        self._got = bytearray()
        self._started = False
        self._ended = False
        self.failure: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            self._unpack(data)
        except BaseException as error:
            self.failure = error
            raise
        return len(data)

    def flush(self) -> None:
        pass

    def finish(self) -> None:
        if not self._ended or self._got or not self._zip.eof:
            raise BackupError("The backup has no end: it was not made whole.")

    def _unpack(self, data: bytes) -> None:
        try:
            self._got += self._zip.decompress(data)
            while len(self._got) >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._got)
                if length > _PART_BYTES:
                    raise BackupError("The backup cannot be read: a part of it is too large.")
                end = _LENGTH.size + length
                if len(self._got) < end:
                    return
                part = _PARTS.decode(bytes(self._got[_LENGTH.size : end]))
                del self._got[:end]
                self._one(part)
        except (zlib.error, msgspec.MsgspecError):
            raise BackupError("The backup cannot be read: it is of another kind.") from None

    def _one(self, part: AnyPart) -> None:
        if self._ended or isinstance(part, Start) == self._started:
            raise BackupError("The backup cannot be read: its parts are out of order.")
        if isinstance(part, Start) and part.format != FORMAT:
            raise BackupError("The backup was made by another release, and cannot be read by this one.")
        self._started = True
        self._ended = isinstance(part, End)
        self._take(part)
