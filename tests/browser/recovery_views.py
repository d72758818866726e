"""A walk past what coordinators see when one of them asks for the key of a queue (SPEC 9.9)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, expect

from tests.browser.conftest import SLOT_MS, People
from tests.browser.desk import Desk
from tests.browser.team_views import opens_from_menu, shuts
from tests.browser.words import Language
from tests.provider import make_coordinators
from tests.scenarios.actors import now
from tests.scenarios.server_process import ServerProcess

HOUR_S: Final = 3_600
BEFORE_S: Final = -25 * HOUR_S
"""When a request for shares is seen, beside the server's clock; 48 hours later is still within a day of it (5.3)."""
AFTER_S: Final = 23 * HOUR_S + 60


@asynccontextmanager
async def coordinators(
    browser: Browser, folder: Path, language: Language, **look: Any
) -> AsyncIterator[tuple[Desk, Desk, Desk]]:
    """The desks of one who is looked at, of another who asks, and of the psychologist; in a service of their own."""
    staff = make_coordinators(now() - 2 * HOUR_S)
    with ServerProcess(staff.write(folder / "staff"), slot_ms=SLOT_MS).start() as server:
        people = People(browser, server)
        second, first, psychologist = [
            await people.desk(staff.accounts[nth], language=language, **look) for nth in (1, 0, 3)
        ]
        people.expect_complaint("status of 409")  # a key is split anew after a share was given, but while nobody asks
        yield second, first, psychologist
        await people.leave()
    assert people.unexpected == []


async def signs_in_at(desk: Desk, off_s: int) -> None:
    """With a device whose clock is off by so much."""
    await desk.page.clock.set_system_time(now() + off_s)
    await desk.opens_console()
    await desk.signs_in()


async def recovery_views(desk: Desk, asker: Desk, psychologist: Desk) -> AsyncIterator[str]:
    """Of a coordinator whom another asks for a share, and who asks for one. The other two are not looked at."""
    page = desk.page
    request = page.locator('[data-part="request"]')
    for each in (psychologist, asker, desk):
        await each.page.clock.install(time=now() + BEFORE_S)
        await signs_in_at(each, BEFORE_S)
    await _sees_shares(desk)
    yield "console-recovery"
    await page.locator('[data-recovery="2"] [data-action="ask-shares"]').click()
    yield "console-recovery-asking"
    await shuts(desk)
    await _sees_shares(asker)
    await _asks(asker)
    await expect(request.locator('[data-part="earliest"]')).to_be_visible()
    yield "console-request"
    await signs_in_at(desk, AFTER_S)
    await request.locator('[data-action="give"]').click()
    yield "console-request-giving"
    await request.locator('[data-action="give-now"]').click()
    await expect(request).to_contain_text(desk.says("console.recovery.gave"))
    yield "console-request-given"
    await request.locator('[data-action="stop-request"]').click()
    await expect(request).to_have_attribute("data-ended", "true")
    yield "console-request-ended"
    await request.locator('[data-action="request-read"]').click()
    await _sees_shares(desk)
    await _asks(desk)
    await expect(request.locator('[data-action="stop-request"]')).to_be_visible()
    yield "console-request-own"
    await request.locator('[data-action="stop-request"]').click()
    await expect(request).to_have_attribute("data-ended", "true")


async def _sees_shares(desk: Desk) -> None:
    """In People, those of the psychologists' key."""
    await opens_from_menu(desk, "people")
    of_queue = desk.page.locator('[data-recovery="2"]')
    await expect(of_queue.locator('[data-action="ask-shares"]')).to_be_visible()
    await of_queue.scroll_into_view_if_needed()


async def _asks(desk: Desk) -> None:
    for action in ("ask-shares", "ask-shares-now"):
        await desk.page.locator(f'[data-recovery="2"] [data-action="{action}"]').click()
    await expect(desk.page.locator('[data-part="request"][data-ended="false"]')).to_be_attached()
    await shuts(desk)
