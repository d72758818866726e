"""Who has opened a case: what its reporter sees of it, and that nothing is shown to an expert before it is recorded."""

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import People
from tests.browser.own_browser import until
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR_MS = 3_600_000


async def told(people: People, text: str) -> Pupil:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells(text)
    await pupil.opens_the_case()
    return pupil


async def test_the_pupil_sees_by_role_and_hour_who_has_opened_it(people: People, provider: Provider) -> None:
    pupil = await told(people, "Kuka luki tämän?")
    openings = pupil.page.locator('[data-part="openings"]')
    await openings.locator("summary").click()
    await expect(openings).to_contain_text(pupil.says("case.openings.none"))
    desk = await people.desk(provider.lawyer)
    await desk.page.clock.install()
    await desk.opens_console()
    await desk.signs_in()
    await desk.claims("Kuka luki tämän?")
    await expect(openings.locator("[data-opening]")).to_have_count(1)
    await expect(openings.locator("[data-opening]")).to_contain_text(pupil.says("case.lawyer"))
    await pupil.sees_read("Kuka luki tämän?")
    await expect(pupil.messages).to_have_count(1)
    # Whoever reads on into the next hour is seen in it too, and once only.
    for _ in range(6):  # a desk that nobody touches for so long is locked
        await desk.page.clock.fast_forward(HOUR_MS // 6)
        await desk.page.keyboard.press("Shift")
    await expect(openings.locator("[data-opening]")).to_have_count(2)
    await desk.page.clock.fast_forward(60_000)
    await desk.chats("Luin tämän.")
    await pupil.has_received("Luin tämän.")
    await expect(openings.locator("[data-opening]")).to_have_count(2)


async def test_a_case_is_not_shown_before_its_opening_is_stored(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Salaisuus, jota ei näytetä.")
    desk = await people.signed_in(provider.lawyer)
    people.expect_complaint("ERR_FAILED|Failed to load")
    refused: list[str] = []

    async def loses(route: Route) -> None:
        if route.request.method == "PUT":
            refused.append(route.request.url)
            await route.abort()
        else:
            await route.continue_()

    await desk.page.route("**/api/cases/*/envelopes*", loses)
    await desk.selects("Salaisuus, jota ei näytetä.")
    await desk.presses("Enter", "c")
    waiting = desk.case_pane.locator('[data-part="not-recorded"]')
    await expect(waiting).to_contain_text(desk.says("console.case.recording"))
    await expect(desk.action("record")).to_be_visible()
    await until(lambda: bool(refused), "the entry was refused")
    await expect(desk.messages).to_have_count(0)
    await expect(desk.action("send")).to_have_attribute("aria-disabled", "true")
    await desk.page.unroute("**/api/cases/*/envelopes*")
    # The desk may have tried again by itself a moment ago, and the button is gone.
    await desk.action("record").evaluate_all("buttons => buttons.forEach((button) => button.click())")
    await desk.has_read("Salaisuus, jota ei näytetä.")
    await expect(waiting).to_have_count(0)
