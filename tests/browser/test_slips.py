"""A name or a number that a pupil gives to one role alone, and takes back."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import People
from tests.provider import Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "Puhelin 040 123 4567"


async def test_a_pupil_gives_a_number_to_the_psychologist_alone_and_takes_it_back(
    people: People, provider: Provider
) -> None:
    pupil = await people.pupil()
    await pupil.opens_lyhty()
    words = "Minua kiusataan, ja haluan että joku soittaa."
    await pupil.tells(words, "bullying", help_wanted="both")
    await pupil.opens_the_case()
    lawyer = await people.signed_in(provider.lawyer)
    psychologist = await people.signed_in(provider.psychologist)
    for desk in (lawyer, psychologist):
        await desk.card(words).click()
        await desk.action("claim").click()
        await expect(desk.messages).to_have_count(1)

    page = pupil.page
    await page.locator('[data-action="slip"]').click()
    dialog = page.locator('[data-dialog="slip"]')
    await dialog.locator('[data-field="slip"]').fill(NUMBER)
    await dialog.locator('[data-choice="psychologist"]').click()
    await dialog.locator('[data-action="slip-look"]').click()
    await expect(dialog).to_contain_text(NUMBER)
    await dialog.locator('[data-action="slip-give"]').click()
    await expect(dialog.locator('[data-slip="psychologist"]')).to_contain_text(NUMBER)

    await expect(psychologist.case_pane.locator('[data-part="slips"]')).to_contain_text(NUMBER)
    await expect(lawyer.case_pane.locator('[data-part="slips"]')).to_have_count(0)

    await dialog.locator('[data-action="slip-take-back"]').click()
    await expect(dialog.locator("[data-slip]")).to_have_count(0)
    await expect(psychologist.case_pane.locator('[data-part="slips"]')).to_have_count(0)
