"""What a server asked of the kernel, in order: writes, syncs and replies, as `strace` saw them."""

import re
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults.history import Act
from tests.scenarios.server_process import SERVER

STRACE: Final = shutil.which("strace")
READS: Final = frozenset(("read", "recvfrom"))
SENDS: Final = frozenset(("write", "writev", "sendto", "sendmsg"))
SYNCS: Final = frozenset(("fsync", "fdatasync"))
CHANGES: Final = frozenset(("pwrite64", "ftruncate", "unlink"))
# So that a database which writes in another way is not looked past.
OTHERS: Final = frozenset(("pwritev", "pwritev2", "sync_file_range", "fallocate"))
_TRACED: Final = ",".join(sorted(READS | SENDS | SYNCS | CHANGES | OTHERS))
_LONGEST_BYTES: Final = 2_200_000  # written in one call: the buffers of PostgreSQL for its log
_DRAINED_S: Final = 60

_CALL: Final = re.compile(r"(\d+) +(\w+)\(\d+<(TCP[^]]*]|[^>]*)>(.*)")
_UNLINK: Final = re.compile(r'\d+ +unlink\("((?:\\x[0-9a-f]{2})*)"\) += 0$')
_RESUMED: Final = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_RESULT: Final = re.compile(r"= (-?\d+)[^=]*$")
_NUMBER: Final = re.compile(r", (\d+)(?:\)| <unfinished)")


@dataclass(slots=True)
class Call:
    """`begun` and `done` are places in the order of all that was seen."""

    name: str
    target: str
    """A path, or the two ends of a connection."""
    data: bytes
    number: int
    """Of pwrite64 its offset, of ftruncate the length."""
    begun: int
    done: int
    result: int


def traced_by(strace: str, log: Path, server: Sequence[str] = SERVER) -> tuple[str, ...]:
    """A server under `strace`, which stands aside, so that the process is the server itself."""
    command = [
        strace, "-D", "-f", "-yy", "-xx", "-q", "--seccomp-bpf", "-s", str(_LONGEST_BYTES),
        "-e", f"trace={_TRACED}", "-e", "signal=KILL", "-o", str(log), sys.executable, *server,
    ]  # fmt: skip
    return ("-c", f"import os, sys; command = {command!r}; os.execv(command[0], command + sys.argv[1:])")


def read_log(log: Path, pid: int) -> list[Call]:
    """After the process has ended: what it did, by beginning."""
    patience = time.monotonic() + _DRAINED_S
    while not re.search(rf"^{pid} +\+\+\+ ", _tail(log), re.MULTILINE):
        assert time.monotonic() < patience, "strace has not come to the end"
        time.sleep(0.05)
    with log.open() as lines:
        return parse(lines)


def _tail(log: Path, most: int = 1_000_000) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - most))
        return file.read().decode(errors="replace")


def on_disk(calls: Iterable[Call], part: str) -> list[Call]:
    """What was done to the files whose path has that part."""
    found = [call for call in calls if call.name in CHANGES | SYNCS | OTHERS and part in call.target]
    assert not [call for call in found if call.name in OTHERS], "a way of writing that is not looked at here"
    return found


def parse(lines: Iterable[str]) -> list[Call]:
    calls: list[Call] = []
    unfinished: dict[str, Call] = {}
    for place, line in enumerate(lines):
        if found := _CALL.match(line):
            thread, name, target, rest = found.groups()
            if name in READS | SENDS and not target.startswith("TCP"):
                continue
            call = Call(name, _path(target), _data(rest), _last_number(name, rest), place, place, 0)
            calls.append(call)
            if "<unfinished ...>" in rest[-40:]:
                unfinished[thread] = call
            else:
                call.result = _result(rest)
        elif found := _UNLINK.match(line):
            calls.append(Call("unlink", _path(found[1]), b"", 0, place, place, 0))
        elif found := _RESUMED.match(line):
            call = unfinished.pop(found[1], None)
            if call is None:
                continue
            call.done, call.result = place, _result(found[3])
            if call.name in READS:  # what came is told at the end
                call.data = _data(found[3])
    return calls


def _result(rest: str) -> int:
    found = _RESULT.search(rest[-200:])
    return int(found[1]) if found else 0


def _data(rest: str) -> bytes:
    return b"".join(bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(rest))


def _path(target: str) -> str:
    return bytes.fromhex(target.replace("\\x", "")).decode() if target.startswith("\\x") else target


def _last_number(name: str, rest: str) -> int:
    found = _NUMBER.findall(rest[-200:]) if name in CHANGES else []
    return int(found[-1]) if found else 0


def replies(acts: Iterable[Act], calls: Sequence[Call]) -> dict[Act, Call]:
    """The first byte of an answer to each. On the channel it names the operation; over HTTP it is what the connection
    says next after what was asked."""
    sent = [call for call in calls if call.name in SENDS and call.target.startswith("TCP")]
    read = [call for call in calls if call.name in READS and call.target.startswith("TCP")]
    found = {}
    for act in acts:
        reply = next((call for call in sent if act.name in call.data), None)
        if reply is None and (request := next((call for call in read if act.mark in call.data), None)):
            reply = next((call for call in sent if call.target == request.target and call.begun > request.done), None)
        if reply is not None:
            found[act] = reply
    return found


def unsynced(answered: dict[Act, Call], calls: Sequence[Call]) -> list[Act]:
    """Acts that were answered before what they had written was on the disk."""
    writes = [call for call in calls if call.name == "pwrite64"]
    syncs = [call for call in calls if call.name in SYNCS and call.result == 0]
    return [act for act, reply in answered.items() if not _is_synced(act, reply, writes, syncs)]


def _is_synced(act: Act, reply: Call, writes: Sequence[Call], syncs: Sequence[Call]) -> bool:
    # Either half: the log of PostgreSQL has a header in it every 8 kB.
    halves = (act.mark[:16], act.mark[16:])
    written = next((call for call in writes if any(half in call.data for half in halves if half)), None)
    return written is not None and any(
        sync.target == written.target and written.done < sync.begun and sync.done < reply.begun for sync in syncs
    )
