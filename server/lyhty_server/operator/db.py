"""`db current|upgrade|check|seal`: which tables a database has, bringing them up to date, whether they are as they were
made, and sealing what an older release left."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, create_engine

from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.store.databases import open_database
from lyhty_server.store.schema import head_of
from lyhty_server.store.tables import HEAD

NO_TABLES: Final = "There are no tables yet. The server makes them when it starts."


def main(arguments: Sequence[str], program: str) -> int:
    parser = argparse.ArgumentParser(prog=program, description="The database of one data folder.", allow_abbrev=False)
    parser.add_argument(
        "what", choices=sorted(_COMMANDS), help="; ".join(f"{n}: {c.__doc__}" for n, c in _COMMANDS.items())
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder `lyhty init` made")
    asked = parser.parse_args(arguments)
    try:
        config = Config.from_environ(os.environ, asked.data)
        return _COMMANDS[asked.what](config.database_url or config.data / "lyhty.db")
    except (ConfigError, DatabaseUnavailableError) as error:
        sys.exit(f"{program}: {error}")


def current(where: Path | URL) -> int:
    """which version its tables have"""
    with _looking(where) as connection:
        head = None if connection is None else head_of(connection)
    _say(NO_TABLES if head is None else f"{head}; this release makes {HEAD}.")
    return 0


def upgrade(where: Path | URL) -> int:
    """bring its tables to this release's; the server does so itself when it starts"""
    open_database(where).close()
    return current(where)


def check(where: Path | URL) -> int:
    """whether its tables are as this release makes them; exit status 1 if not"""
    from lyhty_server.store.described import described, differences, expected

    with _looking(where) as connection:
        head = None if connection is None else head_of(connection)
        if connection is None or head is None:
            _say(NO_TABLES)
            return 1
        found = differences(described(connection), expected(connection), newer=head > HEAD)
    if head != HEAD:
        _say(f"Its version is {head}; this release makes {HEAD}.")
    for line in found:
        _say(line)
    if not found:
        _say("All tables are as this release makes them.")
    return 1 if found or head < HEAD else 0


def seal(where: Path | URL) -> int:
    """on PostgreSQL, once no older release runs: seal cases from before, so that erased ones leave nothing"""
    if isinstance(where, Path):
        _say("SQLite overwrites what it erases: there is nothing to seal.")
        return 0
    from lyhty_server.store.postgres import copying
    from lyhty_server.store.sealing import seal_all

    open_database(where).close()
    engine = copying(where, "lyhty seal")
    with engine.connect() as connection:
        count = seal_all(connection)
    engine.dispose()
    _say(f"Sealed {count:,} cases. From now on every server seals, and none of an older release starts.")
    return 0


_COMMANDS: Final[dict[str, Callable[[Path | URL], int]]] = {
    "current": current,
    "upgrade": upgrade,
    "check": check,
    "seal": seal,
}


@contextmanager
def _looking(where: Path | URL) -> Iterator[Connection | None]:
    """Inside a transaction that is undone. None: there is no such file yet. A server may be running meanwhile."""
    if isinstance(where, Path):
        if not where.exists():
            yield None
            return
        engine = create_engine(f"sqlite:///file:{where}?mode=ro&uri=true")
        with engine.connect() as connection:
            yield connection
        engine.dispose()
        return
    from lyhty_server.store.postgres import Database

    database = Database(where)
    with database.writer.connect() as connection:
        yield connection
        connection.rollback()
    database.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
