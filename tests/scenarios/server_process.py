"""A real `lyhty-server` with a real data folder: started, stopped, killed and started again on the same folder."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

FAST_SLOT_MS: Final = 20
"""Slots in tests: fifty times faster than in life, and nothing else is different."""

LITTLE_EFFORT: Final = 16
"""Work in tests: found in a moment, and asked for and checked as in life."""

SERVER: Final = ("-m", "lyhty_server")

START_S: Final = 60  # on a busy machine; one second otherwise
STOP_S: Final = 60  # the same; below one otherwise
LISTENS: Final = re.compile(r"Lyhty listens on (\S+)")


class ServerDidNotStartError(Exception):
    """It left before it listened; the text is what it said."""


class ServerProcess:
    """Everything the process says goes to files in `data`'s neighbor folder, so that tests can read it."""

    def __init__(
        self,
        data: Path,
        *,
        slot_ms: int | None = FAST_SLOT_MS,
        effort: int | None = LITTLE_EFFORT,
        port: int = 0,
        program: tuple[str, ...] = SERVER,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.data = data
        self._program = program
        self.said = data.with_name(data.name + "-said")
        self.said.mkdir(exist_ok=True)
        self._settings = {"LYHTY_PORT": str(port)} | dict(settings)
        if slot_ms is not None:
            self._settings["LYHTY_SLOT_MS"] = str(slot_ms)
        if effort is not None:
            self._settings["LYHTY_EFFORT"] = str(effort)
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def returncode(self) -> int | None:
        assert self._process is not None
        return self._process.poll()

    def start(self) -> "ServerProcess":
        """Returns when it listens.

        Raises:
            ServerDidNotStartError: it said why and left.
        """
        self._process = self._spawn(stdin=subprocess.DEVNULL)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._remember(line)
            if found := LISTENS.search(line.decode()):
                self.url = found[1]
                return self
        self._process.wait(STOP_S)
        self._process.stdout.close()
        raise ServerDidNotStartError(self.stderr)

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL: what a power cut looks like to a process."""
        return self._end(signal.SIGKILL)

    def restart(self) -> "ServerProcess":
        """On the same folder, and on the same port: clients come back to where they were."""
        if self.url:
            self._settings["LYHTY_PORT"] = str(self.port)
        return self.start()

    @property
    def stderr(self) -> str:
        return (self.said / "stderr").read_text()

    def memory_bytes(self, field: str = "VmRSS") -> int:
        """A line of /proc/PID/status."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return int(value.split()[0]) * 1024
        raise KeyError(field)

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def cpu_s(self) -> float:
        """User and system time so far, of all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _spawn(self, stdin: int) -> "subprocess.Popen[bytes]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LYHTY_")}
        with (self.said / "stderr").open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, *self._program, "--data", self.data],
                env=inherited | self._settings,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def _end(self, number: int) -> int:
        process = self._process
        assert process is not None
        process.send_signal(number)
        try:
            status = process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        assert process.stdout is not None
        with process.stdout:
            self._remember(process.stdout.read())
        return status

    def _remember(self, text: bytes) -> None:
        with (self.said / "stdout").open("ab") as file:
            file.write(text)

    def __enter__(self) -> "ServerProcess":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()
