"""The answer templates that a team writes for itself: one writes, the others insert, nobody else sees."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import People, Tells
from tests.browser.desk import Desk
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "Kirjoita ylös, milloin tämä alkoi palvelussa {service}."


async def opens(desk: Desk) -> None:
    await desk.action("menu").click()
    await desk.action("shelf").click()
    await expect(dialog(desk)).to_be_visible()


def dialog(desk: Desk) -> Locator:
    return desk.page.locator('dialog[data-dialog="shelf"]')


def template(desk: Desk, title: str) -> Locator:
    return dialog(desk).locator(f'[data-template="{title}"]')


async def writes(desk: Desk, title: str, text: str = TEXT) -> None:
    await opens(desk)
    await desk.action("write").first.click()
    await desk.page.locator('[data-field="title"]').fill(title)
    await dialog(desk).locator('textarea[data-part="now"]').fill(text)
    await desk.action("save-template").click()
    await expect(template(desk, title)).to_be_visible()


async def shuts(desk: Desk) -> None:
    await dialog(desk).locator('[data-action="cancel"]').click()


async def test_what_one_expert_wrote_another_inserts_with_a_slash_and_no_other_team_sees_it(
    people: People, provider: Provider, tells: Tells, server: ServerProcess
) -> None:
    words = "Joku huijasi minua, malli tiimiltä"
    await tells(words, service="tiktok")
    lawyer = await people.signed_in(provider.lawyer)
    await writes(lawyer, "Huijaus pelissä")
    await expect(dialog(lawyer)).to_contain_text(lawyer.says("console.shelf.saved", title="Huijaus pelissä"))
    other = await people.signed_in(provider.other_lawyer)
    await other.claims(words)
    await other.presses("r")
    await other.page.locator('[data-mode="answer"]').click()
    await other.part("now").click()
    await other.presses("/")
    await other.page.keyboard.type("pelissä")
    await expect(other.found.first).to_contain_text("Huijaus pelissä")
    await expect(other.found.first.locator('[data-mark="team"]')).to_contain_text(provider.lawyer.display_name)
    await other.presses("Enter")
    await expect(other.part("now")).to_have_value(TEXT.replace("{service}", "TikTok"))
    psychologist = await people.signed_in(provider.psychologist)
    await opens(psychologist)
    await expect(dialog(psychologist)).to_contain_text(psychologist.says("console.shelf.nothing"))
    stored = b"".join(file.read_bytes() for file in server.data.rglob("*") if file.is_file())
    assert "milloin tämä alkoi".encode() not in stored
    assert "Huijaus pelissä".encode() not in stored
    if out := os.environ.get("LYHTY_PICTURES"):
        await pictures(lawyer, Path(out))


async def pictures(desk: Desk, out: Path) -> None:
    for language in ("fi", "en"):
        for width, height in ((390, 844), (1366, 768)):
            await desk.page.set_viewport_size({"width": width, "height": height})
            await desk.page.screenshot(path=out / f"shelf-{language}-{width}.png")
            await desk.action("change").first.click()
            await desk.page.screenshot(path=out / f"form-{language}-{width}.png")
            await desk.action("leave-template").click()
        await desk.page.set_viewport_size({"width": 1366, "height": 768})
        await shuts(desk)
        await desk.speaks("en")
        await opens(desk)
    await shuts(desk)


async def test_a_removed_template_is_put_back_and_offered_again(people: People, provider: Provider) -> None:
    lawyer = await people.signed_in(provider.lawyer)
    await writes(lawyer, "Poistettava")
    await template(lawyer, "Poistettava").locator('[data-action="remove"]').click()
    await expect(template(lawyer, "Poistettava").locator('[data-action="remove"]')).to_have_count(0)
    await lawyer.action("undo").click()
    await expect(template(lawyer, "Poistettava").locator('[data-action="remove"]')).to_be_visible()


async def test_two_who_change_one_template_lose_neither_text(people: People, provider: Provider) -> None:
    lawyer = await people.signed_in(provider.lawyer)
    await writes(lawyer, "Yhteinen")
    other = await people.signed_in(provider.other_lawyer)
    await opens(other)
    for desk, text in ((lawyer, "Ensimmäisen teksti"), (other, "Toisen teksti")):
        await template(desk, "Yhteinen").locator('[data-action="change"]').click()
        await dialog(desk).locator('textarea[data-part="now"]').fill(text)
    await lawyer.action("save-template").click()
    await expect(template(lawyer, "Yhteinen")).to_contain_text("Ensimmäisen teksti")
    theirs = dialog(other).locator('[data-part="other"]')
    await expect(theirs).to_contain_text("Ensimmäisen teksti")
    await expect(dialog(other).locator('textarea[data-part="now"]')).to_have_value("Toisen teksti")
    await theirs.locator('[data-action="mine"]').click()
    await other.action("save-template").click()
    await expect(template(lawyer, "Yhteinen")).to_contain_text("Toisen teksti")


async def test_a_half_written_template_outlives_a_lock(people: People, provider: Provider) -> None:
    lawyer = await people.signed_in(provider.lawyer)
    await opens(lawyer)
    await lawyer.action("write").click()
    await lawyer.page.locator('[data-field="title"]').fill("Kesken jäänyt")
    await shuts(lawyer)
    await lawyer.action("menu").click()
    await lawyer.action("lock").click()
    await lawyer.page.locator('[data-field="password"]').fill(provider.lawyer.password)
    await lawyer.action("unlock").click()
    await opens(lawyer)
    await expect(lawyer.page.locator('[data-field="title"]')).to_have_value("Kesken jäänyt")
    await lawyer.action("leave-template").click()


async def test_a_server_that_puts_the_shelf_back_is_told_and_believed_no_further(
    people: People, provider: Provider
) -> None:
    lawyer = await people.signed_in(provider.lawyer)
    await writes(lawyer, "Ennen valhetta")

    async def puts_back(route: Any) -> None:
        answer = await route.fetch()
        listed = await answer.json()
        await route.fulfill(response=answer, json=listed | {"last_seq": listed["last_seq"] - 2})

    await lawyer.page.route("**/api/queues/1/shelf", puts_back)
    other = await people.signed_in(provider.other_lawyer)
    await writes(other, "Sen jälkeen")
    await lawyer.reads_problem("history-gap")
    await expect(template(lawyer, "Ennen valhetta")).to_be_visible()
    await lawyer.page.unroute("**/api/queues/1/shelf")
