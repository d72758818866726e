"""What a disk holds after the power has gone: all that was synced, and of the rest whatever it likes.

Changes are taken from a trace of the server. What had not been synced is kept, dropped, or torn between two sectors,
each by itself and so in any order. Which files there are is taken as known: SQLite syncs their folder where it matters.
Of PostgreSQL it is the log alone; its other files are as the last checkpoint left them, for no other has synced them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final

from tests.faults.history import Act
from tests.faults.tracing import CHANGES, SYNCS, Call

SECTOR_BYTES: Final = 512


def disk_after(
    calls: Sequence[Call], cut: int, chance: Random, before: Mapping[str, bytes] = MappingProxyType({})
) -> dict[str, bytes]:
    """Files by path, as the cut at that place of the trace leaves them. `before`: as they were before the trace."""
    pending = {id(call) for call in unsynced_at(calls, cut)}
    files = defaultdict(bytearray, {path: bytearray(content) for path, content in before.items()})
    for call in calls:
        if call.begun >= cut:
            break
        if call.name == "unlink":
            files.pop(call.target, None)
        elif call.name in CHANGES:
            fate = chance.choice(("kept", "dropped", "torn")) if id(call) in pending else "kept"
            _change(files[call.target], call, fate, chance)
    return {path: bytes(content) for path, content in files.items()}


def unsynced_at(calls: Sequence[Call], cut: int) -> list[Call]:
    """Changes that no sync had followed, from its beginning to its end, when the power went."""
    synced: defaultdict[str, int] = defaultdict(lambda: -1)
    for call in calls:
        if call.name in SYNCS and call.done < cut and call.result == 0:
            synced[call.target] = max(synced[call.target], call.begun)
    changes = [call for call in calls if call.begun < cut and call.name in CHANGES and call.name != "unlink"]
    return [call for call in changes if call.done >= synced[call.target]]


def _change(file: bytearray, call: Call, fate: str, chance: Random) -> None:
    if fate == "dropped":
        return
    if call.name == "ftruncate":
        file.extend(bytes(max(0, call.number - len(file))))
        del file[call.number :]
        return
    data, start = call.data, call.number
    if fate == "torn":
        # The sectors of the file before a boundary, or those after it.
        boundary = chance.randrange(start, start + len(data) + 1) // SECTOR_BYTES * SECTOR_BYTES - start
        boundary = max(0, boundary)
        if chance.random() < 0.5:
            data = data[:boundary]
        else:
            data, start = data[boundary:], start + boundary
    file.extend(bytes(max(0, start + len(data) - len(file))))
    file[start : start + len(data)] = data


def known_at(acts: Iterable[Act], answered: dict[Act, Call], cut: int) -> list[Act]:
    """The history as it was then: an answer counts from its first byte on the line, and its sender is told no more."""
    return [
        act if (reply := answered.get(act)) and reply.begun < cut else replace(act, answered_at=None) for act in acts
    ]


def choose_cuts(count: int, first: int, calls: Sequence[Call], answered: Iterable[Call], chance: Random) -> list[int]:
    """Anywhere; right after an answer has left, for there a promise is freshest; and while a write is in the air."""
    moments = (
        range(first, calls[-1].done),
        [reply.begun + 1 for reply in answered],
        [call.done + 1 for call in calls if call.name in CHANGES and call.begun > first],
    )
    return [chance.choice(moments[nth % len(moments)]) for nth in range(count)]


def write_disk(files: dict[str, bytes], folder: Path) -> Path:
    """Without the shared memory beside a SQLite file, which no power cut leaves."""
    folder.mkdir()
    for path, content in files.items():
        if not path.endswith("-shm"):
            (folder / Path(path).name).write_bytes(content)
    return folder
