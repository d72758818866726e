"""The desk's lists: what is put aside, closed, opened again; how much one holds; and who else is writing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from lyhty_server.domain.cases import LONGEST_SNOOZE_S
from lyhty_server.opening_hours import usual_calendar
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from lyhty_wire.records import CaseState, Event, Operation, PlaceState, Put, State, Stored
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider
from tests.raw_channel import RawChannel, RefusedByServerError, raw_channel
from tests.server.api_server import Answer, ApiServer, api_server
from tests.writing import Written, write_report

HOUR = 3_600


def lease_from(at_s: int) -> int:
    return usual_calendar().after(at_s, 8 * HOUR)


class Desk:
    def __init__(self, api: ApiServer, token: str, account: Account) -> None:
        self.api, self.token, self.account = api, token, account

    async def does(self, what: str, written: Written, value: object = None) -> Answer:
        case = b64encode(written.id)
        return await self.api.post(f"/api/cases/{case}/places/{self.account.queue}/{what}", value, self.token)

    async def opened(self, written: Written) -> Answer:
        return await self.api.get(f"/api/cases/{b64encode(written.id)}/places/{self.account.queue}", self.token)

    async def envelopes(self, written: Written) -> Answer:
        return await self.api.get(f"/api/cases/{b64encode(written.id)}/envelopes", self.token)

    async def put(self, written: Written, envelope: bytes) -> Answer:
        path = f"/api/cases/{b64encode(written.id)}/envelopes"
        return await self.api.ask("PUT", path, token=self.token, data=envelope)

    async def of_queue(self, what: str, query: str = "") -> Any:
        return (await self.api.get(f"/api/queues/{self.account.queue}/{what}{query}", self.token)).json

    async def closed(self, query: str = "") -> list[str]:
        return [place["case"] for place in (await self.of_queue("closed", query))["cases"]]

    async def closes(self, *cases: Written) -> None:
        for written in cases:
            await self.does("claim", written)
            await self.does("close", written)


async def desk_of(api: ApiServer, account: Account) -> Desk:
    return Desk(api, await api.sign_in(account), account)


@pytest.fixture
async def lawyer(api: ApiServer) -> Desk:
    return await desk_of(api, api.provider.lawyer)


@pytest.fixture
async def other_lawyer(api: ApiServer) -> Desk:
    return await desk_of(api, api.provider.other_lawyer)


@pytest.fixture
async def psychologist(api: ApiServer) -> Desk:
    return await desk_of(api, api.provider.psychologist)


@pytest.fixture
async def written(api: ApiServer) -> Written:
    return await api.receive(write_report(api.provider.directory))


@pytest.fixture
async def to_both(api: ApiServer) -> Written:
    return await api.receive(write_report(api.provider.directory, queues=(LAWYER, PSYCHOLOGIST)))


async def arrived(api: ApiServer, count: int) -> list[Written]:
    return [await api.receive(write_report(api.provider.directory)) for _ in range(count)]


def ids(*cases: Written) -> list[str]:
    return [b64encode(written.id) for written in cases]


async def states_told(channel: RawChannel, count: int) -> list[CaseState]:
    """What a reporter's page has heard of the case, waited for."""
    while len(told := [record for record in channel.events if record.code == Event.STATE]) < count:
        await channel.beat()
    return [CaseState.decode(record.body) for record in told]


# --- Put aside


async def test_a_case_is_put_aside_until_a_time_and_its_queue_hears_of_it(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk, written: Written
) -> None:
    await lawyer.does("claim", written)
    snooze = {"until": api.clock() + HOUR, "seq": 1}
    async with api.feed(other_lawyer.token) as feed:
        place = (await lawyer.does("snooze", written, {"snooze": snooze})).json
        assert (await feed.receive_json(timeout=PATIENCE_S))["place"] == place
    ends = lease_from(api.clock() + HOUR)
    assert (place["snooze"], place["state"], place["lease_until"]) == (snooze, "held", ends)


