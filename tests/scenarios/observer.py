"""Stands where the network stands: sees the sizes and directions of what passes, and can cut the line."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

BINARY: Final = 2
CLOSE: Final = 8
_MASKED: Final = 0x80
_END_OF_HEAD: Final = b"\r\n\r\n"
_REQUEST: Final = re.compile(rb"(?:GET|POST|PUT) (?!/channel )\S+(?= HTTP/1\.1\r\n)")


class Direction(Enum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Seen:
    """One WebSocket frame: what anybody on the way can count."""

    direction: Direction
    opcode: int
    payload_bytes: int


@dataclass
class Line:
    """One channel, from its opening to its end."""

    seen: list[Seen] = field(default_factory=list)
    request: bytes = b""
    answer: bytes = b""
    _writers: list[asyncio.StreamWriter] = field(default_factory=list, repr=False)

    @property
    def ups(self) -> list[Seen]:
        return [frame for frame in self.seen if frame.direction is Direction.UP]

    @property
    def downs(self) -> list[Seen]:
        return [frame for frame in self.seen if frame.direction is Direction.DOWN]

    def cut(self) -> None:
        """Without a goodbye, in both directions."""
        for writer in self._writers:
            writer.transport.abort()


Watch = Callable[[Line, Seen], None]


class Observer:
    def __init__(self, server_url: str, *, source: str | None = None, extra_headers: str = "") -> None:
        self._server = urlsplit(server_url)
        self._source = None if source is None else (source, 0)
        self._extra_headers = extra_headers.encode()
        self.lines: list[Line] = []
        """Channels."""
        self.requests: list[str] = []
        """All else that was asked for over the network; what a browser has kept is not."""
        self.watch: Watch = lambda _line, _seen: None
        """Called before a frame is passed on: a test may cut the line here."""
        self.read: Callable[[Direction, bytes], None] = lambda _direction, _payload: None
        """What stands in the frames, where no TLS hides it."""
        self._changed = asyncio.Event()
        self.url = ""

    async def sees(self, count: int, direction: Direction = Direction.DOWN) -> Line:
        """The last line, once so many frames have passed on it."""
        while not self.lines or sum(seen.direction is direction for seen in self.lines[-1].seen) < count:
            self._changed.clear()
            await self._changed.wait()
        return self.lines[-1]

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            request = await reader.readuntil(_END_OF_HEAD)
            request = request[:-2] + self._extra_headers + b"\r\n"
            onward = await asyncio.open_connection(self._server.hostname, self._server.port, local_addr=self._source)
            onward[1].write(request)
            if request.startswith(b"GET /channel "):
                line = Line(request=request, _writers=[writer, onward[1]])
                line.answer = await onward[0].readuntil(_END_OF_HEAD)
                writer.write(line.answer)
                self.lines.append(line)
                up = self._pass_on_frames(line, Direction.UP, reader, onward[1])
                down = self._pass_on_frames(line, Direction.DOWN, onward[0], writer)
            else:
                self._note(request)
                up, down = _pass_on(reader, onward[1], self._note), _pass_on(onward[0], writer)
            await asyncio.gather(up, down)
        writer.transport.abort()

    def _note(self, sent: bytes) -> None:
        self.requests.extend(found.decode() for found in _REQUEST.findall(sent))

    async def _pass_on_frames(
        self, line: Line, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await self._pass_on_frame(line, direction, reader, writer)
        writer.close()

    async def _pass_on_frame(
        self, line: Line, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readexactly(2)
        length = head[1] & ~_MASKED
        extended = await reader.readexactly({126: 2, 127: 8}.get(length, 0))
        payload_bytes = int.from_bytes(extended) if extended else length
        mask_bytes = 4 if head[1] & _MASKED else 0
        rest = await reader.readexactly(mask_bytes + payload_bytes)
        seen = Seen(direction, head[0] & 0x0F, payload_bytes)
        line.seen.append(seen)
        self.watch(line, seen)
        mask, masked = rest[:mask_bytes], rest[mask_bytes:]
        self.read(direction, bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked)) if mask else masked)
        writer.write(head + extended + rest)
        self._changed.set()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None] = lambda _some: None
) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(65_536):
            note(some)
            writer.write(some)
    writer.close()


@asynccontextmanager
async def observed(server_url: str, *, source: str | None = None, extra_headers: str = "") -> AsyncIterator[Observer]:
    """`observer.url` is an address for clients. `source`: the address the server sees them come from."""
    observer = Observer(server_url, source=source, extra_headers=extra_headers)
    listener = await asyncio.start_server(observer.relay, "127.0.0.1", 0)
    observer.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield observer
    finally:
        listener.close()
        for line in observer.lines:
            line.cut()
