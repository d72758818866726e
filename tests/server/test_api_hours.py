"""The public opening hours, leases in working time, and promises kept and missed, through the API."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.promises import Promises
from lyhty_server.opening_hours import usual_calendar
from lyhty_wire.encoding import b64encode
from lyhty_wire.hours import HOUR_S, Hours
from lyhty_wire.ids import LAWYER
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.server.api_server import ApiServer, api_server
from tests.server.test_api_desk import Desk, answer_of
from tests.server.test_calendar import at
from tests.writing import Written, write_report

CALENDAR, PROMISES = usual_calendar(), Promises()


@pytest.fixture
async def api(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    monkeypatch.setattr("lyhty_server.app.PROMISE_WATCH_S", 0.01)
    async with api_server(provider, tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
async def lawyer(api: ApiServer) -> Desk:
    return Desk(api, await api.sign_in(api.provider.lawyer), LAWYER)


@pytest.fixture
async def written(api: ApiServer) -> Written:
    return await api.receive(write_report(api.provider.directory))


async def hours(api: ApiServer) -> Hours:
    return Hours.decode((await api.get("/api/hours")).body)


async def test_everybody_gets_the_same_opening_hours(api: ApiServer, lawyer: Desk) -> None:
    with_token = await api.get("/api/hours", lawyer.token)
    assert (await api.get("/api/hours")).body == with_token.body
    read = await hours(api)
    assert (read.promise_s, read.urgent_s, read.zone) == (8 * HOUR_S, 2 * HOUR_S, "Europe/Helsinki")
    assert read.keep_days == 90
    assert read.opens_at(api.clock()) == CALENDAR.next_opening(api.clock())


async def test_opening_hours_change_at_midnight_in_helsinki_and_not_before(api: ApiServer) -> None:
    api.clock.now_s = at("2026-11-27 23:59:59")
    before = (await api.get("/api/hours")).body
    api.clock.now_s = at("2026-11-27 00:00:00")
    assert (await api.get("/api/hours")).body == before
    api.clock.now_s = at("2026-11-28 00:00:00")
    assert (await api.get("/api/hours")).body != before


async def test_a_reporter_and_an_expert_see_the_same_moment(api: ApiServer, lawyer: Desk, written: Written) -> None:
    [place] = (await lawyer.cases())["cases"]
    state = await api.store.case_state(written.id)
    read = await hours(api)
    assert read.promised(place["opened_hour"], urgent=place["urgent"]) == read.promised(
        state.opened_hour, urgent=state.urgent
    )


async def test_an_answer_is_marked_and_told_to_the_queue(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    async with api.feed(await api.sign_in(api.provider.other_lawyer)) as colleague:
        path = f"/api/cases/{b64encode(written.id)}/envelopes?answers={LAWYER}"
        stored = await api.ask("PUT", path, token=lawyer.token, data=answer_of(api, written))
        assert stored.status == 200
        told = await next_place(colleague)
        assert (told["answered"], told["missed"]) == (True, False)


async def test_nobody_answers_for_a_queue_of_others(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    path = f"/api/cases/{b64encode(written.id)}/envelopes?answers=2"
    refused = await api.ask("PUT", path, token=lawyer.token, data=answer_of(api, written))
    assert refused.code == (403, "case-not-held")


async def test_a_missed_promise_is_told_to_open_desks_and_journaled_without_a_case(
    api: ApiServer, written: Written
) -> None:
    due_s = PROMISES.until(CALENDAR, api.clock() // HOUR_S, urgent=False)
    api.clock.now_s = due_s - 60
    async with api.feed(await api.sign_in(api.provider.lawyer)) as feed:
        api.clock.now_s = due_s
        told = await next_place(feed)
    assert (told["case"], told["missed"], told["answered"]) == (b64encode(written.id), True, False)
    assert '"event": "promises-missed"' in api.journaled.getvalue()
    assert b64encode(written.id) not in api.journaled.getvalue()


async def next_place(feed: aiohttp.ClientWebSocketResponse) -> dict[str, object]:
    while (event := await feed.receive_json(timeout=PATIENCE_S))["type"] != "place":
        pass
    return dict(event["place"])


# --- Settings


def config(**environ: str) -> Config:
    return Config.from_environ({f"LYHTY_{name.upper()}": value for name, value in environ.items()}, Path())


def test_hours_promises_and_leases_are_settings() -> None:
    read = config(
        open="mon-sun 0-24", holidays="none", closed_days="2027-01-01", promise_hours="4", urgent_hours="1",
        lease_hours="2",
    )  # fmt: skip
    assert read.calendar.is_open(at("2026-12-25 03:00"))
    assert not read.calendar.is_open(at("2027-01-01 12:00"))
    assert (read.promises, read.lease_working_s) == (Promises(4 * HOUR_S, HOUR_S), 2 * HOUR_S)


def test_without_settings_it_is_open_on_working_days() -> None:
    assert config().calendar.hours_of(datetime(2026, 11, 27).date()) == ((480, 960),)  # noqa: DTZ001


@pytest.mark.parametrize(
    "environ",
    [
        {"open": "never"}, {"open_days": "tomorrow"}, {"closed_days": "31.12.2026"}, {"holidays": "swedish"},
        {"promise_hours": "0"}, {"urgent_hours": "soon"}, {"lease_hours": "501"},
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_read_stops_the_start(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        config(**environ)
