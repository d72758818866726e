"""News between processes on any machines, over a NATS server or a cluster of them; nothing is kept there."""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from lyhty_server.bus.address import BusAddress
from lyhty_server.bus.port import Hear
from lyhty_server.bus.seal import SENDER_BYTES, Opener, Seal

STALE_S: Final = 1.0  # what is older helps nobody: whoever missed it looks by themselves
MAX_WAITING: Final = 10_000
# A server takes 1 MiB in one message unless it is told otherwise.
MAX_PACK_BYTES: Final = 262_144
RETRY_S: Final = 0.5
CONNECT_WITHIN_S: Final = 2
PING_S: Final = 2  # a silent line is noticed after three of them
MAX_UNSENT_BYTES: Final = 4_194_304

_pack = msgspec.msgpack.Encoder()
_unpack = msgspec.msgpack.Decoder(list[bytes])


class NatsBus:
    """`secret`: 32 bytes that all processes of one service share; `draw`: randomness."""

    is_shared: Final = True

    def __init__(
        self,
        address: BusAddress,
        subject: str,
        secret: bytes,
        draw: Callable[[int], bytes],
        tls: ssl.SSLContext | None = None,
        stale_s: float = STALE_S,
    ) -> None:
        """`tls`: instead of the machine's own list of authorities."""
        sender = draw(SENDER_BYTES)
        self._address = address
        self._subject = subject
        self._seal, self._opener = Seal(secret, sender), Opener(secret, sender)
        self._tls = tls
        self._stale_s = stale_s
        self._waiting: deque[tuple[float, bytes]] = deque(maxlen=MAX_WAITING)
        self._wake = asyncio.Event()
        self._client: Client | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self, hear: Hear, changed: Callable[[bool], None]) -> None:
        """Whether anybody answers there or not: it is tried for ever."""
        self._running = asyncio.create_task(self._run(hear, changed))

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    def say(self, news: bytes) -> None:
        if self._client is not None:
            self._waiting.append((asyncio.get_running_loop().time(), news))
            self._wake.set()

    async def _run(self, hear: Hear, changed: Callable[[bool], None]) -> None:
        while True:
            # Each line is a new client: one that was refused closes for good, whatever it is told about reconnecting.
            client, closed = Client(), asyncio.Event()
            try:
                await self._connect(client, closed)
                await client.subscribe(self._subject, cb=self._take(hear))
                # The library's ping overtakes what waits to be sent: only the second comes after the subscription.
                await client.flush(CONNECT_WITHIN_S)
                await client.flush(CONNECT_WITHIN_S)
                self._client = client
                changed(True)
                await self._send_until(client, closed)
            except (OSError, NatsError, TimeoutError):
                pass
            finally:
                if self._client is not None:
                    self._client = None
                    self._waiting.clear()
                    changed(False)
                with contextlib.suppress(OSError, NatsError, TimeoutError):
                    await client.close()
            await asyncio.sleep(RETRY_S)

    async def _connect(self, client: Client, closed: asyncio.Event) -> None:
        async def close() -> None:
            closed.set()
            self._wake.set()

        async def ignore(_error: Exception) -> None:  # the library would log what it says
            return

        await client.connect(
            list(self._address.servers),
            closed_cb=close,
            disconnected_cb=close,
            error_cb=ignore,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_WITHIN_S,
            ping_interval=PING_S,
            no_echo=True,
            pending_size=MAX_UNSENT_BYTES,
            # Otherwise a man in the middle could ask for the password in plain text.
            tls_handshake_first=self._address.is_tls,
            tls=(self._tls or ssl.create_default_context()) if self._address.is_tls else None,
        )

    def _take(self, hear: Hear) -> Callable[[Msg], Awaitable[None]]:
        async def take(message: Msg) -> None:
            opened = self._opener.open(message.data)
            if opened is not None:
                for news in _unpack.decode(opened):
                    hear(news)

        return take

    async def _send_until(self, client: Client, closed: asyncio.Event) -> None:
        """What was said in one turn of the loop leaves together."""
        loop = asyncio.get_running_loop()
        while not closed.is_set():
            await self._wake.wait()
            self._wake.clear()
            while self._waiting and not closed.is_set():
                pack, size = [], 0
                while self._waiting and size < MAX_PACK_BYTES:
                    said_s, news = self._waiting.popleft()
                    if loop.time() - said_s < self._stale_s:
                        pack.append(news)
                        size += len(news)
                if pack:
                    await client.publish(self._subject, self._seal.seal(_pack.encode(pack)))
