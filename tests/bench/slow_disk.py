"""Accepted reports on a disk that needs 5 ms to say that something is on it: strace holds each sync back.

The folder is in memory where there is one: otherwise this computer's own disk would come on top.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.bench.delivery import IN_MEMORY
from tests.bench.servers import demo_server, drive, make_demo

SYNC_US: Final = 5_000
SECONDS: Final = 5.0
SEALED: Final = 12_000
IN_FLIGHT: Final = 64
SYNCS: Final = "fsync,fdatasync"

# The tracer is the grandchild (-D), so that the process that was started is the server; by seccomp no other call of the
# server's is slower than it was.
SLOW: Final = ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null")
INJECT: Final = ("-e", f"trace={SYNCS}", "-e", f"inject={SYNCS}:delay_exit={SYNC_US}")
START: Final = "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
SERVER: Final = ("-c", START, *SLOW, *INJECT, sys.executable, "-m", "lyhty_server")


def measure(scratch: Path) -> dict[str, float]:
    if shutil.which("strace") is None:
        raise RuntimeError("strace is not here; ask for the package strace to be installed")
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else scratch) as memory:
        folder = make_demo(Path(memory) / "slow-disk")
        with demo_server(folder, 0, SERVER) as server:
            result = drive(folder, server, seconds=SECONDS, count=SEALED, channels=IN_FLIGHT)
    return {
        "slow_disk_reports_per_s": result["accepted_per_s"],
        "slow_disk_acknowledged_p50_ms": result["written_to_acknowledged_ms"]["p50"],
        "slow_disk_acknowledged_p99_ms": result["written_to_acknowledged_ms"]["p99"],
    }
