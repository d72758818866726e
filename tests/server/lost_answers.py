"""A way to PostgreSQL on which the answer to one COMMIT is lost: the server has it, and who asked will never hear."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

COMMIT = b"COMMIT\0"  # as a whole statement: READ COMMITTED is none


@dataclass
class Way:
    """`loses_next`: the next COMMIT goes through, and then its connection breaks. All others go on."""

    port: int = 0
    loses_next: bool = False
    lost: int = 0


@asynccontextmanager
async def way_to(server_port: int) -> AsyncIterator[Way]:
    way = Way()
    carrying: set[asyncio.Task[None]] = set()

    async def carry(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, there = await asyncio.open_connection("127.0.0.1", server_port)
        answers = asyncio.create_task(_copy(far, back))
        try:
            while part := await near.read(65_536):
                there.write(part)
                if way.loses_next and COMMIT in part:
                    way.loses_next = False
                    way.lost += 1
                    answers.cancel()
                    await asyncio.wait([answers])
                    await far.read(65_536)  # the server has done it
                    break
        finally:
            answers.cancel()
            for end in (there, back):
                end.close()
                with contextlib.suppress(ConnectionError):
                    await end.wait_closed()

    def accept(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        carrying.add(asyncio.create_task(carry(near, back)))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    way.port = listener.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        listener.close()
        for task in carrying:
            task.cancel()
        await asyncio.wait(carrying)


async def _copy(far: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await far.read(65_536):
            back.write(part)
        back.close()
