"""Listens, and refuses what is not HTTP as everything else is refused: by a stable code (SPEC 7).

Left alone, aiohttp answers it with the bytes it could not read and with its own name and version, and logs the
address they came from; and it waits for an hour for whoever says nothing, and forever for whoever does not read.
"""

import asyncio
import socket
import ssl
from functools import partial
from typing import cast

from aiohttp import web

from lyhty_server.api.limits import LIMITS, Limits
from lyhty_server.api.problems import problem
from lyhty_server.api.security import HEADERS
from lyhty_server.domain.crowd import BACKLOG, Crowd
from lyhty_wire.codes import Code


class Protocol(web.RequestHandler):
    __slots__ = ("_asked_handle", "_crowd", "_is_in", "_limits", "_read_handle")

    def __init__(self, manager: web.Server, crowd: Crowd, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            manager,
            loop=loop,
            # An access log would name addresses; None is how aiohttp is told so, whatever its types say.
            access_log=None,  # type: ignore[arg-type]
            keepalive_timeout=limits.idle_s,
            lingering_time=limits.lingering_s,
        )
        self._crowd = crowd
        self._limits = limits
        self._is_in = False
        self._asked_handle: asyncio.TimerHandle | None = None
        self._read_handle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._is_in = self._crowd.enter()
        if not self._is_in:
            cast("asyncio.Transport", transport).abort()
            return
        super().connection_made(transport)
        self._asked_handle = self._loop.call_later(self._limits.asked_within_s, self._close_unless_asked)

    def connection_lost(self, exc: BaseException | None) -> None:
        if not self._is_in:
            return
        self._crowd.leave()
        for handle in (self._asked_handle, self._read_handle):
            if handle is not None:
                handle.cancel()
        super().connection_lost(exc)

    def _close_unless_asked(self) -> None:
        # aiohttp looks after connections that have asked once, not after those that never do.
        if self._request_count == 0:
            self.force_close()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if isinstance(resp, web.HTTPException):  # an `Expect` that aiohttp does not know, which it refuses by itself
            resp = self.handle_error(request, resp.status)
        # Whoever asks again has read what they asked for before, unless an answer is being watched still.
        if self.transport is not None and (self._read_handle is None or not self.transport.get_write_buffer_size()):
            self._watch(self.transport, None)
        return await super().finish_response(request, resp, start_time)

    def _watch(self, transport: asyncio.Transport, unread_bytes: int | None) -> None:
        if self._read_handle is not None:
            self._read_handle.cancel()
        self._read_handle = self._loop.call_later(
            self._limits.read_within_s, self._abort_unless_read, transport, unread_bytes
        )

    def _abort_unless_read(self, transport: asyncio.Transport, before_bytes: int | None) -> None:
        self._read_handle = None
        unread_bytes = transport.get_write_buffer_size()
        if before_bytes is not None and unread_bytes >= before_bytes:
            transport.abort()  # closing would wait for what is unread to leave
        elif unread_bytes:
            self._watch(transport, unread_bytes)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status == 500:  # a bug: written down, without what was sent
            super().handle_error(request, status, exc, message)
        answer = problem(Code.INTERNAL if status == 500 else Code.OPERATION_MALFORMED)
        answer.headers.update(HEADERS)
        answer.force_close()
        return answer


async def listen(
    runner: web.AppRunner,
    host: str,
    port: int,
    crowd: Crowd,
    tls: ssl.SSLContext | None = None,
    limits: Limits = LIMITS,
    opened: socket.socket | None = None,
) -> asyncio.Server:
    """The runner has been set up. Close what this returns before cleaning the runner up.

    `opened`: somebody else has opened host and port already, and keeps them open.
    """
    loop, manager = asyncio.get_running_loop(), runner.server
    assert manager is not None  # since it has been set up
    protocol = partial(Protocol, manager, crowd, limits, loop)
    handshake_s = limits.asked_within_s if tls else None
    if opened is not None:
        return await loop.create_server(
            protocol, sock=opened, ssl=tls, backlog=BACKLOG, ssl_handshake_timeout=handshake_s
        )
    return await loop.create_server(
        protocol,
        host,
        port,
        ssl=tls,
        reuse_address=True,
        backlog=BACKLOG,
        ssl_handshake_timeout=handshake_s,
    )


def port_of(listener: asyncio.Server) -> int:
    port: int = listener.sockets[0].getsockname()[1]
    return port