async def test_a_case_that_was_put_aside_is_taken_up_again(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.does("claim", written)
    await lawyer.does("snooze", written, {"snooze": {"until": api.clock() + HOUR, "seq": 1}})
    assert (await lawyer.does("snooze", written, {"snooze": None})).json["snooze"] is None


async def test_only_who_holds_a_case_puts_it_aside(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk, written: Written
) -> None:
    await lawyer.does("claim", written)
    asked = {"snooze": {"until": api.clock() + HOUR, "seq": 1}}
    assert (await other_lawyer.does("snooze", written, asked)).code == (403, "case-not-held")


@pytest.mark.parametrize(
    "asked",
    [
        {"snooze": {"until": 0, "seq": 1}},
        {"snooze": {"until": 4_000_000_000, "seq": 1}},
        {"snooze": {"until": 1_900_000_000}},
        {"snooze": 1},
        {"snooze": None, "more": 1},
        {},
    ],
    ids=["long ago", "far away", "no seq", "a number", "a field too many", "nothing"],
)
async def test_what_is_no_snooze_is_refused(lawyer: Desk, written: Written, asked: object) -> None:
    await lawyer.does("claim", written)
    assert (await lawyer.does("snooze", written, asked)).code == (400, "operation-malformed")


async def test_a_snooze_of_a_month_is_the_longest(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.does("claim", written)
    until = api.clock() + LONGEST_SNOOZE_S
    assert (await lawyer.does("snooze", written, {"snooze": {"until": until, "seq": 1}})).status == 200


# --- Closed, and open again


async def test_everybody_lists_what_they_closed_and_coordinators_what_anybody_did(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experts = provider.directory_body.experts
    leading = [replace(each, coordinator=each.id == provider.other_lawyer.id) for each in experts]
    async with api_server(provider.reissued(experts=tuple(leading)), tmp_path, monkeypatch) as api:
        lawyer, coordinator = await desk_of(api, provider.lawyer), await desk_of(api, provider.other_lawyer)
        cases = await arrived(api, 2)
        await lawyer.closes(cases[0])
        await coordinator.closes(cases[1])
        assert await lawyer.closed() == ids(cases[0])
        assert await coordinator.closed() == ids(cases[1], cases[0])


async def test_closed_cases_come_in_pages_newest_first(api: ApiServer, lawyer: Desk) -> None:
    cases = await arrived(api, 3)
    await lawyer.closes(*cases)
    first = await lawyer.of_queue("closed", "?limit=2")
    assert ([place["case"] for place in first["cases"]], first["more"]) == (ids(cases[2], cases[1]), True)
    assert await lawyer.closed(f"?limit=2&before={first['cases'][-1]['closed_nth']}") == ids(cases[0])


async def test_nobody_lists_another_professions_closed_cases(api: ApiServer, lawyer: Desk) -> None:
    answer = await api.get(f"/api/queues/{PSYCHOLOGIST}/closed", lawyer.token)
    assert answer.code == (404, "queue-unknown")
    assert (await api.get(f"/api/queues/{PSYCHOLOGIST}/counts", lawyer.token)).code == (404, "queue-unknown")


async def test_who_closed_a_case_reads_it_and_no_colleague_does(
    lawyer: Desk, other_lawyer: Desk, written: Written
) -> None:
    await lawyer.closes(written)
    assert (await lawyer.opened(written)).json["place"]["state"] == "closed"
    assert len((await lawyer.envelopes(written)).json["envelopes"]) == 1
    assert (await other_lawyer.opened(written)).code == (409, "case-closed")
    assert (await other_lawyer.envelopes(written)).code == (403, "case-not-held")


async def test_reopening_is_told_to_the_queue_and_to_the_reporter(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk
) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.closes(written)
        async with api.feed(other_lawyer.token) as feed:
            place = (await lawyer.does("reopen", written)).json["place"]
            assert (await feed.receive_json(timeout=PATIENCE_S))["place"] == place
        states = [told.state for told in await states_told(channel, 3)]
    assert (place["state"], place["holder"], place["closer"]) == ("held", b64encode(lawyer.account.id), None)
    assert states == [State.HELD, State.CLOSED, State.HELD]


async def test_nobody_reopens_what_another_closed(lawyer: Desk, other_lawyer: Desk, written: Written) -> None:
    await lawyer.closes(written)
    assert (await other_lawyer.does("reopen", written)).code == (409, "case-closed")


async def test_a_closed_case_takes_no_answer_before_it_is_reopened(
    api: ApiServer, lawyer: Desk, written: Written
) -> None:
    await lawyer.closes(written)
    envelope = written.chat("One more thing.", 1, author=api.provider.lawyer.keys.sign).envelope
    assert (await lawyer.put(written, envelope)).code == (409, "case-closed")
    await lawyer.does("reopen", written)
    assert (await lawyer.put(written, envelope)).json == {"seq": 2}


async def test_what_a_reporter_adds_to_a_closed_case_is_told_to_who_closed_it_alone_and_changes_no_place(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk, written: Written
) -> None:
    await lawyer.closes(written)
    envelope = written.chat("One more thing.").envelope
    async with raw_channel(api.url) as channel, api.feed(lawyer.token) as feed, api.feed(other_lawyer.token) as theirs:
        await channel.resume(written.keys, api.provider.instance)
        with pytest.raises(RefusedByServerError, match="case-closed"):
            await channel.put(envelope)
        result = await channel.perform(Operation.PUT_LATE, Put(envelope).encode())
        assert Stored.decode(result).seq == 2
        told = {"type": "envelope", "case": b64encode(written.id), "seq": 2}
        assert await feed.receive_json(timeout=PATIENCE_S) == told
        place = (await lawyer.does("reopen", written)).json["place"]
        # The first that a colleague hears is that it is open again.
        assert (await theirs.receive_json(timeout=PATIENCE_S))["place"] == place
    assert (place["last_seq"], place["closed_seq"]) == (2, None)


async def test_the_list_of_closed_cases_says_how_far_each_had_come(lawyer: Desk, written: Written) -> None:
    await lawyer.closes(written)
    [place] = (await lawyer.of_queue("closed"))["cases"]
    assert (place["last_seq"], place["closed_seq"]) == (1, 1)


# --- How many


async def test_a_queue_says_how_many_wait_and_are_held(api: ApiServer, lawyer: Desk) -> None:
    cases = await arrived(api, 4)
    await lawyer.does("claim", cases[0])
    await lawyer.closes(cases[1])
    assert await lawyer.of_queue("counts") == {"waiting": 2, "held": 1}


@pytest.fixture
async def small(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    async with api_server(provider, tmp_path, monkeypatch, capacity=1) as server:
        yield server


async def test_who_holds_as_much_as_the_server_is_set_to_is_told_so_until_one_is_put_aside(small: ApiServer) -> None:
    lawyer = await desk_of(small, small.provider.lawyer)
    first, second = await arrived(small, 2)
    await lawyer.does("claim", first)
    assert (await lawyer.does("claim", second)).code == (409, "capacity-reached")
    await lawyer.does("snooze", first, {"snooze": {"until": small.clock() + HOUR, "seq": 1}})
    assert (await lawyer.does("claim", second)).status == 200


async def test_reopening_needs_room_too(small: ApiServer) -> None:
    lawyer = await desk_of(small, small.provider.lawyer)
    first, second = await arrived(small, 2)
    await lawyer.closes(first)
    await lawyer.does("claim", second)
    assert (await lawyer.does("reopen", first)).code == (409, "capacity-reached")


# --- Come back


async def test_a_case_that_was_let_lie_says_so_to_its_queue_and_to_its_reporter(api: ApiServer, lawyer: Desk) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.does("claim", written)
        api.clock.now_s = lease_from(api.clock())
        other = await desk_of(api, api.provider.other_lawyer)
        taken = (await other.does("claim", written)).json["place"]
        await other.does("release", written)
        told = (await states_told(channel, 3))[-1]
    assert taken["lapses"] == 1
    assert told == CaseState(State.WAITING, (PlaceState(LAWYER, State.WAITING_AGAIN),))


async def test_a_case_that_was_given_back_just_waits(api: ApiServer, lawyer: Desk) -> None:
    written = write_report(api.provider.directory)
    async with raw_channel(api.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.does("claim", written)
        await lawyer.does("release", written)
        told = (await states_told(channel, 2))[-1]
    assert told.places == (PlaceState(LAWYER, State.WAITING),)


# --- Who else is writing


def answering(written: Written, queue: int = LAWYER) -> dict[str, object]:
    return {"type": "answering", "case": b64encode(written.id), "queue": queue}


async def next_but_presence(feed: ClientWebSocketResponse) -> Any:
    while (event := await feed.receive_json(timeout=PATIENCE_S))["type"] == "here":
        pass
    return event


async def test_the_other_holder_of_a_case_hears_that_one_is_writing_and_nobody_else_does(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk, psychologist: Desk, to_both: Written
) -> None:
    await lawyer.does("claim", to_both)
    await psychologist.does("claim", to_both)
    async with (
        api.feed(lawyer.token) as mine,
        api.feed(other_lawyer.token) as others,
        api.feed(psychologist.token) as theirs,
    ):
        await mine.send_json(answering(to_both))
        assert await next_but_presence(theirs) == answering(to_both)
        await psychologist.does("release", to_both)
        await lawyer.does("release", to_both)
        heard = [await next_but_presence(feed) for feed in (mine, others)]
    assert [event["type"] for event in heard] == ["place", "place"]


@pytest.mark.parametrize(
    "said", ['{"type":"answering"}', "hello", '{"type":"place"}', b"\x00", '{"type":"answering","case":"x","queue":1}']
)
async def test_a_feed_ends_for_who_says_anything_else(api: ApiServer, lawyer: Desk, said: str | bytes) -> None:
    async with api.feed(lawyer.token) as feed:
        await (feed.send_str(said) if isinstance(said, str) else feed.send_bytes(said))
        assert (await feed.receive(timeout=PATIENCE_S)).type.name in {"CLOSE", "CLOSING", "CLOSED"}


async def test_who_has_signed_out_is_not_heard(
    api: ApiServer, lawyer: Desk, psychologist: Desk, to_both: Written
) -> None:
    await lawyer.does("claim", to_both)
    await psychologist.does("claim", to_both)
    async with api.feed(lawyer.token) as mine, api.feed(psychologist.token) as theirs:
        await api.post("/api/sign-out", token=lawyer.token)
        await mine.send_json(answering(to_both))
        while (message := await mine.receive(timeout=PATIENCE_S)).type.name == "TEXT":
            assert message.json()["type"] == "here"
        assert message.type.name in {"CLOSE", "CLOSING", "CLOSED"}
        await psychologist.does("release", to_both)
        assert (await next_but_presence(theirs))["type"] == "place"


async def test_a_case_that_nobody_knows_is_passed_over(api: ApiServer, lawyer: Desk, written: Written) -> None:
    async with api.feed(lawyer.token) as mine:
        await mine.send_json(answering(write_report(api.provider.directory)))
        await lawyer.does("claim", written)
        assert (await mine.receive_json(timeout=PATIENCE_S))["type"] == "place"
