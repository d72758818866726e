"""How many reports a second are accepted: proofs and signatures checked, on disk, told to a desk.

Beside it the plainest program that writes the same rows as durably, in batches as large as the server's own were.
"""

import tempfile
from pathlib import Path

from tests.bench.servers import demo_server, drive, make_demo
from tests.bench.store import open_with_sqlite3

SECONDS = 5.0
SEALED = 12_500
CHANNELS = 128  # 64, 128, 256 gave 1,357, 1,563 and 1,438 reports/s in one run


def measure(scratch: Path) -> dict[str, float]:
    folder = make_demo(scratch / "accepted")
    sizes = scratch / "batch-size"
    counted = (str(Path(__file__).with_name("counted_server.py")), str(sizes))
    with demo_server(folder, 0, counted) as server:
        before = server.cpu_s()
        result = drive(folder, server, seconds=SECONDS, count=SEALED, channels=CHANNELS)
        cpu_us = (server.cpu_s() - before) / result["accepted"] * 1e6
        peak = server.memory_bytes("VmHWM")
    if result["heard"] != result["accepted"]:
        raise RuntimeError(f"{result['accepted']} accepted, but the desk heard of {result['heard']}")
    batch = int(sizes.read_text())
    with tempfile.TemporaryDirectory(dir=scratch) as bare:
        loop = open_with_sqlite3(Path(bare), 6_000, batch)
    return {
        "accepted_reports_per_s": result["accepted_per_s"],
        "accepted_channels": CHANNELS,
        "accepted_batch_size": batch,
        "accepted_acknowledged_p50_ms": result["written_to_acknowledged_ms"]["p50"],
        "accepted_acknowledged_p99_ms": result["written_to_acknowledged_ms"]["p99"],
        "accepted_driver_cpu_us_per_report": round(result["driver_cpu_s"] / result["accepted"] * 1e6, 1),
        "bare_loop_reports_per_s": round(loop.per_second, 1),
        "accepted_ratio_to_bare_loop": round(result["accepted_per_s"] / loop.per_second, 4),
        "server_cpu_us_per_report": round(cpu_us, 1),
        "loaded_rss_mb": round(peak / 1e6, 1),
    }
