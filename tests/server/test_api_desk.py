"""The desk: who may see, take and write what, and in which order it is listed."""

import os
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from lyhty_server.opening_hours import usual_calendar
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from lyhty_wire.records import Event, Presence
from tests.patience import PATIENCE_S
from tests.raw_channel import raw_channel
from tests.server.api_server import Answer, ApiServer
from tests.writing import Written, write_report


class Desk:
    """One expert at work, in the words of the API."""

    def __init__(self, api: ApiServer, token: str, queue: int) -> None:
        self.api, self.token, self.queue = api, token, queue

    async def cases(self, query: str = "") -> dict[str, Any]:
        answer: dict[str, Any] = (await self.api.get(f"/api/queues/{self.queue}{query}", self.token)).json
        return answer

    async def claim(self, written: Written) -> Answer:
        return await self.api.post(f"{self._place(written)}/claim", token=self.token)

    async def release(self, written: Written) -> Answer:
        return await self.api.post(f"{self._place(written)}/release", token=self.token)

    async def close(self, written: Written) -> Answer:
        return await self.api.post(f"{self._place(written)}/close", token=self.token)

    async def opened(self, written: Written) -> Answer:
        return await self.api.get(self._place(written), self.token)

    async def envelopes(self, written: Written, query: str = "") -> Answer:
        return await self.api.get(f"/api/cases/{b64encode(written.id)}/envelopes{query}", self.token)

    async def put(self, written: Written, envelope: bytes) -> Answer:
        return await self.api.ask(
            "PUT", f"/api/cases/{b64encode(written.id)}/envelopes", token=self.token, data=envelope
        )

    def _place(self, written: Written) -> str:
        return f"/api/cases/{b64encode(written.id)}/places/{self.queue}"


@pytest.fixture
async def lawyer(api: ApiServer) -> Desk:
    return Desk(api, await api.sign_in(api.provider.lawyer), LAWYER)


@pytest.fixture
async def other_lawyer(api: ApiServer) -> Desk:
    return Desk(api, await api.sign_in(api.provider.other_lawyer), LAWYER)


@pytest.fixture
async def psychologist(api: ApiServer) -> Desk:
    return Desk(api, await api.sign_in(api.provider.psychologist), PSYCHOLOGIST)


@pytest.fixture
async def written(api: ApiServer) -> Written:
    return await api.receive(write_report(api.provider.directory))


def answer_of(api: ApiServer, written: Written, counter: int = 1, text: str = "You did right.") -> bytes:
    return written.chat(text, counter, author=api.provider.lawyer.keys.sign).envelope


# --- Listing


async def test_a_report_stands_in_the_queue_it_was_sent_to(lawyer: Desk, psychologist: Desk, written: Written) -> None:
    assert [place["case"] for place in (await lawyer.cases())["cases"]] == [b64encode(written.id)]
    assert (await psychologist.cases())["cases"] == []


async def test_a_place_says_these_things_and_no_others(lawyer: Desk, written: Written) -> None:
    (place,) = (await lawyer.cases())["cases"]
    card, wrap = place.pop("card"), place.pop("card_wrap")
    assert (len(b64decode(card)), len(b64decode(wrap))) == (1024, 1213)
    assert place == {
        "case": b64encode(written.id),
        "queue": 1,
        "urgent": False,
        "state": "waiting",
        "holder": None,
        "lease_until": None,
        "opened_hour": lawyer.api.clock() // 3600,
        "seq": 1,
        "last_seq": 1,
        "answered": False,
        "missed": False,
        "lapses": 0,
        "snooze": None,
        "closer": None,
        "closed_hour": None,
        "closed_nth": None,
        "closed_seq": None,
    }


async def test_urgent_cases_come_first_and_then_the_oldest(api: ApiServer, lawyer: Desk) -> None:
    directory = api.provider.directory
    arriving = [write_report(directory, urgent=urgent) for urgent in (False, True, False, True)]
    for each in arriving:
        await api.receive(each)
    expected = [b64encode(arriving[number].id) for number in (1, 3, 0, 2)]
    assert [place["case"] for place in (await lawyer.cases())["cases"]] == expected


async def test_pages_of_a_queue_follow_one_another_without_gap_or_repetition(api: ApiServer, lawyer: Desk) -> None:
    directory = api.provider.directory
    for urgent in (False, True, False, True, False):
        await api.receive(write_report(directory, urgent=urgent))
    whole = [place["case"] for place in (await lawyer.cases())["cases"]]
    seen, cursor = [], ""
    while True:
        page = await lawyer.cases(f"?limit=2{cursor}")
        seen += [place["case"] for place in page["cases"]]
        if page["next"] is None:
            break
        cursor = f"&after={page['next']}"
    assert seen == whole
    assert len(seen) == 5


# --- Claiming


