"""Listens, and refuses what is not HTTP as everything else is refused: by a stable code (SPEC 7).

Left alone, aiohttp answers it with the bytes it could not read and with its own name and version, and logs the
address they came from.
"""

import asyncio
import ssl
from functools import partial
from typing import Final

from aiohttp import web

from lyhty_server.api.problems import problem
from lyhty_server.api.security import HEADERS
from lyhty_wire.codes import Code

# A request's headers come in one packet; whoever takes longer holds a socket for nothing.
ASKED_WITHIN_S: Final = 20.0


class Protocol(web.RequestHandler):
    __slots__ = ("_asked_handle",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._asked_handle = self._loop.call_later(ASKED_WITHIN_S, self._close_unless_asked)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._asked_handle.cancel()
        super().connection_lost(exc)

    def _close_unless_asked(self) -> None:
        # aiohttp looks after connections that have asked once, not after those that never do.
        if self._waiter is not None and not self._waiter.done():
            self.force_close()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if isinstance(resp, web.HTTPException):  # an `Expect` that aiohttp does not know, which it refuses by itself
            resp = self.handle_error(request, resp.status)
        return await super().finish_response(request, resp, start_time)

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


async def listen(runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None = None) -> asyncio.Server:
    """The runner has been set up. Close what this returns before cleaning the runner up."""
    loop, manager = asyncio.get_running_loop(), runner.server
    assert manager is not None  # since it has been set up
    # An access log would name addresses; None is how aiohttp is told so, whatever its types say.
    protocol = partial(Protocol, manager, loop=loop, access_log=None)  # type: ignore[arg-type]
    return await loop.create_server(protocol, host, port, ssl=tls, reuse_address=True, backlog=1024)


def port_of(listener: asyncio.Server) -> int:
    port: int = listener.sockets[0].getsockname()[1]
    return port
