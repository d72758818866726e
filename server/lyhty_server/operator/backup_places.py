"""Where a backup is made from: the database, and the files beside it that the service cannot do without."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from lyhty_server.config import ConfigError, read_database_url
from lyhty_server.operator.backup_file import FORMAT, BackupError
from lyhty_server.store import copying
from lyhty_server.store.copying import AnyPart, File, Start
from lyhty_server.store.schema import head_of
from lyhty_server.store.tables import tombstones as tombstones_table

DATABASE: Final = "lyhty.db"
URL: Final = "LYHTY_DATABASE_URL"
_MOST_BYTES: Final = 16 * 1024 * 1024  # the largest is the list of accounts


@contextmanager
def reading(data: Path, environ: Mapping[str, str]) -> Iterator[Connection]:
    """One moment of the database, whatever is written meanwhile."""
    url, path = environ.get(URL), data / DATABASE
    if url is None and not path.is_file():
        raise BackupError(f"There is no {DATABASE} in {data}: has the server been started once?")
    if url is None:
        engine = copying.reading(path)
    else:
        options = {"postgresql_readonly": True}
        engine = postgres(url, isolation_level="REPEATABLE READ", execution_options=options)
    with connected(engine) as connection, connection.begin():
        yield connection


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise BackupError(f"The database failed: {' '.join(str(error.orig).split())}") from None
    finally:
        engine.dispose()


def postgres(url: str, **options: Any) -> Engine:
    from lyhty_server.store import postgres  # only if it is the one

    try:
        return postgres.copying(read_database_url(url), **options)
    except ConfigError as error:
        raise BackupError(str(error)) from None


def parts(connection: Connection, data: Path, made_s: int) -> Generator[AnyPart, None, None]:
    schema = head_of(connection)
    if schema is None:
        raise BackupError("The database is empty: has the server been started once?")
    yield Start(FORMAT, schema, made_s)
    for path in sorted(data.iterdir()):
        if path.is_file() and not path.name.startswith((DATABASE, ".")):
            if path.stat().st_size > _MOST_BYTES:
                raise BackupError(f"{path} is no file of Lyhty's, and too large for a backup. Put it elsewhere.")
            yield File(path.name, path.read_bytes())
    yield from copying.dump(connection)


def tombstones(connection: Connection) -> Iterator[bytes]:
    return iter(connection.execute(select(tombstones_table.c.tombstone)).scalars())
