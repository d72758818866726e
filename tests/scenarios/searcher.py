"""Looks for words where they must not be: files, tables and the memory of a process, in every form they could have.

The browser's tests use it too.
"""

import base64
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final

from tests.scenarios.unpacking import layers

CHUNK_BYTES: Final = 16 * 1024 * 1024
STEM: Final = 8
"""Letters by which a word can be told from chance, in every form."""


@dataclass(frozen=True)
class Found:
    word: str
    form: str
    where: str


def forms_of(word: str) -> dict[str, bytes]:
    """How a word may lie about: as text in the usual encodings, in hexadecimal, in base64 at each of three offsets.

    Of base64 only what does not depend on the neighbors is looked for, so the word must be long enough: 8 letters.
    """
    plain = word.encode()
    if len(plain) < 8:
        raise ValueError("too short to be found for sure in base64")
    forms = {
        "UTF-8": plain,
        "UTF-16LE": word.encode("utf-16-le"),
        "UTF-16BE": word.encode("utf-16-be"),
        "hexadecimal": plain.hex().encode(),
        "HEXADECIMAL": plain.hex().upper().encode(),
        "JSON": b"".join(rb"\u%04x" % ord(letter) if ord(letter) > 126 else letter.encode() for letter in word),
    }
    for offset in range(3):
        inner = _certain(plain, offset)
        forms[f"base64 at {offset}"] = inner
        forms[f"base64url at {offset}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    named = {form: name for name, form in reversed(forms.items())}  # some are the same bytes: the first name stays
    return {name: form for form, name in reversed(named.items())}


def _certain(plain: bytes, offset: int) -> bytes:
    """The letters of base64 that are the same whatever stands before and after the word."""
    encoded = base64.b64encode(bytes(offset) + plain)
    first = -(-offset * 8 // 6)
    last = (offset + len(plain)) * 8 // 6
    return encoded[first:last]


class Searcher:
    """Words that begin alike are looked for as one: each form of a word begins with a form of its first letters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._forms: dict[str, dict[bytes, tuple[str, str]]] = {}
        for word in words:
            forms = {form: (word, name) for name, form in forms_of(word).items()}
            self._forms.setdefault(word[:STEM], {}).update(forms)
        self._stems = {stem: tuple(forms_of(stem).values()) for stem in self._forms}
        self._longest = max(len(form) for forms in self._forms.values() for form in forms)

    def in_bytes(self, data: bytes, where: str) -> list[Found]:
        # One pass a form: a hundred times faster than one regular expression of all of them.
        return [
            Found(word, name, where)
            for stem, forms in self._forms.items()
            if any(form in data for form in self._stems[stem])
            for form, (word, name) in forms.items()
            if form in data
        ]

    def in_chunks(self, chunks: Iterable[bytes], where: str) -> list[Found]:
        """Neighboring chunks overlap, so that a word on a border is found."""
        found: set[Found] = set()
        tail = b""
        for chunk in chunks:
            found.update(self.in_bytes(tail + chunk, where))
            tail = chunk[-self._longest :]
        return sorted(found, key=lambda each: (each.word, each.form))

    def in_files(self, *folders: Path) -> list[Found]:
        """Every byte of every file below: databases, their logs, what the process printed, temporary files."""
        files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
        found = [each for file in files for each in self.in_chunks(_chunks(file), str(file))]
        return found + self.in_bytes("\n".join(map(str, files)).encode(), "names of files")

    def in_profile(self, *folders: Path) -> list[Found]:
        """Every byte of every file below, and everything that can be unpacked from it. Of a browser that has ended."""
        files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
        found = [
            each
            for file in files
            for how, content in layers(file, file.read_bytes())
            for each in self.in_bytes(content, f"{file} ({how})")
        ]
        return found + self.in_bytes("\n".join(map(str, files)).encode(), "names of files")

    def in_tables(self, database: Path) -> list[Found]:
        """Every value of every row, as SQLite gives it back: also what lies across two pages of the file."""
        found: list[Found] = []
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - the database's own names
                    found += self.in_bytes(_row_bytes(row), f"table {table}")
        return found

    def in_memory(self, pid: int) -> list[Found]:
        """Every readable mapping of a running process."""
        found: set[Found] = set()
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for name, start, end in readable_mappings(pid):
                found.update(self.in_chunks(_mapped(memory, start, end), f"memory, {name}"))
        return sorted(found, key=lambda each: (each.where, each.word, each.form))


def readable_mappings(pid: int) -> list[tuple[str, int, int]]:
    """What the process can read and the kernel lets others read: not the kernel's own pages."""
    mappings = []
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, rights, _offset, _device, _inode, *name = line.split(maxsplit=5)
        start, _, end = span.partition("-")
        if "r" in rights and not (name and name[0].startswith("[v")):
            mappings.append((name[0] if name else "anonymous", int(start, 16), int(end, 16)))
    return mappings


def _mapped(memory: FileIO, start: int, end: int) -> Iterator[bytes]:
    at = start
    while at < end:
        memory.seek(at)
        try:
            chunk = memory.read(min(CHUNK_BYTES, end - at))
        except OSError:  # a hole, or gone since the list was read
            return
        if not chunk:
            return
        at += len(chunk)
        yield chunk


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            yield chunk


def _row_bytes(row: tuple[object, ...]) -> bytes:
    return b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
