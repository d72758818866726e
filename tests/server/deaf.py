"""Somebody who takes nothing: what a server sends them stays with it, but for the little that two kernels hold."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

KERNEL_BYTES: Final = 4_096
"""Of each kernel, asked for; it doubles them."""


def deaf_socket(port: int) -> socket.socket:
    """Connected, blocking."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
    line.connect(("127.0.0.1", port))
    return line


@asynccontextmanager
async def deaf_line(port: int, words: bytes) -> AsyncIterator[asyncio.StreamReader]:
    """`words` have been said. The reader takes in no more than a little until it is read from."""
    reader, writer = await asyncio.open_connection(sock=deaf_socket(port), limit=1)
    try:
        writer.write(words)
        await writer.drain()
        yield reader
    finally:
        writer.transport.abort()
