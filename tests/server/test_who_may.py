"""Every route, every role, whatever has become of the case: who may is answered, who may not reads and changes nothing.

The table is in `who_may.py`, and how to add a route to it too. It is made of what stands there times the router, so a
route that nobody has decided about makes this fail.
"""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from lyhty_server.api.routes import CHANNEL, FEED, ROUTES, SOCKETS, AnyRoute
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId
from lyhty_wire.proofs import to_prove_erase
from lyhty_wire.records import Erase, Operation
from tests.patience import PATIENCE_S
from tests.provider import Account, Provider
from tests.raw_channel import raw_channel
from tests.server.api_server import ApiServer, api_server
from tests.server.asking import SAID, Asker, ask
from tests.server.viewers import plant, signed_in_viewer
from tests.server.who_may import ANY, EXPERTS, OF_A_CASE, PEOPLE, VIEWER, YES, Rule, rules
from tests.writing import Written, write_report

RULES: Final = rules()
BY_NAME: Final = {f"{route.method} {route.path}": route for route in ROUTES}
NOT_SIGNED_IN: Final = (401, "not-signed-in")
Database = dict[str, Counter[tuple[object, ...]]]


def route_of(rule: Rule) -> AnyRoute:
    return BY_NAME[f"{rule.method} {rule.path}"]


def account(provider: Provider, person: str) -> Account:
    named = {
        "lawyer": provider.lawyer,
        "colleague": provider.other_lawyer,
        "coordinator": provider.coordinator,
        "psychologist": provider.psychologist,
        VIEWER: provider.lawyer,  # whose words a viewer uses who asks for what is not theirs
    }
    return named[person]


def read_database(folder: Path) -> Database:
    """Every row of every table."""
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'lyhty.db'}?mode=ro", uri=True)) as raw:
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: Counter(raw.execute(f'SELECT * FROM "{name}"')) for name in names}  # noqa: S608 - its own names


async def arrange(api: ApiServer, tokens: dict[str, str], standing: str) -> Written:
    """A case of which that has become."""
    both: tuple[QueueId, ...] = (LAWYER, PSYCHOLOGIST)
    queues = both if standing in {"shared", "elsewhere"} else (LAWYER,)
    written = write_report(api.provider.directory, queues=queues)
    if standing == "unknown":
        return written
    await api.receive(written)
    place = f"/api/cases/{b64encode(written.id)}/places"
    if standing not in {ANY, "waiting", "elsewhere"}:
        assert (await api.post(f"{place}/1/claim", token=tokens["lawyer"])).status == 200
    if len(queues) == 2:
        assert (await api.post(f"{place}/2/claim", token=tokens["psychologist"])).status == 200
    if standing == "closed":
        assert (await api.post(f"{place}/1/close", token=tokens["lawyer"])).status == 200
    if standing == "erased":
        async with raw_channel(api.url) as channel:
            await channel.resume(written.keys, api.provider.instance)
            proof = written.keys.sign.sign(to_prove_erase(api.provider.instance, written.id))
            await channel.perform(Operation.ERASE, Erase(proof).encode())
    return written


class Desks:
    """The open desks of all who are signed in. They hear what they should, and nothing of a question refused."""

    def __init__(self, api: ApiServer, feeds: dict[str, aiohttp.ClientWebSocketResponse]) -> None:
        self._api, self._feeds = api, feeds

    async def heard(self) -> dict[str, list[str]]:
        """Who heard what kinds of things until now. A report to everybody comes last, so nobody waits for silence."""
        last = await self._api.receive(write_report(self._api.provider.directory, queues=(LAWYER, PSYCHOLOGIST)))
        return {person: await self._until(feed, b64encode(last.id)) for person, feed in self._feeds.items()}

    async def _until(self, feed: aiohttp.ClientWebSocketResponse, last: str) -> list[str]:
        kinds: list[str] = []
        while True:
            event = await feed.receive_json(timeout=PATIENCE_S)
            if event["type"] == "place" and event["place"]["case"] == last:
                return kinds
            # Whether a reporter is here is told of the reporter, ten seconds late, whatever is asked meanwhile.
            kinds += [event["type"]] if event["type"] != "here" else []


@asynccontextmanager
async def open_desks(api: ApiServer, tokens: dict[str, str]) -> AsyncIterator[Desks]:
    async with AsyncExitStack() as stack:
        yield Desks(api, {who: await stack.enter_async_context(api.feed(tokens[who])) for who in EXPERTS})


