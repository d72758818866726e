"""What a channel tells whoever is on the line: that it is open, and no more. And what a broken line loses: nothing.

Slots are counted and never timed, so that a busy machine changes nothing.
"""

import asyncio
from collections.abc import Callable
from itertools import takewhile

import pytest

from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, QueueId
from tests.provider import Provider
from tests.raw_channel import RawChannel, raw_channel
from tests.scenarios.actors import expert, reporter
from tests.scenarios.observer import BINARY, CLOSE, Direction, Line, Observer, Seen, observed
from tests.scenarios.server_process import FAST_SLOT_MS, ServerProcess
from tests.writing import write_report

VISIT_SLOTS = 60
UP = Seen(Direction.UP, BINARY, 2048)
DOWN = Seen(Direction.DOWN, BINARY, 4096)


async def telling(observer: Observer) -> None:
    async with reporter(observer.url) as pupil:
        await pupil.tells("They shared a picture of me." * 100, of=[LAWYER, PSYCHOLOGIST])
        await pupil.writes("And one more thing.")
        await observer.sees(VISIT_SLOTS)


async def watching(observer: Observer) -> None:
    async with reporter(observer.url):
        await observer.sees(VISIT_SLOTS)


VISITS = {"a visitor who only looks": watching, "a pupil who tells everything": telling}


@pytest.fixture(params=VISITS.values(), ids=list(VISITS))
async def line(request: pytest.FixtureRequest, server: ServerProcess) -> Line:
    """The first slots of a visit, as the line shows them."""
    async with observed(server.url) as observer:
        await request.param(observer)
    return observer.lines[0]


async def test_frames_have_one_size_in_each_direction_whatever_is_said(line: Line) -> None:
    kinds = {(seen.direction, seen.opcode, seen.payload_bytes) for seen in line.seen if seen.opcode == BINARY}
    assert kinds == {(UP.direction, BINARY, 2048), (DOWN.direction, BINARY, 4096)}


async def test_nothing_but_frames_is_on_the_line_until_it_is_closed(line: Line) -> None:
    before_the_end = takewhile(lambda seen: seen.opcode != CLOSE, line.seen)
    assert {seen.opcode for seen in before_the_end} == {BINARY}  # no pings, no text


async def test_each_frame_down_is_answered_by_one_frame_up(line: Line) -> None:
    # The last few may still be on their way.
    assert 0 <= len(line.downs) - sum(seen == UP for seen in line.ups) <= 2


async def test_the_upgrade_names_nothing_but_the_channel(line: Line) -> None:
    head = line.request.decode().split("\r\n")
    assert head[0] == "GET /channel HTTP/1.1"
    names = {field.partition(":")[0].lower() for field in head[1:] if field}
    assert names == {"host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version"}


async def test_the_server_sends_no_more_frames_than_slots_have_passed(server: ServerProcess) -> None:
    async with observed(server.url) as observer, reporter(observer.url) as pupil:
        loop = asyncio.get_running_loop()
        line = await observer.sees(1)
        started, seen_before = loop.time(), len(line.downs)
        await pupil.tells("They shared a picture of me.")
        await observer.sees(VISIT_SLOTS)
        slots = (loop.time() - started) * 1000 / FAST_SLOT_MS
    # Rounds are late on a busy machine, and then they stay late: nobody catches up. One may have been due already.
    assert len(line.downs) - seen_before <= slots + 1


async def test_who_talks_gets_as_many_frames_as_who_is_silent(server: ServerProcess, provider: Provider) -> None:
    written = write_report(provider.directory)
    async with raw_channel(server.url) as silent, raw_channel(server.url) as talking:
        lead = talking.frames[-1].slot - silent.frames[-1].slot
        listening = asyncio.create_task(beat_forever(silent))
        await talking.open(written.case, written.keys.auth)
        for counter in range(2, 10):
            await talking.put(written.chat("Are you there?", counter).envelope)
        # One clock drives both; what is on its way on the other line at this moment is the tolerance.
        assert abs(talking.frames[-1].slot - silent.frames[-1].slot - lead) <= 3
        listening.cancel()
        await asyncio.wait([listening])


async def beat_forever(channel: RawChannel) -> None:
    while True:
        await channel.beat()


async def test_slots_are_numbered_without_a_gap(server: ServerProcess) -> None:
    async with raw_channel(server.url) as channel:
        for _ in range(20):
            await channel.beat()
    assert [frame.slot for frame in channel.frames] == list(range(1, 22))


@pytest.mark.parametrize(("queues", "slots"), [([LAWYER], 5), ([LAWYER, PSYCHOLOGIST], 6)])
async def test_a_report_to_one_queue_leaves_in_five_slots_and_to_two_in_six(
    server: ServerProcess, provider: Provider, queues: list[QueueId], slots: int
) -> None:
    written = write_report(provider.directory, queues=queues)
    async with raw_channel(server.url) as channel:
        await channel.open(written.case, written.keys.auth)
    assert channel.frames_said == slots


# --- A line that breaks


def cut_after(ups: int) -> Callable[[Line, Seen], None]:
    """Cuts the first line that so many up frames have left on."""
    cut: list[Line] = []

    def watch(line: Line, _seen: Seen) -> None:
        if not cut and len(line.ups) == ups:
            cut.append(line)
            line.cut()

    return watch


@pytest.mark.parametrize("ups", range(1, 12))
async def test_a_report_whose_line_breaks_in_the_middle_is_stored_once(
    server: ServerProcess, provider: Provider, ups: int
) -> None:
    async with observed(server.url) as observer:
        observer.watch = cut_after(ups)
        async with reporter(observer.url) as pupil:
            await pupil.tells("They shared a picture of me.")
            assert len(observer.lines) == 2
            async with expert(server.url, provider, provider.lawyer) as lawyer:
                held = await lawyer.claims(pupil.case)
                assert len(held.conversation.messages) == 1


async def test_words_written_while_the_line_is_down_arrive_once_and_in_order(
    server: ServerProcess, provider: Provider
) -> None:
    async with observed(server.url) as observer, reporter(observer.url) as pupil:
        await pupil.tells("They shared a picture of me.")
        observer.lines[-1].cut()
        await asyncio.gather(pupil.writes("First."), pupil.writes("Second."))
        async with expert(server.url, provider, provider.lawyer) as lawyer:
            held = await lawyer.claims(pupil.case)
        assert pupil.texts == ["They shared a picture of me.", "First.", "Second."]
        assert len(held.conversation.messages) == 3
        assert held.conversation.alarms == []


async def test_an_answer_that_comes_while_the_line_is_down_is_read_after_it(
    server: ServerProcess, provider: Provider
) -> None:
    async with (
        observed(server.url) as observer,
        expert(server.url, provider, provider.lawyer) as lawyer,
        reporter(observer.url) as pupil,
    ):
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        observer.lines[-1].cut()
        await lawyer.writes(held, "I am here.")
        await pupil.reads("I am here.")
