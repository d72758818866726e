"""`serve --workers`: processes that a parent looks after, and what people notice of it when one of them goes."""

import asyncio
import contextlib
import os
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from lyhty_server.config import ConfigError
from lyhty_server.operator.workers import check_shared
from lyhty_wire.ids import LAWYER
from tests.ports import free_port
from tests.provider import Provider
from tests.scenarios.actors import expert, reporter
from tests.scenarios.server_process import SERVER, ServerDidNotStartError, ServerProcess
from tests.servers.nats import nats_server

MakeServer = Callable[..., ServerProcess]
WORKERS = (*SERVER, "serve", "--workers", "1")
TWO_WORKERS = (*SERVER, "serve", "--workers", "2")
WITHIN_S = 60


@pytest.fixture(params=["one worker on SQLite", "two on PostgreSQL and NATS"])
def parent(own_server: MakeServer, request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    if request.param.startswith("one"):
        yield own_server(program=WORKERS)
        return
    database: URL = request.getfixturevalue("postgres_url")
    with nats_server() as bus:
        shared = {"LYHTY_DATABASE_URL": database.render_as_string(hide_password=False), "LYHTY_BUS_URL": bus.url}
        server = own_server(program=TWO_WORKERS, settings=shared)
        yield server
        server.stop()


def workers_of(parent: ServerProcess) -> list[int]:
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    return [int(child) for child in children]


def is_running(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


async def another_worker(parent: ServerProcess, before: list[int]) -> list[int]:
    """Those that are there when `before` have gone and as many others are there."""
    async with asyncio.timeout(WITHIN_S):
        while len(now := workers_of(parent)) < len(before) or set(now) & set(before):  # noqa: ASYNC110 - of processes
            await asyncio.sleep(0.01)
    return now


async def test_a_worker_that_dies_is_replaced_and_nobody_is_refused_meanwhile(own_server: MakeServer) -> None:
    server = own_server(program=WORKERS)
    async with reporter(server.url) as pupil:
        await pupil.tells("They shared a picture of me.")
        before = workers_of(server)
        os.kill(before[0], signal.SIGKILL)
        await another_worker(server, before)
        await pupil.writes("Are you still there?")
    assert "a worker has ended (status -9); another is started." in server.stderr


async def test_a_rolling_restart_loses_and_doubles_nothing_and_signs_nobody_out(
    parent: ServerProcess, provider: Provider
) -> None:
    server = parent
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        case = await lawyer.claims(pupil.case)
        said = ["They shared a picture of me."]
        for each in range(3):
            before = workers_of(server)
            writing = asyncio.create_task(pupil.writes(f"and again, {each}"))
            os.kill(server.pid, signal.SIGHUP)
            await another_worker(server, before)
            await writing
            await lawyer.writes(case, f"I read it, {each}.")
            said += [f"and again, {each}", f"I read it, {each}."]
        async with reporter(server.url, phrase=pupil.phrase) as again:
            await again.comes_back()
            assert sorted(again.texts) == sorted(said)
        assert await lawyer.desk.inbox(LAWYER) is not None
    assert "internal-error" not in server.stderr


async def test_connections_wait_while_the_one_worker_is_replaced(own_server: MakeServer) -> None:
    server = own_server(program=WORKERS)
    refused = 0
    before = workers_of(server)
    os.kill(server.pid, signal.SIGHUP)
    replaced = asyncio.create_task(another_worker(server, before))
    while not replaced.done():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.transport.abort()
        except ConnectionRefusedError:
            refused += 1
        await asyncio.sleep(0.005)
    assert refused == 0


async def test_told_to_stop_the_parent_leaves_no_worker_behind(own_server: MakeServer) -> None:
    server = own_server(program=WORKERS)
    workers = workers_of(server)
    assert await asyncio.to_thread(server.stop) == 0
    assert not [worker for worker in workers if is_running(worker)]


def test_each_worker_tells_its_own_figures_on_a_port_of_its_own(own_server: MakeServer, postgres_url: URL) -> None:
    port = two_free_ports()
    with nats_server() as bus:
        shared = {"LYHTY_DATABASE_URL": postgres_url.render_as_string(hide_password=False), "LYHTY_BUS_URL": bus.url}
        server = own_server(program=TWO_WORKERS, settings=shared | {"LYHTY_METRICS_PORT": str(port)})
        begun_s = [figures_at(port + each)["lyhty_started_seconds"] for each in (0, 1)]
        os.kill(server.pid, signal.SIGHUP)
        for each in (0, 1):
            while figures_at(port + each)["lyhty_started_seconds"] == begun_s[each]:
                pass  # the next one is not there yet
        server.stop()


def two_free_ports() -> int:
    """The first of two that are side by side."""
    while True:
        first = free_port()
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", first + 1)):
            return first


def figures_at(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=WITHIN_S) as page:
        lines = [line for line in page.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_worker_that_cannot_start_at_all_says_why_and_the_parent_leaves(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(ServerDidNotStartError, match="There is no anchor"):
        ServerProcess(tmp_path / "data", program=WORKERS).start()


def test_several_workers_need_what_they_can_share(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(ServerDidNotStartError, match="set LYHTY_DATABASE_URL and LYHTY_BUS_URL, or ask for one"):
        ServerProcess(tmp_path / "data", program=(*SERVER, "serve", "--workers", "2")).start()


@pytest.mark.parametrize(
    ("environ", "missing"),
    [({}, "LYHTY_DATABASE_URL and LYHTY_BUS_URL"), ({"LYHTY_BUS_URL": "nats://x"}, "LYHTY_DATABASE_URL")],
)
def test_what_is_missing_is_named(environ: dict[str, str], missing: str) -> None:
    with pytest.raises(ConfigError, match=f"set {missing}, or"):
        check_shared(environ, 2)
    check_shared(environ, 1)
    check_shared({"LYHTY_DATABASE_URL": "postgresql://x", "LYHTY_BUS_URL": "nats://x"}, 2)
