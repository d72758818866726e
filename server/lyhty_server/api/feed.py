"""An expert's live feed: JSON events over a WebSocket (SPEC 9). It says "look"; a desk reads what it missed.

The token is the first message, never part of the address: addresses end up in logs of proxies.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import WSMsgType, web

from lyhty_server.api.answering import Answering, UnreadableError
from lyhty_server.api.context import Server
from lyhty_server.api.sessions import BELIEVED_S
from lyhty_server.api.shapes import feed_text
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.desk import FeedReady, FeedRefused, Hello
from lyhty_wire.encoding import b64decode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import ExpertId, QueueId

HELLO_S: Final = 10  # to say who one is
OUTAGES: Final = (Code.STORAGE_FAILED, Code.BUSY)  # no answer about who one is: the desk asks again


class OpenFeed:
    def __init__(
        self,
        socket: web.WebSocketResponse,
        expert: ExpertId,
        queues: frozenset[QueueId],
        is_signed_in: Callable[[], Awaitable[bool]],
        max_waiting: int,
    ) -> None:
        self.expert = expert
        self.queues = queues
        self._socket = socket
        self._is_signed_in = is_signed_in
        self._max_waiting = max_waiting
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()

    def hear(self, text: str) -> None:
        if not self._is_behind:
            self._waiting.append(text)
        self._wake.set()

    def look(self) -> None:
        self._wake.set()

    @property
    def _is_behind(self) -> bool:
        return len(self._waiting) > self._max_waiting

    async def send_while_signed_in(self) -> None:
        with contextlib.suppress(ConnectionError):  # gone; the reading side finds out by itself
            while not self._is_behind:
                # Also where nobody says so: another process may have ended the session.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), BELIEVED_S)
                self._wake.clear()
                if not await self.may_hear():
                    break
                while self._waiting and not self._is_behind:
                    await self._socket.send_str(self._waiting.popleft())
            await self._socket.close()

    async def may_hear(self) -> bool:
        """While the store is away nobody knows: nothing is said, and the desk comes again by itself."""
        try:
            return await self._is_signed_in()
        except DomainError:
            return False


class FeedHandler:
    def __init__(self, server: Server, sockets: set[web.WebSocketResponse], max_waiting: int) -> None:
        self._server = server
        self._max_waiting = max_waiting
        self._sockets = sockets

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=1024, heartbeat=30.0)
        try:
            await socket.prepare(request)
        except ConnectionError:  # gone before it was let in; a socket that was not cannot be ended
            return web.Response()
        self._sockets.add(socket)
        try:
            feed = await self._sign_in(socket)
            if feed is not None:
                await self._serve(socket, feed)
        finally:
            self._sockets.discard(socket)
        return socket

    async def _sign_in(self, socket: web.WebSocketResponse) -> OpenFeed | None:
        server = self._server
        try:
            message = await socket.receive(HELLO_S)
            if message.type is not WSMsgType.TEXT:
                raise msgspec.DecodeError("text expected")
            token = b64decode(msgspec.json.decode(message.data, type=Hello).token, 32)
            expert = await server.sessions.whose(token, server.clock())
            queues = frozenset(server.trust.expert(expert).queues)
        except (TimeoutError, msgspec.MsgspecError, WireError, DomainError) as error:
            with contextlib.suppress(ConnectionError):  # whoever left without a word needs no answer
                if getattr(error, "code", None) not in OUTAGES:
                    await socket.send_str(feed_text(FeedRefused()))
                await socket.close()
            return None

        async def is_signed_in() -> bool:
            return await server.sessions.is_signed_in(token, server.clock())

        return OpenFeed(socket, expert, queues, is_signed_in, self._max_waiting)

    async def _serve(self, socket: web.WebSocketResponse, feed: OpenFeed) -> None:
        server = self._server
        await server.lookout.know(feed.queues)
        server.hub.open_feed(feed)
        feed.hear(feed_text(FeedReady()))
        self._server.presence.desk_opened(feed.expert)
        sending = asyncio.create_task(feed.send_while_signed_in())
        answering = Answering(server.store, server.hub, feed.expert, asyncio.get_running_loop().time)
        try:
            async for message in socket:
                if not await feed.may_hear():
                    break
                await answering.hear(message)
        except UnreadableError:
            pass
        finally:
            self._server.hub.close_feed(feed)
            self._server.presence.desk_closed(feed.expert)
            sending.cancel()
