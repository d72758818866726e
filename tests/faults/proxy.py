"""A network that cannot be relied on, between a client and a server: each connection has a fate of its own."""

import asyncio
import contextlib
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from enum import Enum
from random import Random
from typing import Final
from urllib.parse import urlsplit

SLOW_BYTES_PER_S: Final = 4_000  # 32 kbit/s, in life: as much as the frames of one channel
LONGEST_FUSE_BYTES: Final = 90_000  # of both directions: a visit's first seconds
PIECE_BYTES: Final = 400
PORTAL: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 60\r\nConnection: close\r\n\r\n"
    b"<html><title>Wi-Fi</title>Accept the terms to go on.</html>\n"
)


class Fate(Enum):
    WHOLE = "whole"
    RESET = "reset"
    """Cut with RST, in both directions."""
    TORN = "torn"
    """Ended politely in the middle of a frame."""
    BLACK_HOLE = "black hole"
    """Nothing comes through any more, and nobody says so."""
    HALF_OPEN = "half open"
    """What the client sends is swallowed; what the server sends comes through."""
    SLOW = "32 kbit/s"
    PORTAL = "captive portal"
    """A page of the network's own, in place of the server's answer."""


FAULTS: Final = tuple(fate for fate in Fate if fate is not Fate.WHOLE)


class FlakyNetwork:
    """After `fuse` bytes a connection meets its fate; one that is slow is so from the start."""

    def __init__(
        self, server_url: str, chance: Random, fates: Sequence[Fate], faster: int, *, is_one_link: bool = False
    ) -> None:
        self._server = urlsplit(server_url)
        self._chance = chance
        self.fates = fates
        """What may happen to the next connection."""
        self.longest_fuse_bytes = LONGEST_FUSE_BYTES
        self._slow_bytes_per_s = SLOW_BYTES_PER_S * faster
        # Of a link that all connections share, up and down: its pieces go one after another.
        self._turns = (asyncio.Lock(), asyncio.Lock()) if is_one_link else None
        self.met: Counter[Fate] = Counter()
        self.url = ""
        self._writers: set[asyncio.StreamWriter] = set()
        self._relaying: set[asyncio.Task[object]] = set()
        self._changed = asyncio.Event()

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relaying.add(task)
        try:
            await self._relay(reader, writer)
        finally:
            self._relaying.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fate = self._chance.choice(self.fates)
        self.met[fate] += 1
        self._changed.set()
        if fate is Fate.PORTAL:
            with contextlib.suppress(OSError):
                await reader.read(65_536)
                writer.write(PORTAL)
                await writer.drain()
            writer.close()
            return
        with contextlib.suppress(OSError):
            onward = await asyncio.open_connection(self._server.hostname, self._server.port)
            fuse = self._chance.randrange(self.longest_fuse_bytes)
            line = _Line(fate, fuse, (writer, onward[1]), self._slow_bytes_per_s, self._turns)
            self._writers.update(line.writers)
            try:
                await asyncio.gather(line.carry(reader, onward[1], is_up=True), line.carry(onward[0], writer))
            finally:
                self._writers.difference_update(line.writers)
                onward[1].transport.abort()
        writer.transport.abort()

    async def meets(self, fate: Fate) -> None:
        """Until a connection has this one."""
        while not self.met[fate]:
            self._changed.clear()
            await self._changed.wait()

    def cut_all(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def close(self) -> None:
        self.cut_all()
        await asyncio.gather(*self._relaying, return_exceptions=True)


class _Line:
    def __init__(
        self,
        fate: Fate,
        fuse: int,
        writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        slow_bytes_per_s: int,
        turns: tuple[asyncio.Lock, asyncio.Lock] | None,
    ) -> None:
        self.writers = writers
        self._turns = turns
        self._fate, self._fuse, self._slow_bytes_per_s = fate, fuse, slow_bytes_per_s

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_up: bool = False) -> None:
        """Until the end of either side, or the line's own."""
        with contextlib.suppress(OSError):
            while some := await reader.read(PIECE_BYTES if self._fate is Fate.SLOW else 65_536):
                if self._fate is Fate.SLOW:
                    async with nullcontext() if self._turns is None else self._turns[is_up]:
                        await asyncio.sleep(len(some) / self._slow_bytes_per_s)
                left, self._fuse = self._fuse, self._fuse - len(some)
                if left < len(some) and self._burnt(writer, some[: max(0, left)], is_up=is_up):
                    continue
                writer.write(some)
                await writer.drain()
        if not self._is_dead:  # nobody on the other side hears that this one has gone
            writer.close()

    @property
    def _is_dead(self) -> bool:
        return self._fate is Fate.BLACK_HOLE and self._fuse < 0

    def _burnt(self, writer: asyncio.StreamWriter, rest: bytes, *, is_up: bool) -> bool:
        """The fuse has come to its end. Whether what arrived is lost."""
        match self._fate:
            case Fate.RESET:
                for each in self.writers:
                    _reset(each)
            case Fate.TORN:
                writer.write(rest)
                for each in self.writers:
                    each.close()
            case Fate.BLACK_HOLE:
                return True
            case Fate.HALF_OPEN:
                return is_up
            case _:
                return False
        return True


def _reset(writer: asyncio.StreamWriter) -> None:
    line: socket.socket | None = writer.get_extra_info("socket")
    if line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def flaky(
    server_url: str, seed: int, fates: Sequence[Fate] = FAULTS, faster: int = 1, *, is_one_link: bool = False
) -> AsyncIterator[FlakyNetwork]:
    """`network.url` is where the client goes. `faster`: than in life, as the slots are."""
    network = FlakyNetwork(server_url, Random(seed), fates, faster, is_one_link=is_one_link)
    server = await asyncio.start_server(network.relay, "127.0.0.1", 0)
    network.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield network
    finally:
        server.close()
        await network.close()
