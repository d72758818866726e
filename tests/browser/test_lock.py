"""A desk that is locked, by itself or by hand: nothing of a case stays in the page, and everything comes back."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE, People
from tests.browser.desk import Desk
from tests.browser.heap import found_in_heap
from tests.provider import Provider
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('lyhty-draft')).length"


@pytest_asyncio.fixture(loop_scope="session")
async def lawyer(people: People, provider: Provider) -> Desk:
    return await people.signed_in(provider.lawyer)


@pytest_asyncio.fixture(loop_scope="session")
async def story(server: ServerProcess) -> AsyncIterator[str]:
    text = f"Lukittavan tapauksen kertomus {secrets.token_hex(8)}."
    async with reporter(server.url) as pupil:
        await pupil.tells(text)
    yield text


async def is_locked(desk: Desk) -> None:
    await expect(desk.page.locator('[data-view="locked"]')).to_be_visible()


async def unlocks(desk: Desk, password: str | None = None) -> None:
    await desk.page.locator('[data-field="password"]').fill(password or desk.account.password)
    await desk.action("unlock").click()


async def test_a_desk_that_nobody_touches_for_fifteen_minutes_locks_itself(people: People, provider: Provider) -> None:
    desk = await people.desk(provider.lawyer)
    await desk.page.clock.install()
    await desk.opens_console()
    await desk.signs_in()
    await desk.page.clock.fast_forward("14:00")
    await desk.presses("j")
    await desk.page.clock.fast_forward("14:00")
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()
    await desk.page.clock.fast_forward("02:00")
    await is_locked(desk)


@pytest.mark.parametrize("how", ["key", "button", "menu"])
async def test_a_desk_is_locked_at_once_by(lawyer: Desk, how: str) -> None:
    match how:
        case "key":
            await lawyer.presses("q")
        case "button":
            await lawyer.action("lock-now").click()
        case _:
            await lawyer.action("menu").click()
            await lawyer.action("lock").click()
    await is_locked(lawyer)


async def test_a_locked_desk_is_unlocked_with_the_password_alone_and_everything_is_where_it_was(
    lawyer: Desk, story: str
) -> None:
    await lawyer.claims(story)
    await lawyer.writes_part("legal", "Tämä jäi kesken lukitessa.")
    await lawyer.presses("Escape", "q")
    await is_locked(lawyer)
    await expect(lawyer.page.locator('[data-field="name"]')).to_have_count(0)
    assert await lawyer.page.evaluate(KEPT) > 0
    await unlocks(lawyer)
    await expect(lawyer.card(story)).to_have_attribute("aria-current", "true")
    await lawyer.has_read(story)
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_have_value("Tämä jäi kesken lukitessa.")


async def test_the_session_of_a_locked_desk_has_ended_and_its_story_is_not_on_the_screen(
    lawyer: Desk, story: str
) -> None:
    await lawyer.claims(story)
    async with lawyer.page.expect_request("**/api/sign-out"):
        await lawyer.presses("Escape", "q")
    await is_locked(lawyer)
    await expect(lawyer.page.locator("body")).not_to_contain_text(story)


async def test_a_wrong_password_does_not_unlock_and_the_right_one_does_afterwards(people: People, lawyer: Desk) -> None:
    people.expect_complaint("status of 403")
    await lawyer.presses("q")
    await unlocks(lawyer, "not the password")
    await lawyer.reads_problem("sign-in-failed")
    await is_locked(lawyer)
    await unlocks(lawyer)
    await expect(lawyer.page.locator('[data-view="desk"]')).to_be_visible()


async def test_no_word_of_a_case_is_in_the_heap_of_a_locked_page(lawyer: Desk, server: ServerProcess) -> None:
    """The control: before the lock, the same search finds every one."""
    told, said, answered, drafted = [
        f"{each}{secrets.token_hex(8)}" for each in ("kertoo", "sanoo", "vastaa", "luonnos")
    ]
    words = [told, said, answered, drafted]
    async with reporter(server.url) as pupil:
        await pupil.tells(f"{told} on tässä.")
        await lawyer.claims(told)
        await pupil.writes(f"{said} lisää.")
        await lawyer.has_read(said)
    await lawyer.answers(legal=f"{answered} näin.")
    await lawyer.page.locator('[data-mode="answer"]').click()
    await lawyer.writes_part("now", f"{drafted} kesken.")
    await lawyer.action("preview").click()
    assert await found_in_heap(lawyer.page, words) == words
    await lawyer.action("lock-now").click()
    # Playwright, which lives in the page's heap too, has matched the words and keeps the last text that it matched.
    await expect(lawyer.page.locator("h1")).to_have_text(lawyer.says("console.lock.title"))
    assert await found_in_heap(lawyer.page, [*words, lawyer.account.password]) == []


async def test_what_the_device_would_not_keep_is_still_there_after_the_lock(lawyer: Desk, story: str) -> None:
    await lawyer.claims(story)
    await lawyer.page.evaluate(
        "void (Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') })"
    )
    await lawyer.writes_part("legal", "Vain tällä sivulla.")
    await lawyer.action("lock-now").click()
    await expect(lawyer.page.locator("main")).to_contain_text(lawyer.says("console.lock.stayHere"))
    assert await lawyer.page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    await unlocks(lawyer)
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_have_value("Vain tällä sivulla.")


async def test_from_a_locked_desk_somebody_else_may_sign_in_and_the_draft_waits_for_its_writer(
    people: People, lawyer: Desk, provider: Provider, story: str
) -> None:
    await lawyer.claims(story)
    await lawyer.writes_part("legal", "Tekijänsä luonnos.")
    await lawyer.action("lock-now").click()
    await lawyer.action("leave").click()
    await expect(lawyer.page.locator('[data-view="sign-in"]')).to_be_visible()
    assert await lawyer.page.evaluate(KEPT) > 0
    await lawyer.signs_in()
    await lawyer.card(story).click()
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_have_value("Tekijänsä luonnos.")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_the_password_has_the_focus_within_two_steps_of_the_lock(
    people: People, provider: Provider, viewport: Any
) -> None:
    desk = await people.signed_in(provider.lawyer, viewport=viewport)
    await desk.action("menu").click()
    await desk.action("lock").click()
    await is_locked(desk)
    await expect(desk.page.locator("h1")).to_be_focused()
    await desk.presses("Tab")
    await expect(desk.page.locator('[data-field="password"]')).to_be_focused()
