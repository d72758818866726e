"""What any bus does: all others hear, once, in order; and who says it does not."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bus_contract.conftest import Join


async def test_everybody_else_hears_what_one_says(join: Join) -> None:
    first, second, third = await join(), await join(), await join()
    first.bus.say(b"look")
    await second.hears(b"look")
    await third.hears(b"look")


async def test_who_says_it_does_not_hear_it(join: Join) -> None:
    first, second = await join(), await join()
    first.bus.say(b"mine")
    await second.hears(b"mine")
    second.bus.say(b"yours")
    await first.hears(b"yours")


async def test_what_one_says_is_heard_once_and_in_its_order(join: Join) -> None:
    first, second = await join(), await join()
    news = [b"%d" % number for number in range(2_000)]
    for each in news:
        first.bus.say(each)
    await second.hears(*news)


async def test_both_say_at_once_and_each_order_is_kept(join: Join) -> None:
    ends = [await join(), await join(), await join()]
    for number in range(200):
        for name, end in zip(b"abc", ends, strict=True):
            end.bus.say(b"%c%d" % (name, number))
    for name, end in zip(b"abc", ends, strict=True):
        await end.until(lambda end=end: len(end.heard) == 400)  # type: ignore[misc]
        for other in set(b"abc") - {name}:
            assert [each for each in end.heard if each[0] == other] == [b"%c%d" % (other, n) for n in range(200)]


async def test_who_joins_late_hears_nothing_of_before(join: Join) -> None:
    first, second = await join(), await join()
    first.bus.say(b"before")
    await second.hears(b"before")
    third = await join()
    first.bus.say(b"after")
    await third.hears(b"after")


async def test_who_has_left_hears_no_more_and_disturbs_nobody(join: Join) -> None:
    first, second, third = await join(), await join(), await join()
    leaver = third.bus
    first.bus.say(b"one")
    await third.hears(b"one")
    await leaver.close()
    first.bus.say(b"two")
    await second.hears(b"one", b"two")
    assert third.heard == [b"one"]
    await leaver.start(third._hear, third._changed)  # so that it can be closed as the others are


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(sizes=st.lists(st.sampled_from([0, 1, 50, 4_000, 60_000]), max_size=30))
async def test_news_of_any_size_arrive_as_they_are(join: Join, sizes: list[int]) -> None:
    first, second = await join(), await join()
    news = [os.urandom(size) for size in sizes]
    for each in news:
        first.bus.say(each)
    await second.hears(*news)
