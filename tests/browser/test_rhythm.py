"""What anybody on the network can see of a real browser: one size, one rhythm, the same files, whatever a person does.

At life's own pace of one slot a second.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import pytest
import pytest_asyncio

from tests.browser.conftest import People
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.actors import expert
from tests.scenarios.observer import BINARY, Direction, Observer, Seen, observed
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOT_S: Final = 1.0
UP_BYTES: Final = 2_048
DOWN_BYTES: Final = 4_096
TOLERANCE_S: Final = 0.1
"""Of a machine that has other things to do; alone it keeps to a few milliseconds."""
WATCHED_SLOTS: Final = 22
TEXT: Final = "En halua, että kukaan näkee tämän verkosta."


@dataclass(frozen=True)
class Visit:
    """One person's visit as the network saw it."""

    frames: list[tuple[float, Seen]]
    requests: list[str]
    lines: int

    def of(self, direction: Direction) -> list[tuple[float, Seen]]:
        return [(at, seen) for at, seen in self.frames if seen.direction is direction]


@pytest.fixture(scope="module")
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """With the slots of life."""
    data = provider.write(tmp_path_factory.mktemp("lifelike") / "data")
    with ServerProcess(data, slot_ms=None).start() as process:
        yield process


async def visit(pupil: Pupil, observer: Observer, does: Callable[[Pupil], Awaitable[None]]) -> Visit:
    noted: list[tuple[float, Seen]] = []
    observer.watch = lambda _line, seen: noted.append((time.monotonic(), seen))
    await pupil.opens_lyhty()
    begun = time.monotonic()
    await does(pupil)
    await asyncio.sleep(max(0.0, WATCHED_SLOTS * SLOT_S - (time.monotonic() - begun)))  # the rest of the visit
    return Visit(list(noted), list(observer.requests), len(observer.lines))


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def visits(shared_people: People, server: ServerProcess, provider: Provider) -> dict[str, Visit]:
    """At the same time: one reads the lesson, the other writes, sends, reads a reply and writes again."""

    async def reads(pupil: Pupil) -> None:
        await pupil.reads_the_lesson()

    async def tells(pupil: Pupil) -> None:
        await pupil.tells(TEXT, "bullying")
        await pupil.opens_the_case()
        async with expert(server.url, provider, provider.lawyer) as lawyer:
            rows = await lawyer.desk.inbox(lawyer.queue)
            held = await lawyer.claims(rows[0].place.case_id)
            await lawyer.writes(held, "Luin viestisi.")
        await pupil.has_received("Luin viestisi.")
        await pupil.chats("Kiitos.")
        await pupil.has_sent("Kiitos.")

    async with observed(server.url) as readers_line, observed(server.url) as tellers_line:
        readers_page, _ = await shared_people.page()
        tellers_page, _ = await shared_people.page()
        reader, teller = await asyncio.gather(
            visit(Pupil(readers_page, readers_line.url), readers_line, reads),
            visit(Pupil(tellers_page, tellers_line.url), tellers_line, tells),
        )
        return {"reader": reader, "teller": teller}


WHO: Final = pytest.mark.parametrize("who", ["reader", "teller"])


@WHO
async def test_every_frame_of_a_direction_has_the_one_size(visits: dict[str, Visit], who: str) -> None:
    sizes = {(seen.direction, seen.opcode, seen.payload_bytes) for _, seen in visits[who].frames}
    assert sizes == {(Direction.UP, BINARY, UP_BYTES), (Direction.DOWN, BINARY, DOWN_BYTES)}


@WHO
async def test_one_frame_comes_down_in_each_slot(visits: dict[str, Visit], who: str) -> None:
    downs = [at for at, _ in visits[who].of(Direction.DOWN)]
    assert len(downs) >= WATCHED_SLOTS - 2  # the first and the last are cut by the visit's ends
    # The first comes with the opening of the channel, the rest with the server's clock.
    gaps = [later - earlier for earlier, later in pairwise(downs[1:])]
    assert abs(median(gaps) - SLOT_S) < TOLERANCE_S
    assert abs((downs[-1] - downs[1]) / len(gaps) - SLOT_S) < TOLERANCE_S


@WHO
async def test_each_frame_down_is_answered_by_one_frame_up_before_the_next_comes(
    visits: dict[str, Visit], who: str
) -> None:
    directions = [seen.direction for _, seen in visits[who].frames]
    whole = len(directions) // 2 * 2
    assert directions[:whole] == [Direction.DOWN, Direction.UP] * (whole // 2)


@WHO
async def test_answers_come_at_moments_drawn_by_chance_in_the_first_quarter_of_a_slot(
    visits: dict[str, Visit], who: str
) -> None:
    downs, ups = visits[who].of(Direction.DOWN), visits[who].of(Direction.UP)
    delays = [up - down for (down, _), (up, _) in zip(downs, ups, strict=False)]
    assert median(delays) < SLOT_S / 4
    assert max(delays) - min(delays) > SLOT_S / 10


@WHO
async def test_one_channel_is_enough_for_a_visit(visits: dict[str, Visit], who: str) -> None:
    assert visits[who].lines == 1


async def test_both_fetch_the_same_files_and_none_twice(visits: dict[str, Visit]) -> None:
    reader, teller = visits["reader"].requests, visits["teller"].requests
    assert sorted(reader) == sorted(teller)
    # Both workers run the one script; the icon is fetched once more to be kept.
    twice = {each for each in reader if reader.count(each) > 1}
    assert all("/worker-" in each or each == "GET /favicon.svg" for each in twice)


async def test_nothing_is_fetched_after_the_first_load_but_what_everybody_fetches(
    people: People,
) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.page.wait_for_load_state("networkidle")
    after_loading = len(people.watches[-1].requests)
    await pupil.speaks("en")
    await pupil.gets_to_practice(TEXT)
    await pupil.does("skip")
    await pupil.does("skip-back")
    assert people.watches[-1].requests[after_loading:] == []
