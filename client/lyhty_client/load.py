"""The load driver: sealed reports against a server without slots, and how long each takes to an expert's desk.

Shares the computer with the server it measures, so everything that can be done before is: keys, sealing, frames. What
is left per report is the proof for the channel's nonce, one write past the WebSocket library, and a look at the answer.

`python -m lyhty_client.load DIR URL` measures a demo's server that runs with LYHTY_SLOT_MS=0 and LYHTY_EFFORT=1.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from lyhty_client.clock import system_clock
from lyhty_client.demo import read_secrets
from lyhty_client.desk import Desk
from lyhty_client.errors import ClientError
from lyhty_client.expert import Credentials, ExpertDesk
from lyhty_client.folder import DataFolder
from lyhty_client.session import NO_KEM
from lyhty_client.trust import Site, fetch_directory, find_anchor
from lyhty_crypto.cases import open_case
from lyhty_crypto.keys import SigningKey
from lyhty_crypto.passphrase import draw_case_salt, reporter_keys
from lyhty_crypto.randomness import draw
from lyhty_wire.codes import Code
from lyhty_wire.contents import Report
from lyhty_wire.contexts import context
from lyhty_wire.directories import Directory
from lyhty_wire.encoding import b64encode
from lyhty_wire.frames import DOWN_BYTES, HEADER_BYTES, Direction, decode_frame
from lyhty_wire.ids import LAWYER, OPERATION_ID_BYTES, InstanceId, OperationId, QueueId, digest
from lyhty_wire.multiplex import Incoming, Outgoing
from lyhty_wire.records import DownRecord, Event, Hello, Kind, Operation, UpRecord
from lyhty_wire.work import Search, Terms

DEFAULT_TEXT: Final = "Joku on jakanut kuvani luokan ryhmässä, eikä se lopu. " * 28  # 1,512 characters
FEED_PATIENCE_S: Final = 5.0

_PROOF_AT: Final = HEADER_BYTES + 18 + 80 + 32  # frame header, record header, work, auth_pk
_PROOF_END: Final = _PROOF_AT + 64
_NO_NONCE: Final = bytes(32)
_ALL: Final = 2**40  # tries: as many as it takes


@dataclass(frozen=True, slots=True)
class Opening:
    """A sealed report, cut into frames that lack only the proof."""

    case: str  # as the feed names it
    auth: SigningKey
    digest: bytes
    operation_id: OperationId
    first: bytes
    rest: bytes  # the other frames as WebSocket messages, one behind the other

    def prove(self, instance: InstanceId, nonce: bytes) -> bytes:
        """The first frame."""
        proof = self.auth.sign(context("open", instance, nonce, self.digest))
        return self.first[:_PROOF_AT] + proof + self.first[_PROOF_END:]

    def travel(self, instance: InstanceId, nonce: bytes) -> bytes:
        """All of it as it goes into the socket."""
        return as_message(self.prove(instance, nonce)) + self.rest


@dataclass(slots=True)
class Measured:
    """Times on one clock, in seconds, by case."""

    due: dict[str, float] = field(default_factory=dict)
    written: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    driver_cpu_s: float = 0.0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, case: str) -> None:
        self.heard.setdefault(case, time.perf_counter())
        self.news.set()

    async def caught_up(self) -> None:
        """Until the feed has named everything that was acknowledged."""
        while not self.acknowledged.keys() <= self.heard.keys():
            self.news.clear()
            await self.news.wait()

    def result(self) -> dict[str, object]:
        accepted = len(self.acknowledged)
        return {
            "seconds": round(self.seconds, 3),
            "accepted": accepted,
            "accepted_per_s": round(accepted / self.seconds, 1) if self.seconds else 0.0,
            "driver_cpu_s": round(self.driver_cpu_s, 3),
            "refused": dict(self.refused),
            "heard": len(self.heard),
            "due_to_acknowledged_ms": _spread(self.due, self.acknowledged),
            "written_to_acknowledged_ms": _spread(self.written, self.acknowledged),
            "written_to_feed_ms": _spread(self.written, self.heard),
            "acknowledged_to_feed_ms": _spread(self.acknowledged, self.heard),
        }


def prepare_opening(
    directory: Directory, terms: Terms, queues: Sequence[QueueId], stream: int, text: str = DEFAULT_TEXT, *, now: int
) -> Opening:
    """One real report of a new reporter; only the slow derivation from a phrase is left out."""
    keys = reporter_keys(draw(32), draw_case_salt())
    report = Report(now, NO_KEM, "fi", ("whatsapp",), text, topic="bullying", help="lawyer", role="pupil")
    prepared = open_case(keys, directory, queues, report, urgent=False)
    work = Search(directory.instance, prepared.case, terms).run(_ALL)
    assert work is not None
    body = prepared.prove(keys.auth, _NO_NONCE, work)
    record = UpRecord(Operation.OPEN, OperationId(draw(OPERATION_ID_BYTES)), body.encode())
    outgoing = Outgoing(Direction.UP)
    outgoing.add(stream, record.encode())
    first, rest = outgoing.next_frame(0), b""
    while len(outgoing):
        rest += as_message(outgoing.next_frame(0))
    return Opening(b64encode(prepared.case), keys.auth, digest(body.after_proof()), record.operation_id, first, rest)


def as_message(frame: bytes) -> bytes:
    """A frame as the binary WebSocket message that carries it."""
    return WebSocketFrame(Opcode.BINARY, frame).serialize(mask=True)


def prepare_openings(
    directory: Directory,
    terms: Terms,
    count: int,
    queues: Sequence[QueueId] = (LAWYER,),
    text: str = DEFAULT_TEXT,
    *,
    processes: int = 2,
) -> list[Opening]:
    """Streams count up, so any channel may take them in this order. Their work is done by `terms`, for some minutes."""
    now = system_clock()
    share = max(1, -(-count // (processes * 4)))
    jobs = [
        (directory, terms, tuple(queues), first, min(share, count - first), text, now)
        for first in range(0, count, share)
    ]
    with ProcessPoolExecutor(processes) as pool:
        sealed = [each for part in pool.map(_prepare_share, *zip(*jobs, strict=True)) for each in part]
    return [
        Opening(case, SigningKey(seed), signed, id_, first, rest) for case, seed, signed, id_, first, rest in sealed
    ]


def _prepare_share(
    directory: Directory, terms: Terms, queues: Sequence[QueueId], first: int, count: int, text: str, now: int
) -> list[tuple[str, bytes, bytes, OperationId, bytes, bytes]]:
    """As plain bytes, which travel between processes; a loaded key does not."""
    streams = range(first + 1, first + count + 1)
    openings = [prepare_opening(directory, terms, queues, stream, text, now=now) for stream in streams]
    return [(each.case, each.auth.seed, each.digest, each.operation_id, each.first, each.rest) for each in openings]


class LoadChannel:
    """One connection; one report at a time."""

    def __init__(self, socket: ClientConnection, instance: InstanceId, hello: Hello) -> None:
        self._socket = socket
        self._instance = instance
        self.terms = hello.terms
        self._nonce = hello.nonce
        self._incoming = Incoming()

    @classmethod
    async def open(cls, site: Site, instance: InstanceId) -> "LoadChannel":
        socket = await connect(
            site.socket_url + "/channel",
            compression=None,
            ping_interval=None,
            max_size=DOWN_BYTES,
            user_agent_header=None,
            proxy=None,
            close_timeout=1,
        )
        frame = decode_frame(Direction.DOWN, await _frame(socket))
        hello = DownRecord.decode(frame.pieces[0].data)
        if (hello.kind, hello.code) != (Kind.EVENT, Event.HELLO):
            raise ClientError("frame-malformed", "HELLO is the first record of a channel")
        greeting = Hello.decode(hello.body)
        if greeting.slot_ms != 0:
            raise ClientError("frame-malformed", "the load driver needs a server with LYHTY_SLOT_MS=0")
        return cls(socket, instance, greeting)

    async def send(self, opening: Opening, measured: Measured) -> None:
        """Until the server has acknowledged or refused it."""
        measured.written[opening.case] = time.perf_counter()
        self._socket.transport.write(opening.travel(self._instance, self._nonce))
        answer = await self._answer(opening.operation_id)
        if answer.kind is Kind.RESULT:
            measured.acknowledged[opening.case] = time.perf_counter()
        else:
            measured.refused[Code.from_number(answer.code).text] += 1

    async def close(self) -> None:
        await self._socket.close()

    async def _answer(self, operation_id: OperationId) -> DownRecord:
        while True:
            frame = decode_frame(Direction.DOWN, await _frame(self._socket))
            for _, data in self._incoming.accept(frame):
                record = DownRecord.decode(data)
                if record.operation_id == operation_id or record.is_fault:
                    return record


async def _frame(socket: ClientConnection) -> bytes:
    frame = await socket.recv()
    if isinstance(frame, str):
        raise ClientError("frame-malformed", "text on the channel")
    return frame


async def run_closed_loop(
    url: str,
    instance: InstanceId,
    openings: Sequence[Opening],
    channels: int,
    seconds: float,
    desks: Sequence[Desk] = (),
) -> dict[str, object]:
    """Every channel sends its next report when the one before is answered: how much the server takes."""
    left = iter(openings)
    async with _measuring(url, instance, channels, desks) as (measured, open_channels):
        ends = time.perf_counter() + seconds

        async def drive(channel: LoadChannel) -> None:
            while time.perf_counter() < ends and (opening := next(left, None)) is not None:
                await channel.send(opening, measured)

        await asyncio.gather(*map(drive, open_channels))
    return {"loop": "closed", "channels": channels, **measured.result()}


async def run_open_loop(
    url: str,
    instance: InstanceId,
    openings: Sequence[Opening],
    channels: int,
    seconds: float,
    desks: Sequence[Desk] = (),
    *,
    rate: float,
) -> dict[str, object]:
    """`rate` reports a second come due whatever the server does: how long one waits, its queue included."""
    async with _measuring(url, instance, channels, desks) as (measured, open_channels):
        idle: asyncio.Queue[LoadChannel] = asyncio.Queue()
        for channel in open_channels:
            idle.put_nowait(channel)

        async def send(channel: LoadChannel, opening: Opening) -> None:
            await channel.send(opening, measured)
            idle.put_nowait(channel)

        async with asyncio.TaskGroup() as sending:
            for due, opening in _due_times(openings, rate, seconds):
                if (early_s := due - time.perf_counter()) > 0:
                    await asyncio.sleep(early_s)
                measured.due[opening.case] = due
                sending.create_task(send(await idle.get(), opening))
    return {"loop": "open", "channels": channels, "rate": rate, **measured.result()}


def _due_times(openings: Iterable[Opening], rate: float, seconds: float) -> Iterator[tuple[float, Opening]]:
    start = time.perf_counter()
    for index, opening in zip(range(int(rate * seconds)), openings, strict=False):
        yield start + index / rate, opening


@asynccontextmanager
async def _measuring(
    url: str, instance: InstanceId, channels: int, desks: Sequence[Desk]
) -> AsyncIterator[tuple[Measured, list[LoadChannel]]]:
    """Channels and feeds are open before the clock starts; it stops at the last answer, and then the feeds catch up."""
    measured = Measured()
    site = Site.parse(url)
    async with AsyncExitStack() as stack:
        open_channels = [await LoadChannel.open(site, instance) for _ in range(channels)]
        for channel in open_channels:
            stack.push_async_callback(channel.close)
        ears = [await _listen(desk, measured) for desk in desks]
        for ear in ears:
            stack.callback(ear.cancel)
        gc.freeze()  # thousands of openings: a pause of this end would count as one of the server's
        start, start_cpu = time.perf_counter(), time.process_time()
        yield measured, open_channels
        measured.seconds, measured.driver_cpu_s = time.perf_counter() - start, time.process_time() - start_cpu
        if ears:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(measured.caught_up(), FEED_PATIENCE_S)


async def _listen(desk: Desk, measured: Measured) -> asyncio.Task[None]:
    """Notes when the feed first names a case."""
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def listen() -> None:
        async for event in desk.feed():
            if event.type == "ready":
                ready.set_result(None)
            elif event.place is not None:
                measured.hear(event.place.case)

    task = asyncio.create_task(listen())
    await asyncio.wait([ready, task], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    return task


def _spread(start: dict[str, float], end: dict[str, float]) -> dict[str, float] | None:
    times = sorted((end[case] - start[case]) * 1000 for case in start.keys() & end.keys())
    if not times:
        return None
    at = {"p50": len(times) // 2, "p99": len(times) * 99 // 100, "max": len(times) - 1}
    return {name: round(times[index], 3) for name, index in at.items()}


async def measure(
    folder: DataFolder,
    url: str,
    *,
    channels: int,
    seconds: float,
    rate: float | None,
    count: int,
    text: str = DEFAULT_TEXT,
    desk_url: str | None = None,
) -> dict[str, object]:
    """One run against a demo's server, with the demo's lawyer at the desk: there, or at another process of it."""
    site = Site.parse(url)
    instance = await find_anchor(site)
    directory = await fetch_directory(site, instance, system_clock())
    first = await LoadChannel.open(site, instance)
    await first.close()
    openings = await asyncio.to_thread(prepare_openings, directory, first.terms, count, (LAWYER,), text)
    secret = read_secrets(folder).expert("lakimies")
    async with Desk(site if desk_url is None else Site.parse(desk_url)) as desk:
        await ExpertDesk.sign_in(desk, Credentials(secret.name, secret.password, secret.device_secret), directory)
        if rate is None:
            return await run_closed_loop(url, instance, openings, channels, seconds, [desk])
        return await run_open_loop(url, instance, openings, channels, seconds, [desk], rate=rate)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lyhty_client.load", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("url", metavar="URL")
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rate", type=float, help="reports a second; else as many as the server takes")
    parser.add_argument("--desk", metavar="URL", help="where the expert sits; at the same server unless given")
    parser.add_argument("--count", type=int, default=5000, help="how many reports to seal beforehand")
    asked = parser.parse_args()
    result = uvloop.run(
        measure(
            DataFolder(asked.folder), asked.url,
            channels=asked.channels, seconds=asked.seconds, rate=asked.rate, count=asked.count,
            desk_url=asked.desk,
        )
    )  # fmt: skip
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
