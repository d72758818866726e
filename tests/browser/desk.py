"""An expert at the desk: what they do and see in the console, mostly by keyboard."""

import asyncio
from dataclasses import dataclass
from typing import Self

from playwright.async_api import Locator, Page, expect

from tests.browser.words import Language, say, three_sentences
from tests.patience import PATIENCE_S
from tests.provider import Account


@dataclass
class Desk:
    page: Page
    url: str
    account: Account
    language: Language = "fi"

    def action(self, name: str) -> Locator:
        return self.page.locator(f'[data-action="{name}"]')

    def card(self, first_words: str) -> Locator:
        """A place in the list, known by its decrypted first words."""
        return self.page.locator("[data-case]").filter(has_text=first_words)

    @property
    def case_pane(self) -> Locator:
        return self.page.locator(".case-pane")

    @property
    def messages(self) -> Locator:
        return self.case_pane.locator(".conversation [data-message]")

    def says(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    # --- Coming and going

    async def opens_console(self, *, with_device: bool = True) -> Self:
        fragment = f"#device={self.account.device}" if with_device else ""
        await self.page.goto("about:blank")  # or a fragment alone would change
        await self.page.goto(f"{self.url}/console{fragment}")
        await expect(self.page.locator('[data-view="sign-in"]')).to_be_visible()
        return self

    async def signs_in(self, *, password: str | None = None) -> Self:
        await self.tries_to_sign_in(password=password)
        await expect(self.page.locator('[data-view="desk"]')).to_be_visible()
        await expect(self.page.locator(".connection")).to_have_text(self.says("console.connection.open"))
        return self

    async def tries_to_sign_in(self, *, password: str | None = None) -> None:
        await self.page.locator('[data-field="name"]').fill(self.account.name)
        await self.page.locator('[data-field="password"]').fill(password or self.account.password)
        await self.action("sign-in").click()

    async def speaks(self, language: Language) -> None:
        await self.action("language").select_option(language)
        self.language = language
        await expect(self.action("sign-out")).to_have_text(self.says("console.signOut"))

    # --- By keyboard

    async def presses(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def selects(self, first_words: str) -> None:
        """With J or K until the card is the current one."""
        card = self.card(first_words)
        await expect(card).to_be_attached()
        steps = await card.evaluate(
            """(card) => {
                const cards = [...document.querySelectorAll('[data-case]')]
                return cards.indexOf(card) - cards.findIndex((each) => each.ariaCurrent === 'true')
            }"""
        )
        await self.presses(*("j" if steps > 0 else "k") * abs(steps))
        await expect(self.card(first_words)).to_have_attribute("aria-current", "true")

    async def claims(self, first_words: str) -> None:
        await self.selects(first_words)
        await self.presses("Enter", "c")
        await expect(self.case_pane).to_have_attribute("data-open", "true")
        await self.uncovers()
        await expect(self.message(first_words).first).to_be_visible()

    @property
    def cover(self) -> Locator:
        """What stands before a heavy text."""
        return self.case_pane.locator('[data-part="cover"]')

    async def uncovers(self) -> None:
        """Asks to see the words, if their topic is one that is covered at first."""
        await expect(self.cover.or_(self.messages.first).first).to_be_visible()
        if await self.cover.is_visible():
            await self.action("uncover").click()

    def part(self, part: str) -> Locator:
        return self.page.locator(f'textarea[data-part="{part}"]')

    @property
    def found(self) -> Locator:
        """What a search for a template or a law offers."""
        return self.page.locator("[data-found]")

    async def writes_part(self, part: str, text: str) -> None:
        await self.part(part).fill(text)

    async def answers(self, **parts: str) -> None:
        """R, the parts, Ctrl+Enter. `look_again` stands for the part `look-again`."""
        await self.presses("r")
        await self.page.locator('[data-mode="answer"]').click()
        for part, text in parts.items():
            await self.writes_part(part.replace("_", "-"), text)
        await self.sends()
        await self.has_said(next(iter(parts.values())))

    async def chats(self, text: str) -> None:
        await self.page.locator('[data-mode="chat"]').click()
        await self.page.locator('[data-field="chat"]').fill(text)
        await self.sends()
        await self.has_said(text)

    async def sends(self) -> None:
        """Ctrl+Enter, without the time to take it back."""
        await self.presses("Control+Enter")
        await self.action("send-now").click()

    async def closes(self) -> None:
        # Out of the field: there E is a letter.
        await self.case_pane.locator("[data-heading=case]").click()
        await self.presses("e")
        await self.action("confirm").click()

    # --- Seeing

    async def has_said(self, text: str) -> None:
        await expect(self.message(text)).to_have_attribute("data-state", "sent")

    async def has_read(self, text: str) -> None:
        await expect(self.message(text)).to_have_attribute("data-state", "received")

    async def comes_true(self, expression: str) -> None:
        """Asked from outside: the page itself may not evaluate texts."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.page.evaluate(expression):
                pass

    def message(self, text: str) -> Locator:
        return self.messages.filter(has_text=text)

    @property
    def outgoing(self) -> Locator:
        """What was sent and is not stored yet."""
        return self.case_pane.locator('[data-part="outgoing"]')

    async def reads_problem(self, code: str) -> None:
        shown = self.page.locator(f'[data-problem="{code}"]')
        for sentence in three_sentences(self.language, code):
            await expect(shown).to_contain_text(sentence)
