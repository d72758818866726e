"""A pupil at the screen: what they do and see on the public pages, in sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from playwright.async_api import Locator, Page, expect

from tests.browser.words import Language, say, stop_sentences, three_sentences

PHRASE_LENGTH: Final = 8
STOPS_WITH_OWN_WORDS: Final = ("insecure-context", "directory-forged", "anchor-mismatch", "browser-unsupported")


@dataclass(frozen=True)
class PictureWord:
    index: int
    word: str


@dataclass
class Pupil:
    page: Page
    url: str
    language: Language = "fi-simple"
    phrase: list[PictureWord] = field(default_factory=list)

    # --- Finding things

    def action(self, name: str) -> Locator:
        return self.page.locator(f'[data-action="{name}"]')

    def choice(self, value: str) -> Locator:
        return self.page.locator(f'label[data-choice="{value}"]')

    def text_field(self, name: str) -> Locator:
        return self.page.locator(f'[data-field="{name}"]')

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def messages(self) -> Locator:
        return self.page.locator("[data-message]")

    def says(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    # --- Seeing

    async def sees(self, view: str) -> None:
        await expect(self.page.locator("main[data-view]")).to_have_attribute("data-view", view)

    async def reads(self, key: str, **values: object) -> None:
        await expect(self.main).to_contain_text(self.says(key, **values))

    async def reads_by_when(self, key: str = "clock.answerBy") -> None:
        """A sentence of the clock, whatever its moment."""
        before, after = self.says(key, when="|").split("|")
        clock = self.page.locator('[data-part="clock"]')
        await expect(clock).to_contain_text(before.strip())
        await expect(clock).to_contain_text(after.strip())

    async def reads_problem(self, code: str) -> None:
        """Three plain sentences, in the language of the page."""
        shown = self.page.locator(f'[data-problem="{code}"]')
        for sentence in three_sentences(self.language, code):
            await expect(shown).to_contain_text(sentence)

    async def is_stopped(self, code: str) -> None:
        await self.sees("stop")
        shown = self.page.locator(f'[data-problem="{code}"]')
        if code not in STOPS_WITH_OWN_WORDS:
            await self.reads_problem(code)
            return
        for sentence in stop_sentences(self.language, code):
            await expect(shown).to_contain_text(sentence)

    async def sees_state(self, key: str) -> None:
        await expect(self.page.locator("[data-state]")).to_contain_text(self.says(key))

    # --- Moving about

    async def draws(self, phrase: Sequence[int]) -> Self:
        """Of all phrases the dice give this one, so that a test knows its words."""
        await self.page.add_init_script(
            "const drawn = crypto.getRandomValues.bind(crypto)\n"
            f"const phrase = {list(phrase)}\n"
            "crypto.getRandomValues = (into) => into.length === 8 ? (into.set(phrase), into) : drawn(into)"
        )
        return self

    async def opens_lyhty(self, fragment: str = "") -> Self:
        await self.page.goto(f"{self.url}/{fragment}")
        await expect(self.page.locator("main[data-view]")).to_be_visible()
        if self.language != "fi-simple":
            await self.speaks(self.language)
        return self

    async def speaks(self, language: Language) -> None:
        await self.action("language").select_option(language)
        self.language = language
        await expect(self.action("exit").first).to_contain_text(self.says("exit.button"))

    async def does(self, action: str) -> None:
        await self.action(action).first.click()

    async def goes_on(self) -> None:
        await self.does("next")

    async def goes_back(self) -> None:
        await self.does("back")

    async def reads_the_lesson(self, lesson: str = "pictures") -> None:
        await self.does(f"lesson-{lesson}")
        await self.sees(f"lesson-{lesson}")
        for part in range(1, 7):
            await self.reads(f"lesson.{lesson}.{part}.title")
            await self.goes_on()
        for number in (1, 2, 3):
            await self.choice("right").click()
            await self.reads(f"lesson.{lesson}.quiz.{number}.rightFeedback")
            await self.goes_on()
        await self.reads("lesson.end.title")

    # --- Asking for help, step by step

    async def asks_for_help(self) -> None:
        await self.does("ask")
        await self.sees("device")

    async def uses_device(self, device: str) -> None:
        await self.choice(device).click()
        await self.goes_on()
        await self.sees("danger")

    async def says_about_danger(self, answer: str) -> None:
        await self.choice(answer).click()
        await self.goes_on()
        await self.sees("what")

    async def writes(self, text: str, *choices: str) -> None:
        await self.text_field("text").fill(text)
        for value in choices:
            await self.choice(value).click()
        await self.goes_on()
        await self.sees("help")

    async def wants(self, help_wanted: str) -> None:
        await self.choice(help_wanted).click()
        await self.goes_on()
        await self.sees("who-reads")

    async def understands_who_reads(self) -> None:
        await self.goes_on()
        await self.sees("phrase")

    async def keeps_the_phrase(self) -> None:
        pictures = self.page.locator(".phrase [data-picture]")
        await expect(pictures).to_have_count(PHRASE_LENGTH)
        found: list[list[str]] = await pictures.evaluate_all(
            "all => all.map(one => [one.dataset.picture, one.getAttribute('aria-label')])"
        )
        self.phrase = [PictureWord(int(index), word) for index, word in found]
        await self.goes_on()
        await self.sees("practice")

    async def practices(self) -> None:
        for _ in range(2):
            position = await self.page.locator("[data-question]").get_attribute("data-question")
            assert position is not None
            right = self.phrase[int(position)].index
            await self.page.locator(f'[data-question="{position}"] [data-picture="{right}"]').click()
        await self.reads("practice.done")

    async def skips_practice(self) -> None:
        await self.does("skip")
        await self.does("skip-anyway")

    async def gets_to_writing(self, device: str = "own", danger: str = "no") -> None:
        await self.asks_for_help()
        await self.uses_device(device)
        await self.says_about_danger(danger)

    async def gets_to_practice(self, text: str, *choices: str, help_wanted: str = "lawyer", danger: str = "no") -> None:
        await self.gets_to_writing(danger=danger)
        await self.writes(text, *choices)
        await self.wants(help_wanted)
        await self.understands_who_reads()
        await self.keeps_the_phrase()

    async def tells(
        self, text: str, *choices: str, help_wanted: str = "lawyer", danger: str = "no"
    ) -> list[PictureWord]:
        """The whole way, from the home page until it has arrived. Returns the phrase."""
        await self.gets_to_practice(text, *choices, help_wanted=help_wanted, danger=danger)
        await self.skips_practice()
        await self.sees("sent")
        return self.phrase

    # --- Coming back

    async def types_phrase(self, text: str) -> None:
        await self.does("continue")
        await self.sees("continue")
        await self.does("by-typing")
        await self.text_field("phrase").fill(text)

    async def comes_back_with(self, text: str) -> None:
        await self.types_phrase(text)
        # The pictures come above the button and move it.
        await self.reads("continue.chosen_other", count=PHRASE_LENGTH)
        await self.does("open")
        await self.sees("case")

    async def taps(self, picture: int) -> None:
        """Opens the groups one after another until the picture is there, as a person does who looks for it."""
        groups = self.action("group")
        for nth in range(await groups.count()):
            await groups.nth(nth).click()
            tile = self.page.locator(f'.picture-grid [data-picture="{picture}"]')
            if await tile.count():
                await tile.click()
                return
        raise AssertionError(f"picture {picture} is in no group")

    # --- The open case

    async def opens_the_case(self) -> None:
        await self.does("to-case")
        await self.sees("case")

    async def tries_to_chat(self, text: str) -> None:
        await self.text_field("message").fill(text)
        await self.does("send")

    async def chats(self, text: str) -> None:
        """Without the time to take it back."""
        await self.tries_to_chat(text)
        await self.does("send-now")

    async def has_sent(self, text: str) -> None:
        """The server has it; an expert's client may have said more already."""
        await expect(self.message(text)).to_have_attribute("data-message-state", re.compile("sent|delivered|read"))

    async def sees_read(self, text: str) -> None:
        await expect(self.message(text)).to_have_attribute("data-message-state", "read")
        await expect(self.message(text)).to_contain_text(self.says("case.message.read"))

    async def has_received(self, text: str) -> None:
        await expect(self.message(text)).to_have_attribute("data-message-state", "received")

    def message(self, text: str) -> Locator:
        return self.messages.filter(has_text=text)

    async def erases_everything(self) -> None:
        await self.does("erase")
        await self.does("erase-confirm")
        await self.sees("erased")
