"""Starts Firefox and stands between it and Playwright, for one command that an older Firefox does not know.

    python tests/browser/firefox_relay.py FIREFOX [ARGUMENT ...]

Playwright sets the color scheme of every new page, also to "as it is". A Firefox that cannot do it refuses, and
Playwright gives up. Here the command is answered with "done"; everything else goes through as it is.
"""

import asyncio
import contextlib
import json
import re
import sys
from typing import Final

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

NOT_YET_KNOWN: Final = "emulation.setMediaFeaturesOverride"
LISTENS: Final = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
WIRE: Final = {"max_size": None, "compression": None, "ping_interval": None}


async def relay(playwright: ServerConnection, firefox_url: str) -> None:
    async with connect(f"{firefox_url}/session", proxy=None, **WIRE) as firefox:

        async def commands() -> None:
            async for said in playwright:
                command = json.loads(said)
                if command.get("method") == NOT_YET_KNOWN:
                    await playwright.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
                else:
                    await firefox.send(said)
            await firefox.close()

        async def answers() -> None:
            async for said in firefox:
                await playwright.send(said)
            await playwright.close()

        with contextlib.suppress(ConnectionClosed):
            await asyncio.gather(commands(), answers())


async def main(program: str, *arguments: str) -> int:
    firefox = await asyncio.create_subprocess_exec(program, *arguments, stderr=asyncio.subprocess.PIPE)
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        if found := LISTENS.search(line):
            url = found[1].decode()
            break
        sys.stderr.buffer.write(line)
    else:
        return await firefox.wait()
    async with serve(lambda playwright: relay(playwright, url), "127.0.0.1", 0, **WIRE) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
        async for line in firefox.stderr:
            sys.stderr.buffer.write(line)
        return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