async def sign_in_all(api: ApiServer) -> dict[str, str]:
    await plant(api)
    experts = {person: await api.sign_in(account(api.provider, person)) for person in EXPERTS}
    return {**experts, VIEWER: await signed_in_viewer(api, experts["coordinator"])}


@pytest.fixture
async def tokens(api: ApiServer) -> dict[str, str]:
    return await sign_in_all(api)


# --- The table itself


def test_every_route_stands_in_the_table_with_all_its_lines_and_no_other_does() -> None:
    needed = {
        f"{name} {standing}"
        for name, route in BY_NAME.items()
        for standing in (OF_A_CASE if "{case}" in route.path else (ANY,))
    }
    stated = [str(rule) for rule in RULES]
    assert set(stated) == needed
    assert len(stated) == len(needed)


def test_only_what_needs_no_sign_in_is_for_everybody_and_all_else_says_it_for_each_person() -> None:
    for rule in RULES:
        is_open = rule.is_for_everybody or rule.is_for_founders or rule.is_for_provided
        assert is_open is not route_of(rule).needs_sign_in, rule
        assert not rule.answers or set(rule.answers) == set(PEOPLE), rule


def test_every_refusal_of_the_table_is_one_that_the_route_documents() -> None:
    for rule in RULES:
        documented = {code.text for code in route_of(rule).codes}
        assert set(rule.answers.values()) - {YES} <= documented, rule


def test_nothing_is_said_how_to_ask_a_route_that_is_not_there() -> None:
    assert set(SAID) <= set(BY_NAME)


def test_the_sockets_are_those_that_are_asked_below_and_on_the_channel() -> None:
    assert set(SOCKETS) == {CHANNEL, FEED}


# --- Every line of it


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.is_for_everybody], ids=str)
async def test_what_is_for_everybody_is_answered_to_everybody(
    api: ApiServer, tokens: dict[str, str], rule: Rule
) -> None:
    case = write_report(api.provider.directory)
    for token in (None, "A" * 43, *tokens.values()):
        assert (await ask(api, route_of(rule), Asker(api.provider.lawyer, token), case)).status == 200


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.is_for_founders], ids=str)
async def test_what_is_for_founders_is_refused_to_everybody_once_somebody_is_in_the_directory(
    api: ApiServer, tokens: dict[str, str], tmp_path: Path, rule: Rule
) -> None:
    case = write_report(api.provider.directory)
    before = read_database(tmp_path)
    for token in (None, *tokens.values()):
        answer = await ask(api, route_of(rule), Asker(api.provider.lawyer, token), case)
        assert answer.code in {(404, "invitation-unknown"), (403, "not-coordinator")}
    assert read_database(tmp_path) == before


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.is_for_provided], ids=str)
async def test_where_no_provider_vouches_for_anybody_nobody_is_answered(
    api: ApiServer, tokens: dict[str, str], tmp_path: Path, rule: Rule
) -> None:
    before = read_database(tmp_path)
    for token in (None, *tokens.values()):
        asker = Asker(api.provider.lawyer, token)
        refused = await ask(api, route_of(rule), asker, write_report(api.provider.directory))
        assert refused.code == (404, "route-unknown")
    assert read_database(tmp_path) == before


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.answers], ids=str)
async def test_who_may_not_reads_a_code_and_changes_no_row_and_who_may_is_answered(
    api: ApiServer, tokens: dict[str, str], tmp_path: Path, rule: Rule
) -> None:
    route, provider = route_of(rule), api.provider
    askers = {person: Asker(account(provider, person), tokens[person]) for person in PEOPLE}
    given_back = await api.sign_in(provider.lawyer)
    await api.post("/api/sign-out", token=given_back)
    case = await arrange(api, tokens, rule.standing)
    async with open_desks(api, tokens) as desks:
        before = read_database(tmp_path)
        for token in (None, given_back, "A" * 43):
            # `code` takes nothing but a code in the body.
            assert (await ask(api, route, Asker(provider.lawyer, token), case)).code == NOT_SIGNED_IN
        for person, answer in rule.answers.items():
            if answer != YES:
                assert (await ask(api, route, askers[person], case)).code[1] == answer, person
        assert read_database(tmp_path) == before
        assert not any((await desks.heard()).values())
    for person in (person for person, answer in rule.answers.items() if answer == YES):
        now_in = await sign_in_all(api)  # an answer may have been the end of a token
        fresh = await arrange(api, now_in, rule.standing)
        asker = Asker(account(provider, person), now_in[person])
        assert (await ask(api, route, asker, fresh)).status == 200, person


