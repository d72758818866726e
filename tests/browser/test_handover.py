"""A lawyer asks whether a psychologist may help: three people, three browsers (SPEC 4.7)."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.desk import Desk
from tests.browser.looking import violations
from tests.browser.pupil import Pupil
from tests.browser.words import Language
from tests.provider import Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = os.environ.get("LYHTY_HANDOVER_PICTURES")


async def photographed(page: Page, name: str) -> None:
    """For whoever looks at it: when a folder is named."""
    if PICTURES:
        for width, height in ((390, 844), (1366, 768)):
            before = page.viewport_size
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
            if before:
                await page.set_viewport_size(before)


async def asked(
    people: People, provider: Provider, text: str, why: str, language: Language = "fi-simple"
) -> tuple[Pupil, Desk, Desk]:
    """The lawyer holds the case and has asked; the psychologist is at the desk."""
    pupil = await (await people.pupil(language)).opens_lyhty()
    await pupil.tells(text)
    await pupil.opens_the_case()
    lawyer = await people.signed_in(provider.lawyer)
    psychologist = await people.signed_in(provider.psychologist)
    await lawyer.claims(text)
    await lawyer.chats("Tämä on rikos.")
    await pupil.has_received("Tämä on rikos.")
    await lawyer.case_pane.locator("[data-heading=case]").click()
    await lawyer.action("handover").click()
    await lawyer.page.locator('[data-field="handover"]').fill(why)
    await photographed(lawyer.page, f"lawyer-asks-{language}")
    assert await violations(lawyer.page) == []
    await lawyer.action("confirm").click()
    await expect(lawyer.page.locator('[data-dialog="handover"]')).to_have_count(0)
    await expect(lawyer.action("handover")).to_have_count(0)
    await expect(card_of(pupil)).to_contain_text(why)
    await expect(psychologist.card(text).or_(psychologist.card(why))).to_have_count(0)
    return pupil, lawyer, psychologist


def card_of(pupil: Pupil) -> Locator:
    return pupil.page.locator('[data-part="ask"]')


async def answers(pupil: Pupil, what: str) -> None:
    await pupil.choice(what).click()
    await pupil.does("ask-answer")
    await expect(pupil.page.locator(f'[data-part="consent"][data-what="{what}"]').last).to_be_visible()


async def nobody_is_alarmed(*pages: Pupil | Desk) -> None:
    for each in pages:
        await expect(each.page.locator("[data-problem]")).to_have_count(0)


@pytest.mark.parametrize("language", ["fi-simple", "en"])
async def test_from_here_on_the_psychologist_reads_what_comes_and_all_three_write_on(
    people: People, provider: Provider, language: Language
) -> None:
    text = f"Joku jakoi kuvani luokan ryhmässä ({language})."
    why = f"Et saa nukuttua. Psykologi voi auttaa siinä ({language})."
    pupil, lawyer, psychologist = await asked(people, provider, text, why, language)
    await card_of(pupil).scroll_into_view_if_needed()
    await photographed(pupil.page, f"pupil-asked-{language}")
    assert await violations(pupil.page) == []
    await answers(pupil, "from-here")
    await photographed(pupil.page, f"pupil-answered-{language}")
    await expect(lawyer.page.locator('[data-part="consent"][data-what="from-here"]')).to_be_visible()
    await photographed(lawyer.page, f"lawyer-told-{language}")

    await expect(psychologist.card(why)).to_be_visible()
    await expect(psychologist.page.locator("[data-case]").filter(has_text=text)).to_have_count(0)
    await psychologist.selects(why)
    await psychologist.presses("Enter", "c")
    await expect(psychologist.case_pane).to_have_attribute("data-open", "true")
    await psychologist.uncovers()
    await expect(psychologist.case_pane.locator('[data-part="begins-later"]')).to_be_visible()
    await expect(psychologist.messages).to_have_count(1)
    await photographed(psychologist.page, f"psychologist-{language}")
    assert await violations(psychologist.page) == []

    await pupil.chats("En nuku.")
    await pupil.has_sent("En nuku.")
    for desk in (lawyer, psychologist):
        await desk.has_read("En nuku.")
    await psychologist.chats("Kerro siitä.")
    await pupil.has_received("Kerro siitä.")
    await lawyer.chats("Minä teen ilmoituksen.")
    await pupil.has_received("Minä teen ilmoituksen.")
    await psychologist.has_read("Minä teen ilmoituksen.")
    await expect(psychologist.case_pane).not_to_contain_text(text)
    await expect(psychologist.case_pane).not_to_contain_text("Tämä on rikos.")
    await nobody_is_alarmed(pupil, lawyer, psychologist)

    await lawyer.closes()
    await pupil.chats("Kiitos.")
    await psychologist.has_read("Kiitos.")

    again = await (await people.pupil("fi")).opens_lyhty()
    await again.comes_back_with(" ".join(picture.word for picture in pupil.phrase))
    for words in ("Tämä on rikos.", "Kerro siitä.", "Minä teen ilmoituksen."):
        await again.has_received(words)
    await nobody_is_alarmed(again)


async def test_with_everything_the_psychologist_reads_from_the_first_word(people: People, provider: Provider) -> None:
    text, why = "Minua kiristetään kuvalla.", "Psykologi osaa auttaa pelon kanssa."
    pupil, lawyer, psychologist = await asked(people, provider, text, why)
    await answers(pupil, "all")
    await psychologist.claims(text)
    for words in ("Tämä on rikos.", why):
        await expect(psychologist.message(words).first).to_be_visible()
    await psychologist.chats("Hei.")
    await pupil.has_received("Hei.")
    await nobody_is_alarmed(pupil, lawyer, psychologist)


async def test_a_no_is_told_kindly_and_may_become_a_yes(people: People, provider: Provider) -> None:
    text, why = "Minut jätetään ulkopuolelle.", "Psykologi osaa auttaa, kun on paha olla."
    pupil, lawyer, psychologist = await asked(people, provider, text, why)
    await answers(pupil, "no")
    told = lawyer.page.locator('[data-part="consent"][data-what="no"]')
    await expect(told).to_contain_text(lawyer.says("console.handover.next.no"))
    await photographed(lawyer.page, "lawyer-told-no")
    await lawyer.chats("Jatketaan kahdestaan.")
    await pupil.has_received("Jatketaan kahdestaan.")
    await expect(psychologist.card(why)).to_have_count(0)
    await pupil.does("ask-change")
    await answers(pupil, "from-here")
    await expect(psychologist.card(why)).to_be_visible()
    await nobody_is_alarmed(pupil, lawyer, psychologist)
