"""How long from the frames of a report being written to an expert's feed naming it, at a steady rate."""

from pathlib import Path

from tests.bench import echo
from tests.bench.servers import demo_server, drive, make_demo

RATE = 300.0
SECONDS = 8.0


def measure(scratch: Path) -> dict[str, float]:
    folder = make_demo(scratch / "delivery")
    with demo_server(folder, 0) as server:
        drive(folder, server, seconds=1, count=int(RATE), rate=RATE)  # statements prepared, pages touched
        before = server.cpu_s()
        result = drive(folder, server, seconds=SECONDS, count=int(RATE * SECONDS), rate=RATE)
        cpu_us = (server.cpu_s() - before) / result["accepted"] * 1e6
    delivered = result["written_to_feed_ms"]
    return {
        "delivery_rate_per_s": RATE,
        "delivery_p50_ms": delivered["p50"],
        "delivery_p99_ms": delivered["p99"],
        "delivery_server_cpu_us_per_report": round(cpu_us, 1),
        **echo.measure(RATE, SECONDS),
    }
