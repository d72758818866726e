"""How long from the frames of a report being written to an expert's feed naming it, at a steady rate.

Beside it the same on a disk in memory, which is what the server itself needs, and the bare limits of disk and socket.
"""

import tempfile
from pathlib import Path
from typing import Any, Final

from tests.bench import disk, echo
from tests.bench.servers import demo_server, drive, make_demo

RATE: Final = 500.0
SLOWER_RATE: Final = 300.0
SECONDS: Final = 8.0
IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - Linux's own


def measure(scratch: Path) -> dict[str, float]:
    slower, result, cpu_us = _delivered(scratch)
    figures: dict[str, float] = {
        "delivery_rate_per_s": RATE,
        "delivery_p50_ms": result["written_to_feed_ms"]["p50"],
        "delivery_p99_ms": result["written_to_feed_ms"]["p99"],
        "delivery_server_cpu_us_per_report": round(cpu_us, 1),
        "delivery_at_300_p50_ms": slower["written_to_feed_ms"]["p50"],
        "delivery_at_300_p99_ms": slower["written_to_feed_ms"]["p99"],
    }
    if IN_MEMORY.is_dir():
        with tempfile.TemporaryDirectory(prefix="lyhty-bench-", dir=IN_MEMORY) as memory:
            _, result, _ = _delivered(Path(memory))
        figures["delivery_in_memory_p50_ms"] = result["written_to_feed_ms"]["p50"]
        figures["delivery_in_memory_p99_ms"] = result["written_to_feed_ms"]["p99"]
    return {**figures, **disk.measure(scratch, RATE, SECONDS), **echo.measure(RATE, SECONDS)}


def _delivered(scratch: Path) -> tuple[dict[str, Any], dict[str, Any], float]:
    """At the slower rate, which warms up, then at the usual one; CPU microseconds of the server for a report then."""
    folder = make_demo(scratch / "delivery")
    with demo_server(folder, 0) as server:
        slower = drive(folder, server, seconds=4, count=int(SLOWER_RATE * 4), rate=SLOWER_RATE)
        before = server.cpu_s()
        result = drive(folder, server, seconds=SECONDS, count=int(RATE * SECONDS), rate=RATE)
        return slower, result, (server.cpu_s() - before) / result["accepted"] * 1e6
