"""The socket of a reporter's session: a frame up for each frame down, a new socket when one is lost (SPEC 6.1, 6.2).

When a new connection is tried depends on nothing that the person does or waits for.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from lyhty_client.clock import Clock, system_clock
from lyhty_client.errors import ConnectionLostError, RefusedError, UntrustedError
from lyhty_client.happenings import Done, Failed, Happening, Stopped, Ticket, Trusted
from lyhty_client.session import ReporterSession
from lyhty_client.trust import Site
from lyhty_crypto.randomness import Randomness, draw
from lyhty_wire.errors import WireError
from lyhty_wire.frames import DOWN_BYTES

OPEN_WITHIN_S: Final = 10
FIRST_RETRY_S: Final = 1.0
LONGEST_RETRY_S: Final = 30.0
# SPEC 6.2: the server's frames come whatever anybody does, so that silence is a line that has died without a word.
SILENT_S: Final = 10.0
SILENT_SLOTS: Final = 10
TRIES: Final = 20_000  # of a search before the session is looked at again: some 30 ms

Listener = Callable[[Happening], None]


class ReporterChannel:
    """`async with ReporterChannel(site, session) as channel:` wait for `trusted`, ask the session, `settle` it."""

    def __init__(
        self,
        site: Site,
        session: ReporterSession,
        *,
        listener: Listener | None = None,
        clock: Clock = system_clock,
        randomness: Randomness = draw,
        tls: ssl.SSLContext | None = None,
        first_retry_s: float = FIRST_RETRY_S,
    ) -> None:
        self.session = session
        self._site = site
        self._listener = listener
        self._clock = clock
        self._randomness = randomness
        self._tls = tls
        self._first_retry_s = first_retry_s
        self._is_leaving = False
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._search: asyncio.Task[None] | None = None
        self._trusted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settled: dict[Ticket, asyncio.Future[None]] = {}

    async def __aenter__(self) -> Self:
        """
        Raises:
            ConnectionLostError: the first connection could not be made. Later ones are tried again by themselves.
        """
        self._socket = await self._connect()
        self._task = asyncio.create_task(self._run(self._socket))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_leaving = True
        if self._socket is not None:
            # SPEC 6.2: code 1000. The library closes with another one when a send is cancelled.
            await self._socket.close()
        for task in (self._task, self._search):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        for future in (self._trusted, *self._settled.values()):
            future.cancel()

    async def trusted(self) -> None:
        """Until the directory is verified.

        Raises:
            UntrustedError: it does not hold.
        """
        await self._alive(self._trusted)

    async def settle(self, ticket: Ticket) -> None:
        """Until the server has acknowledged what the session was asked for, over as many connections as it takes.

        Raises:
            RefusedError: it was not done.
        """
        future = self._future(ticket)
        self._keep_searching()
        await self.flush()
        await self._alive(future)
        del self._settled[ticket]

    async def flush(self) -> None:
        """Without slots, what waits leaves at once; with slots, this does nothing."""
        socket = self._socket
        while socket is not None and self.session.slot_ms == 0 and self.session.has_frames:
            try:
                await socket.send(self.session.next_frame())
            except WebSocketException:  # the reading side finds out and connects again
                return

    def _keep_searching(self) -> None:
        if self.session.searching is not None and (self._search is None or self._search.done()):
            self._search = asyncio.create_task(self._run_search())

    async def _run_search(self) -> None:
        """In a thread: the channel's frames must not wait for it (SPEC 6.2)."""
        while (search := self.session.searching) is not None:
            self.session.searched(search, await asyncio.to_thread(search.run, TRIES))
        await self.flush()

    async def _alive(self, future: asyncio.Future[None]) -> None:
        """Waits for the future, or for the end of the task that would have settled it."""
        assert self._task is not None
        await asyncio.wait([future, self._task], return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            await self._task
            raise ConnectionLostError("the channel has been closed")
        await future

    async def _run(self, socket: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        waits = self._retry_waits()
        while True:
            opened = loop.time()
            with contextlib.suppress(WebSocketException, WireError, ConnectionLostError, OSError):
                await self._serve(socket)
            if loop.time() - opened > LONGEST_RETRY_S:  # a server that closes at once is not asked every second
                waits = self._retry_waits()
            if self._is_leaving:
                return
            self._socket = None
            while self._socket is None:
                await asyncio.sleep(next(waits))
                try:
                    self._socket = socket = await self._connect()
                except ConnectionLostError:
                    continue

    async def _serve(self, socket: ClientConnection) -> None:
        self.session.connected()
        try:
            while True:
                frame = await self._hear(socket)
                if isinstance(frame, str):
                    raise WireError("frame-malformed", "text")
                self._tell(self.session.receive(frame, self._clock()))
                self._keep_searching()
                # SPEC 6.2: one frame for one frame, never more, somewhere in the first quarter of the slot.
                if self.session.slot_ms:
                    answer = self.session.next_frame()
                    await asyncio.sleep(self.session.slot_ms / 1000 * self._randomness(1)[0] / 1024)
                    await socket.send(answer)
                else:
                    await self.flush()
        finally:
            await socket.close()  # SPEC 6.2: code 1000, whatever has happened

    async def _hear(self, socket: ClientConnection) -> bytes | str:
        """Raises OSError when nothing comes for longer than a line that lives can be silent."""
        slot_ms = self.session.slot_ms
        patience_s = None if slot_ms == 0 else max(SILENT_S, SILENT_SLOTS * (slot_ms or 0) / 1000)
        async with asyncio.timeout(patience_s):
            return await socket.recv()

    async def _connect(self) -> ClientConnection:
        try:
            return await connect(
                self._site.socket_url + "/channel",
                compression=None,  # SPEC 6.1
                ping_interval=None,
                max_size=DOWN_BYTES,
                user_agent_header=None,
                proxy=None,
                open_timeout=OPEN_WITHIN_S,
                close_timeout=1,
                ssl=self._tls if self._site.scheme == "https" else None,
            )
        except (OSError, WebSocketException, TimeoutError) as error:
            raise ConnectionLostError(f"{self._site.url}: {error}") from None

    def _retry_waits(self) -> Iterator[float]:
        """1, 2, 4 ... 30 seconds, each shortened by up to half, so that pages do not all come back in one moment."""
        wait_s = self._first_retry_s
        while True:
            yield wait_s * (1 - self._randomness(1)[0] / 512)
            wait_s = min(2 * wait_s, LONGEST_RETRY_S)

    def _tell(self, happenings: list[Happening]) -> None:
        for happening in happenings:
            match happening:
                case Trusted():
                    _set(self._trusted, None)
                case Stopped(code):
                    _set(self._trusted, UntrustedError(code))
                case Done(ticket):
                    _set(self._future(ticket), None)
                case Failed(ticket, code):
                    _set(self._future(ticket), RefusedError(code))
                case _:
                    pass
            if self._listener is not None:
                self._listener(happening)

    def _future(self, ticket: Ticket) -> asyncio.Future[None]:
        return self._settled.setdefault(ticket, asyncio.get_running_loop().create_future())


def _set(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
        future.exception()  # told to the listener too: not waiting for it is no mistake
