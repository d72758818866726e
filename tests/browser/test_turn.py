"""A case gets its next key while pupil and expert have it open: both write on, and see one calm line (SPEC 3.4)."""

import pytest
from playwright.async_api import expect

from lyhty_client.coordinator import rotate
from lyhty_client.departure import depart, turn_all
from lyhty_client.expert import ExpertDesk
from tests.browser.conftest import People
from tests.browser.desk import Desk
from tests.browser.pupil import Pupil
from tests.provider import Provider
from tests.scenarios.actors import expert as expert_at
from tests.scenarios.actors import now
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def talking(people: People, provider: Provider, text: str) -> tuple[Pupil, Desk]:
    pupil = await (await people.pupil("fi")).opens_lyhty()
    await pupil.tells(text)
    await pupil.opens_the_case()
    lawyer = await people.signed_in(provider.lawyer)
    await lawyer.claims(text)
    await lawyer.chats("Kerro lisää.")
    await pupil.has_received("Kerro lisää.")
    return pupil, lawyer


async def see_one_line_and_no_alarm(pupil: Pupil, lawyer: Desk) -> None:
    await expect(pupil.page.locator(".message.turn")).to_have_text(pupil.says("case.newKey"))
    await expect(lawyer.case_pane.locator(".entry.turn")).to_have_text(lawyer.says("console.case.newKey"))
    for page in (pupil.page, lawyer.page):
        await expect(page.locator("[data-problem]")).to_have_count(0)


async def new_epochs(desk: ExpertDesk) -> None:
    await desk.refresh()
    await desk.desk.certify(rotate(desk.expertise, desk.expertise.queue_keys, now()))
    await desk.refresh()


async def test_both_write_on_when_a_coordinator_gives_the_case_its_next_key(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    pupil, lawyer = await talking(people, provider, "Joku jakoi kuvani.")
    async with expert_at(server.url, provider, provider.coordinator, listening=False) as coordinator:
        turned = await depart(coordinator.desk, provider.other_lawyer.id)
    assert (turned.done, turned.failed) == (1, {})
    await see_one_line_and_no_alarm(pupil, lawyer)
    await pupil.chats("Kuva on yhä siellä.")
    await pupil.has_sent("Kuva on yhä siellä.")
    await lawyer.has_read("Kuva on yhä siellä.")
    await lawyer.chats("Otetaan se alas.")
    await pupil.has_received("Otetaan se alas.")
    await see_one_line_and_no_alarm(pupil, lawyer)

    # On another device everything is there, from before and from after.
    again = await (await people.pupil("fi")).opens_lyhty()
    await again.comes_back_with(" ".join(picture.word for picture in pupil.phrase))
    for text in ("Kerro lisää.", "Otetaan se alas."):
        await again.has_received(text)
    await expect(again.page.locator("[data-problem]")).to_have_count(0)


async def test_when_the_pupil_writes_first_their_page_makes_the_next_key(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    pupil, lawyer = await talking(people, provider, "Minua uhkaillaan.")
    async with expert_at(server.url, provider, provider.coordinator, listening=False) as coordinator:
        await new_epochs(coordinator.desk)
        await pupil.chats("Oletko siellä?")
        await pupil.has_sent("Oletko siellä?")
        await lawyer.has_read("Oletko siellä?")
        await lawyer.chats("Olen.")
        await pupil.has_received("Olen.")
        await see_one_line_and_no_alarm(pupil, lawyer)
        assert (await turn_all(coordinator.desk, "schedule")).failed == {}


async def test_when_the_expert_writes_first_their_console_makes_the_next_key(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    pupil, lawyer = await talking(people, provider, "Tilini vietiin.")
    people.expect_complaint("409")  # what a browser says of a refusal that the console makes good
    async with expert_at(server.url, provider, provider.coordinator, listening=False) as coordinator:
        await new_epochs(coordinator.desk)
        await lawyer.chats("Vaihda salasana.")
        await pupil.has_received("Vaihda salasana.")
        await pupil.chats("Vaihdoin.")
        await lawyer.has_read("Vaihdoin.")
        await see_one_line_and_no_alarm(pupil, lawyer)
