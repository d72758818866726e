"""A new root while pages and consoles are open: they go on, and the console signs with the new directory key."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from lyhty_client import cli
from lyhty_client.founding import write_root_key
from lyhty_client.trust import Site, fetch_directory
from lyhty_wire.encoding import b64encode
from tests.browser.conftest import SLOT_MS, People
from tests.browser.test_departure import lets_go, person, turning
from tests.browser.test_lost_line import A_BROWSER_TELLS_OF_LOST_LINES
from tests.provider import Provider
from tests.scenarios.actors import now
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def own_server(provider: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    """Whose root the other tests do not share."""
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS).start() as server:
        yield server


async def test_a_pupil_writes_on_and_a_coordinator_signs_with_the_new_directory_key(
    browser: Browser, provider: Provider, own_server: ServerProcess, tmp_path: Path
) -> None:
    people = People(browser, own_server)
    pupil = await people.pupil("fi")
    await pupil.opens_lyhty()
    await pupil.tells("Joku jakoi kuvani.")
    await pupil.opens_the_case()
    desk = await people.signed_in(provider.coordinator)
    people.expect_complaint(A_BROWSER_TELLS_OF_LOST_LINES)

    stick, poster = tmp_path / "root.json", f"{own_server.url}/#a={b64encode(provider.instance)}"
    write_root_key(stick, provider.root_key.seed, provider.instance)
    flags = ["--root-key", str(stick), "--out", str(own_server.data / "root-change")]
    assert await asyncio.to_thread(cli.main, ["root", "renew", poster, *flags]) == 0
    own_server.stop()
    own_server.restart()

    await pupil.chats("Kuva on yhä siellä.")
    await expect(desk.page.locator('[data-view="sign-in"]')).to_be_visible()
    await desk.signs_in()
    await lets_go(desk, provider.other_lawyer.display_name)
    await expect(person(desk, provider.other_lawyer.display_name)).to_have_count(0)
    await expect(turning(desk)).to_have_attribute("data-over", "true")
    directory = await fetch_directory(Site.parse(own_server.url), provider.instance, now())
    assert (directory.version, directory.root.body.version) == (3, 2)
    await desk.page.locator('[data-dialog="people"] [data-action="cancel"]').click()
    await desk.claims("Joku jakoi kuvani.")
    await desk.has_read("Kuva on yhä siellä.")
    await people.leave()
    assert people.unexpected == []