async def test_who_claims_gets_roster_and_key_for_eight_working_hours(lawyer: Desk, written: Written) -> None:
    opened = (await lawyer.claim(written)).json
    assert opened["rosters"] == [b64encode(written.case.roster.encode())]
    assert opened["wraps"] == [b64encode(written.case.case_wraps[0].encode())]
    assert opened["sign_pk"] == b64encode(written.keys.sign.public)
    place = opened["place"]
    assert place["holder"] == b64encode(lawyer.api.provider.lawyer.id)
    assert place["lease_until"] == usual_calendar().after(lawyer.api.clock(), 8 * 3600)


async def test_a_held_case_is_refused_to_the_next(lawyer: Desk, other_lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    assert (await other_lawyer.claim(written)).code == (409, "case-already-claimed")


async def test_a_case_of_another_profession_cannot_be_claimed(psychologist: Desk, written: Written) -> None:
    assert (await psychologist.claim(written)).code == (404, "queue-unknown")


async def test_without_a_claim_neither_key_nor_envelopes_are_given(lawyer: Desk, written: Written) -> None:
    assert (await lawyer.opened(written)).code == (403, "case-not-held")
    assert (await lawyer.envelopes(written)).code == (403, "case-not-held")


async def test_a_released_case_can_be_claimed_by_another(lawyer: Desk, other_lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    assert (await lawyer.release(written)).json["state"] == "waiting"
    assert (await other_lawyer.claim(written)).status == 200


async def test_only_the_holder_releases_and_closes(lawyer: Desk, other_lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    assert (await other_lawyer.release(written)).code == (403, "case-not-held")
    assert (await other_lawyer.close(written)).code == (403, "case-not-held")


async def test_a_closed_case_leaves_the_queue_and_takes_nothing_more(
    api: ApiServer, lawyer: Desk, written: Written
) -> None:
    await lawyer.claim(written)
    await lawyer.close(written)
    assert (await lawyer.cases())["cases"] == []
    assert (await lawyer.claim(written)).code == (409, "case-closed")
    assert (await lawyer.put(written, answer_of(api, written))).code == (409, "case-closed")


async def test_a_lapsed_claim_can_be_taken_over(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    api.clock.now_s = usual_calendar().after(api.clock(), 8 * 3600)
    other = Desk(api, await api.sign_in(api.provider.other_lawyer), LAWYER)
    assert (await other.claim(written)).status == 200
    assert (await other.cases())["cases"][0]["holder"] == b64encode(api.provider.other_lawyer.id)


async def test_a_case_nobody_opened_is_unknown(api: ApiServer, lawyer: Desk) -> None:
    stranger = write_report(api.provider.directory)
    for answer in (await lawyer.claim(stranger), await lawyer.opened(stranger), await lawyer.envelopes(stranger)):
        assert answer.code == (404, "case-unknown")


# --- Writing


async def test_an_answer_is_kept_behind_the_report(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    answer = answer_of(api, written)
    assert (await lawyer.put(written, answer)).json == {"seq": 2}
    stored = (await lawyer.envelopes(written)).json
    assert stored["envelopes"] == [
        {"seq": 1, "envelope": b64encode(written.case.report.envelope)},
        {"seq": 2, "envelope": b64encode(answer)},
    ]
    assert stored["more"] is False


async def test_envelopes_come_in_pages(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    await lawyer.put(written, answer_of(api, written))
    first = (await lawyer.envelopes(written, "?limit=1")).json
    second = (await lawyer.envelopes(written, "?limit=1&after=1")).json
    assert ([each["seq"] for each in first["envelopes"]], first["more"]) == ([1], True)
    assert ([each["seq"] for each in second["envelopes"]], second["more"]) == ([2], False)


async def test_an_answer_sent_twice_is_kept_once(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    answer = answer_of(api, written)
    assert (await lawyer.put(written, answer)).json == (await lawyer.put(written, answer)).json
    assert len((await lawyer.envelopes(written)).json["envelopes"]) == 2


async def test_other_bytes_with_the_same_object_id_are_refused(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    answer = answer_of(api, written)
    await lawyer.put(written, answer)
    changed = answer[:-1] + bytes((answer[-1] ^ 1,))
    assert (await lawyer.put(written, changed)).code == (409, "object-conflict")


async def test_a_second_message_with_the_same_number_is_refused(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    await lawyer.put(written, answer_of(api, written))
    assert (await lawyer.put(written, answer_of(api, written, text="Another."))).code == (409, "counter-conflict")


async def test_nobody_writes_under_another_name(api: ApiServer, lawyer: Desk, written: Written) -> None:
    await lawyer.claim(written)
    as_reporter = written.chat("I am not the reporter.").envelope
    assert (await lawyer.put(written, as_reporter)).code == (400, "envelope-malformed")


async def test_nobody_writes_without_holding_the_case(api: ApiServer, lawyer: Desk, written: Written) -> None:
    assert (await lawyer.put(written, answer_of(api, written))).code == (403, "case-not-held")


@pytest.mark.parametrize("size", [0, 1, 74, 1023, 1025, 65_535])
async def test_an_envelope_of_no_legal_size_is_malformed(lawyer: Desk, written: Written, size: int) -> None:
    await lawyer.claim(written)
    assert (await lawyer.put(written, os.urandom(size))).code == (400, "envelope-malformed")


@pytest.mark.parametrize("size", [65_537, 69_999, 200_000])
async def test_an_envelope_larger_than_all_sizes_is_too_large(lawyer: Desk, written: Written, size: int) -> None:
    await lawyer.claim(written)
    assert (await lawyer.put(written, bytes(size))).code == (413, "too-large")


# --- The feed


async def test_a_new_report_is_told_to_the_desks_of_its_queue(api: ApiServer, lawyer: Desk) -> None:
    async with api.feed(lawyer.token) as feed:
        written = await api.receive(write_report(api.provider.directory))
        told = await feed.receive_json(timeout=PATIENCE_S)
    assert (told["type"], told["place"]["case"]) == ("place", b64encode(written.id))
    assert told["place"] == (await lawyer.cases())["cases"][0]


async def test_a_report_sent_twice_is_told_once(api: ApiServer, lawyer: Desk) -> None:
    async with api.feed(lawyer.token) as feed:
        written = await api.receive(write_report(api.provider.directory))
        await api.receive(written)
        following = await api.receive(write_report(api.provider.directory))
        told = [(await feed.receive_json(timeout=PATIENCE_S))["place"]["case"] for _ in range(2)]
    assert told == [b64encode(written.id), b64encode(following.id)]


async def test_a_claim_is_told_to_the_other_desks(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk, written: Written
) -> None:
    async with api.feed(other_lawyer.token) as feed:
        await lawyer.claim(written)
        place = (await feed.receive_json(timeout=PATIENCE_S))["place"]
    assert (place["state"], place["holder"]) == ("held", b64encode(api.provider.lawyer.id))


async def events_but_presence(feed: ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    """The next events about the case itself, whether its reporter is here or not."""
    events: list[dict[str, Any]] = []
    while len(events) < count:
        event = await feed.receive_json(timeout=PATIENCE_S)
        events += [event] if event["type"] != "here" else []
    return events


async def test_the_holder_hears_of_an_envelope_and_no_other_desk_does(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk, written: Written
) -> None:
    await lawyer.claim(written)
    async with api.feed(lawyer.token) as mine, api.feed(other_lawyer.token) as others:
        await lawyer.put(written, answer_of(api, written))
        await lawyer.release(written)
        heard = await events_but_presence(mine, 2)
        overheard = await others.receive_json(timeout=PATIENCE_S)
    assert heard[0] == {"type": "envelope", "case": b64encode(written.id), "seq": 2}
    assert [heard[1]["type"], overheard["type"]] == ["place", "place"]


@pytest.mark.parametrize(
    "first",
    ['{"token":"' + "A" * 43 + '"}', '{"token":"x"}', "{}", "hello", '{"token":1}', '{"token":"","x":1}', b"\x00"],
    ids=["a token nobody has", "no token at all", "nothing", "no JSON", "a number", "a field too many", "bytes"],
)
async def test_a_feed_without_a_token_is_refused_and_closed(api: ApiServer, first: str | bytes) -> None:
    async with api.session.ws_connect(api.url + "/feed") as socket:
        await (socket.send_str(first) if isinstance(first, str) else socket.send_bytes(first))
        assert await socket.receive_json(timeout=PATIENCE_S) == {"type": "refused", "code": "not-signed-in"}
        assert (await socket.receive(timeout=PATIENCE_S)).type.name in {"CLOSE", "CLOSING", "CLOSED"}


async def test_a_feed_ends_when_its_expert_signs_out(api: ApiServer, lawyer: Desk) -> None:
    async with api.feed(lawyer.token) as feed:
        await api.post("/api/sign-out", token=lawyer.token)
        await api.receive(write_report(api.provider.directory))
        assert (await feed.receive(timeout=PATIENCE_S)).type.name in {"CLOSE", "CLOSING", "CLOSED"}


async def test_reporter_and_holder_hear_that_the_other_is_here(
    api: ApiServer, lawyer: Desk, other_lawyer: Desk
) -> None:
    written = write_report(api.provider.directory)
    async with api.feed(lawyer.token) as mine, api.feed(other_lawyer.token) as others, raw_channel(api.url) as channel:
        await channel.open(written.case, written.keys.auth)
        await lawyer.claim(written)
        presence = await channel.event(Event.PRESENCE)
        heard = [await mine.receive_json(timeout=PATIENCE_S) for _ in range(3)]
        overheard = [await others.receive_json(timeout=PATIENCE_S) for _ in range(2)]
    assert Presence.decode(presence).here == (LAWYER,)
    assert {"type": "here", "case": b64encode(written.id), "here": True} in heard
    assert [event["type"] for event in overheard] == ["place", "place"]


async def test_a_reporter_who_comes_back_hears_at_once_that_the_holder_is_here(
    api: ApiServer, lawyer: Desk, written: Written
) -> None:
    await lawyer.claim(written)
    async with api.feed(lawyer.token), raw_channel(api.url) as channel:
        await channel.resume(written.keys, api.provider.instance)
        assert Presence.decode(await channel.event(Event.PRESENCE)).here == (LAWYER,)
