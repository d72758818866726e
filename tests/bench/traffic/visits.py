"""One visit in a real browser: what a person does, at a person's pace, and how they leave."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Browser, expect

from lyhty_crypto.lexicon import spell
from lyhty_wire.ids import CaseId
from tests.bench.traffic.plans import Activity, Plan
from tests.browser.pupil import Pupil
from tests.scenarios.actors import Expert

PHONE: Final = {"width": 390, "height": 844}
PATIENCE_MS: Final = 30_000
AFTERWARDS_S: Final = 1.5
"""How long the line is watched after the person has left, before the browser itself goes."""
KEY_MS: Final = 25

expect.set_options(timeout=PATIENCE_MS)

LESSON: Final = "pictures"
STORY: Final = "Joku jakoi minusta kuvan luokan ryhmässä. En uskalla mennä kouluun huomenna. Mitä teen?"
QUESTION: Final = "Voinko poistaa kuvan itse?"
THANKS: Final = "Kiitos. Kerron äidille."
REPLIES: Final = (
    "Luin viestisi. Teit oikein, kun kerroit.",
    "Kyllä voit. Autan sinua siinä nyt.",
    "Hyvä. Olen täällä.",
)


@dataclass(frozen=True)
class Waiting:
    """A case that was told before, and the phrase that leads back to it."""

    case: CaseId
    phrase: bytes

    @property
    def words(self) -> str:
        return " ".join(spell(self.phrase, "fi"))


@dataclass(frozen=True)
class Visited:
    """Monotonic seconds, on the recorder's clock."""

    begun_s: float
    done_s: float
    left_s: float


class Person:
    def __init__(self, pupil: Pupil, lawyer: Expert, waiting: Waiting | None, rng: random.Random) -> None:
        self.pupil = pupil
        self.lawyer = lawyer
        self._waiting = waiting
        self._rng = rng

    @property
    def waiting(self) -> Waiting:
        assert self._waiting is not None  # for whoever comes back, one was made
        return self._waiting

    async def rests(self, shortest_s: float = 0.3, longest_s: float = 1.2) -> None:
        await asyncio.sleep(self._rng.uniform(shortest_s, longest_s))

    async def types(self, field: str, text: str) -> None:
        await self.pupil.text_field(field).press_sequentially(text, delay=KEY_MS)
        await self.rests()

    async def reads_a_lesson(self) -> None:
        await self.pupil.does(f"lesson-{LESSON}")
        await self.pupil.sees(f"lesson-{LESSON}")
        for _ in range(6):
            await self.rests(1.0, 3.5)
            await self.pupil.goes_on()

    async def tells(self) -> None:
        pupil = self.pupil
        await pupil.asks_for_help()
        await self.rests()
        await pupil.uses_device("own")
        await self.rests()
        await pupil.says_about_danger("no")
        await self.rests()
        await self.types("text", STORY)
        await pupil.choice("bullying").click()
        await pupil.goes_on()
        await self.rests()
        await pupil.wants("lawyer")
        await self.rests()
        await pupil.understands_who_reads()
        await pupil.keeps_the_phrase()
        await self.rests()
        await pupil.skips_practice()
        await pupil.sees("sent")
        await self.rests()

    async def comes_back(self) -> None:
        await self.pupil.types_phrase("")
        await self.types("phrase", self.waiting.words)
        await self.pupil.does("open")
        await self.pupil.sees("case")

    async def reads_the_answer(self) -> None:
        await self.comes_back()
        await self.pupil.has_received(REPLIES[0])
        await self.rests(1.0, 3.0)

    async def chats(self) -> None:
        await self.comes_back()
        held = await self.lawyer.claims(self.waiting.case)
        await self.lawyer.writes(held, REPLIES[0])
        await self.pupil.has_received(REPLIES[0])
        for said, reply in ((QUESTION, REPLIES[1]), (THANKS, REPLIES[2])):
            await self.types("message", said)
            await self.pupil.does("send")
            await self.pupil.does("send-now")
            await self.pupil.has_sent(said)
            await self.rests()
            await self.lawyer.desk.catch_up(held)
            await self.lawyer.writes(held, reply)
            await self.pupil.has_received(reply)

    async def looks(self) -> None:
        await self.rests()

    def deed(self, activity: Activity) -> Callable[[], Awaitable[None]]:
        return {
            "lesson": self.reads_a_lesson,
            "report": self.tells,
            "return": self.reads_the_answer,
            "chat": self.chats,
            "exit": self.looks,
        }[activity]


async def visit(browser: Browser, url: str, plan: Plan, lawyer: Expert, waiting: Waiting | None) -> Visited:
    """From an empty browser until some time after the person has left."""
    # Without a graphics processor an animated picture costs a tenth of a core, which would drown what is looked for.
    context = await browser.new_context(viewport=PHONE, locale="fi-FI", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = await context.new_page()
        begun_s = time.monotonic()
        pupil = await Pupil(page, url).opens_lyhty()
        person = Person(pupil, lawyer, waiting, random.Random(plan.seed))
        await person.rests(1.0, 4.0)
        await person.deed(plan.activity)()
        done_s = time.monotonic()
        await asyncio.sleep(max(0.0, begun_s + plan.length_s - time.monotonic()))
        left_s = time.monotonic()
        if plan.ending == "exits":
            await pupil.does("exit")
        else:
            await page.close()
        await asyncio.sleep(AFTERWARDS_S)
        return Visited(begun_s, done_s, left_s)
    finally:
        with contextlib.suppress(Exception):
            await context.close()
