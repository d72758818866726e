"""Stands on the line of every visit and writes down what TLS does not hide: when, which way, what type, how long.

One listener a visit, so that what is seen can be told apart. As a program it has a process of its own, because
whoever drives browsers is late to look at the clock: `python -m tests.bench.traffic.recorder SERVER_PORT COUNT FILE`
prints its ports, records until its input ends, and writes the file.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple

import uvloop

HOST: Final = "127.0.0.1"
HEADER_BYTES: Final = 5
CHUNK_BYTES: Final = 65_536


class Way(IntEnum):
    UP = 1
    DOWN = -1


class What(IntEnum):
    """TLS's own types, and the beginning and end of a connection, which anybody sees too."""

    OPENED = 0
    ENDED = 1
    CHANGE_CIPHER = 20
    ALERT = 21
    HANDSHAKE = 22
    DATA = 23


class Record(NamedTuple):
    at_s: float
    line: int  # the visit's connections, counted from 0
    way: int
    what: int
    length: int  # of what follows the header


@dataclass
class Tap:
    """One visit's door to the server."""

    port: int = 0
    records: list[Record] = field(default_factory=list)
    lines: int = 0

    def note(self, line: int, way: Way, what: int, length: int = 0) -> None:
        self.records.append(Record(time.monotonic(), line, way, what, length))


class RecordReader:
    """Finds the records in one direction of one connection. It only ever looks at their headers."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._left = 0

    def take(self, some: bytes) -> list[tuple[int, int]]:
        """Type and length of each record that begins in these bytes."""
        begun, at = [], 0
        while at < len(some):
            if self._left:
                step = min(self._left, len(some) - at)
                self._left -= step
            else:
                step = min(HEADER_BYTES - len(self._header), len(some) - at)
                self._header += some[at : at + step]
                if len(self._header) == HEADER_BYTES:
                    self._left = int.from_bytes(self._header[3:])
                    begun.append((self._header[0], self._left))
                    self._header.clear()
            at += step
        return begun


async def _pass_on(tap: Tap, line: int, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    records = RecordReader()
    with contextlib.suppress(OSError, RuntimeError):  # gone on the other side: uvloop's own word for it
        while some := await reader.read(CHUNK_BYTES):
            for what, length in records.take(some):
                tap.note(line, way, what, length)
            writer.write(some)
    tap.note(line, way, What.ENDED)
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


async def _relay(tap: Tap, server_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line = tap.lines
    tap.lines += 1
    tap.note(line, Way.UP, What.OPENED)
    with contextlib.suppress(OSError, asyncio.CancelledError):
        onward_reader, onward_writer = await asyncio.open_connection(HOST, server_port)
        try:
            await asyncio.gather(
                _pass_on(tap, line, Way.UP, reader, onward_writer),
                _pass_on(tap, line, Way.DOWN, onward_reader, writer),
            )
        finally:
            onward_writer.transport.abort()
    writer.transport.abort()


@asynccontextmanager
async def taps(server_port: int, count: int) -> AsyncIterator[list[Tap]]:
    """As many doors to the server as there will be visits."""
    made = [Tap() for _ in range(count)]
    relaying: set[asyncio.Task[None]] = set()  # asyncio itself does not hold on to them

    def door_of(tap: Tap) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def opened(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(_relay(tap, server_port, reader, writer))
            relaying.add(task)
            task.add_done_callback(relaying.discard)

        return opened

    listeners = []
    for tap in made:
        listener = await asyncio.start_server(door_of(tap), HOST, 0)
        tap.port = listener.sockets[0].getsockname()[1]
        listeners.append(listener)
    try:
        yield made
    finally:
        for listener in listeners:
            listener.close()
        for task in relaying:
            task.cancel()
        await asyncio.gather(*relaying, return_exceptions=True)


async def _record(server_port: int, count: int) -> str:
    async with taps(server_port, count) as made:
        print(json.dumps([tap.port for tap in made]), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    return json.dumps([tap.records for tap in made])


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(uvloop.run(_record(int(sys.argv[1]), int(sys.argv[2]))))
