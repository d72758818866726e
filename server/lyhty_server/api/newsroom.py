"""What the other processes say, taken to whoever it is for; and what to do while nobody hears anybody (SPEC 6.5, 9)."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Final

import msgspec

from lyhty_server.api import news as said
from lyhty_server.api.context import Server
from lyhty_server.api.newer_trust import take_newer_trust
from lyhty_server.api.shapes import feed_text
from lyhty_server.bus.port import Bus
from lyhty_server.domain.errors import DomainError
from lyhty_wire.desk import FeedReady

POLL_ALONE_S: Final = 5.0  # while the others cannot be reached
POLL_S: Final = 60.0  # otherwise: what was dropped on the way is found all the same
REST: Final = 4.0  # times as long as a look took, at least: a queue of a million must not keep a core busy
BEAT_S: Final = 5.0
FOUND_WITHIN_S: Final = 5.0  # of the start; later, the journal says that there is none
READ_AGAIN_APART_S: Final = 0.02


class Newsroom:
    def __init__(self, server: Server, bus: Bus, prepare: Callable[[], Coroutine[object, object, object]]) -> None:
        """`prepare`: figures were published."""
        self._server = server
        self._bus = bus
        self._prepare = prepare
        self._is_up = False
        self._was_up = False
        self._changed = asyncio.Event()

    @property
    def hears(self) -> bool | None:
        """Whether what other processes say comes here; None: there are none."""
        return self._is_up if self._bus.is_shared else None

    async def run(self) -> None:
        """Until cancelled."""
        await self._bus.start(self._hear, self._change)
        missing = asyncio.get_running_loop().call_later(FOUND_WITHIN_S, self._say_if_missing)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._server.lookout.run())
                if self._bus.is_shared:
                    tasks.create_task(self._poll_forever())
                    tasks.create_task(self._beat_forever())
        finally:
            missing.cancel()
            await self._bus.close()

    def _say_if_missing(self) -> None:
        if self._bus.is_shared and not self._was_up:
            self._server.journal.write("bus-lost")

    async def _poll_forever(self) -> None:
        loop, took_s = asyncio.get_running_loop(), 0.0
        while True:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                rest_s = max(POLL_S if self._is_up else POLL_ALONE_S, REST * took_s)
                await asyncio.wait_for(self._changed.wait(), rest_s)
            began_s, took_s = loop.time(), 0.0
            with contextlib.suppress(DomainError):  # no disk: the next round finds it
                await take_newer_trust(self._server)
                await self._server.lookout.poll()
                took_s = loop.time() - began_s

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            if self._is_up:
                self._server.presence.beat()

    def _change(self, is_up: bool) -> None:
        server, self._is_up = self._server, is_up
        self._changed.set()
        if not self._bus.is_shared:
            return
        server.journal.write("bus-found" if is_up else "bus-lost")
        if is_up:
            server.presence.introduce(is_new=True)
            if self._was_up:
                self._let_desks_read_again()
        self._was_up = self._was_up or is_up

    def _let_desks_read_again(self) -> None:
        """What is not polled for: rooms, templates, invitations. One after another, not all at once."""
        loop, hub, presence = asyncio.get_running_loop(), self._server.hub, self._server.presence
        for nth, feed in enumerate(hub.feeds):

            def read_again(feed: object = feed) -> None:
                for each in hub.feeds:
                    if each is feed:
                        each.hear(feed_text(FeedReady()))
                        presence.desk_opened(each.expert)

            loop.call_later(nth * READ_AGAIN_APART_S, read_again)

    def _hear(self, encoded: bytes) -> None:
        try:
            news = said.decode(encoded)
        except msgspec.MsgspecError:  # a newer version's, while the service is upgraded
            return
        self._take(news)

    def _take(self, news: said.News) -> None:
        server = self._server
        hub, presence, lookout = server.hub, server.presence, server.lookout
        match news:
            case said.PlaceNews():
                lookout.note(news.case, news.queue)
            case said.WroteNews():
                lookout.wrote(news.case, news.seq)
            case said.HoldersNews():
                lookout.tell_holders(news.case, news.seq, news.experts)
            case said.ErasedNews():
                lookout.forget(news.case)
            case said.ExpertNews():
                hub.tell_expert_here(news.expert, news.text)
            case said.QueuesNews():
                hub.tell_queues_here(news.queues, news.text)
            case said.EverybodyNews():
                hub.tell_everybody_here(news.text)
            case said.SessionsNews():
                server.sessions.forget()
                hub.look_here(news.expert)
            case said.TrustNews():
                if news.version > server.trust.version:
                    server.spawn(take_newer_trust(server))
            case said.ReleaseNews():
                server.report_notices.released()
                server.spawn(self._prepare())
            case said.DeskNews():
                presence.hear_desk(news)
            case said.PageNews():
                presence.hear_page(news)
            case said.FactsNews():
                presence.hear_facts(news)
            case said.AliveNews():
                presence.hear_alive(news)
