"""Practice mode for lessons: a whole case that is made up, marked on every screen, of which nothing leaves the page."""

from typing import Final

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People
from tests.browser.pupil import Pupil
from tests.browser.rehearsal_views import rehearsal_views, stands_at
from tests.browser.test_traces import NOTHING, ON_THE_DEVICE
from tests.browser.watching import A_BROWSER_TELLS_OF_LOST_LINES
from tests.scenarios.observer import Direction, observed
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT_AT: Final = 6  # SPEC 6.1: version, direction and slot before it
OWN_WORDS: Final = "Joku uhkaa minua oikeasti."


async def opens_rehearsal(pupil: Pupil) -> Pupil:
    await pupil.opens_lyhty("#practice")
    await pupil.sees("rehearsal")
    return pupil


async def test_a_class_walks_through_a_case_and_only_cover_frames_leave_the_page(
    people: People, server: ServerProcess
) -> None:
    counts: list[int] = []
    async with observed(server.url) as network:

        def read(direction: Direction, payload: bytes) -> None:
            if direction is Direction.UP:
                counts.append(payload[COUNT_AT])

        network.read = read
        pupil = await opens_rehearsal(await people.pupil(url=network.url))
        await pupil.page.wait_for_load_state("networkidle")
        requests = list(network.requests)
        seen = [view async for view in rehearsal_views(pupil)]
        assert len(seen) > 10
        assert network.requests == requests
        assert len(counts) > 20
        assert set(counts) == {0}
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)


async def test_the_same_look_at_the_frames_sees_a_real_report(people: People, server: ServerProcess) -> None:
    counts: list[int] = []
    async with observed(server.url) as network:
        network.read = lambda direction, payload: (
            counts.append(payload[COUNT_AT]) if direction is Direction.UP else None
        )
        pupil = await (await people.pupil(url=network.url)).opens_lyhty()
        await pupil.tells(OWN_WORDS)
        assert set(counts) > {0}
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)


async def test_every_view_says_that_it_is_practice_and_leaves_nothing_on_the_device(people: People) -> None:
    pupil = await opens_rehearsal(await people.pupil())
    band = pupil.says("rehearsal.band")
    async for view in rehearsal_views(pupil):
        where = pupil.page.locator("dialog[open] .rehearsal-mark, main > .rehearsal-mark").first
        await expect(where, view).to_have_text(band)
        await expect(where, view).to_be_in_viewport()
        if await pupil.page.locator("dialog[open]").count():
            await expect(pupil.page.locator("dialog[open] .rehearsal-mark"), view).to_be_visible()
        assert await pupil.page.evaluate(ON_THE_DEVICE) == NOTHING
    assert "#" not in pupil.page.url


async def test_what_is_true_begins_elsewhere_and_takes_no_words_along_unasked(people: People) -> None:
    pupil = await opens_rehearsal(await people.pupil())
    await pupil.does("rehearsal-start")
    await expect(pupil.action("rehearsal-take")).to_have_count(0)
    await pupil.text_field("text").fill(OWN_WORDS)
    await pupil.reads("rehearsal.isItTrue")
    await pupil.does("rehearsal-real")
    await pupil.sees("device")
    await expect(pupil.page.locator(".rehearsal-mark")).to_have_count(0)
    await pupil.uses_device("own")
    await pupil.says_about_danger("no")
    await expect(pupil.text_field("text")).to_have_value("")


async def test_what_is_true_takes_the_words_along_when_the_child_wants(people: People) -> None:
    pupil = await opens_rehearsal(await people.pupil())
    await pupil.does("rehearsal-start")
    await pupil.text_field("text").fill(OWN_WORDS)
    await pupil.does("rehearsal-take")
    await pupil.uses_device("own")
    await pupil.says_about_danger("no")
    await expect(pupil.text_field("text")).to_have_value(OWN_WORDS)


async def test_the_practice_is_gone_when_it_is_ended(people: People) -> None:
    pupil = await opens_rehearsal(await people.pupil())
    await pupil.does("rehearsal-start")
    await pupil.text_field("text").fill(OWN_WORDS)
    await pupil.does("rehearsal-end")
    await pupil.sees("home")
    await pupil.does("lesson-bullying")
    await pupil.does("to-rehearsal")
    await stands_at(pupil, "intro")
    await pupil.does("rehearsal-start")
    await expect(pupil.text_field("text")).to_have_value(pupil.says("rehearsal.story"))


async def test_made_up_pictures_offer_no_way_to_take_them_along(people: People) -> None:
    pupil = await opens_rehearsal(await people.pupil())
    async for view in rehearsal_views(pupil):
        if view == "rehearsal-phrase":
            for action in ("copy", "print", "other-device"):
                await expect(pupil.action(action)).to_have_count(0)
            return
    raise AssertionError("no view of the phrase")
