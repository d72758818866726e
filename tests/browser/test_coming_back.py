"""The pupil comes back: the eight picture words, tapped, typed or pasted, right and not quite right."""

from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from lyhty_client.phrases import word_language
from lyhty_crypto.lexicon import LEXICON, spell
from tests.browser.conftest import IN_BOTH_ENGINES, Browsers, People
from tests.browser.pupil import Pupil
from tests.browser.words import Language
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPORT: Final = "Peliryhmässä uhkaillaan minua."
PHRASE: Final = (1, 36, 49, 0, 84, 103, 150, 3)
FINNISH: Final = spell(PHRASE, "fi")  # kissa kotka kala koira kiivi pizza linna kani
BOTH_LANGUAGES: Final = pytest.mark.parametrize("language", ["fi-simple", "en"])


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def told(browsers: Browsers, server: ServerProcess) -> None:
    """Somebody has told of something, once, and kept PHRASE."""
    people = People(await browsers.of("chromium"), server)
    pupil = await (await people.pupil()).draws(PHRASE)
    await pupil.opens_lyhty()
    phrase = await pupil.tells(REPORT)
    assert [picture.word for picture in phrase] == FINNISH
    await people.leave()
    assert people.unexpected == []


@pytest.fixture
def visitor(told: None, people: People) -> "Visitors":
    return Visitors(people)


class Visitors:
    def __init__(self, people: People) -> None:
        self._people = people

    async def speaking(self, language: Language) -> Pupil:
        return await (await self._people.pupil(language)).opens_lyhty()


@IN_BOTH_ENGINES
@BOTH_LANGUAGES
async def test_the_pictures_are_found_in_their_groups_and_tapped(visitor: Visitors, language: Language) -> None:
    pupil = await visitor.speaking(language)
    await pupil.does("continue")
    for picture in PHRASE:
        await pupil.taps(picture)
    await pupil.does("open")
    await pupil.sees("case")
    await pupil.reads_by_when()
    await expect(pupil.message(REPORT)).to_be_visible()


async def test_the_open_button_has_the_focus_after_the_eighth_picture(visitor: Visitors) -> None:
    pupil = await visitor.speaking("fi-simple")
    await pupil.does("continue")
    for picture in PHRASE:
        await pupil.taps(picture)
    await expect(pupil.action("open")).to_be_focused()


@pytest.mark.parametrize(
    "pasted",
    [
        " ".join(FINNISH),
        "\n".join(f"{number}. {word.upper()}" for number, word in enumerate(FINNISH, 1)),
        "".join(LEXICON.pictures[index] for index in PHRASE),
        ", ".join(spell(PHRASE, "en")),
    ],
    ids=["words", "a numbered list in capitals", "pictures", "words in another language"],
)
async def test_all_eight_are_pasted_at_once(visitor: Visitors, pasted: str) -> None:
    pupil = await visitor.speaking("fi-simple")
    await pupil.comes_back_with(pasted)
    await expect(pupil.message(REPORT)).to_be_visible()


async def test_a_typing_error_that_can_only_mean_one_word_is_corrected(visitor: Visitors) -> None:
    pupil = await visitor.speaking("fi-simple")
    await pupil.comes_back_with("kisza kotka kala koira kivi pitza linna kani")
    await expect(pupil.message(REPORT)).to_be_visible()


@BOTH_LANGUAGES
async def test_a_typing_error_that_can_mean_two_words_is_asked_about(visitor: Visitors, language: Language) -> None:
    pupil = await visitor.speaking(language)
    await pupil.types_phrase("kissa kotra kala koira kiivi pizza linna kani")
    eagle, dog = (spell([index], word_language(language))[0] for index in (36, 0))
    await pupil.reads("continue.didYouMean", word=dog)
    await pupil.does("open")
    await pupil.reads_problem("phrase-uncertain")
    await pupil.page.get_by_role("button", name=pupil.says("continue.useWord", word=eagle)).click()
    await pupil.does("open")
    await pupil.sees("case")


@BOTH_LANGUAGES
async def test_words_of_nobody_are_told_in_three_sentences(visitor: Visitors, language: Language) -> None:
    pupil = await visitor.speaking(language)
    await pupil.types_phrase(" ".join(reversed(FINNISH)))
    await pupil.does("open")
    await pupil.reads_problem("mailbox-unknown")


async def test_after_wrong_words_the_right_ones_still_open_the_case(visitor: Visitors) -> None:
    pupil = await visitor.speaking("fi-simple")
    await pupil.types_phrase(" ".join(reversed(FINNISH)))
    await pupil.does("open")
    await pupil.reads_problem("mailbox-unknown")
    await pupil.text_field("phrase").fill(" ".join(FINNISH))
    await pupil.does("open")
    await pupil.sees("case")


@BOTH_LANGUAGES
async def test_half_a_phrase_is_told_in_three_sentences(visitor: Visitors, language: Language) -> None:
    pupil = await visitor.speaking(language)
    await pupil.types_phrase(" ".join(FINNISH[:4]))
    await pupil.does("open")
    await pupil.reads_problem("phrase-incomplete")


@BOTH_LANGUAGES
async def test_a_word_of_no_list_is_told_in_three_sentences(visitor: Visitors, language: Language) -> None:
    pupil = await visitor.speaking(language)
    await pupil.types_phrase(" ".join([*FINNISH[:7], "xyzzyxyzzy", ""]))
    await pupil.reads("continue.unknownWord", word="xyzzyxyzzy")
    await pupil.does("open")
    await pupil.reads_problem("phrase-word-unknown")


async def test_words_typed_become_pictures_when_the_person_goes_on_tapping(visitor: Visitors) -> None:
    pupil = await visitor.speaking("en")
    await pupil.types_phrase(" ".join(FINNISH[:6]))
    await pupil.does("by-pictures")
    for picture in PHRASE[6:]:
        await pupil.taps(picture)
    await pupil.does("open")
    await pupil.sees("case")


async def test_a_swedish_page_shows_swedish_words_and_they_lead_back(people: People) -> None:
    pupil = await (await people.pupil("sv")).opens_lyhty()
    await pupil.tells("Någon hotar mig.")
    words = [picture.word for picture in pupil.phrase]
    assert words == spell([picture.index for picture in pupil.phrase], "sv")
    returned = await (await people.pupil("sv")).opens_lyhty()
    await returned.comes_back_with(" ".join(words))
    await returned.has_sent("Någon hotar mig.")
