"""A desk whose server does not answer."""

import asyncio

import pytest

from lyhty_client import trust
from lyhty_client.desk import Desk
from lyhty_client.errors import ConnectionLostError
from lyhty_client.trust import Site


async def test_a_feed_that_nobody_answers_is_a_line_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "ANSWER_WITHIN_S", 0.05)
    gone = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Desk(Site.parse(f"http://127.0.0.1:{port}")) as desk:
        desk._token = "made up"
        with pytest.raises(ConnectionLostError):
            await anext(desk.feed())
    gone.set()
    server.close()
    await server.wait_closed()
