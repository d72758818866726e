"""What browsers pack, made here by hand where no control page of tests/browser brings it about."""

import gzip
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cramjam
import pytest

from tests.scenarios.searcher import Searcher
from tests.scenarios.unpacking import LEVELDB, MOZILLA_LZ4, SIMPLE_CACHE

WORD: Final = "kuusipuuntaimi"
TEXT: Final = f"{WORD} {WORD} ".encode() * 20


def entry(shared: int, key: bytes, value: bytes) -> bytes:
    return bytes([shared, len(key), len(value)]) + key + value


def block(*entries: bytes) -> bytes:
    """With one restart point, at the beginning."""
    return b"".join(entries) + struct.pack("<II", 0, 1)


def leveldb_table(data: bytes, packing: int) -> bytes:
    index = block(entry(0, b"z", b"\0" + bytes([len(data)])))
    start = len(data) + 5
    footer = b"\0\0" + bytes([start, len(index)])
    return data + bytes([packing]) + bytes(4) + index + bytes(5) + footer.ljust(40, b"\0") + LEVELDB


def split_key_table() -> bytes:
    """The second key is kept as what differs from the first: no byte of the file spells the word."""
    other = WORD[:7] + "xxxxx"
    return leveldb_table(block(entry(0, other.encode(), b"1"), entry(7, WORD[7:].encode(), b"2")), 0)


def split_log_record() -> bytes:
    """On the border of two blocks of 32 KiB."""
    first = bytes(32_768 - 14) + WORD[:7].encode()
    rest = WORD[7:].encode()
    return struct.pack("<IHB", 0, len(first), 2) + first + struct.pack("<IHB", 0, len(rest), 4) + rest


PACKED: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "gzip inside something else": ("any", lambda: os.urandom(99) + gzip.compress(TEXT) + os.urandom(99)),
    "gzip that was cut off": ("any", lambda: gzip.compress(TEXT + os.urandom(999))[:-500]),
    "deflate inside gzip": ("any", lambda: gzip.compress(zlib.compress(TEXT))),
    "a session of Firefox": (
        "recovery.jsonlz4",
        lambda: MOZILLA_LZ4 + struct.pack("<I", len(TEXT)) + bytes(cramjam.lz4.compress_block(TEXT, store_size=False)),
    ),
    "a packed table of LevelDB": (
        "1.ldb", lambda: leveldb_table(bytes(cramjam.snappy.compress_raw(block(entry(0, b"k", TEXT[:120])))), 1),
    ),
    "a key of LevelDB that is like the one before": ("1.ldb", split_key_table),
    "a record of LevelDB's log on the border of two blocks": ("1.log", split_log_record),
    "brotli in Chromium's cache": (
        "1_0", lambda: SIMPLE_CACHE + struct.pack("<III", 5, 3, 0) + b"key" + bytes(cramjam.brotli.compress(TEXT)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PACKED)
def test_a_word_is_found_in(tmp_path: Path, what: str) -> None:
    name, pack = PACKED[what]
    (tmp_path / name).write_bytes(pack())
    assert Searcher([WORD]).in_profile(tmp_path)


@pytest.mark.parametrize("what", [each for each in PACKED if "LevelDB" in each or "deflate" in each])
def test_a_word_that_nobody_wrote_is_not_found_in(tmp_path: Path, what: str) -> None:
    name, pack = PACKED[what]
    (tmp_path / name).write_bytes(pack())
    assert Searcher(["kuusenjuurikas"]).in_profile(tmp_path) == []
