"""How long from the frames of a report being written to an expert's feed naming it, at a steady rate."""

from pathlib import Path
from typing import Final

from tests.bench import echo
from tests.bench.servers import demo_server, drive, make_demo

RATE: Final = 500.0
SLOWER_RATE: Final = 300.0
SECONDS: Final = 8.0


def measure(scratch: Path) -> dict[str, float]:
    folder = make_demo(scratch / "delivery")
    with demo_server(folder, 0) as server:
        slower = drive(folder, server, seconds=4, count=int(SLOWER_RATE * 4), rate=SLOWER_RATE)  # and warm afterwards
        before = server.cpu_s()
        result = drive(folder, server, seconds=SECONDS, count=int(RATE * SECONDS), rate=RATE)
        cpu_us = (server.cpu_s() - before) / result["accepted"] * 1e6
    return {
        "delivery_rate_per_s": RATE,
        "delivery_p50_ms": result["written_to_feed_ms"]["p50"],
        "delivery_p99_ms": result["written_to_feed_ms"]["p99"],
        "delivery_server_cpu_us_per_report": round(cpu_us, 1),
        "delivery_at_300_p50_ms": slower["written_to_feed_ms"]["p50"],
        "delivery_at_300_p99_ms": slower["written_to_feed_ms"]["p99"],
        **echo.measure(RATE, SECONDS),
    }
