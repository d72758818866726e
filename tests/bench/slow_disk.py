"""Accepted reports on a disk that takes 5 ms to say that something is on it: strace holds each sync of the server back."""

import shutil
from pathlib import Path
from typing import Final

from tests.bench.servers import demo_server, drive, make_demo

SYNC_US: Final = 5_000
SECONDS: Final = 5.0
SEALED: Final = 14_000
IN_FLIGHT: Final = 64
SYNCS: Final = "fsync,fdatasync"

# The tracer is the grandchild (-D), so that the process that was started is the server; by seccomp no other call of the
# server's is slower than it was.
SLOW_SERVER: Final = (
    "-c",
    "import os, sys; os.execvp('strace', ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', "
    f"'trace={SYNCS}', '-e', 'inject={SYNCS}:delay_exit={SYNC_US}', sys.executable, '-m', 'lyhty_server', *sys.argv[1:]])",
)


def measure(scratch: Path) -> dict[str, float]:
    if shutil.which("strace") is None:
        raise RuntimeError("strace is not here; ask for the package strace to be installed")
    folder = make_demo(scratch / "slow-disk")
    with demo_server(folder, 0, SLOW_SERVER) as server:
        result = drive(folder, server, seconds=SECONDS, count=SEALED, channels=IN_FLIGHT)
    return {
        "slow_disk_reports_per_s": result["accepted_per_s"],
        "slow_disk_acknowledged_p50_ms": result["written_to_acknowledged_ms"]["p50"],
        "slow_disk_acknowledged_p99_ms": result["written_to_acknowledged_ms"]["p99"],
    }
