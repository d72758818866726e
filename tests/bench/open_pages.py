"""Pages that stand open and do only what they must: as plain as can be, so that thousands fit beside a server.

No WebSocket library, and the answer to a slot is made once for all.
"""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Final, Self, cast

from websockets.frames import Frame, Opcode

from lyhty_wire.frames import DOWN_BYTES, Direction, encode_frame

AT_ONCE: Final = 50

MESSAGE_BYTES: Final = 4 + DOWN_BYTES  # a WebSocket message from a server: two bytes, two of length, the frame
HANDSHAKE: Final = (
    b"GET /channel HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class OpenPage(asyncio.Protocol):
    """Answers every frame, and reads nothing of it but the slot."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.greeted = asyncio.Event()
        self.answered = 0
        self.lost = False
        self._data = b""

    @classmethod
    async def open(cls, ports: Sequence[int], count: int) -> list[Self]:
        """As many at each port. Returns when all are upgraded."""
        loop = asyncio.get_running_loop()
        pages: list[Self] = []
        while len(pages) < count:
            opening = [
                loop.create_connection(cls, "127.0.0.1", ports[nth % len(ports)])
                for nth in range(min(AT_ONCE, count - len(pages)))
            ]
            fresh = [page for _, page in await asyncio.gather(*opening)]
            await asyncio.gather(*(page.greeted.wait() for page in fresh))
            pages += fresh
        return pages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has transports of its own
        self.transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.greeted.is_set():
            head, end, self._data = self._data.partition(b"\r\n\r\n")
            if not end:
                self._data = head
                return
            assert head.startswith(b"HTTP/1.1 101 ")
            self.greeted.set()
        while len(self._data) >= MESSAGE_BYTES:
            self.heard()
            self.transport.write(_answer(int.from_bytes(self._data[6:10])))
            self.answered += 1
            self._data = self._data[MESSAGE_BYTES:]

    def heard(self) -> None:
        """A whole frame is here."""

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost = True


@cache
def _answer(slot: int) -> bytes:
    return Frame(Opcode.BINARY, encode_frame(Direction.UP, slot)).serialize(mask=True)
