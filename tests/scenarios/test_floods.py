"""Too many of everything: what is refused is refused in plain words, and who needs help still gets through."""

import asyncio
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from pathlib import Path

import pytest

from lyhty_client.errors import RefusedError
from lyhty_wire.codes import Code
from lyhty_wire.ids import LAWYER
from lyhty_wire.records import Operation
from lyhty_wire.work import SOLUTION_BYTES, Work
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.raw_channel import RefusedByServerError, raw_channel
from tests.scenarios.actors import expert, reporter
from tests.scenarios.server_process import ServerProcess
from tests.writing import write_report

MakeServer = Callable[..., ServerProcess]

# --- Channels


async def test_one_page_more_than_there_is_room_for_is_told_that_the_server_is_busy(own_server: MakeServer) -> None:
    server = own_server(settings={"LYHTY_CHANNELS": "1"})
    async with raw_channel(server.url) as first:
        async with raw_channel(server.url, greeted=False) as second:
            assert await second.fault() is Code.BUSY
        assert await first.perform(Operation.TRUST, b"")


async def test_who_was_told_that_there_is_no_room_comes_in_by_themselves_when_there_is(own_server: MakeServer) -> None:
    server = own_server(settings={"LYHTY_CHANNELS": "1"})
    async with AsyncExitStack() as first, asyncio.timeout(PATIENCE_S):
        await first.enter_async_context(raw_channel(server.url))
        async with reporter(server.url, trusting=False) as pupil:
            await first.aclose()
            await pupil.channel.trusted()
            await pupil.tells("There was no room for me at first.")


async def test_connections_that_never_ask_for_anything_keep_nobody_out_and_are_let_go(own_server: MakeServer) -> None:
    server = own_server(program=(str(Path(__file__).with_name("impatient_server.py")),))
    silent = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(200)]
    for _, writer in silent[:100]:
        writer.write(b"GET /channel HTTP/1.1\r\nHost: x\r\n")
    async with reporter(server.url) as pupil:
        await pupil.tells("Nobody else says anything.")
    async with asyncio.timeout(PATIENCE_S):
        assert {await reader.read() for reader, _ in silent} == {b""}
    for _, writer in silent:
        writer.close()


# --- Openings


async def flood(url: str, provider: Provider, openings: int) -> list[str]:
    """Reports of made-up people, one behind the other, for which nobody worked; how each was answered."""
    answers = []
    async with raw_channel(url) as channel:
        for _ in range(openings):
            written = write_report(provider.directory)
            none = Work(channel.hello.terms.challenge, bytes(SOLUTION_BYTES))
            opening = written.case.prove(written.keys.auth, channel.hello.nonce, none)
            try:
                await channel.perform(Operation.OPEN, opening.encode())
                answers.append("stored")
            except RefusedByServerError as error:
                answers.append(str(error))
    return answers


async def queue_of(url: str, provider: Provider) -> int:
    async with expert(url, provider, provider.lawyer) as lawyer:
        return len(await lawyer.desk.inbox(LAWYER))


async def test_in_a_flood_without_work_only_the_pupil_reaches_the_queue(
    own_server: MakeServer, provider: Provider
) -> None:
    server = own_server(slot_ms=0, effort=4_096)
    async with reporter(server.url) as pupil:
        attacks = [asyncio.create_task(flood(server.url, provider, 15)) for _ in range(4)]
        await pupil.tells("In the middle of a flood.")
        answers = {answer for attack in attacks for answer in await attack}
    assert answers == {"work-insufficient"}
    assert await queue_of(server.url, provider) == 1


# --- A disk and a database that fail


@contextmanager
def full_disk(server: ServerProcess) -> Iterator[None]:
    """No file of the server may grow."""
    size = (server.data / "lyhty.db-wal").stat().st_size
    soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked_by_another_program(server: ServerProcess) -> Iterator[None]:
    raw = sqlite3.connect(server.data / "lyhty.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        raw.close()


@pytest.mark.parametrize("trouble", [full_disk, locked_by_another_program])
async def test_a_report_that_could_not_be_stored_is_told_so_and_stored_once_when_it_can(
    own_server: MakeServer, provider: Provider, trouble: Callable[[ServerProcess], AbstractContextManager[None]]
) -> None:
    # A slot as long as this: whoever answers no frame for thirty slots is let go, and a locked database takes seconds.
    server = own_server(slot_ms=150)
    async with reporter(server.url) as earlier:
        await earlier.tells("While all was well.")
    async with reporter(server.url) as pupil:
        with trouble(server), pytest.raises(RefusedError, match="storage-failed"):
            await pupil.tells("While nothing could be stored.")
        await pupil.tells("While nothing could be stored.")
        await pupil.writes("And we can go on.")
    assert await queue_of(server.url, provider) == 2
