"""What a service costs by the piece: an open page, a visit, a whole case. `make costs` writes costs.json beside this.

python -m tests.bench.costs [part ...]   only these parts of PARTS; the others stay as they were measured

`deploy/SCALING.md` reckons with it. A case is a report, an answer, what the pupil writes on and an answer to that, with
a return to it in between; a quarter of them are erased, and more than half closed.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg
from playwright.sync_api import sync_playwright

from lyhty_wire.ids import LAWYER
from tests.bench import idle
from tests.browser.browser_binary import CHROMIUM_FLAGS, find_chromium
from tests.provider import Provider, make_account, make_provider
from tests.scenarios.server_process import ServerProcess
from tests.servers.nats import nats_server
from tests.servers.postgres import PostgresServer, fresh_database, running_postgres
from tests.soak.school import School

FILE: Final = Path(__file__).with_name("costs.json")
CASES: Final = 600
CASES_PER_S: Final = 15.0
HOUR_S: Final = 1.0
"""In it a pupil stays away for two hours at most."""
VISITS: Final = 200
SETTLED_S: Final = 2.0
MORE_EXPERTS: Final = 10
# As an installation sets them that has a few gigabytes for its database.
DATABASE: Final = {"shared_buffers": "256MB", "max_wal_size": "4GB", "autovacuum": "on"}

Costs = dict[str, float]


def pages(scratch: Path) -> Costs:
    measured = idle.measure(scratch)
    return {
        "process_mb": measured["idle_rss_mb"],
        "page_bytes": measured["channel_bytes"],
        "page_slot_us": measured["channel_cpu_us_per_slot"],
    }


def directory(_scratch: Path) -> Costs:
    return {"directory_bytes_for_each_expert": directory_bytes_for_each_expert()}


def directory_bytes_for_each_expert() -> float:
    """In the trust bundle that every page loads."""
    few, many = (
        make_provider(0, tuple(make_account(f"nimi.{n}", "Lawyer Lawyer", (LAWYER,)) for n in range(count)))
        for count in (1, 1 + MORE_EXPERTS)
    )
    return (len(many.bundle.directory) - len(few.bundle.directory)) / MORE_EXPERTS


# --- A visit: all files that every page asks for


def visit(scratch: Path) -> Costs:
    with ServerProcess(make_provider(int(time.time())).write(scratch / "visit"), slot_ms=1_000) as server:
        files = _asked_for(server.start().url)
        sizes = [_fetch(url) for url in files]
        before = server.cpu_s()
        for _ in range(VISITS):
            for url in files:
                _fetch(url)
        cpu_s = server.cpu_s() - before
    return {"visit_bytes": sum(sizes), "visit_files": len(files), "visit_us": round(cpu_s / VISITS * 1e6)}


def _asked_for(url: str) -> list[str]:
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS)) as browser,
    ):
        asked: set[str] = set()
        page = browser.new_page()
        page.on("request", lambda request: asked.add(request.url.partition("#")[0]))
        page.goto(url, wait_until="load")
        page.wait_for_timeout(10_000)  # the files that everybody fetches when the page can be used
    return sorted(each for each in asked if each.startswith(url))


def _fetch(url: str) -> int:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "br"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        return len(answer.read())


# --- A case


def case_on_sqlite(scratch: Path) -> Costs:
    provider = make_provider(int(time.time()))
    folder = provider.write(scratch / "sqlite")
    with ServerProcess(folder, slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000"}) as server:
        gauges = [server.start().cpu_s, lambda: (folder / "lyhty.db").stat().st_size / 1e6]
        cpu_us, size = for_each_case(provider, server, gauges)
    return {"case_sqlite_us": cpu_us, "case_sqlite_bytes": size}


def case_on_postgresql(scratch: Path) -> Costs:
    """At one process, and what another one has of it that nobody visits: it hears all news."""
    provider = make_provider(int(time.time()))
    with (
        running_postgres(durable=True, settings=DATABASE) as postgres,
        fresh_database(postgres.url("postgres"), "costs", empty=True) as url,
        nats_server() as nats,
    ):
        text = url.render_as_string(hide_password=False)
        settings = {"LYHTY_CAPACITY": "1000", "LYHTY_DATABASE_URL": text, "LYHTY_BUS_URL": nats.url}
        here, there = (
            ServerProcess(provider.write(scratch / name), slot_ms=0, effort=1, settings=settings)
            for name in ("here", "there")
        )
        with here, there, psycopg.connect(text, autocommit=True) as connection:

            def asked(question: str) -> float:
                row = connection.execute(question.encode()).fetchone()
                return float(row[0]) if row is not None else 0.0

            gauges = [
                here.start().cpu_s,
                there.start().cpu_s,
                lambda: family_cpu_s(postmaster(postgres)),
                lambda: cpu_s(nats.pid),
                lambda: asked(f"SELECT pg_database_size('{url.database}')") / 1e6,
                lambda: asked("SELECT pg_current_wal_insert_lsn() - '0/0'") / 1e6,
                lambda: asked("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()") / 1e6,
            ]
            found = for_each_case(provider, here, gauges)
            lines = asked("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lyhty'") / 2
    names = ("us", "elsewhere_us", "database_us", "bus_us", "bytes", "log_bytes", "commits")
    return {f"case_{name}": value for name, value in zip(names, found, strict=True)} | {"process_lines": lines}


def for_each_case(provider: Provider, server: ServerProcess, gauges: list[Callable[[], float]]) -> list[float]:
    """What the gauges rose by, in millionths for each case."""
    before = [gauge() for gauge in gauges]
    asyncio.run(hold_school(provider, server))
    time.sleep(SETTLED_S)
    return [round((gauge() - was) / CASES * 1e6, 1) for gauge, was in zip(gauges, before, strict=True)]


async def hold_school(provider: Provider, server: ServerProcess) -> None:
    async with School(server.url, provider, urls=(server.url,), readers=0) as school:
        await school.goes_through([nth / CASES_PER_S for nth in range(CASES)], HOUR_S)
    if school.faults or len(school.opened) != CASES:
        raise RuntimeError(f"{len(school.opened)} of {CASES} cases, {school.faults}")


def postmaster(server: PostgresServer) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def family_cpu_s(parent: int) -> float:
    """Of the process, of its children, and of those it has buried."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return cpu_s(parent, with_buried=True) + sum(cpu_s(int(child)) for child in children)


def cpu_s(process: int, *, with_buried: bool = False) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if with_buried else 13])) / os.sysconf("SC_CLK_TCK")


PARTS: Final[dict[str, Callable[[Path], Costs]]] = {
    "pages": pages,
    "directory": directory,
    "visit": visit,
    "sqlite": case_on_sqlite,
    "postgresql": case_on_postgresql,
}


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="lyhty-costs-") as scratch:
            measured = PARTS[name](Path(scratch))
        for cost, value in measured.items():
            print(f"{cost:34} {value:>12,.10g}", flush=True)
        costs: Costs = json.loads(FILE.read_text()) | measured
        FILE.write_text(json.dumps(costs, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
