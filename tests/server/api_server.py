"""The whole server in this process, listening on a free port, with a clock that tests move."""

import asyncio
import io
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from lyhty_crypto.audit import OwnChain
from lyhty_server import app as composition
from lyhty_server.api.limits import LIMITS, Limits
from lyhty_server.api.listener import listen, port_of
from lyhty_server.api.routes import ROUTES
from lyhty_server.bus.port import Bus
from lyhty_server.config import Config
from lyhty_server.domain.cases import CAPACITY
from lyhty_server.domain.crowd import Crowd
from lyhty_server.domain.id_tokens import Provider as MunicipalProvider
from lyhty_server.journal import Journal
from lyhty_server.mail import MailServer
from lyhty_server.randomness import draw
from lyhty_server.store.sql import SqlStore
from lyhty_wire.audit import Entry
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.proofs import to_prove_sign_in
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider
from tests.raw_channel import raw_channel
from tests.writing import Written

# A small build of the client, so that these tests need no Node.
PAGES = {
    "index.html": b"<!doctype html><title>Lyhty</title>",
    "console.html": b"<!doctype html><title>Lyhty</title><p>console",
    "statistics.html": b"<!doctype html><title>Lyhty</title><p>figures",
    "bye.html": b"<!doctype html><title>bye</title>",
    "assets/site-1a2b3c4d.js": b"document.title",
    "assets/site-1a2b3c4d.js.br": b"brotli would be here",
}


class MovableClock:
    def __init__(self, now_s: int) -> None:
        self.now_s = now_s

    def __call__(self) -> int:
        return self.now_s


class Journaled(io.StringIO):
    """What a server has written down about itself; one may wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def write(self, text: str) -> int:
        self._more.set()
        return super().write(text)

    async def says(self, event: str, times: int = 1) -> None:
        async with asyncio.timeout(PATIENCE_S):  # on a busy machine
            while self.getvalue().count(f'"event": "{event}"') < times:
                self._more.clear()
                await self._more.wait()


@dataclass(frozen=True)
class ApiServer:
    url: str
    port: int
    provider: Provider
    store: SqlStore
    clock: MovableClock
    journaled: Journaled
    session: aiohttp.ClientSession
    app: web.Application

    async def get(self, path: str, token: str | None = None) -> "Answer":
        return await self.ask("GET", path, token=token)

    async def post(self, path: str, value: object = None, token: str | None = None) -> "Answer":
        return await self.ask("POST", path, json=value, token=token)

    async def ask(self, method: str, path: str, *, token: str | None = None, **rest: Any) -> "Answer":
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= rest.pop("headers", {})
        async with self.session.request(method, self.url + path, headers=headers, **rest) as response:
            answer = Answer(response.status, response.headers, await response.read())
        check_documented(method, path, answer)
        return answer

    async def start_sign_in(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.post("/api/sign-in/start", {"name": name})).json
        return answer

    async def finish_sign_in(
        self, account: Account, challenge: str, *, name: str | None = None, work: bytes | None = None,
        passkey: dict[str, str] | None = None,
    ) -> "Answer":  # fmt: skip
        to_prove = to_prove_sign_in(self.provider.instance, b64decode(challenge), account.name)
        proof = b64encode(self.provider.login(account).sign(to_prove))
        asked: dict[str, object] = {"challenge": challenge, "name": name or account.name, "proof": proof}
        if passkey is not None:
            asked["passkey"] = passkey
        if work is not None:
            asked["work"] = b64encode(work)
        return await self.post("/api/sign-in/finish", asked)

    async def sign_in(self, account: Account) -> str:
        """The token."""
        challenge = (await self.start_sign_in(account.name))["challenge"]
        said = await self.finish_sign_in(account, challenge)
        assert said.status == 200, said.json
        return str(said.json["token"])

    async def own_chain(self, token: str) -> OwnChain:
        """Where the entries of the audit log end that this expert has signed."""
        last = (await self.get("/api/audit/own", token)).json["entry"]
        return OwnChain() if last is None else OwnChain.after(Entry.decode(b64decode(last)))

    async def receive(self, written: Written) -> Written:
        """The report arrives, through a reporter's channel."""
        async with raw_channel(self.url) as channel:
            await channel.open(written.case, written.keys.auth)
        return written

    @asynccontextmanager
    async def feed(self, token: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self.session.ws_connect(self.url + "/feed") as socket:
            await socket.send_json({"token": token})
            assert await socket.receive_json(timeout=PATIENCE_S) == {"type": "ready"}
            yield socket


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> tuple[int, str]:
        """Status and stable code; there is nothing else in a refusal."""
        assert list(self.json) == ["code"]
        return self.status, self.json["code"]


def check_documented(method: str, path: str, answer: Answer) -> None:
    """Whatever a test asks for, what comes back is in the table of routes: the shape of an answer, or a code."""
    for route in ROUTES:
        pattern = re.sub(r"\{\w+\}", "[^/]+", re.escape(route.path).replace(r"\{", "{").replace(r"\}", "}"))
        if method == route.method and re.fullmatch(pattern, path.partition("?")[0]):
            if answer.status == 304:
                assert route.is_kept, f"{route.path} is not kept"
            elif answer.status != 200:
                assert Code.from_text(answer.code[1]) in route.codes, f"{route.path}: {answer.code} is not documented"
            elif route.answer is not bytes:
                msgspec.json.decode(answer.body, type=route.answer)
            return  # as in the router, the first that fits


@asynccontextmanager
async def api_server(
    provider: Provider,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    slot_ms: int = 0,
    usual_effort: int = 16,
    limits: Limits = LIMITS,
    most_connections: int = 1_000,
    send_buffer_bytes: int | None = None,
    capacity: int = CAPACITY,
    second_factor: bool = False,
    municipal: MunicipalProvider | None = None,
    site: str | None = "http://localhost:8400",
    mail: MailServer | None = None,
    beside: ApiServer | None = None,
    bus: Bus | None = None,
    metrics_port: int | None = None,
) -> AsyncIterator[ApiServer]:
    """`beside`: another one on the same store, with the same clock."""
    static = folder / "static"
    for name, content in PAGES.items():
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_bytes(content)
    monkeypatch.setattr(composition, "STATIC", static)
    config = Config(
        provider.write(folder / "data"),
        port=0,
        slot_ms=slot_ms,
        usual_effort=usual_effort,
        capacity=capacity,
        second_factor=second_factor,
        municipal=municipal,
        site=site,
        mail=mail,
        metrics_port=metrics_port,
    )
    journaled = Journaled()
    if beside is None:
        clock, store = MovableClock(provider.directory_body.issued + 60), SqlStore(config.data / "lyhty.db")
        await store.start()
    else:
        clock, store = beside.clock, beside.store
    app = await composition.build_app(config, store, clock, draw, Journal(journaled), limits, bus)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = await listen(runner, config.host, 0, Crowd(most_connections), limits=limits)
    if send_buffer_bytes is not None:
        # The machine's own holds megabytes of what nobody reads; connections take it over from here.
        listener.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    port = port_of(listener)
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            yield ApiServer(f"http://{config.host}:{port}", port, provider, store, clock, journaled, session, app)
    finally:
        listener.close()
        await runner.cleanup()
        if beside is None:
            await store.close()
