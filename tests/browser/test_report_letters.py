"""A viewer asks to be told by e-mail of reports, and is: also where the server fell after a release (SPEC 12.2)."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from lyhty_server.store.sql import SqlStore
from tests.browser.conftest import PHONE, SLOT_MS, People, gathered
from tests.browser.figure_views import stands
from tests.browser.test_duty import mailing
from tests.browser.test_viewers import Viewer, coordinator_of, invites, is_clean, viewer_at
from tests.browser.words import Language, say
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess
from tests.server.test_notices import eventually, mail_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADDRESS = "rehtori@example.fi"


async def test_a_viewer_asks_by_keys_alone_to_be_told_of_reports_and_is(
    browser: Browser, provider: Provider, tmp_path: Path
) -> None:
    async with mail_server() as inbox:
        data = provider.write(tmp_path / "data")
        with ServerProcess(data, slot_ms=SLOT_MS, settings=mailing(inbox)).start() as server:
            async with gathered(browser, server) as people:
                await asks_to_be_told(people, provider)
        # Of a server that stores the release and falls at once.
        store = SqlStore(data / "lyhty.db")
        await store.start()
        assert await store.put_release("2020-autumn", b"figures")
        await store.close()
        assert inbox.letters == []
        with ServerProcess(data, settings=mailing(inbox) | {"LYHTY_SITE": "https://lyhty.example"}).start():
            await eventually(lambda: bool(inbox.letters))
        (letter,) = inbox.letters
        assert letter.rcpt_tos == [ADDRESS]
        said = letter.content or b""
        assert b"https://lyhty.example/figures" in said
        for never in (b"Keskuskoulu", b"Rehtori", b"03095"):
            assert never not in said


async def asks_to_be_told(people: People, provider: Provider) -> None:
    desk = await coordinator_of(people, provider)
    principal = await viewer_at(people)
    await principal.joins(await invites(desk, "Rehtori", "03095"), "rehtori")
    await principal.signs_in("rehtori")
    await stands(principal)
    form = principal.page.locator('[data-part="report-letters"]')
    keyboard = principal.page.keyboard
    await form.locator("summary").focus()
    await keyboard.press("Enter")
    await expect(form).to_contain_text(say("fi", "viewer.letters.kept"))
    await keyboard.press("Tab")
    await keyboard.type("rehtori@")
    await keyboard.press("Enter")
    await expect(form.get_by_role("alert")).to_have_text(say("fi", "console.notices.wrong"))
    await is_clean(principal.page)
    await principal.field("letter-address").fill(ADDRESS)
    await keyboard.press("Enter")
    await expect(form.get_by_role("status")).to_contain_text(ADDRESS)
    await speaks(principal, "sv")
    await principal.field("letter-address").fill("")
    await principal.action("tell-me").click()
    await expect(form.get_by_role("status")).to_have_text(say("sv", "viewer.letters.off"))
    await speaks(principal, "en")
    await principal.page.set_viewport_size(PHONE)
    await principal.field("letter-address").fill(ADDRESS)
    await principal.action("tell-me").click()
    await expect(form.get_by_role("status")).to_contain_text(ADDRESS)
    await is_clean(principal.page)


async def speaks(viewer: Viewer, language: Language) -> None:
    await viewer.action("language").focus()
    await viewer.action("language").select_option(language)
    await expect(viewer.page.locator('[data-part="report-letters"]')).to_contain_text(
        say(language, "viewer.letters.what")
    )
    # The figures come anew in this language, however late, and leave the focus where it is.
    await stands(viewer)
    await expect(viewer.action("language")).to_be_focused()
