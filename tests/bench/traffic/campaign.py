"""Many visits to one server, several at once, and what a wire showed of each."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, async_playwright

from lyhty_crypto.passphrase import draw_phrase
from tests.bench.traffic.certificate import Certificate
from tests.bench.traffic.plans import Plan
from tests.bench.traffic.recorder import Record
from tests.bench.traffic.visits import REPLIES, Visited, Waiting, visit
from tests.browser.browser_binary import CHROMIUM_FLAGS, ROOT, find_chromium
from tests.provider import Provider
from tests.scenarios.actors import Expert, expert, reporter
from tests.scenarios.server_process import FAST_SLOT_MS, ServerProcess

AT_ONCE_PREPARED: Final = 8
SOON_S: Final = 0.5
APART_S: Final = 0.9
"""Between the beginnings of visits at the start of a campaign."""


@dataclass(frozen=True)
class Trace:
    """One visit: what was done, and what could be seen. The clock starts at the first connection."""

    plan: Plan
    done_s: float
    left_s: float
    records: list[Record]

    @property
    def overran(self) -> bool:
        """On a busy machine a person may need longer than was drawn for them; that length would tell."""
        return self.done_s > self.left_s - SOON_S


@dataclass
class Campaign:
    folder: Path
    provider: Provider
    certificate: Certificate
    at_once: int

    def record(self, plans: Sequence[Plan], *, slot_ms: int | None = None) -> list[Trace]:
        """`slot_ms` None: as the product has it."""
        data = self.provider.write(self.folder / f"data-{time.monotonic_ns()}")
        with ServerProcess(data, slot_ms=FAST_SLOT_MS) as quick:
            waiting = asyncio.run(self._prepare(quick.start().url, plans))
        with ServerProcess(data, slot_ms=slot_ms, settings=self.certificate.settings) as server:
            _goes_first(server.start().pid)
            with _recorder(server.port, len(plans), self.folder / "records.json") as ports:
                visits = asyncio.run(self._visit(server.url, ports, plans, waiting))
        seen = json.loads((self.folder / "records.json").read_text())
        return [
            _trace(plan, visited, [Record(*each) for each in records])
            for plan, visited, records in zip(plans, visits, seen, strict=True)
            if visited is not None
        ]

    async def _prepare(self, url: str, plans: Sequence[Plan]) -> list[Waiting | None]:
        """The cases of those who will come back; answered, unless they come to chat."""
        room = asyncio.Semaphore(AT_ONCE_PREPARED)

        async def case_for(plan: Plan, lawyer: Expert) -> Waiting | None:
            if plan.activity not in {"return", "chat"}:
                return None
            async with room, reporter(url, phrase=draw_phrase()) as pupil:
                await pupil.tells("Joku jakoi minusta kuvan.")
                made = Waiting(pupil.case, pupil.phrase)
            if plan.activity == "return":
                await lawyer.answers(await lawyer.claims(made.case), did_right=REPLIES[0])
            return made

        async with expert(url, self.provider, self.provider.lawyer) as lawyer:
            return list(await asyncio.gather(*(case_for(plan, lawyer) for plan in plans)))

    async def _visit(
        self, url: str, ports: list[int], plans: Sequence[Plan], waiting: list[Waiting | None]
    ) -> list[Visited | None]:
        queue = list(enumerate(plans))[::-1]
        visits: list[Visited | None] = [None] * len(plans)

        async def keep_visiting(nth: int, browser: Browser, lawyer: Expert) -> None:
            await asyncio.sleep(nth * APART_S)
            while queue:
                at, plan = queue.pop()
                try:
                    visits[at] = await visit(browser, f"https://127.0.0.1:{ports[at]}", plan, lawyer, waiting[at])
                except Exception as error:  # noqa: BLE001 - a visit that broke is not evidence; how many, is reported
                    print(f"a visit broke ({plan.activity}): {str(error)[:300]}", file=sys.stderr)

        async with AsyncExitStack() as stack:
            playwright = await stack.enter_async_context(async_playwright())
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(), args=[*CHROMIUM_FLAGS, self.certificate.browser_flag]
            )
            stack.push_async_callback(browser.close)
            lawyer = await stack.enter_async_context(expert(url, self.provider, self.provider.lawyer))
            await asyncio.gather(*(keep_visiting(nth, browser, lawyer) for nth in range(self.at_once)))
        return visits


def _trace(plan: Plan, visited: Visited, records: list[Record]) -> Trace:
    start_s = records[0].at_s
    return Trace(
        plan,
        visited.done_s - start_s,
        visited.left_s - start_s,
        [record._replace(at_s=record.at_s - start_s) for record in records],
    )


@contextmanager
def _recorder(server_port: int, count: int, file: Path) -> Iterator[list[int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.traffic.recorder", str(server_port), str(count), file],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ports: list[int] = json.loads(process.stdout.readline())
        _goes_first(process.pid)
        yield ports
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _goes_first(pid: int) -> None:
    """In life a visitor's browser takes no processor from the server and the wire. Only root may say so."""
    if os.geteuid() == 0:
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


def write_traces(traces: Sequence[Trace], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(trace) for trace in traces]))


def read_traces(file: Path) -> list[Trace]:
    rows: list[dict[str, Any]] = json.loads(file.read_text())
    return [
        Trace(Plan(**row["plan"]), row["done_s"], row["left_s"], [Record(*each) for each in row["records"]])
        for row in rows
    ]
