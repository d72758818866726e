"""The PostgreSQL server dies and its synchronous standby takes over: nothing that was acknowledged is lost.

Whoever operates the two does what a cluster manager does: promote the standby, keep the old one out until it has been
made anew from the new one. When the old one comes back as it was, it takes itself for the first, and accepts nothing.
"""

import asyncio
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final

import psycopg
import pytest

from tests.faults.conftest import HAS_POSTGRES
from tests.faults.history import check
from tests.faults.storage import Storage
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

if not HAS_POSTGRES:
    pytest.skip("no PostgreSQL to start", allow_module_level=True)

from tests.servers.postgres import PostgresServer

ANSWERS: Final = 20
DATABASE: Final = "lyhty"
MISLED_S: Final = 2.0
"""For which the servers may take the old one for the first: they connect again within that."""
FOLLOWS_S: Final = 30.0
_SETTINGS: Final = {"wal_level": "replica", "max_wal_senders": "8", "wal_sender_timeout": "5s"}
_FOLLOWED: Final = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"


class Pair:
    """Two servers, one of which follows the other."""

    def __init__(self) -> None:
        self.first, self.other = (PostgresServer(durable=True, settings=_SETTINGS) for _ in range(2))
        self.hosts = [f"127.0.0.1:{each.port}" for each in (self.first, self.other)]
        self.first.create().start()
        ask(self.first, f"CREATE DATABASE {DATABASE} TEMPLATE template0", "postgres")
        self.follow()

    @property
    def url(self) -> str:
        """Both; the driver takes the one that writes."""
        return f"postgresql://lyhty@/{DATABASE}?host={'&host='.join(self.hosts)}&target_session_attrs=read-write"

    def follow(self) -> None:
        """The other is made anew as a standby, and from now on nothing is committed without it."""
        shutil.rmtree(self.other.data, ignore_errors=True)
        source = f"host=127.0.0.1 port={self.first.port} user=lyhty"
        self.other.run("pg_basebackup", "-D", self.other.data, "-R", "-c", "fast", "--no-sync", "-d", source)
        self.other.start()
        commit_with(self.first, "*")
        until = time.monotonic() + FOLLOWS_S
        while ask(self.first, _FOLLOWED) != [(1,)]:
            assert time.monotonic() < until
            time.sleep(0.05)

    def fail_over(self) -> None:
        """The first dies in the middle of everything."""
        self.first.stop(signal.SIGQUIT)
        self.other.run("pg_ctl", "promote", "-w", "-D", self.other.data)
        self.first, self.other = self.other, self.first
        commit_with(self.first, "")

    def revive(self, meanwhile: Callable[[], object]) -> bool:
        """The old one as it was, for a while: whether it has taken anything."""
        self.other.start()
        before = held(self.other)
        meanwhile()
        after = held(self.other)
        self.other.stop(signal.SIGQUIT)
        return before != after

    def close(self) -> None:
        for each in (self.first, self.other):
            each.stop(signal.SIGQUIT)
            shutil.rmtree(each.folder, ignore_errors=True)


def ask(server: PostgresServer, question: str, database: str = DATABASE) -> list[Any]:
    url = server.url(database).render_as_string(hide_password=False)
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall() if cursor.description else []


def commit_with(server: PostgresServer, standbys: str) -> None:
    ask(server, f"ALTER SYSTEM SET synchronous_standby_names = '{standbys}'")
    ask(server, "SELECT pg_reload_conf()")


def cut_off(pair: Pair) -> None:
    ask(pair.first, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lyhty%'")
    time.sleep(MISLED_S)


def held(server: PostgresServer) -> list[Any]:
    return ask(server, "SELECT case_seq, seq FROM envelopes ORDER BY 1, 2")


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


@pytest.mark.timeout(7200)
async def test_failovers_to_a_synchronous_standby_lose_nothing_that_was_acknowledged(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    pair: Pair,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
) -> None:
    failovers, accepted = times(100, 2), 0
    storage = Storage("postgresql", {"LYHTY_DATABASE_URL": pair.url})
    server = own_server(slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000", **storage.settings})
    async with Writers(server.url, provider) as writers:
        for _ in range(failovers):
            await writers.hear(ANSWERS)
            await asyncio.to_thread(pair.fail_over)
            # Every way to the database is looked for anew, and the old one is the first that is asked half of the time.
            accepted += await asyncio.to_thread(pair.revive, lambda: cut_off(pair))
            await writers.hear(ANSWERS)
            await asyncio.to_thread(pair.follow)
        await writers.hear(ANSWERS)
    await asyncio.to_thread(server.stop)

    faults = check(writers.history.acts, storage.read(server.data))
    tell(
        f"{storage.name}: {failovers} failovers, {writers.history.acknowledged} acknowledged over {writers.retries} "
        f"retries, {len(faults)} lost or doubled; a revived old primary accepted rows {accepted} times"
    )
    assert faults == []
    assert accepted == 0
