"""The power goes, and with it all that was not synced: what was acknowledged is there."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.faults.history import check
from tests.faults.power import choose_cuts, disk_after, known_at, unsynced_at, write_disk
from tests.faults.storage import Storage
from tests.faults.test_syncs import needs_strace
from tests.faults.tracing import CHANGES, STRACE, SYNCS, Call, read_log, replies, traced_by
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

SEED: Final = 20_261
PATH: Final = "lyhty.db-wal"


def call(name: str, place: int, data: bytes = b"", number: int = 0) -> Call:
    return Call(name, PATH, data, number, place, place, len(data))


def test_what_was_synced_is_there_and_the_rest_may_be() -> None:
    calls = [call("pwrite64", 0, b"a" * 512), call("fdatasync", 1), call("pwrite64", 2, b"b" * 512, 512)]
    left = {disk_after(calls, 3, Random(seed))[PATH] for seed in range(20)}
    assert left == {b"a" * 512, b"a" * 512 + b"b" * 512}


def test_a_write_that_came_while_the_sync_ran_is_not_counted_on() -> None:
    slow = Call("fdatasync", PATH, b"", 0, 1, 3, 0)
    calls = [call("pwrite64", 0, b"a" * 512), slow, call("pwrite64", 2, b"b" * 512)]
    assert {disk_after(calls, 4, Random(seed))[PATH] for seed in range(20)} == {b"a" * 512, b"b" * 512}


def test_a_write_may_be_torn_between_sectors() -> None:
    calls = [call("pwrite64", 0, b"a" * 1024)]
    left = {disk_after(calls, 1, Random(seed)).get(PATH, b"") for seed in range(60)}
    assert left == {b"", b"a" * 512, bytes(512) + b"a" * 512, b"a" * 1024}


@needs_strace
@pytest.mark.timeout(1800)
async def test_a_power_cut_loses_nothing_that_was_acknowledged(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
    tmp_path: Path,
) -> None:
    assert STRACE is not None
    log, storage, chance, count = tmp_path / "calls", Storage("sqlite"), Random(SEED), times(200, 20)
    server = own_server(slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000"}, program=traced_by(STRACE, log))
    async with Writers(server.url, provider) as writers:
        await writers.hear(times(600, 120))
    await asyncio.to_thread(server.kill)

    calls = await asyncio.to_thread(read_log, log, server.pid)
    answered = replies(writers.history.acts, calls)
    on_disk = [call for call in calls if call.name in CHANGES | SYNCS and "lyhty.db" in call.target]
    first = min(reply.begun for reply in answered.values())
    faults, told, unsynced = [], 0, 0
    for nth, cut in enumerate(choose_cuts(count, first, calls[-1].done, answered.values(), chance)):
        folder = write_disk(disk_after(on_disk, cut, chance), tmp_path / f"cut-{nth}")
        known = known_at(writers.history.acts, answered, cut)
        told += sum(act.answered_at is not None for act in known)
        unsynced += len(unsynced_at(on_disk, cut))
        faults += check(known, storage.read(folder))
        shutil.rmtree(folder)
    tell(
        f"{storage.name}: {count} power cuts with {unsynced} writes in the air, {told} acknowledgements held against "
        f"the disk, {len(faults)} lost"
    )
    assert unsynced >= count
    assert faults == []
