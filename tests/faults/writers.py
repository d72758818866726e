"""Sixteen people who write at the same time and never give up, and the history of what they were told.

Reporters open cases, write on, and erase every fourth; experts claim and answer. Each has real keys and one connection;
what was not answered is sent again, the same bytes, until it is.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from websockets.exceptions import WebSocketException

from lyhty_client.desk import Desk
from lyhty_client.errors import ConnectionLostError, RefusedError
from lyhty_client.signing_in import Entry, prove
from lyhty_client.trust import Site
from lyhty_wire.codes import Code
from lyhty_wire.envelopes import decode_header
from lyhty_wire.ids import LAWYER, digest, tombstone
from lyhty_wire.proofs import to_prove_erase
from lyhty_wire.records import Erase, Operation, Put, Stored
from tests.faults.history import Act, History
from tests.provider import Account, Provider
from tests.raw_channel import ChannelClosedError, RawChannel, RefusedByServerError, raw_channel
from tests.writing import Written, write_report

REPORTERS: Final = 13
EXPERTS: Final = 3
FOLLOW_UPS: Final = 6
ERASED_OF: Final = 4
RETRY_S: Final = 0.2
PATIENCE_S: Final = 10
"""For an answer on a line that is not broken as far as anybody can see."""

LOST: Final = (OSError, WebSocketException, ChannelClosedError, TimeoutError, ConnectionLostError)
# Not this time; nobody is known after a restart; other work is asked for by now; a lease has passed.
_PASSING: Final = frozenset(
    (Code.BUSY, Code.STORAGE_FAILED, Code.NOT_SIGNED_IN, Code.WORK_INSUFFICIENT, Code.CASE_NOT_HELD)
)
# A sign-in that a clock's jump falls into is begun again.
_PASSING_TEXTS: Final = frozenset(code.text for code in (*_PASSING, Code.SIGN_IN_FAILED))
_GONE: Final = frozenset((Code.CASE_ERASED.text, Code.CASE_UNKNOWN.text))

T = TypeVar("T")


@dataclass
class Writers:
    """`async with Writers(url, provider) as writers:`, and `stop` when enough has happened."""

    url: str
    provider: Provider
    history: History = field(default_factory=History)
    retries: int = 0
    refused: list[str] = field(default_factory=list)
    """Codes that said: not now."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _answerable: "asyncio.Queue[Written]" = field(default_factory=asyncio.Queue)
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def __aenter__(self) -> "Writers":
        self._tasks = [asyncio.create_task(self._report()) for _ in range(REPORTERS)]
        self._tasks += [asyncio.create_task(self._answer(self.provider.lawyer)) for _ in range(EXPERTS)]
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """In the middle of whatever they do.

        Raises what a writer could not get over.
        """
        for task in self._tasks:
            task.cancel()
        tasks, self._tasks = self._tasks, []
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def hear(self, answers: int) -> None:
        """Until so many more acknowledgements have come."""
        enough = self.history.acknowledged + answers
        await self._until(lambda: self.history.acknowledged >= enough)

    async def is_refused(self, times: int) -> None:
        """Until so many more wishes have been put off."""
        enough = len(self.refused) + times
        await self._until(lambda: len(self.refused) >= enough)

    async def _until(self, is_enough: Callable[[], bool]) -> None:
        while not is_enough():
            self._news.clear()
            waiting = asyncio.create_task(self._news.wait())
            await asyncio.wait([waiting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            for task in self._tasks:
                if task.done():
                    task.result()

    def _ask(self, written: Written, envelope: bytes) -> Act:
        return self.history.ask(written.id, digest(envelope), decode_header(envelope).object_id, os.urandom(16))

    def _told(self, act: Act, seq: int = 0) -> None:
        self.history.acknowledge(act, seq)
        self._news.set()

    def _refuse(self, code: str) -> None:
        self.refused.append(code)
        self._news.set()

    # --- A reporter

    async def _report(self) -> None:
        number = 0
        while True:
            number += 1
            written = write_report(self.provider.directory)
            line = Line(self.url, written)
            try:
                await self._live(line, written, erases=number % ERASED_OF == 0)
            finally:
                await line.close()

    async def _live(self, line: "Line", written: Written, *, erases: bool) -> None:
        report = written.case.report.envelope
        act = self._ask(written, report)
        self._told(act, await self._insist(partial(line.open, act.name), line.close))
        self._answerable.put_nowait(written)
        for number in range(FOLLOW_UPS):
            envelope = written.chat("Is anybody there?", 2 + number).envelope
            act = self._ask(written, envelope)
            self._told(act, await self._insist(partial(line.put, envelope, act.name), line.close))
        if erases:
            act = self.history.ask(written.id, None, tombstone(written.id), os.urandom(16))
            await self._insist(partial(line.erase, act.name), line.close)
            self._told(act)

    async def _insist(self, do: Callable[[], Awaitable[T]], lose: Callable[[], Awaitable[None]]) -> T:
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    return await do()
            except RefusedByServerError as refused:
                if refused.code not in _PASSING:
                    raise
                self._refuse(refused.code.text)
            except RefusedError as refused:
                if refused.code not in _PASSING_TEXTS:
                    raise
                self._refuse(refused.code)
            except LOST:
                pass
            self.retries += 1
            await lose()
            await asyncio.sleep(RETRY_S)

    # --- An expert

    async def _answer(self, account: Account) -> None:
        async with AsyncExitStack() as stack:
            seat = Seat(self.url, self.provider, account, stack)
            while True:
                written = await self._answerable.get()
                envelope = written.chat("I am here.", 1, author=account.keys.sign).envelope
                act = self._ask(written, envelope)
                try:
                    self._told(act, await self._insist(partial(seat.answer, written, envelope), seat.stay))
                except RefusedError as refused:
                    if refused.code not in _GONE:  # its reporter was quicker
                        raise


class Line:
    """A reporter's connection, made when it is needed."""

    def __init__(self, url: str, written: Written) -> None:
        self._url, self._written = url, written
        self._stack = AsyncExitStack()
        self._channel: RawChannel | None = None
        self._is_bound = False

    async def open(self, name: bytes) -> int:
        channel = await self._connected()
        opening = channel.proved(self._written.case, self._written.keys.auth).encode()
        stored = Stored.decode(await channel.perform(Operation.OPEN, opening, name))
        self._is_bound = True
        return stored.seq

    async def put(self, envelope: bytes, name: bytes) -> int:
        channel = await self._bound()
        return Stored.decode(await channel.perform(Operation.PUT, Put(envelope).encode(), name)).seq

    async def erase(self, name: bytes) -> None:
        written = self._written
        proof = written.keys.sign.sign(to_prove_erase(written.instance, written.id))
        try:
            channel = await self._bound()
        except RefusedByServerError as refused:
            if refused.code in (Code.MAILBOX_UNKNOWN, Code.CASE_ERASED):
                return  # done, and the answer was lost
            raise
        await channel.perform(Operation.ERASE, Erase(proof).encode(), name)

    async def close(self) -> None:
        self._channel, self._is_bound = None, False
        stack, self._stack = self._stack, AsyncExitStack()
        with suppress(*LOST):
            await stack.aclose()

    async def _connected(self) -> RawChannel:
        if self._channel is None:
            self._channel = await self._stack.enter_async_context(raw_channel(self._url))
        return self._channel

    async def _bound(self) -> RawChannel:
        channel = await self._connected()
        if not self._is_bound:
            await channel.resume(self._written.keys, self._written.instance)
            self._is_bound = True
        return channel


class Seat:
    """An expert's signed-in desk, made when it is needed."""

    def __init__(self, url: str, provider: Provider, account: Account, stack: AsyncExitStack) -> None:
        self._url, self._provider, self._account, self._stack = url, provider, account, stack
        self._desk: Desk | None = None

    async def answer(self, written: Written, envelope: bytes) -> int:
        desk = await self._signed_in()
        try:
            await desk.claim(written.id, LAWYER)
            seq = await desk.put(written.id, envelope)
            await desk.release(written.id, LAWYER)
        except RefusedError as refused:
            if refused.code == Code.NOT_SIGNED_IN.text:
                self._desk = None
                await desk.__aexit__(None, None, None)
            raise
        return seq

    async def stay(self) -> None:
        """A server that starts anew knows who is signed in. After hundreds of sign-ins that it did not live to see the
        end of, it would ask for more work than a test has time for."""

    async def _signed_in(self) -> Desk:
        if self._desk is None:
            desk = await self._stack.enter_async_context(Desk(Site.parse(self._url)))
            provider, account = self._provider, self._account
            unlocked = provider.unlocked[account.id]
            await prove(desk, Entry(account.name, provider.instance, lambda _asked: unlocked, lambda: None))
            self._desk = desk
        return self._desk