@pytest.mark.parametrize("person", EXPERTS)
async def test_nobodys_queue_and_envelopes_hold_a_case_that_is_not_for_them(
    api: ApiServer, tokens: dict[str, str], person: str
) -> None:
    """What is allowed says nothing of others either."""
    other = PSYCHOLOGIST if person != "psychologist" else LAWYER
    foreign = await api.receive(write_report(api.provider.directory, queues=(other,)))
    own_queue = account(api.provider, person).queue
    own = await api.receive(write_report(api.provider.directory, queues=(own_queue,)))
    page = await api.get(f"/api/queues/{own_queue}", tokens[person])
    assert [place["case"] for place in page.json["cases"]] == [b64encode(own.id)]
    await api.post(f"/api/cases/{b64encode(own.id)}/places/{own_queue}/claim", token=tokens[person])
    read = await api.get(f"/api/cases/{b64encode(own.id)}/envelopes", tokens[person])
    assert [each["envelope"] for each in read.json["envelopes"]] == [b64encode(own.case.report.envelope)]
    for body in (page.body, read.body):
        assert b64encode(foreign.id).encode() not in body
        assert b64encode(foreign.case.report.envelope).encode() not in body


# --- Who has left, and the feed


async def test_who_has_left_the_directory_is_refused_everything_that_is_not_everybodys(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaver = provider.other_lawyer
    async with api_server(provider, tmp_path, monkeypatch) as api:
        tokens = await sign_in_all(api)
        case = await arrange(api, tokens, "shared")
        await api.post(f"/api/cases/{b64encode(case.id)}/places/1/release", token=tokens["lawyer"])
        await api.post(f"/api/cases/{b64encode(case.id)}/places/1/claim", token=tokens["colleague"])
    staying = tuple(expert for expert in provider.directory_body.experts if expert.id != leaver.id)
    async with api_server(provider.reissued(experts=staying), tmp_path, monkeypatch) as api:
        challenge = (await api.start_sign_in(leaver.name))["challenge"]
        assert (await api.finish_sign_in(leaver, challenge)).code == (403, "sign-in-failed")
        before = read_database(tmp_path)  # the failed try has been counted
        for route in ROUTES:
            if route.needs_sign_in:
                asker = Asker(leaver, tokens["colleague"])
                assert (await ask(api, route, asker, case)).code == NOT_SIGNED_IN, route.path
        assert read_database(tmp_path) == before


@pytest.mark.parametrize(
    ("who", "answer"),
    [*((who, "refused") for who in ("nobody", "who signed out", VIEWER)), *((person, "ready") for person in EXPERTS)],
)
async def test_the_feed_is_ready_for_experts_and_for_nobody_else(
    api: ApiServer, tokens: dict[str, str], who: str, answer: str
) -> None:
    token = "A" * 43
    if who in tokens:
        token = tokens[who]
    elif who == "who signed out":
        token = tokens["lawyer"]
        await api.post("/api/sign-out", token=token)
    async with api.session.ws_connect(api.url + FEED.path) as socket:
        await socket.send_json({"token": token})
        assert (await socket.receive_json(timeout=PATIENCE_S))["type"] == answer


async def test_a_feed_tells_nobody_of_a_queue_or_a_case_that_is_not_theirs(
    api: ApiServer, tokens: dict[str, str]
) -> None:
    async with open_desks(api, tokens) as desks:
        for queue, person in ((LAWYER, "lawyer"), (PSYCHOLOGIST, "psychologist")):
            case = await api.receive(write_report(api.provider.directory, queues=(queue,)))
            path = f"/api/cases/{b64encode(case.id)}"
            asker = account(api.provider, person)
            await api.post(f"{path}/places/{queue}/claim", token=tokens[person])
            envelope = case.chat("I have read it.", 1, author=asker.keys.sign).envelope
            await api.ask("PUT", f"{path}/envelopes", token=tokens[person], data=envelope)
            await api.post(f"{path}/places/{queue}/close", token=tokens[person])
        heard = await desks.heard()
    assert heard == {
        "lawyer": ["place", "place", "envelope", "place"],
        "colleague": ["place", "place", "place"],
        "coordinator": ["place"] * 6,
        "psychologist": ["place", "place", "envelope", "place"],
    }
