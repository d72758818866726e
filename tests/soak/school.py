"""Pupils who come by the hour of a school day, and lawyers who answer them, at several servers of one service.

Each pupil tells, reads the answer at once or hours later at any of the servers, writes on, reads again, and then erases
everything, has the case closed or lets it be. What they were told is a history for the checker of faults.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from lyhty_client.desk import FeedEvent
from lyhty_client.errors import ConnectionLostError, RefusedError
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import LAWYER, ExpertId, tombstone
from lyhty_wire.records import Event, Sequenced
from tests.faults.writers import LOST, RETRY_S, Line, Seat, Writers
from tests.provider import Account
from tests.raw_channel import raw_channel
from tests.writing import Written, write_report

ROUNDS: Final = 2
"""What a pupil writes, and is answered."""
STAY_OF: Final = 0.5
ERASE_OF: Final = 0.25
CLOSE_OF: Final = 0.7
SHOWN_WITHIN_S: Final = 45.0
"""On a page that stays. What the bus drops is found after a minute: that would be too late here."""

T = TypeVar("T")


@dataclass(eq=False)
class Wish:
    """Of a pupil at a lawyer."""

    written: Written
    counter: int
    """Of the answer; 0: no more answers, close the case."""
    seq: int = 0
    is_done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class School(Writers):
    """`async with School(url, provider, urls=...) as school: await school.goes_through(...)`."""

    urls: Sequence[str] = ()
    """Of the servers; the last one is there all the time."""
    readers: int = 4
    """Of a lesson, for each pupil who tells something: pages that are open for a while, and say nothing."""
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    waits_s: list[float] = field(default_factory=list)
    """For a server's answer, however often it was asked."""
    shown_s: list[float] = field(default_factory=list)
    """From a lawyer's "sent" until a page that stayed has shown it."""
    opened: set[bytes] = field(default_factory=set)
    named: set[bytes] = field(default_factory=set)
    """Cases, by the feed of a desk at the last server."""
    faults: list[str] = field(default_factory=list)
    """What people saw that they should not have."""
    _wishes: dict[ExpertId, "asyncio.Queue[Wish]"] = field(default_factory=dict)

    async def __aenter__(self) -> "School":
        lawyers = (self.provider.lawyer, self.provider.other_lawyer)
        self._wishes = {lawyer.id: asyncio.Queue() for lawyer in lawyers}
        listens = asyncio.Event()
        self._tasks = [asyncio.create_task(self._listen(listens))]
        self._tasks += [asyncio.create_task(self._advise(url, each)) for url in self.urls for each in lawyers]
        await self._unless_stopped(listens.wait())
        return self

    async def goes_through(self, moments: Sequence[float], hour_s: float) -> None:
        """Returns when the last pupil has gone. `moments`: when they come, in seconds from now."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as people:
            for moment in moments:
                await self._unless_stopped(asyncio.sleep(max(0.0, began + moment - time.monotonic())))
                people.create_task(self._pupil(hour_s))
                for _ in range(self.readers):
                    people.create_task(self._reader(hour_s))

    async def _unless_stopped(self, doing: Awaitable[object]) -> None:
        """Raises what a lawyer could not get over."""
        waiting = asyncio.ensure_future(doing)
        await asyncio.wait([waiting, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks:
            if task.done():
                task.result()

    async def _insist(self, do: Callable[[], Awaitable[T]], lose: Callable[[], Awaitable[None]]) -> T:
        began = time.monotonic()
        done = await super()._insist(do, lose)
        self.waits_s.append(time.monotonic() - began)
        return done

    # --- A pupil

    async def _pupil(self, hour_s: float) -> None:
        written = await asyncio.to_thread(write_report, self.provider.directory)
        wishes = self._wishes[self.chance.choice([*self._wishes])]
        page = Page(self._any_url(), written)
        try:
            for counter in range(1, ROUNDS + 1):
                seq = await self._write(page, written, counter)
                wish = Wish(written, counter)
                wishes.put_nowait(wish)
                if self.chance.random() < STAY_OF:
                    await self._stay(page, wish, seq + 1)
                else:
                    await page.close()
                    await wish.is_done.wait()
                    await asyncio.sleep(self.chance.uniform(0, 2 * hour_s))
                    page = Page(self._any_url(), written)
                    if await self._insist(page.comes_back, page.close) < wish.seq:
                        self.faults.append("came back to less than was stored")
            await self._part(page, written, wishes)
        finally:
            await page.close()

    async def _write(self, page: "Page", written: Written, counter: int) -> int:
        envelope = written.case.report.envelope if counter == 1 else written.chat("And on.", counter).envelope
        act = self._ask(written, envelope)
        send = partial(page.open, act.name) if counter == 1 else partial(page.put, envelope, act.name)
        seq = await self._insist(send, page.close)
        self._told(act, seq)
        self.opened.add(written.id)
        return seq

    async def _stay(self, page: "Page", wish: Wish, seq: int) -> None:
        looking = asyncio.create_task(page.shows(seq))
        try:
            await wish.is_done.wait()
            began = time.monotonic()
            await asyncio.wait([looking], timeout=SHOWN_WITHIN_S)
            self.retries += page.lines_lost
            if looking.done():
                looking.result()
                self.shown_s.append(time.monotonic() - began)
            else:
                self.faults.append("an answer was not shown")
        finally:
            looking.cancel()

    async def _part(self, page: "Page", written: Written, wishes: "asyncio.Queue[Wish]") -> None:
        drawn = self.chance.random()
        if drawn < ERASE_OF:
            act = self.history.ask(written.id, None, tombstone(written.id), os.urandom(16))
            await self._insist(partial(page.erase, act.name), page.close)
            self._told(act)
        elif drawn < ERASE_OF + CLOSE_OF:
            wish = Wish(written, 0)
            wishes.put_nowait(wish)
            await wish.is_done.wait()

    async def _reader(self, hour_s: float) -> None:
        """Of a lesson, for up to an hour."""
        until = time.monotonic() + self.chance.uniform(0, hour_s)
        while time.monotonic() < until:
            try:
                async with raw_channel(self._any_url()) as channel:
                    while time.monotonic() < until:
                        await channel.beat()
            except LOST:
                self.retries += 1
                await asyncio.sleep(hour_s / 60)

    def _any_url(self) -> str:
        return self.chance.choice(self.urls)

    # --- A lawyer

    async def _advise(self, url: str, account: Account) -> None:
        async with AsyncExitStack() as stack:
            desk = Chair(url, self.provider, account, stack)
            while True:
                wish = await self._wishes[account.id].get()
                if wish.counter:
                    envelope = wish.written.chat("I am here.", wish.counter, author=account.keys.sign).envelope
                    act = self._ask(wish.written, envelope)
                    wish.seq = await self._insist(partial(desk.answer, wish.written, envelope), desk.stay)
                    self._told(act, wish.seq)
                else:
                    await self._insist(partial(desk.close, wish.written), desk.stay)
                wish.is_done.set()

    async def _listen(self, listens: asyncio.Event) -> None:
        """Whenever the feed begins, what was there before is read in the list, and must not be told any more."""
        async with AsyncExitStack() as stack:
            desk = Chair(self.urls[-1], self.provider, self.provider.coordinator, stack)
            while True:
                async for event in self._told_until_lost(desk):
                    if event.type == "ready":
                        self.named.update(act.case for act in self.history.acts)
                        listens.set()
                    elif event.place is not None:
                        self.named.add(b64decode(event.place.case))

    async def _told_until_lost(self, desk: "Chair") -> AsyncIterator[FeedEvent]:
        try:
            async for event in desk.feed():
                yield event
        except ConnectionLostError:
            self.retries += 1
            await asyncio.sleep(RETRY_S)


class Page(Line):
    """A page on which an answer is seen."""

    lines_lost = 0
    """While it waited for the newest answer."""

    async def comes_back(self) -> int:
        """The number of the newest envelope."""
        channel = await self._connected()
        resumed = await channel.resume(self._written.keys, self._written.instance)
        self._is_bound = True
        return resumed.last_seq

    async def shows(self, seq: int) -> None:
        """Returns when it has come to this envelope, over however many lines."""
        self.lines_lost = 0
        while True:
            try:
                if not self._is_bound and await self.comes_back() >= seq:
                    return
                channel = await self._connected()
                while not any(
                    event.code == Event.ENVELOPE and Sequenced.decode(event.body).seq >= seq for event in channel.events
                ):
                    await channel.beat()
            except LOST:
                self.lines_lost += 1
                await self.close()
            else:
                return


class Chair(Seat):
    """A desk at which cases are closed, too."""

    async def close(self, written: Written) -> None:
        desk = await self._signed_in()
        try:
            await desk.claim(written.id, LAWYER)
        except RefusedError as refused:
            if refused.code != Code.CASE_CLOSED.text:  # done, and the answer was lost
                raise
        else:
            await desk.close(written.id, LAWYER)

    async def feed(self) -> AsyncIterator[FeedEvent]:
        async for event in (await self._signed_in()).feed():
            yield event
