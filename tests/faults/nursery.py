"""A server whose code is loaded once, however often it is started: what takes a second takes a tenth of it.

Each line that this program reads are the settings of one start. It forks, and tells when that process has ended.
"""

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
from typing import Final

from tests.scenarios.server_process import ServerProcess

NURSERY: Final = ("-m", "tests.faults.nursery")
_BORN: Final = re.compile(rb"born (\d+)")
_ENDED: Final = re.compile(rb"ended (-?\d+)")
_PR_SET_PDEATHSIG: Final = 1


class ReadyServer(ServerProcess):
    """A process of its own after each start, with no more in common with the one before than the files on the disk."""

    _nursery: "subprocess.Popen[bytes] | None" = None
    _pid = 0
    _status: int | None = None

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def returncode(self) -> int | None:
        return self._status

    def start(self) -> "ServerProcess":
        assert self._status is not None or not self._pid, "it runs"
        if self._nursery is None:
            self._program = NURSERY
            self._nursery = self._spawn(stdin=subprocess.PIPE)
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(json.dumps(self._settings).encode() + b"\n")
        self._nursery.stdin.flush()
        self._pid, self._status = int(self._reads(_BORN)), None
        self.url = self._reads(re.compile(rb"Lyhty listens on (\S+)")).decode()
        return self

    def _end(self, number: int) -> int:
        os.kill(self._pid, number)
        self._status = int(self._reads(_ENDED))
        return self._status

    def _reads(self, pattern: "re.Pattern[bytes]") -> bytes:
        assert self._nursery is not None
        assert self._nursery.stdout is not None
        for line in self._nursery.stdout:
            self._remember(line)
            if found := pattern.match(line):
                text: bytes = found[1]
                return text
            assert not _ENDED.match(line), self.stderr
        raise AssertionError(self.stderr)

    def __exit__(self, *_error: object) -> None:
        if self._nursery is None or self._nursery.stdin is None or self._nursery.stdout is None:
            return
        if self._status is None:
            self.stop()
        self._nursery.stdin.close()
        self._nursery.wait()
        self._nursery.stdout.close()


def main() -> None:
    # By name: whoever only asks for `ReadyServer` does not load a server.
    from lyhty_server.operator import serve
    from lyhty_server.store import postgres, sqlite

    loaded = (serve, postgres, sqlite)
    arguments = sys.argv[1:]
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            os.environ.update(json.loads(line))
            sys.exit(loaded[0].main(arguments, "lyhty-server"))
        print(f"born {pid}", flush=True)
        _, status = os.waitpid(pid, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
