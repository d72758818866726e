"""The disk is full, or the database away: nothing is acknowledged meanwhile, and it goes on by itself afterwards."""

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from lyhty_wire.codes import Code
from tests.faults.history import check
from tests.faults.storage import Storage
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

ANSWERS: Final = 40
SMALL_DISK_BYTES: Final = 24 * 1024 * 1024
LEFT_BYTES: Final = 64 * 1024
"""Of the disk when it fills: no room for one more report."""

Outage = Callable[[ServerProcess], Iterator[None]]


def full_disk(server: ServerProcess) -> Iterator[None]:
    """A file of somebody else's takes what is left."""
    room = os.statvfs(server.data)
    filler = server.data / "filler"
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


def locked_database(server: ServerProcess) -> Iterator[None]:
    """Another program has it: for this server it is away."""
    other = sqlite3.connect(server.data / "lyhty.db", isolation_level=None, check_same_thread=False, timeout=20)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = f"size={SMALL_DISK_BYTES},mode=0700"
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", options, "lyhty-test", disk]).returncode:
        pytest.skip("nothing may be mounted here; the quota is tried in its place")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def go_through(
    server: ServerProcess, provider: Provider, outage: Outage, refusals: int, tell: Callable[[str], None]
) -> None:
    storage = Storage("sqlite")
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
@pytest.mark.parametrize("outage", [no_longer_files, locked_database])
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
