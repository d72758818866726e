"""How long from "sent" at one server process to an expert's feed at another naming the report.

Two processes with PostgreSQL and NATS between them, the driver in a process of its own, all on the same cores.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.bench.servers import demo_server, drive, make_demo
from tests.servers.nats import nats_server
from tests.servers.postgres import fresh_database, running_postgres

RATE: Final = 1_000.0
SLOWER_RATE: Final = 300.0
SECONDS: Final = 6.0

# As an installation sets them that has a few gigabytes for its database.
POSTGRES: Final = {"shared_buffers": "256MB", "max_wal_size": "4GB", "autovacuum": "on"}


def measure(scratch: Path) -> dict[str, float]:
    folder = make_demo(scratch / "cross")
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres(durable=True, settings=POSTGRES))
        database = stack.enter_context(fresh_database(postgres.url("postgres"), "crossed", empty=True))
        nats = stack.enter_context(nats_server())
        settings = {
            "LYHTY_DATABASE_URL": database.render_as_string(hide_password=False),
            "LYHTY_BUS_URL": nats.url,
        }
        here = stack.enter_context(demo_server(folder, 0, settings=settings))
        there = stack.enter_context(demo_server(folder, 0, settings=settings))
        slower = drive(folder, here, seconds=4, count=int(SLOWER_RATE * 4), rate=SLOWER_RATE, desk=there.url)
        before = here.cpu_s(), there.cpu_s()
        result = drive(folder, here, seconds=SECONDS, count=int(RATE * SECONDS), rate=RATE, desk=there.url)
        accepting_s, telling_s = here.cpu_s() - before[0], there.cpu_s() - before[1]
    if result["heard"] != result["accepted"]:
        raise RuntimeError(f"{result['accepted']} accepted, but the desk heard of {result['heard']}")
    return {
        "cross_process_rate_per_s": result["accepted_per_s"],
        "cross_process_delivery_p50_ms": result["acknowledged_to_feed_ms"]["p50"],
        "cross_process_delivery_p99_ms": result["acknowledged_to_feed_ms"]["p99"],
        "cross_process_at_300_p50_ms": slower["acknowledged_to_feed_ms"]["p50"],
        "cross_process_at_300_p99_ms": slower["acknowledged_to_feed_ms"]["p99"],
        "cross_process_accepting_cpu_us_per_report": round(accepting_s / result["accepted"] * 1e6, 1),
        "cross_process_telling_cpu_us_per_report": round(telling_s / result["accepted"] * 1e6, 1),
    }
