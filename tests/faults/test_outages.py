"""The disk is full or takes nothing, or the database is away: nothing is acknowledged meanwhile, and it goes on."""

import asyncio
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from lyhty_wire.codes import Code
from tests.faults.history import check
from tests.faults.seen import needs_strace
from tests.faults.storage import Storage
from tests.faults.tracing import STRACE
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.server_process import ServerDidNotStartError, ServerProcess
from tests.servers.postgres import NOBODY, PostgresServer

ANSWERS: Final = 40
SMALL_DISK_BYTES: Final = 24 * 1024 * 1024
LEFT_BYTES: Final = 64 * 1024
"""Of the disk when it fills: no room for one more report."""

SQLITE: Final = Storage("sqlite")
DATABASE: Final = "postgres"
# Its log is there from the start, in one file: what it lacks room for are tables.
LOG_MB: Final = 64
DATABASE_DISK_BYTES: Final = (LOG_MB + 128) * 1024 * 1024

Outage = Callable[[ServerProcess], Iterator[None]]


def full_disk(server: ServerProcess) -> Iterator[None]:
    return fill(server.data)


def fill(disk: Path) -> Iterator[None]:
    """A file of somebody else's takes what is left."""
    room = os.statvfs(disk)
    filler = disk / "filler"
    with suppress(OSError):  # the server was quicker with the last of it
        filler.write_bytes(bytes(room.f_bavail * room.f_frsize - LEFT_BYTES))
    yield
    filler.unlink()


def no_longer_files(server: ServerProcess) -> Iterator[None]:
    """A quota: the log may not grow."""
    log = server.data / "lyhty.db-wal"
    before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, resource.RLIM_INFINITY))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


def read_only_disk(server: ServerProcess) -> Iterator[None]:
    """As a file system that has found a fault in itself: each write is refused, to files that are open already too."""
    assert STRACE is not None
    refused = "pwrite64,ftruncate,unlink:error=EROFS"
    looks_on = subprocess.Popen(
        [STRACE, "-f", "-e", "trace=pwrite64,ftruncate,unlink", "-e", f"inject={refused}", "-o", "/dev/null",
         "-p", str(server.pid)], stderr=subprocess.PIPE,
    )  # fmt: skip
    with looks_on:
        assert looks_on.stderr is not None
        if b"attached" not in looks_on.stderr.readline():
            pytest.skip("no process may be looked at here")
        yield
        looks_on.terminate()


def locked_database(server: ServerProcess) -> Iterator[None]:
    """Another program has it: for this server it is away."""
    other = sqlite3.connect(server.data / "lyhty.db", isolation_level=None, check_same_thread=False, timeout=20)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def mounted(disk: Path, size_bytes: int, uid: int = 0) -> Iterator[Path]:
    """A file system of its own."""
    disk.mkdir()
    options = f"size={size_bytes},mode=0700,uid={uid}"
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", options, "lyhty-test", disk]).returncode:
        pytest.skip("nothing may be mounted here; the quota is tried in its place")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", SMALL_DISK_BYTES) as disk:
        yield disk


async def go_through(
    server: ServerProcess, provider: Provider, outage: Outage, refusals: int, tell: Callable[[str], None],
    storage: Storage = SQLITE,
) -> None:  # fmt: skip
    async with Writers(server.url, provider) as writers:
        await writers.hear(ANSWERS)
        with contextmanager(outage)(server):
            await writers.is_refused(refusals)
        await writers.hear(ANSWERS)
    await asyncio.to_thread(server.stop)

    faults = check(writers.history.acts, storage.read(server.data))
    tell(
        f"{storage.name}, {outage.__name__.replace('_', ' ')}: {writers.history.acknowledged} acknowledged, "
        f"{len(writers.refused)} refused meanwhile, {len(faults)} lost or doubled"
    )
    assert faults == []
    assert set(writers.refused) <= {Code.STORAGE_FAILED.text, Code.BUSY.text}
    assert "internal-error" not in server.stderr


@pytest.mark.timeout(600)
@pytest.mark.parametrize("outage", [no_longer_files, locked_database, pytest.param(read_only_disk, marks=needs_strace)])
async def test_an_outage_loses_nothing_and_ends_by_itself(
    outage: Outage,
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
) -> None:
    server = own_server(slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000"})
    await go_through(server, provider, outage, times(500, 20), tell)


@pytest.mark.timeout(600)
async def test_a_full_disk_loses_nothing_and_ends_by_itself(
    small_disk: Path, fresh_folder: Path, provider: Provider, times: Callable[[int, int], int],
    tell: Callable[[str], None],
) -> None:  # fmt: skip
    data = Path(shutil.copytree(fresh_folder, small_disk / "data"))
    with ServerProcess(data, slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000"}) as server:
        await go_through(server.start(), provider, full_disk, times(500, 20), tell)


@pytest.mark.timeout(600)
async def test_a_full_disk_of_postgresql_loses_nothing_and_ends_by_itself(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
) -> None:
    postgres = PostgresServer(durable=True, settings={"checkpoint_timeout": "1h"})
    url = postgres.url(DATABASE).render_as_string(hide_password=False)
    storage = Storage("postgresql", {"LYHTY_DATABASE_URL": url})
    try:
        with mounted(postgres.data, DATABASE_DISK_BYTES, NOBODY) as disk:
            postgres.create(f"--wal-segsize={LOG_MB}").start()
            server = own_server(slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000", **storage.settings})

            def full_disk(_server: ServerProcess) -> Iterator[None]:
                return fill(disk)

            try:
                await go_through(server, provider, full_disk, times(500, 20), tell, storage)
            finally:
                postgres.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(postgres.folder)


def test_a_server_that_finds_its_disk_read_only_says_so_and_leaves(
    small_disk: Path, fresh_folder: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(fresh_folder, small_disk / "data"))
    with ServerProcess(data) as server:
        server.said = tmp_path
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
        with pytest.raises(ServerDidNotStartError, match="Read-only file system"):
            server.start()
