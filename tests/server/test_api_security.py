"""What every answer carries and what none does, whatever was asked and however badly."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.patience import PATIENCE_S
from tests.server.api_server import Answer, ApiServer

CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lyhty-worker"
)

HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "A" * 22 + "==",
}

Ask = Callable[[ApiServer], Awaitable[Answer]]

ANSWERS: dict[str, Ask] = {
    "a page": lambda api: api.get("/"),
    "the console": lambda api: api.get("/console"),
    "a file of the build": lambda api: api.get("/assets/site-1a2b3c4d.js"),
    "the anchor": lambda api: api.get("/anchor.json"),
    "the trust bundle": lambda api: api.get("/api/trust"),
    "the first half of a sign-in": lambda api: api.post("/api/sign-in/start", {"name": "lakimies"}),
    "a refused sign-in": lambda api: api.post(
        "/api/sign-in/finish", {"challenge": "A" * 43, "name": "x", "proof": "A" * 86}
    ),
    "an unknown address": lambda api: api.get("/nothing"),
    "a wrong method": lambda api: api.ask("DELETE", "/"),
    "a queue without a token": lambda api: api.get("/api/queues/1"),
    "a body that is no JSON": lambda api: api.ask("POST", "/api/sign-in/start", data=b"{"),
    "a body that is too large": lambda api: api.ask("POST", "/api/sign-in/start", data=bytes(200_000)),
    "a channel asked for without an upgrade": lambda api: api.get("/channel"),
    "a feed asked for without an upgrade": lambda api: api.get("/feed"),
}


@pytest.fixture(params=ANSWERS.values(), ids=list(ANSWERS))
async def answer(request: pytest.FixtureRequest, api: ApiServer) -> Answer:
    ask: Ask = request.param
    return await ask(api)


async def test_every_answer_carries_the_same_security_headers(answer: Answer) -> None:
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_no_answer_sets_a_cookie(answer: Answer) -> None:
    assert "Set-Cookie" not in answer.headers


async def test_no_answer_names_a_program_or_a_version(answer: Answer) -> None:
    assert answer.headers["Server"] == "Lyhty"
    assert "aiohttp" not in str(answer.headers)


@pytest.mark.parametrize("path", ["/channel", "/feed"])
@pytest.mark.parametrize("counted", [{"Content-Length": "14"}, {"Transfer-Encoding": "chunked"}])
async def test_a_socket_asked_for_with_a_body_is_refused(api: ApiServer, path: str, counted: dict[str, str]) -> None:
    """In the body a second question could hide from a proxy."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    headers = {"Host": "localhost", **UPGRADE, **counted}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\ne\r\nGET / HTTP/1.1\r\n0\r\n\r\n".encode())
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()


async def test_a_channel_carries_the_headers_on_its_upgrade_too(api: ApiServer) -> None:
    async with api.session.ws_connect(api.url + "/channel") as socket:
        headers = socket._response.headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["Server"] == "Lyhty"
    assert "Sec-WebSocket-Extensions" not in headers


@pytest.mark.parametrize("path", ["/channel", "/feed"])
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:1"])
async def test_a_page_of_another_site_gets_no_socket(api: ApiServer, path: str, origin: str) -> None:
    answer = await api.ask("GET", path, headers={**UPGRADE, "Origin": origin})
    assert answer.code == (404, "route-unknown")


@pytest.mark.parametrize("path", ["/channel", "/feed"])
async def test_a_page_of_the_same_site_gets_its_socket(api: ApiServer, path: str) -> None:
    async with api.session.ws_connect(api.url + path, origin=api.url) as socket:
        assert not socket.closed


@pytest.mark.parametrize("path", ["/channel", "/feed"])
async def test_a_program_that_names_no_site_gets_its_socket(api: ApiServer, path: str) -> None:
    async with api.session.ws_connect(api.url + path) as socket:
        assert not socket.closed


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["no HTTP at all", "an unknown version", "a negative length", "two lengths", "an endless address"],
)
async def test_what_is_not_http_is_refused_without_a_word_about_the_program(api: ApiServer, garbage: bytes) -> None:
    answer = await _say(api.port, garbage)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400", b"HTTP/1.1 414"))
    assert b"aiohttp" not in answer.lower()
    assert b"python" not in answer.lower()


