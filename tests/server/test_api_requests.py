"""Requests nobody's client would send: each gets a stable code, and the server goes on."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lyhty_server.api.limits import Limits
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.server.api_server import ApiServer, api_server

START = "/api/sign-in/start"


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/queues", "/api/cases", "/assets/", "/channel/x"])
async def test_an_unknown_address_is_told_so(api: ApiServer, path: str) -> None:
    assert (await api.get(path)).code == (404, "route-unknown")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("PUT", "/api/trust"), ("GET", START), ("PATCH", "/api/queues/1"), ("POST", "/feed")],
)
async def test_a_wrong_method_is_told_so(api: ApiServer, method: str, path: str) -> None:
    assert (await api.ask(method, path)).code == (405, "method-not-allowed")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"name":1}',
        b'{"name":"lakimies","age":3}',
        b"{}",
        b'{"name":"\xff"}',
        b"[" * 20_000,
        b'{"name":""}',
        b'{"name":"' + b"x" * 201 + b'"}',
    ],
    ids=["nothing", "half an object", "null", "a list", "a number for a name", "a field too many", "no name",
         "no UTF-8", "20,000 lists deep", "an empty name", "a name too long"],
)  # fmt: skip
async def test_a_body_that_does_not_parse_is_told_so(api: ApiServer, body: bytes) -> None:
    assert (await api.ask("POST", START, data=body)).code == (400, "operation-malformed")


async def test_a_body_longer_than_anything_legal_is_too_large(api: ApiServer) -> None:
    assert (await api.ask("POST", START, data=b" " * 70_001)).code == (413, "too-large")


async def test_a_body_without_a_length_is_too_large_as_well(api: ApiServer) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield bytes(1000)

    assert (await api.ask("POST", START, data=endless())).code == (413, "too-large")


@pytest.mark.parametrize(
    "finish",
    [
        {"challenge": "AA", "name": "lakimies", "proof": "A" * 86},
        {"challenge": "A" * 43, "name": "lakimies", "proof": "AA"},
        {"challenge": "=" * 43, "name": "lakimies", "proof": "A" * 86},
        {"challenge": "A" * 42 + "B", "name": "lakimies", "proof": "A" * 86},
    ],
    ids=["a short challenge", "a short proof", "no base64url", "a second spelling of the same bytes"],
)
async def test_bytes_that_do_not_parse_are_told_so(api: ApiServer, finish: dict[str, str]) -> None:
    assert (await api.post("/api/sign-in/finish", finish)).code == (400, "operation-malformed")


@pytest.mark.parametrize("case", ["x", "A" * 42, "A" * 44, "A" * 42 + "B", "%00"])
async def test_a_case_id_that_does_not_parse_is_told_so(api: ApiServer, case: str) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.get(f"/api/cases/{case}/envelopes", token)).code == (400, "operation-malformed")


@pytest.mark.parametrize(
    "query",
    ["limit=-1", "limit=x", "limit=101", "limit=1e1", "limit=%D9%A1", "after=", "after=2-1", "after=0", "after=0--1",
     "after=0-" + "9" * 19],
)  # fmt: skip
async def test_a_page_that_cannot_be_is_told_so(api: ApiServer, query: str) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.get(f"/api/queues/1?{query}", token)).code == (400, "operation-malformed")


@pytest.mark.parametrize("queue", ["0", "2", "3", "65536", "-1", "x", "%D9%A1", "1" * 30])
async def test_a_queue_that_is_not_the_experts_does_not_exist(api: ApiServer, queue: str) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert (await api.get(f"/api/queues/{queue}", token)).code == (404, "queue-unknown")


async def test_a_bug_is_told_as_internal_and_says_nothing_else(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_name: str) -> None:
        raise RuntimeError("kuusipuu")

    monkeypatch.setattr(api.store, "expert_by_name", broken)
    assert (await api.post(START, {"name": "lakimies"})).code == (500, "internal")
    written = api.journaled.getvalue()
    assert "RuntimeError" in written
    assert "kuusipuu" not in written


@pytest.mark.parametrize("code", [Code.BUSY, Code.STORAGE_FAILED])
async def test_an_outage_says_when_to_come_again(api: ApiServer, monkeypatch: pytest.MonkeyPatch, code: Code) -> None:
    async def out(_name: str) -> None:
        raise DomainError(code)

    monkeypatch.setattr(api.store, "expert_by_name", out)
    answer = await api.post(START, {"name": "lakimies"})
    assert answer.code == (503, code.text)
    assert answer.headers["Retry-After"] == "1"


async def test_somebody_who_never_finishes_asking_disturbs_nobody_and_is_let_go(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with api_server(provider, tmp_path, monkeypatch, limits=Limits(body_within_s=0.2, lingering_s=0)) as api:
        slow = [await asyncio.open_connection("127.0.0.1", api.port) for _ in range(20)]
        for _, writer in slow:
            writer.write(b"POST /api/sign-in/start HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{")
        assert (await api.get("/api/trust")).status == 200
        async with asyncio.timeout(PATIENCE_S):
            answers = [await reader.read() for reader, _ in slow]
        for _, writer in slow:
            writer.close()
    assert all(answer.startswith(b"HTTP/1.1 400") for answer in answers)


async def test_a_refused_request_leaves_its_connection_usable(api: ApiServer) -> None:
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.post(api.url + START, data=b"{") as refused:
            assert refused.status == 400
        async with session.post(api.url + START, json={"name": "lakimies"}) as accepted:
            assert accepted.status == 200
