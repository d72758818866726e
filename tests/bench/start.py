"""How long a server with a database takes from its start until it listens."""

import time
from pathlib import Path
from statistics import median

from tests.bench.servers import demo_server, drive, make_demo

STARTS = 5


def measure(scratch: Path) -> dict[str, float]:
    folder = make_demo(scratch / "start")
    with demo_server(folder, 0) as server:
        drive(folder, server, seconds=1, count=300, rate=300)
    times = []
    for _ in range(STARTS):
        start = time.perf_counter()
        with demo_server(folder, 1_000):
            times.append(time.perf_counter() - start)
    return {"cold_start_s": round(median(times), 3), "cold_start_worst_s": round(max(times), 3)}
