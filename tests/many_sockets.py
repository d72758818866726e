"""A great many open channels of clients that do only what they must: read frames, and answer a goodbye."""

import asyncio
import base64
import os
from typing import Final
from urllib.parse import urlsplit

AT_ONCE: Final = 100
CLOSE: Final = 0x88
GOODBYE: Final = b"\x88\x80\0\0\0\0"
"""A client's close frame, masked with zeros."""


class ManySockets:
    """`path`: `/channel` or another WebSocket of the server."""

    def __init__(self, url: str, path: str = "/channel") -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._host, self._port, self._path = parts.hostname, parts.port, path
        self._tasks: list[asyncio.Task[bool]] = []

    async def open(self, count: int) -> None:
        """Returns when all are upgraded."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one() -> asyncio.Task[bool]:
            async with gate:
                reader, writer = await asyncio.open_connection(self._host, self._port)
                key = base64.b64encode(os.urandom(16)).decode()
                writer.write(
                    f"GET {self._path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nUpgrade: websocket\r\n"
                    f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
                )
                answer = await reader.readuntil(b"\r\n\r\n")
                assert answer.startswith(b"HTTP/1.1 101"), answer
                return asyncio.create_task(_until_closed(reader, writer))

        self._tasks += await asyncio.gather(*(one() for _ in range(count)))

    async def closed(self) -> int:
        """How many were told goodbye, when the last of all has ended."""
        return sum(await asyncio.gather(*self._tasks))


async def _until_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    try:
        while True:
            head = await reader.readexactly(2)
            size = head[1] & 0x7F
            if size == 126:
                size = int.from_bytes(await reader.readexactly(2), "big")
            await reader.readexactly(size)
            if head[0] == CLOSE:
                writer.write(GOODBYE)
                return True
    except (asyncio.IncompleteReadError, ConnectionError):
        return False
    finally:
        writer.close()
