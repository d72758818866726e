"""A demo's folder and a server process on it, for everything that is measured."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.scenarios.server_process import ServerProcess
from tests.servers.nats import nats_server
from tests.servers.postgres import running_postgres


def make_demo(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "lyhty_client", "init", "--demo", folder], check=True, stdout=subprocess.DEVNULL
    )
    return folder


@contextmanager
def demo_server(
    folder: Path,
    slot_ms: int,
    program: tuple[str, ...] = ("-m", "lyhty_server"),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[ServerProcess]:
    effort = 1 if slot_ms == 0 else None
    with ServerProcess(folder, slot_ms=slot_ms, effort=effort, program=program, settings=settings) as server:
        yield server.start()


@contextmanager
def paired_servers(folder: Path, slot_ms: int) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two processes with one data folder, on a PostgreSQL that syncs and a NATS server."""
    with running_postgres(durable=True) as postgres, nats_server() as nats:
        database = postgres.url("postgres").render_as_string(hide_password=False)
        shared = {"LYHTY_DATABASE_URL": database, "LYHTY_BUS_URL": nats.url}
        with (
            demo_server(folder, slot_ms, settings=shared) as here,
            demo_server(folder, slot_ms, settings=shared) as there,
        ):
            yield here, there


def drive(
    folder: Path, server: ServerProcess | str, *, seconds: float, count: int, rate: float | None = None,
    channels: int = 64, desk: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The load driver, in a process of its own. `desk`: the server where the expert sits, if it is another."""
    command = [
        sys.executable,
        "-m",
        "lyhty_client.load",
        str(folder),
        server if isinstance(server, str) else server.url,
    ]
    command += [] if desk is None else ["--desk", desk]
    command += ["--seconds", str(seconds), "--count", str(count), "--channels", str(channels)]
    if rate is not None:
        command += ["--rate", str(rate)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(said.stdout)
    if result["refused"]:
        raise RuntimeError(f"the server refused {result['refused']}: the figures would mean nothing")
    return result
