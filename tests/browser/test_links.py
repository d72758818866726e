"""The code that leads to another device: it holds half of the phrase, and a person taps the rest."""

import io
from typing import Final
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Locator, Page, expect

from lyhty_crypto.lexicon import spell
from lyhty_wire.encoding import b64encode
from tests.browser.conftest import People
from tests.browser.pupil import Pupil
from tests.browser.words import LANGUAGES, Language
from tests.provider import Provider

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHRASE: Final = (5, 61, 140, 205, 190, 33, 250, 12)
HALF: Final = b64encode(bytes(PHRASE[:4]))
MM: Final = 96 / 25.4
"""A millimeter in CSS pixels."""


OUTSIDE: Final = """card => {
    const over = (part, edge) => {
        const [inner, outer] = [part, edge].map((one) => one.getBoundingClientRect())
        return inner.right > outer.right + .5 || inner.bottom > outer.bottom + .5
    }
    const edgeOf = (part) => part.parentElement.closest("li") ?? card
    return [...card.querySelectorAll("*")].filter((part) => over(part, edgeOf(part))).map((part) => part.outerHTML)
}"""
"""What reaches out of the card, or out of its field on the card."""


def read_code(picture: bytes) -> str:
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    return str(code.text)


async def drawn_code(place: Locator | Page) -> str:
    return read_code(await place.screenshot())


async def shows_phrase(pupil: Pupil) -> None:
    await pupil.gets_to_writing()
    await pupil.writes("Joku uhkaa minua.")
    await pupil.wants("lawyer")
    await pupil.understands_who_reads()


async def chosen(pupil: Pupil) -> list[int]:
    found: list[str] = await pupil.page.locator(".slots [data-picture]").evaluate_all(
        "all => all.map(one => one.dataset.picture)"
    )
    return [int(picture) for picture in found]


async def test_a_camera_reads_the_address_with_the_first_four_pictures_from_the_screen(people: People) -> None:
    pupil = await (await (await people.pupil()).draws(PHRASE)).opens_lyhty()
    await shows_phrase(pupil)
    await pupil.does("other-device")
    await pupil.reads("phrase.otherDeviceText")
    assert await drawn_code(pupil.page.locator(".other-device")) == f"{pupil.url}/#p={HALF}"


def longest_words(language: Language) -> tuple[int, ...]:
    """The phrase that needs most room."""
    words = spell(range(256), "fi" if language == "fi-simple" else language)
    return tuple(sorted(range(256), key=lambda index: -len(words[index]))[:8])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_printed_card_has_the_size_of_a_wallet_card_and_the_same_code(
    people: People, language: Language
) -> None:
    phrase = longest_words(language)
    pupil = await (await (await people.pupil(language, device_scale_factor=3)).draws(phrase)).opens_lyhty()
    await shows_phrase(pupil)
    await pupil.page.emulate_media(media="print")
    card = pupil.page.locator(".wallet")
    box = await card.bounding_box()
    assert box is not None
    assert (round(box["width"] / MM, 1), round(box["height"] / MM, 1)) == (85.6, 54.0)
    assert await card.evaluate(OUTSIDE) == []
    assert await drawn_code(card) == f"{pupil.url}/#p={b64encode(bytes(phrase[:4]))}"


async def test_the_printed_card_does_not_say_what_it_is_for(people: People) -> None:
    pupil = await (await (await people.pupil()).draws(PHRASE)).opens_lyhty()
    await shows_phrase(pupil)
    await pupil.page.emulate_media(media="print")
    text = (await pupil.page.locator(".wallet").inner_text()).lower()
    assert "kahdeksan sanaa" in text
    assert not [word for word in ("lyhty", "apu", "auta", "viesti", "koulu") if word in text]


async def test_a_code_handed_on_from_a_poster_names_the_same_provider(people: People, provider: Provider) -> None:
    anchor = b64encode(provider.instance)
    pupil = await (await (await people.pupil()).draws(PHRASE)).opens_lyhty(f"#a={anchor}")
    await shows_phrase(pupil)
    await pupil.does("other-device")
    assert await drawn_code(pupil.page.locator(".other-device")) == f"{pupil.url}/#a={anchor}&p={HALF}"


async def test_who_comes_by_the_code_taps_the_other_half_and_is_in_the_conversation(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty()
    await pupil.tells("Joku uhkaa minua netissä.")
    phrase = [picture.index for picture in pupil.phrase]
    elsewhere = await (await people.pupil()).opens_lyhty(f"#p={b64encode(bytes(phrase[:4]))}")
    await elsewhere.sees("continue")
    await elsewhere.reads("continue.linked")
    assert await chosen(elsewhere) == phrase[:4]
    assert urlsplit(elsewhere.page.url).fragment == ""
    for picture in phrase[4:]:
        await elsewhere.taps(picture)
    await elsewhere.does("open")
    await elsewhere.sees("case")
    await elsewhere.has_sent("Joku uhkaa minua netissä.")


@pytest.mark.parametrize("damaged", ["#p=", "#p=AAA", "#p=AAAAAAAAAAA", "#p=%F0%9F", "#p=!"])
async def test_a_damaged_code_is_told_calmly_and_the_pictures_can_be_chosen(people: People, damaged: str) -> None:
    pupil = await (await people.pupil()).opens_lyhty(damaged)
    await pupil.sees("continue")
    await pupil.reads("continue.linkDamaged")
    assert await chosen(pupil) == []
    await expect(pupil.action("by-pictures")).to_be_visible()
    assert urlsplit(pupil.page.url).fragment == ""


async def test_what_the_address_brought_is_forgotten_on_the_way_home(people: People) -> None:
    pupil = await (await people.pupil()).opens_lyhty(f"#p={HALF}")
    await pupil.does("home")
    await pupil.does("continue")
    await pupil.sees("continue")
    assert await chosen(pupil) == []
