"""What browsers keep, taken out of what they keep it in.

A word in a browser's profile may lie inside a compressed answer in the HTTP cache, a packed session file, a block of
LevelDB, a row of SQLite or an encrypted cookie, and those in each other. `layers` gives every such content of a file,
the file itself first.

Formats: Chromium's simple cache (`net/disk_cache/simple`), LevelDB (`doc/table_format.md`, `doc/log_format.md`),
Mozilla's LZ4 (`toolkit/components/lz4`), Chromium's cookies on Linux (`components/os_crypt`).
"""

import shutil
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import pbkdf2_hmac
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cramjam
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Layer = tuple[str, bytes]
"""How it was taken out, and what."""


DEPTH: Final = 3
"""A row of a database may hold a compressed stream that holds base64: nothing known goes deeper."""

SIMPLE_CACHE: Final = bytes.fromhex("305c72a71b6dfbfc")
LEVELDB: Final = bytes.fromhex("57fb808b247547db")
SQLITE: Final = b"SQLite format 3\0"
MOZILLA_LZ4: Final = b"mozLz40\0"
GZIP: Final = b"\x1f\x8b\x08"
ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")

COOKIE_KEY: Final = pbkdf2_hmac("sha1", b"peanuts", b"saltysalt", 1, 16)
"""Chromium's, on a Linux without a keyring: the same for everybody."""


def layers(file: Path, data: bytes, depth: int = DEPTH) -> Iterator[Layer]:
    """Everything a file holds: itself, and what can be taken out of it."""
    yield "as it is", data
    for how, inner in [*_of_file(file, data), *streams(data)]:
        yield how, inner
        if depth > 1:
            yield from ((f"{how}, {next_how}", deeper) for next_how, deeper in _inside(inner, depth - 1))


def _inside(data: bytes, depth: int) -> Iterator[Layer]:
    for how, inner in streams(data):
        yield how, inner
        if depth > 1:
            yield from ((f"{how}, {next_how}", deeper) for next_how, deeper in _inside(inner, depth - 1))


def _of_file(file: Path, data: bytes) -> Iterator[Layer]:
    if data.startswith(SQLITE):
        yield from sqlite_values(file)
    if data.startswith(MOZILLA_LZ4):
        yield "mozLz4", mozilla_lz4(data)
    if data[-8:] == LEVELDB:
        yield "LevelDB table", b"\0".join(leveldb_blocks(data))
    if file.suffix == ".log" and (record := b"".join(leveldb_log(data))):
        yield "LevelDB log", record
    if data.startswith(SIMPLE_CACHE):
        # Brotli has no mark of its own, but it stands right behind the key: at 20 bytes, filled up to 24.
        key_bytes = struct.unpack_from("<I", data, 12)[0]
        yield from (each for start in (20, 24) if (each := brotli(data[start + key_bytes :])))
    elif file.parent.name == "entries" and (body := brotli(data)):  # Firefox's cache2: the body comes first
        yield body


def streams(data: bytes) -> Iterator[Layer]:
    """Compressed streams wherever they begin, by their marks."""
    for mark in (GZIP, *ZLIB):
        for start in _starts(data, mark):
            if inner := _inflated(memoryview(data)[start:], gzip=mark is GZIP):
                yield "gzip" if mark is GZIP else "deflate", inner


def _starts(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def _inflated(data: memoryview, *, gzip: bool) -> bytes:
    """As far as it goes: a stream may have been cut off, and anything may follow it."""
    inflating = zlib.decompressobj(31 if gzip else 15)
    out = bytearray()
    try:
        for start in range(0, len(data), 4096):
            out += inflating.decompress(data[start : start + 4096])
            if inflating.eof:
                break
    except zlib.error:
        pass
    return bytes(out)


def brotli(data: bytes) -> Layer | None:
    """Brotli has no mark and no checksum: short nonsense may come of anything."""
    with suppress(cramjam.DecompressionError):
        out = bytes(cramjam.brotli.decompress(data))
        return ("brotli", out) if len(out) >= 8 else None
    return None


def mozilla_lz4(data: bytes) -> bytes:
    size = struct.unpack_from("<I", data, len(MOZILLA_LZ4))[0]
    return bytes(cramjam.lz4.decompress_block(data[len(MOZILLA_LZ4) + 4 :], output_len=size))


# --- SQLite


def sqlite_values(file: Path) -> Iterator[Layer]:
    """Every value of every row as SQLite gives it back, then what is packed in values and what is encrypted in them."""
    values: list[bytes] = []
    # In a copy: a log that a killed browser left is read by being written into the database.
    with TemporaryDirectory() as copied, closing(sqlite3.connect(_copy_with_log(file, Path(copied)))) as database:
        database.text_factory = bytes
        tables: list[tuple[bytes]] = []
        # A running browser was writing it: what it holds stands in the bytes of the file, which are searched too.
        with suppress(sqlite3.DatabaseError):
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            # Or a table of a module that this SQLite does not have; what it holds lies in plain tables beside it.
            with suppress(sqlite3.DatabaseError):
                for row in database.execute(f'SELECT * FROM "{table.decode()}"'):  # noqa: S608 - its own names
                    values += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    yield "SQLite rows", b"\0".join(values)
    yield "SQLite rows, snappy", b"\0".join(filter(None, map(_snappy, values)))
    yield "SQLite rows, cookie", b"\0".join(map(decrypted_cookie, (one for one in values if one.startswith(b"v10"))))


def _copy_with_log(file: Path, folder: Path) -> Path:
    """With either kind of log: without a journal, what a transaction under way has written makes no whole database."""
    for part in (file, *(file.with_name(f"{file.name}-{log}") for log in ("wal", "journal"))):
        if part.exists():
            shutil.copyfile(part, folder / part.name)
    return folder / file.name


def _snappy(data: bytes) -> bytes:
    with suppress(cramjam.DecompressionError):
        return bytes(cramjam.snappy.decompress_raw(data))
    return b""


def decrypted_cookie(value: bytes) -> bytes:
    """With its padding, and since 2024 behind a hash of the host."""
    sealed = value[3:]
    if len(sealed) % 16:
        return b""
    opening = Cipher(algorithms.AES(COOKIE_KEY), modes.CBC(b" " * 16)).decryptor()
    return opening.update(sealed) + opening.finalize()


# --- LevelDB


def leveldb_log(data: bytes) -> Iterator[bytes]:
    """What was written, without the borders of its 32 KiB blocks and their records."""
    for block in range(0, len(data), 32_768):
        at, end = block, min(block + 32_768, len(data))
        while at + 7 <= end:
            _check, length, kind = struct.unpack_from("<IHB", data, at)
            if not 1 <= kind <= 4:
                break
            yield data[at + 7 : min(at + 7 + length, end)]
            at += 7 + length


def leveldb_blocks(data: bytes) -> Iterator[bytes]:
    """Every key with its value, whole: tables keep of a key only what differs from the one before."""
    footer = data[-48:]
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)
    for _key, handle in _entries(_block(data, footer[at:])):
        for key, value in _entries(_block(data, handle)):
            yield key + b"\0" + value


def _block(data: bytes, handle: bytes) -> bytes:
    start, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    block, packing = data[start : start + size], data[start + size]
    if packing == 1:
        return bytes(cramjam.snappy.decompress_raw(block))
    return bytes(cramjam.zstd.decompress(block)) if packing == 2 else block


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = len(block) - 4 * (1 + struct.unpack_from("<I", block, len(block) - 4)[0])
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + length]
        at += fresh + length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Little-endian, seven bits a byte. Returns the number and where it ends."""
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return number, at
