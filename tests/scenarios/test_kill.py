"""Fifty kills under eight writers: nothing that was acknowledged is lost, and nothing is there twice.

Everything is sealed beforehand, and the writers go on over the same addresses as soon as the server is back. A kill
shows that the process may die at any moment; that the power may go, no test on one machine can show.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

import pytest
from websockets.exceptions import WebSocketException

from tests.provider import Provider
from tests.raw_channel import ChannelClosedError, RawChannel, raw_channel
from tests.scenarios.server_process import ServerProcess
from tests.writing import Written, write_report

KILLS: Final = 50
WRITERS: Final = 8
CASES: Final = 2_400
ENOUGH_S: Final = 0.08
"""Of writing between two kills, counted from the first answer: long enough for all writers to be in the middle."""


@dataclass
class Ledger:
    """What the writers were told."""

    opened: list[Written] = field(default_factory=list)
    answered: list[Written] = field(default_factory=list)
    """With a second message each."""
    retries: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)


async def write(url: str, waiting: Iterator[Written], ledger: Ledger) -> None:
    """One after another: a report and a message. What was not answered is sent again, the same bytes, until it is."""
    for written in waiting:
        chat = written.chat("Is anybody there?").envelope
        is_open = is_done = False
        while not is_done:
            try:
                async with raw_channel(url) as channel:
                    if not is_open:
                        await channel.open(written.case, written.keys.auth)
                        is_open = True
                        ledger.opened.append(written)
                        ledger.news.set()
                    else:
                        await channel.resume(written.keys, written.instance)
                    await channel.put(chat)
                    is_done = True
                    ledger.answered.append(written)
            except (OSError, WebSocketException, ChannelClosedError, TimeoutError):
                ledger.retries += 1
                await asyncio.sleep(0.02)


async def kill_again_and_again(server: ServerProcess, ledger: Ledger) -> None:
    for _ in range(KILLS):
        ledger.news.clear()
        await ledger.news.wait()
        await asyncio.sleep(ENOUGH_S)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.restart)


@pytest.mark.timeout(300)
async def test_fifty_kills_under_eight_writers_lose_nothing_and_double_nothing(
    own_server: Callable[..., ServerProcess], provider: Provider
) -> None:
    server, ledger = own_server(slot_ms=0, effort=1), Ledger()
    # More than can be written between the kills: the writers never run out of work.
    waiting = iter([write_report(provider.directory) for _ in range(CASES)])
    writers = [asyncio.create_task(write(server.url, waiting, ledger)) for _ in range(WRITERS)]
    await kill_again_and_again(server, ledger)
    assert not any(writer.done() for writer in writers)
    for writer in writers:
        writer.cancel()
    await asyncio.wait(writers)

    async with raw_channel(server.url) as channel:
        await read_back(channel, ledger)
    await asyncio.to_thread(server.stop)
    check_tables(server, ledger)
    assert ledger.retries >= KILLS


async def read_back(channel: RawChannel, ledger: Ledger) -> None:
    """Every acknowledged case is found by its reporter, with what was acknowledged."""
    complete = {written.id for written in ledger.answered}
    assert len(ledger.opened) >= KILLS
    for written in ledger.opened:
        resumed = await channel.resume(written.keys, written.instance)
        assert resumed.case == written.id
        # A second message may have been stored without its answer getting through.
        assert resumed.last_seq == 2 if written.id in complete else resumed.last_seq in (1, 2)


def check_tables(server: ServerProcess, ledger: Ledger) -> None:
    with closing(sqlite3.connect(server.data / "lyhty.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        (cases,) = database.execute("SELECT count(*) FROM cases").fetchone()
        (mailboxes,) = database.execute("SELECT count(*) FROM mailboxes").fetchone()
        counted = database.execute(
            "SELECT last_seq, count(*) FROM cases JOIN envelopes USING (case_seq) GROUP BY 1, case_seq"
        )
        assert all(last_seq == envelopes for last_seq, envelopes in counted)
    # What was in the middle at the end may be there without having been acknowledged; nothing may be there twice.
    assert len(ledger.opened) <= cases <= len(ledger.opened) + WRITERS
    assert mailboxes == cases
