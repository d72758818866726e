"""Where an expert is signed in: listed, ended one by one or all at once, and nothing more known of it (SPEC 9.4)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from lyhty_wire.encoding import b64encode
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.server.api_server import ApiServer, api_server

HOUR_S = 3_600
WORKING_DAY_S = 12 * HOUR_S


async def listed(api: ApiServer, token: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await api.get("/api/sessions", token)).json["sessions"]
    return found


async def other_of(api: ApiServer, token: str) -> str:
    return next(str(each["session"]) for each in await listed(api, token) if not each["this"])


async def is_signed_in(api: ApiServer, token: str) -> bool:
    return (await api.get("/api/queues/1", token)).status == 200


async def closes(feed: aiohttp.ClientWebSocketResponse) -> bool:
    message = await feed.receive(timeout=PATIENCE_S)
    return message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)


@pytest.fixture
async def led(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    """A server whose second lawyer is a coordinator."""
    experts = tuple(
        replace(each, coordinator=each.id == provider.other_lawyer.id) for each in provider.directory_body.experts
    )
    async with api_server(provider.reissued(experts=experts), tmp_path, monkeypatch) as server:
        yield server


async def test_one_sees_where_one_is_signed_in_and_since_which_hour(api: ApiServer) -> None:
    first_hour = api.clock.now_s // HOUR_S
    await api.sign_in(api.provider.lawyer)
    api.clock.now_s += 2 * HOUR_S
    here = await api.sign_in(api.provider.lawyer)
    seen = [(each["begun_hour"], each["this"]) for each in await listed(api, here)]
    assert seen == [(first_hour, False), (first_hour + 2, True)]


async def test_nothing_else_is_told_of_a_session(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    assert [set(each) for each in await listed(api, token)] == [{"session", "begun_hour", "this"}]


async def test_nobody_sees_the_sessions_of_others(api: ApiServer) -> None:
    await api.sign_in(api.provider.other_lawyer)
    assert len(await listed(api, await api.sign_in(api.provider.lawyer))) == 1


async def test_a_session_that_ran_out_is_not_listed(api: ApiServer) -> None:
    await api.sign_in(api.provider.lawyer)
    api.clock.now_s += WORKING_DAY_S
    assert len(await listed(api, await api.sign_in(api.provider.lawyer))) == 1


async def test_an_ended_session_is_signed_out_and_the_one_that_ended_it_is_not(api: ApiServer) -> None:
    lost, here = await api.sign_in(api.provider.lawyer), await api.sign_in(api.provider.lawyer)
    assert (await api.post(f"/api/sessions/{await other_of(api, here)}/end", token=here)).json == {}
    assert not await is_signed_in(api, lost)
    assert await is_signed_in(api, here)


async def test_the_feed_of_an_ended_session_closes_at_once(api: ApiServer) -> None:
    lost, here = await api.sign_in(api.provider.lawyer), await api.sign_in(api.provider.lawyer)
    async with api.feed(lost) as feed, api.feed(here) as kept:
        await api.post(f"/api/sessions/{await other_of(api, here)}/end", token=here)
        assert await closes(feed)
        assert not kept.closed


async def test_signing_out_closes_the_feed_at_once(api: ApiServer) -> None:
    token = await api.sign_in(api.provider.lawyer)
    async with api.feed(token) as feed:
        await api.post("/api/sign-out", token=token)
        assert await closes(feed)


async def test_all_others_are_ended_together_and_counted(api: ApiServer) -> None:
    lost = [await api.sign_in(api.provider.lawyer) for _ in range(2)]
    here = await api.sign_in(api.provider.lawyer)
    assert (await api.post("/api/sessions/end-others", token=here)).json == {"ended": 2}
    assert [await is_signed_in(api, token) for token in (*lost, here)] == [False, False, True]


async def test_ending_ones_others_leaves_other_experts_signed_in(api: ApiServer) -> None:
    colleague = await api.sign_in(api.provider.other_lawyer)
    await api.post("/api/sessions/end-others", token=await api.sign_in(api.provider.lawyer))
    assert await is_signed_in(api, colleague)


async def test_somebody_elses_session_is_as_unknown_as_one_that_is_not(api: ApiServer) -> None:
    colleague, here = await api.sign_in(api.provider.other_lawyer), await api.sign_in(api.provider.lawyer)
    theirs = (await listed(api, colleague))[0]["session"]
    for session in (theirs, b64encode(bytes(16))):
        refused = await api.post(f"/api/sessions/{session}/end", token=here)
        assert refused.code == (404, "session-unknown")
    assert await is_signed_in(api, colleague)


async def test_a_coordinator_ends_all_sessions_of_an_expert_and_their_feeds(led: ApiServer) -> None:
    lawyer = led.provider.lawyer
    lost = await led.sign_in(lawyer)
    coordinator = await led.sign_in(led.provider.other_lawyer)
    async with led.feed(lost) as feed:
        ended = await led.post(f"/api/experts/{b64encode(lawyer.id)}/sessions/end", token=coordinator)
        assert ended.json == {"ended": 1}
        assert await closes(feed)
    assert [await is_signed_in(led, token) for token in (lost, coordinator)] == [False, True]


async def test_nobody_but_a_coordinator_ends_the_sessions_of_others(api: ApiServer) -> None:
    colleague, here = await api.sign_in(api.provider.other_lawyer), await api.sign_in(api.provider.lawyer)
    path = f"/api/experts/{b64encode(api.provider.other_lawyer.id)}/sessions/end"
    assert (await api.post(path, token=here)).code == (403, "not-coordinator")
    assert await is_signed_in(api, colleague)
