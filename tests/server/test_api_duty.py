"""Who is on call, and where experts want to be told, through the API."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from lyhty_server.domain.notices import NoticeWish
from lyhty_wire.desk import MAX_SHIFTS
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import ExpertId
from tests.provider import Provider
from tests.server.api_server import ApiServer, api_server
from tests.server.test_calendar import at

NONE = {"address": None, "new_case": False, "wrote": False, "missed": False}
SOME = {"address": "juristi@example.fi", "new_case": True, "wrote": False, "missed": True}


@pytest.fixture
async def api(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    """The second lawyer is a coordinator."""
    body = provider.directory_body
    experts = tuple(replace(each, coordinator=each.id == provider.other_lawyer.id) for each in body.experts)
    async with api_server(provider.reissued(experts=experts), tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
async def lawyer(api: ApiServer) -> str:
    return await api.sign_in(api.provider.lawyer)


@pytest.fixture
async def coordinator(api: ApiServer) -> str:
    return await api.sign_in(api.provider.other_lawyer)


def shift(expert: ExpertId, weekday: int = 4, from_min: int = 480, to_min: int = 960) -> dict[str, object]:
    return {"expert": b64encode(expert), "weekday": weekday, "from_min": from_min, "to_min": to_min}


async def test_a_coordinator_says_who_is_on_call_and_every_expert_sees_it(
    api: ApiServer, lawyer: str, coordinator: str
) -> None:
    listed = [shift(api.provider.lawyer.id), shift(api.provider.psychologist.id, 5)]
    said = await api.ask("PUT", "/api/on-call", token=coordinator, json={"shifts": listed})
    assert said.json["shifts"] == listed
    assert (await api.get("/api/on-call", lawyer)).json == said.json


async def test_who_is_on_call_now_goes_by_the_clock_in_helsinki(api: ApiServer, coordinator: str) -> None:
    begins_s = at("2026-11-27 08:00")
    api.clock.now_s = begins_s - 1
    token = await api.sign_in(api.provider.other_lawyer)
    await api.ask("PUT", "/api/on-call", token=token, json={"shifts": [shift(api.provider.lawyer.id)]})
    assert (await api.get("/api/on-call", token)).json["now"] == []
    api.clock.now_s = begins_s
    assert (await api.get("/api/on-call", token)).json["now"] == [b64encode(api.provider.lawyer.id)]


async def test_nobody_but_a_coordinator_says_who_is_on_call(api: ApiServer, lawyer: str) -> None:
    said = await api.ask("PUT", "/api/on-call", token=lawyer, json={"shifts": []})
    assert said.code == (403, "not-coordinator")


@pytest.mark.parametrize(
    "shifts",
    [
        lambda _own: [shift(ExpertId(bytes(16)))],
        lambda own: [shift(own), shift(own)],
        lambda own: [shift(own, from_min=600, to_min=600)],
        lambda own: [shift(own, weekday=7)],
        lambda own: [shift(own, to_min=1441)],
        lambda own: [shift(own) | {"name": "somebody"}],
        lambda own: [shift(own, nth % 7, nth // 7) for nth in range(MAX_SHIFTS + 1)],
    ],
    ids=["a stranger", "twice", "no time at all", "an eighth day", "past midnight", "a field too many", "too many"],
)
async def test_a_list_that_cannot_be_is_refused_and_changes_nothing(
    api: ApiServer, coordinator: str, shifts: object
) -> None:
    assert callable(shifts)
    before = [shift(api.provider.lawyer.id)]
    await api.ask("PUT", "/api/on-call", token=coordinator, json={"shifts": before})
    said = await api.ask("PUT", "/api/on-call", token=coordinator, json={"shifts": shifts(api.provider.lawyer.id)})
    assert said.code == (400, "operation-malformed")
    assert (await api.get("/api/on-call", coordinator)).json["shifts"] == before


async def test_at_first_nobody_is_told_of_anything_and_there_is_no_mail_server(api: ApiServer, lawyer: str) -> None:
    assert (await api.get("/api/notices", lawyer)).json == {"wish": NONE, "sends": False}


async def test_an_expert_says_where_to_be_told_and_sees_only_their_own(
    api: ApiServer, lawyer: str, coordinator: str
) -> None:
    assert (await api.ask("PUT", "/api/notices", token=lawyer, json=SOME)).json["wish"] == SOME
    assert (await api.get("/api/notices", lawyer)).json["wish"] == SOME
    assert (await api.get("/api/notices", coordinator)).json["wish"] == NONE


async def test_an_address_that_is_taken_back_is_gone(api: ApiServer, lawyer: str) -> None:
    await api.ask("PUT", "/api/notices", token=lawyer, json=SOME)
    assert await api.store.notice_wishes() == (
        NoticeWish(api.provider.lawyer.id, "juristi@example.fi", new_case=True, wrote=False, missed=True),
    )
    await api.ask("PUT", "/api/notices", token=lawyer, json=SOME | {"address": None})
    assert await api.store.notice_wishes() == ()


@pytest.mark.parametrize(
    "address",
    [
        "juristi", "@example.fi", "juristi@", "juristi@example", "a b@example.fi", "a@example.fi,b@example.fi",
        "a@example.fi\r\nBcc: b@example.fi", "a@example.fi\n", "Juristi <a@example.fi>", '"a b"@example.fi',
        "a@[127.0.0.1]", "ä@example.fi", "a" * 65 + "@example.fi", "a@" + "b." * 130 + "fi", "",
    ],
)  # fmt: skip
async def test_what_is_no_plain_address_is_refused(api: ApiServer, lawyer: str, address: str) -> None:
    said = await api.ask("PUT", "/api/notices", token=lawyer, json=SOME | {"address": address})
    assert said.code == (400, "operation-malformed")
    assert await api.store.notice_wishes() == ()


async def test_a_stored_address_is_in_no_journal(api: ApiServer, lawyer: str) -> None:
    await api.ask("PUT", "/api/notices", token=lawyer, json=SOME)
    assert "example.fi" not in api.journaled.getvalue()
