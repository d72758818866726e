"""The limit of what is acknowledged after it is on disk: the log's bytes of one report, at the same rate, and nothing
else. A disk that stands still for a tenth of a second delays everything that comes due meanwhile."""

import os
import tempfile
import time
from pathlib import Path
from typing import Final

REPORT_LOG_BYTES: Final = 80_000  # 19 pages and their headers, LOG.md
LOG_BYTES: Final = 16 * 1024 * 1024


def measure(scratch: Path, rate: float, seconds: float) -> dict[str, float]:
    times = sorted(_written(scratch, rate, int(rate * seconds)))
    return {
        "bare_disk_p50_ms": round(times[len(times) // 2], 3),
        "bare_disk_p99_ms": round(times[len(times) * 99 // 100], 3),
        "bare_disk_max_ms": round(times[-1], 3),
    }


def _written(scratch: Path, rate: float, count: int) -> list[float]:
    """Milliseconds from when each write is due to when it is on disk."""
    report, times = os.urandom(REPORT_LOG_BYTES), []
    with tempfile.NamedTemporaryFile(dir=scratch) as file:
        os.pwrite(file.fileno(), bytes(LOG_BYTES), 0)
        os.fsync(file.fileno())
        start, at = time.perf_counter(), 0
        for nth in range(count):
            due = start + nth / rate
            if (early_s := due - time.perf_counter()) > 0:
                time.sleep(early_s)
            os.pwrite(file.fileno(), report, at)
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - due) * 1000)
            at = (at + REPORT_LOG_BYTES) % (LOG_BYTES - REPORT_LOG_BYTES)
    return times