@pytest.mark.parametrize(
    "words",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nkuusipuu\x00: x\r\n\r\n",
        b"GET /kuusipuu HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/trust?kuusipuu=kuusipuu HTTP/1.1\r\nHost: x\r\n\r\n",
        b"KUUSIPUU / HTTP/1.1\r\nHost: x\r\nkuusipuu: kuusipuu\r\n\r\n",
        b"GET /api/queues/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer kuusipuu\r\n\r\n",
        b'POST /api/sign-in/start HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{"kuusipuu":1}',
        b"GET / HTTP/1.1\r\nHost: x\r\nExpect: kuusipuu\r\n\r\n",
        b"GET /kuusipuu HTTP/1.1\r\nHost: x\r\nExpect: kuusipuu\r\n\r\n",
    ],
    ids=["a name of a header", "a path", "a query", "a method", "a token", "a body", "an expectation",
         "an expectation of what is not there"],
)  # fmt: skip
async def test_what_was_sent_does_not_come_back_in_a_refusal(api: ApiServer, words: bytes) -> None:
    answer = await _say(api.port, words)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert b"kuusipuu" not in answer.lower()


@pytest.mark.parametrize("path", ["/", "/clean", "/api/trust", "/api/queues/1", "/channel", "/feed", "/nothing"])
async def test_an_expectation_nobody_can_meet_is_malformed(api: ApiServer, path: str) -> None:
    answer = await api.ask("GET", path, headers={"Expect": "miracles"})
    assert answer.code == (400, "operation-malformed")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_who_asks_whether_to_go_on_is_told_so(api: ApiServer) -> None:
    answer = await api.ask("POST", "/api/sign-in/start", data=b'{"name":"lakimies"}', expect100=True)
    assert answer.status == 200


async def test_answers_of_the_api_are_kept_by_nobody(api: ApiServer) -> None:
    assert (await api.get("/api/trust")).headers["Cache-Control"] == "no-store"


async def test_pages_are_kept_by_nobody(api: ApiServer) -> None:
    assert (await api.get("/")).headers["Cache-Control"] == "no-store"


async def test_a_file_named_by_its_hash_may_be_kept_for_a_year(api: ApiServer) -> None:
    answer = await api.get("/assets/site-1a2b3c4d.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_the_compressed_file_goes_to_those_who_understand_it(api: ApiServer) -> None:
    answer = await api.ask("GET", "/assets/site-1a2b3c4d.js", headers={"Accept-Encoding": "gzip, br"})
    assert (answer.headers["Content-Encoding"], answer.body) == ("br", b"brotli would be here")


async def test_the_plain_file_goes_to_all_others(api: ApiServer) -> None:
    answer = await api.ask("GET", "/assets/site-1a2b3c4d.js", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.body == b"document.title"


async def test_one_answer_clears_what_the_browser_kept(api: ApiServer) -> None:
    headers = (await api.get("/clean")).headers
    assert headers["Clear-Site-Data"] == '"cache", "storage"'
    assert headers["Cache-Control"] == "no-store"


async def test_the_page_behind_the_exit_is_kept_by_nobody(api: ApiServer) -> None:
    assert (await api.get("/bye")).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/bye", "/clean", "/anchor.json", "/api/trust", "/api/hours"])
async def test_no_connection_outlives_what_every_page_asks_for(api: ApiServer, path: str) -> None:
    assert (await api.get(path)).headers["Connection"] == "close"


@pytest.mark.parametrize(
    "path", ["/../data/pepper", "/assets/../../data/pepper", "/%2e%2e/data/pepper", "//etc/passwd"]
)
async def test_nothing_outside_the_build_can_be_reached(api: ApiServer, path: str) -> None:
    answer = await _say(api.port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404")


async def _say(port: int, words: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    async with asyncio.timeout(PATIENCE_S):
        answer = await reader.read(65_536)
    writer.close()
    return answer
