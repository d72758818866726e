"""Each acknowledgement stands behind a sync: as system calls show, and as the power shows that goes at any moment."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.faults.history import check
from tests.faults.power import choose_cuts, disk_after, known_at, unsynced_at
from tests.faults.seen import Seen, needs_strace
from tests.faults.tracing import Call, unsynced

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
@pytest.mark.timeout(900)
def test_every_acknowledgement_is_preceded_by_a_data_sync(seen: Seen, tell: Callable[[str], None]) -> None:
    told = {act for act in seen.history.acts if act.answered_at is not None}
    early = unsynced({act: reply for act, reply in seen.answered.items() if act in told}, seen.calls)
    tell(f"{seen.name}: {len(told)} acknowledgements seen on the line, {len(early)} of them before their sync")
    assert told <= seen.answered.keys()
    assert early == []


@needs_strace
@pytest.mark.timeout(1800)
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    seen: Seen, times: Callable[[int, int], int], tell: Callable[[str], None], tmp_path: Path
) -> None:
    chance, count = Random(SEED), times(200, 20 if seen.name == "sqlite" else 4)
    first = min(reply.begun for reply in seen.answered.values())
    faults, told, in_the_air = [], 0, 0
    for nth, cut in enumerate(choose_cuts(count, first, seen.calls, seen.answered.values(), chance)):
        known = known_at(seen.history.acts, seen.answered, cut)
        told += sum(act.answered_at is not None for act in known)
        in_the_air += len(unsynced_at(seen.calls, cut))
        stored = seen.reopen(disk_after(seen.calls, cut, chance, seen.before), tmp_path / f"cut-{nth}")
        faults += check(known, stored)
    tell(
        f"{seen.name}: {count} power cuts with {in_the_air} writes in the air, {told} acknowledgements held against "
        f"the disk, {len(faults)} lost"
    )
    assert in_the_air >= count // 4
    assert faults == []
