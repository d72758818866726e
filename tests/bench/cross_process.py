"""How long from "sent" at one server to an expert's feed naming the report at another, over a real NATS server.

Both stand in one process, on one SQLite file: what two processes on PostgreSQL do on two cores, they do on one.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bench.servers import drive, make_demo
from tests.servers.nats import nats_server

RATE: Final = 1_000.0
SLOWER_RATE: Final = 300.0
SECONDS: Final = 6.0
PROGRAM: Final = Path(__file__).with_name("paired_server.py")


def measure(scratch: Path) -> dict[str, float]:
    folder = make_demo(scratch / "cross")
    with nats_server() as nats, _paired(folder, nats.url) as (here, there):
        slower = drive(folder, here, seconds=4, count=int(SLOWER_RATE * 4), rate=SLOWER_RATE, desk=there)
        result = drive(folder, here, seconds=SECONDS, count=int(RATE * SECONDS), rate=RATE, desk=there)
    if result["heard"] != result["accepted"]:
        raise RuntimeError(f"{result['accepted']} accepted, but the desk heard of {result['heard']}")
    return {
        "cross_process_rate_per_s": result["accepted_per_s"],
        "cross_process_delivery_p50_ms": result["acknowledged_to_feed_ms"]["p50"],
        "cross_process_delivery_p99_ms": result["acknowledged_to_feed_ms"]["p99"],
        "cross_process_at_300_p50_ms": slower["acknowledged_to_feed_ms"]["p50"],
        "cross_process_at_300_p99_ms": slower["acknowledged_to_feed_ms"]["p99"],
    }


@contextmanager
def _paired(folder: Path, nats_url: str) -> Iterator[tuple[str, str]]:
    server = subprocess.Popen([sys.executable, str(PROGRAM), str(folder), nats_url], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        here, there = server.stdout.readline().split()
        yield here, there
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
