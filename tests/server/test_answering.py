"""Who writes in a case right now: told to its other holders, and to nobody else; and how often (SPEC 9)."""

import json
from dataclasses import dataclass, field

import msgspec
import pytest
from aiohttp import WSMessage, WSMsgType

from lyhty_server.api.answering import EVERY_S, Answering, UnreadableError
from lyhty_server.api.hub import Hub
from lyhty_server.store.memory import MemoryStore
from lyhty_wire.desk import FeedAnswering
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, ExpertId, QueueId
from tests.store_contract.examples import NOW_S, UNTIL_S, an_expert, new_case

ANN, BEN, EVE = an_expert("ann"), an_expert("ben"), an_expert("eve")
CASE = new_case("a", queues=(LAWYER, PSYCHOLOGIST))


@dataclass(eq=False)
class Desk:
    expert: ExpertId
    queues: frozenset[QueueId] = frozenset((LAWYER, PSYCHOLOGIST))
    heard: list[object] = field(default_factory=list)

    def hear(self, text: str) -> None:
        self.heard.append(json.loads(text))


class House:
    """Ann has the case as a lawyer, Ben as a psychologist; Eve only sees it in the list."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.hub = Hub()
        self.time_s = 100.0
        self.desks = {expert: Desk(expert) for expert in (ANN, BEN, EVE)}

    async def begin(self) -> None:
        await self.store.start()
        await self.store.open_case(CASE)
        await self.store.claim(CASE.case_id, LAWYER, ANN, NOW_S, UNTIL_S)
        await self.store.claim(CASE.case_id, PSYCHOLOGIST, BEN, NOW_S, UNTIL_S)
        for desk in self.desks.values():
            self.hub.open_feed(desk)

    def feed_of(self, expert: ExpertId) -> Answering:
        return Answering(self.store, self.hub, expert, lambda: self.time_s)

    @property
    def told(self) -> dict[ExpertId, int]:
        return {expert: len(desk.heard) for expert, desk in self.desks.items() if desk.heard}


@pytest.fixture
async def house() -> House:
    made = House()
    await made.begin()
    return made


def saying(queue: QueueId, case: bytes = CASE.case_id) -> WSMessage:
    return text(msgspec.json.encode(FeedAnswering(b64encode(case), queue)).decode())


def text(said: str) -> WSMessage:
    return WSMessage(WSMsgType.TEXT, said, None)


async def test_the_other_holder_hears_in_which_queue_somebody_writes(house: House) -> None:
    await house.feed_of(ANN).hear(saying(LAWYER))
    assert house.told == {BEN: 1}
    assert house.desks[BEN].heard == [{"type": "answering", "case": b64encode(CASE.case_id), "queue": LAWYER}]


@pytest.mark.parametrize(("who", "queue"), [(EVE, LAWYER), (ANN, PSYCHOLOGIST)])
async def test_who_does_not_hold_the_place_they_name_is_not_believed(
    house: House, who: ExpertId, queue: QueueId
) -> None:
    await house.feed_of(who).hear(saying(queue))
    assert house.told == {}


async def test_a_case_that_nobody_knows_is_passed_over(house: House) -> None:
    await house.feed_of(ANN).hear(saying(LAWYER, bytes(32)))
    assert house.told == {}


async def test_a_store_that_cannot_answer_costs_a_sign_and_nothing_else(house: House) -> None:
    await house.store.close()
    await house.feed_of(ANN).hear(saying(LAWYER))
    assert house.told == {}


async def test_it_is_told_once_in_two_seconds_however_often_it_is_said(house: House) -> None:
    feed = house.feed_of(ANN)
    for _ in range(20):
        await feed.hear(saying(LAWYER))
    assert house.told == {BEN: 1}
    house.time_s += EVERY_S - 0.1
    await feed.hear(saying(LAWYER))
    assert house.told == {BEN: 1}
    house.time_s += 0.1
    await feed.hear(saying(LAWYER))
    assert house.told == {BEN: 2}


@pytest.mark.parametrize(
    "said",
    [
        text("hello"),
        text("{}"),
        text('{"type":"place"}'),
        text('{"type":"answering","case":"x","queue":1}'),
        text(f'{{"type":"answering","case":"{b64encode(bytes(32))}","queue":0}}'),
        text(f'{{"type":"answering","case":"{b64encode(bytes(32))}","queue":1,"more":1}}'),
        WSMessage(WSMsgType.BINARY, b"\x00", None),
    ],
)
async def test_whoever_says_anything_else_is_let_go(house: House, said: WSMessage) -> None:
    with pytest.raises(UnreadableError):
        await house.feed_of(ANN).hear(said)
    assert house.told == {}
