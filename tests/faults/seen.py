"""A server whose every write and sync is seen, and the database it keeps its rows in."""

import asyncio
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import pytest

from tests.faults.beside import beside
from tests.faults.history import Act, History, Stored
from tests.faults.power import write_disk
from tests.faults.storage import Storage
from tests.faults.tracing import STRACE, Call, on_disk, read_log, replies, traced_by
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess
from tests.servers.postgres import PostgresServer

needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed")

# One file of the log, and no checkpoint: what PostgreSQL has synced since the start is all in that file.
_SEGMENT_MB: Final = 64
_SETTINGS: Final = {"checkpoint_timeout": "1h", "max_wal_size": "1GB", "shared_buffers": "64MB"}
_DATABASE: Final = "postgres"


@dataclass
class Seen:
    """What sixteen writers were told, and what was seen of it, until the server was killed."""

    name: str
    history: History
    calls: list[Call]
    """On the files that an acknowledgement stands on."""
    answered: dict[Act, Call]
    before: dict[str, bytes]
    """Those files when nothing had been acknowledged."""
    reopen: Callable[[dict[str, bytes], Path], Stored]
    """What a database holds that starts on such files, in a folder of its own."""


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def seen(
    request: pytest.FixtureRequest,
    fresh_folder: Path,
    provider: Provider,
    tmp_path_factory: pytest.TempPathFactory,
    times: Callable[[int, int], int],
) -> Iterator[Seen]:
    """One run for all that is asked about it."""
    assert STRACE is not None
    folder, answers = tmp_path_factory.mktemp("seen"), times(1_000, 120)
    log, data = folder / "calls", Path(shutil.copytree(fresh_folder, folder / "data"))
    settings = {"LYHTY_CAPACITY": "1000"}
    with ExitStack() as stack:
        part, before, reopen = "lyhty.db", dict[str, bytes](), _reopen_sqlite
        if request.param == "sqlite":
            server = ServerProcess(data, slot_ms=0, effort=1, settings=settings, program=traced_by(STRACE, log))
            stack.enter_context(server).start()
        else:
            postgres = _postgres(stack).create(f"--wal-segsize={_SEGMENT_MB}")
            settings["LYHTY_DATABASE_URL"] = _of_who_keeps_to_one_file(postgres)
            program = traced_by(STRACE, log, beside(postgres))
            server = ServerProcess(data, slot_ms=0, effort=1, settings=settings, program=program)
            stack.enter_context(server).start()
            part, before, reopen = _known(postgres, _postgres(stack), folder / "synced")
        history = asyncio.run(_written(server.url, provider, answers))
        server.kill()
        calls = read_log(log, server.pid)
        yield Seen(request.param, history, on_disk(calls, part), replies(history.acts, calls), before, reopen)


async def _written(url: str, provider: Provider, answers: int) -> History:
    async with Writers(url, provider) as writers:
        await writers.hear(answers)
    return writers.history


def _known(
    postgres: PostgresServer, after: PostgresServer, synced: Path
) -> tuple[str, dict[str, bytes], Callable[[dict[str, bytes], Path], Stored]]:
    """Part, before and reopen of a server that has written nothing since its last checkpoint."""
    with psycopg.connect(_text(postgres), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (name,) = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone() or ("",)
    shutil.copytree(postgres.data, synced)
    (synced / "postmaster.pid").unlink()
    log = postgres.data / "pg_wal" / str(name)

    def reopen(files: dict[str, bytes], _folder: Path) -> Stored:
        shutil.rmtree(after.data, ignore_errors=True)
        shutil.copytree(synced, after.data)
        (after.data / "pg_wal" / log.name).write_bytes(files[str(log)])
        after.give()
        after.start()
        try:
            return Storage("postgresql", {"LYHTY_DATABASE_URL": _text(after)}).read(synced)
        finally:
            after.stop(signal.SIGQUIT)

    return str(log), {str(log): (synced / "pg_wal" / log.name).read_bytes()}, reopen


def _of_who_keeps_to_one_file(server: PostgresServer) -> str:
    """The address for an account that may not begin a new file of the log."""
    server.start()
    with psycopg.connect(_text(server), autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute(f"ALTER DATABASE {_DATABASE} OWNER TO plain")
        connection.execute("ALTER SCHEMA public OWNER TO plain")
    server.stop(signal.SIGINT)
    return server.url(_DATABASE).set(username="plain").render_as_string(hide_password=False)


def _text(server: PostgresServer) -> str:
    return server.url(_DATABASE).render_as_string(hide_password=False)


def _postgres(stack: ExitStack) -> PostgresServer:
    server = PostgresServer(durable=True, settings=_SETTINGS)
    stack.callback(shutil.rmtree, server.folder, ignore_errors=True)
    stack.callback(server.stop, signal.SIGQUIT)
    return server


def _reopen_sqlite(files: dict[str, bytes], folder: Path) -> Stored:
    data = write_disk(files, folder)
    try:
        return Storage("sqlite").read(data)
    finally:
        shutil.rmtree(data)
