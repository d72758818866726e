"""Reports on PostgreSQL: accepted by a server, and written by the store alone, against PostgreSQL's own load program.

pgbench writes the same rows, one transaction for each report, on both cores: prepared, all statements of one
transaction in one round trip, and nothing is looked up before.
"""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from tests.bench.servers import demo_server, drive, make_demo
from tests.bench.store import REPORT_BYTES, WRAP_BYTES, open_through_store
from tests.servers.postgres import PostgresServer, fresh_database, make_template, running_postgres

SECONDS: Final = 5
SEALED: Final = 12_500
CHANNELS: Final = 128
OPENINGS: Final = 8_000
CALLERS: Final = 256
CLIENTS: Final = 32

# As an installation sets them that has a few gigabytes for its database.
_SETTINGS: Final = {"shared_buffers": "256MB", "max_wal_size": "4GB", "autovacuum": "on"}


def measure(scratch: Path) -> dict[str, float]:
    with running_postgres(durable=True, settings=_SETTINGS) as server:
        elsewhere = server.url("postgres")
        make_template(elsewhere)
        with fresh_database(elsewhere, "pgbench") as url:
            per_s = pgbench(server, url)
        with fresh_database(elsewhere, "written") as url:
            written = written_per_s(url)
        with fresh_database(elsewhere, "accepted", empty=True) as url:
            accepted, cpu_us = accepted_per_s(scratch, url)
    return {
        "pgbench_reports_per_s": round(per_s, 1),
        "pg_accepted_reports_per_s": accepted,
        "pg_accepted_ratio_to_pgbench": round(accepted / per_s, 4),
        "pg_write_path_reports_per_s": round(written, 1),
        "pg_write_path_ratio_to_pgbench": round(written / per_s, 4),
        "pg_server_cpu_us_per_report": round(cpu_us, 1),
    }


def written_per_s(url: URL) -> float:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)  # as the server sets it
    try:
        return asyncio.run(open_through_store(url, OPENINGS, CALLERS)).per_second
    finally:
        sys.setswitchinterval(usual)


def accepted_per_s(scratch: Path, url: URL) -> tuple[float, float]:
    """And the server's own CPU for each report, in microseconds."""
    folder = make_demo(scratch / "accepted-pg")
    settings = {"LYHTY_DATABASE_URL": url.render_as_string(hide_password=False)}
    with demo_server(folder, 0, settings=settings) as server:
        before = server.cpu_s()
        result = drive(folder, server, seconds=SECONDS, count=SEALED, channels=CHANNELS)
        cpu_us = (server.cpu_s() - before) / result["accepted"] * 1e6
    if result["heard"] != result["accepted"]:
        raise RuntimeError(f"{result['accepted']} accepted, but the desk heard of {result['heard']}")
    return float(result["accepted_per_s"]), cpu_us


def pgbench(server: PostgresServer, url: URL) -> float:
    script = server.folder / "report.sql"
    script.write_text(_script())
    said = server.run(
        "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS), "-f", script,
        "-h", server.folder, "-p", str(server.port), "-U", url.username or "", url.database or "",
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+) \(without", said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1])


def _script() -> str:
    """The rows of `tests.bench.store.openings`; ids from a number, so that each is another."""

    def some(size: int) -> str:
        return f"'\\x{os.urandom(size).hex()}'"

    number = "currval('cases_case_seq_seq')"
    key = f"sha256(int8send({number}))"
    inserts = [
        f"cases VALUES (nextval('cases_case_seq_seq'), {key}, {some(32)}, 495000, 1, {some(16)})",
        f"mailboxes VALUES ({key}, {some(60)})",
        f"cards VALUES ({number}, {some(1_024)})",
        f"places (case_seq, queue, rank, state) VALUES ({number}, 1, 1, 1)",
        f"rosters (case_seq, generation, roster) VALUES ({number}, 1, {some(376)})",
        *(
            f"wraps VALUES ({number}, {generation}, {queue}, {queue}, {some(size)})"
            for generation, queue, size in ((0, 1, WRAP_BYTES), (1, 0, 48), (1, 1, WRAP_BYTES))
        ),
        f"envelopes VALUES ({number}, 1, {key}, {some(32)}, 1, {some(16)}, {some(REPORT_BYTES)})",
    ]
    return "\n".join(
        ["\\startpipeline", "BEGIN;", *(f"INSERT INTO {each};" for each in inserts), "COMMIT;", "\\endpipeline"]
    )
