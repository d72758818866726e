"""Puts a backup back: into an empty place, and under its name only when all of it is there."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyrage
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.operator import backup_file
from lyhty_server.operator.backup_file import BackupError, sync_folder, whole_file
from lyhty_server.operator.backup_places import DATABASE, URL, connected, postgres
from lyhty_server.operator.erased_list import ErasedList
from lyhty_server.pepper import Pepper
from lyhty_server.store.copying import AnyPart, End, File, Loader, Numbers, Rows, Start, dump, is_empty, make_tables
from lyhty_server.store.schema import bring_up_to_date
from lyhty_server.store.sqlite import Database
from lyhty_wire.ids import CaseId

FindErased = Callable[[bytes, int], ErasedList]
"""The list of the service with this pepper, for a backup that was made then (seconds since 1970)."""
Tables = dict[str, tuple[int, bytes]]


class Restored(NamedTuple):
    left_out: int
    """Cases that were erased since the backup was made."""
    known_s: int
    """Up to when the list knows."""


class Compared(NamedTuple):
    start: Start
    rows: int
    tables: int


def restore(
    file: Path, key: pyrage.x25519.Identity, data: Path, environ: Mapping[str, str], find_erased: FindErased
) -> Restored:
    """
    Raises:
        BackupError: nothing has changed then; but a database server may have empty tables more.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupError(f"{data} is not empty. A backup is put back into an empty place only.")
    fresh = data.with_name(f".{data.name}.restoring")
    if fresh.exists():
        shutil.rmtree(fresh)  # what a killed one has left
    fresh.mkdir(parents=True, mode=0o700)
    try:
        with _writing(fresh / DATABASE, environ.get(URL)) as connection:
            taker = _Taker(connection, fresh, find_erased)
            with _committed(connection, taker):
                backup_file.read(file, key, taker.take)
            bring_up_to_date(connection)
            if URL in environ:
                _seal(connection)
        sync_folder(fresh)
        fresh.rename(data)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    sync_folder(data.parent)
    assert taker.erased is not None
    return Restored(taker.left_out, taker.erased.made_s)


def compare(file: Path, key: pyrage.x25519.Identity) -> Compared:
    """Puts it back beside, reads that again, and looks whether it is the same.

    Raises:
        BackupError: it is not.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lyhty-verify-") as scratch,
        _writing(Path(scratch) / DATABASE, None) as connection,
    ):
        taker = _Taker(connection, None, None)
        with _committed(connection, taker):
            backup_file.read(file, key, taker.take)
        with connection.begin():
            *_, end = dump(connection)
        assert isinstance(end, End)
        if _filled(end.tables) != taker.counted():
            raise BackupError("What was put back is not what was in the backup.")
    assert taker.start is not None
    return Compared(taker.start, sum(count for count, _ in end.tables.values()), len(end.tables))


def _seal(connection: Connection) -> None:
    from lyhty_server.store.sealing import seal_all  # only if it is such a database

    try:
        seal_all(connection)
    except DatabaseUnavailableError as error:
        raise BackupError(str(error)) from None


@contextmanager
def _writing(path: Path, url: str | None) -> Iterator[Connection]:
    if url is None:
        database = Database(path)
        with database.writer.connect() as connection:
            yield connection
        database.close()
    else:
        with connected(postgres(url)) as connection:
            yield connection


@contextmanager
def _committed(connection: Connection, taker: "_Taker") -> Iterator[None]:
    """All rows in one transaction, which begins when the tables are there."""
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    if taker.start is None:
        raise BackupError("The backup is empty.")
    connection.commit()


class _Taker:
    """Takes a backup part by part. Without a folder and a list, everything but the files: for a look only."""

    def __init__(self, connection: Connection, folder: Path | None, find_erased: FindErased | None) -> None:
        self._connection = connection
        self._folder = folder
        self._find_erased = find_erased
        self._pepper: bytes | None = None
        self._loader: Loader | None = None
        self._seen: dict[str, tuple[int, Any]] = {}
        self.start: Start | None = None
        self.erased: ErasedList | None = None

    @property
    def left_out(self) -> int:
        return 0 if self._loader is None else len(self._loader.erased)

    def counted(self) -> Tables:
        return {name: (count, digest.digest()) for name, (count, digest) in self._seen.items()}

    def take(self, part: AnyPart) -> None:
        match part:
            case Start():
                self.start = part
                self._make_tables(part)
            case File():
                if part.name == "pepper":
                    self._pepper = part.data
                if self._folder is not None:
                    with whole_file(self._folder / Path(part.name).name) as file:
                        file.write(part.data)
            case Rows():
                self._count(part)
                self._into().rows(part)
            case Numbers():
                self._into().finish(part)
            case End():
                if _filled(part.tables) != self.counted():
                    raise BackupError("The backup is not whole: some of its rows are missing.")

    def _make_tables(self, start: Start) -> None:
        try:
            make_tables(self._connection, start.schema)
        except ValueError:
            raise BackupError(f"The backup has schema {start.schema}, which this release does not know.") from None
        with self._connection.begin():
            if not is_empty(self._connection):
                raise BackupError("The database is not empty. A backup is put back into an empty place only.")

    def _into(self) -> Loader:
        if self._loader is None:
            assert self.start is not None
            if self._pepper is None:
                raise BackupError("The backup has no pepper: nobody would find their way back. It is not put back.")
            if self._find_erased is not None:
                self.erased = self._find_erased(self._pepper, self.start.made_s)
            self._connection.begin()
            self._loader = Loader(self._connection, self._is_erased(Pepper(self._pepper)))
        return self._loader

    def _is_erased(self, pepper: Pepper) -> Callable[[str, dict[str, Any]], bool]:
        def of(table: str, row: dict[str, Any]) -> bool:
            if self.erased is None:
                return False
            if table == "cases":
                return CaseId(row["case_id"]) in self.erased
            try:
                case, _ = pepper.open_row(row["row_key"], row["sealed"])
            except InvalidTag:
                return False
            return case in self.erased

        return of

    def _count(self, part: Rows) -> None:
        count, digest = self._seen.get(part.table, (0, hashlib.sha256()))
        for row in part.rows:
            digest.update(msgspec.msgpack.encode(row))
        self._seen[part.table] = count + len(part.rows), digest


def _filled(tables: Tables) -> Tables:
    return {name: counted for name, counted in tables.items() if counted[0]}
