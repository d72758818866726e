"""What one process is told holds in the other, and after a restart: two servers on one store (SPEC 9.4)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from lyhty_server import app as composition
from lyhty_server.api import keys
from lyhty_server.api.listener import listen, port_of
from lyhty_server.api.sessions import BELIEVED_S, digest_of
from lyhty_server.config import Config
from lyhty_server.domain.crowd import Crowd
from lyhty_server.domain.guessing import FIRST_EFFORT, FREE_FAILURES
from lyhty_server.journal import Journal
from lyhty_server.randomness import draw
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER
from tests.patience import PATIENCE_S
from tests.server.api_server import ApiServer
from tests.server.test_api_keys import act, directory, leaving
from tests.server.test_sign_in_price import fails
from tests.writing import write_report


@asynccontextmanager
async def beside(api: ApiServer, data: Path) -> AsyncIterator[ApiServer]:
    """Another process of the same service, as far as it goes in one: it shares nothing but store, folder and clock."""
    config = Config(data, port=0, slot_ms=0, usual_effort=16, site="http://localhost:8400")
    app = await composition.build_app(config, api.store, api.clock, draw, Journal(api.journaled))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = await listen(runner, config.host, 0, Crowd(1_000))
    port = port_of(listener)
    try:
        yield replace(api, url=f"http://{config.host}:{port}", port=port)
    finally:
        listener.close()
        await runner.cleanup()


@pytest.fixture
async def other(api: ApiServer, tmp_path: Path) -> AsyncIterator[ApiServer]:
    async with beside(api, tmp_path / "data") as server:
        yield server


async def is_signed_in(api: ApiServer, token: str) -> bool:
    return (await api.get("/api/sessions", token)).status == 200


async def test_who_signs_in_at_one_is_signed_in_at_the_other(api: ApiServer, other: ApiServer) -> None:
    assert await is_signed_in(other, await api.sign_in(api.provider.lawyer))


async def test_who_signs_out_at_one_is_signed_out_at_the_other_within_seconds(api: ApiServer, other: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert await is_signed_in(other, token)
    await api.post("/api/sign-out", token=token)
    assert not await is_signed_in(api, token)
    api.clock.now_s += BELIEVED_S
    assert not await is_signed_in(other, token)


async def test_a_clock_that_is_put_back_keeps_nobody_signed_in(api: ApiServer, other: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert await is_signed_in(other, token)
    await api.post("/api/sign-out", token=token)
    api.clock.now_s -= 365 * 86_400
    assert not await is_signed_in(other, token)


async def test_between_two_looks_the_store_is_not_asked_again(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await api.sign_in(api.provider.lawyer)
    asked: list[bytes] = []
    session = api.store.session

    async def counted(digest: bytes) -> object:
        asked.append(digest)
        return await session(digest)

    monkeypatch.setattr(api.store, "session", counted)
    for _ in range(10):
        await api.get("/api/queues/1", token)
    assert len(asked) == 1


async def test_a_sign_in_begun_at_one_ends_at_the_other(api: ApiServer, other: ApiServer) -> None:
    account = api.provider.lawyer
    challenge = (await api.start_sign_in(account.name))["challenge"]
    assert (await other.finish_sign_in(account, challenge)).status == 200


async def test_a_challenge_that_one_has_taken_the_other_takes_no_more(api: ApiServer, other: ApiServer) -> None:
    account = api.provider.lawyer
    challenge = (await api.start_sign_in(account.name))["challenge"]
    assert (await api.finish_sign_in(account, challenge)).status == 200
    assert (await other.finish_sign_in(account, challenge)).code == (403, "sign-in-failed")


async def test_failures_at_both_raise_one_price(api: ApiServer, other: ApiServer) -> None:
    for each in range(FREE_FAILURES):
        await fails((api, other)[each % 2], "lakimies", 1)
    prices = [(await each.start_sign_in("lakimies"))["effort"] for each in (api, other)]
    assert prices == [FIRST_EFFORT, FIRST_EFFORT]


async def test_a_restart_signs_nobody_out(api: ApiServer, tmp_path: Path) -> None:
    async with beside(api, tmp_path / "data") as before:
        token = await before.sign_in(api.provider.lawyer)
    async with beside(api, tmp_path / "data") as after:
        assert await is_signed_in(after, token)


async def test_while_the_store_is_away_a_desk_is_not_told_that_it_is_signed_out(
    api: ApiServer, other: ApiServer
) -> None:
    token = await api.sign_in(api.provider.lawyer)
    await api.store.close()
    assert (await other.get("/api/queues/1", token)).code == (503, "storage-failed")
    async with other.session.ws_connect(other.url + "/feed") as socket:
        await socket.send_json({"token": token})
        assert (await socket.receive(timeout=PATIENCE_S)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_the_feed_of_a_session_that_ended_elsewhere_closes(
    api: ApiServer, other: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lyhty_server.api.feed.BELIEVED_S", 0.02)
    token = await api.sign_in(api.provider.lawyer)
    async with other.feed(token) as feed:
        await api.post("/api/sign-out", token=token)
        api.clock.now_s += BELIEVED_S
        assert (await feed.receive(timeout=PATIENCE_S)).type is aiohttp.WSMsgType.CLOSE


# --- Somebody has left, and the news of it have not come


async def test_who_left_at_one_claims_nothing_at_the_other_that_has_not_heard(api: ApiServer, other: ApiServer) -> None:
    written = await api.receive(write_report(api.provider.directory))
    claim = f"/api/cases/{b64encode(written.id)}/places/{LAWYER}/claim"
    token, leaver = await other.sign_in(api.provider.other_lawyer), api.provider.other_lawyer.id
    assert await is_signed_in(other, token)  # and is believed in for seconds
    coordinator = await api.sign_in(api.provider.coordinator)
    assert (await act(api, coordinator, await leaving(api, leaver))).status == 200
    assert (await other.post(claim, token=token)).code == (401, "not-signed-in")
    assert [place.holder for place in await api.store.places(written.id)] == [None]


async def test_who_acts_at_a_process_that_has_not_heard_acts_by_the_newest_directory(
    api: ApiServer, other: ApiServer
) -> None:
    written = await api.receive(write_report(api.provider.directory))
    claim = f"/api/cases/{b64encode(written.id)}/places/{LAWYER}/claim"
    token = await other.sign_in(api.provider.other_lawyer)
    coordinator = await api.sign_in(api.provider.coordinator)
    assert (await act(api, coordinator, await leaving(api, api.provider.lawyer.id))).status == 200
    assert (await other.post(claim, token=token)).status == 200
    assert (await directory(other)).version == 2


async def test_a_crash_after_a_key_act_leaves_nobody_signed_in_who_left(
    api: ApiServer, other: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, leaver = await api.sign_in(api.provider.other_lawyer), api.provider.other_lawyer.id
    coordinator = await api.sign_in(api.provider.coordinator)

    def dies(*_of_a_process: object) -> None:
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(keys, "trust_changed", dies)
    assert (await act(api, coordinator, await leaving(api, leaver))).status == 500
    assert await api.store.session(digest_of(b64decode(token))) is None
