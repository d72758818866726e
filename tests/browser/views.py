"""A walk past every view of both applications: what is checked for accessibility, and what is photographed.

Each generator brings one page from view to view and names where it stands; whoever walks along looks before going on.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from playwright.async_api import Page, expect

from lyhty_wire.ids import PSYCHOLOGIST, CaseId
from tests.browser.desk import Desk
from tests.browser.engines import ELSEWHERE
from tests.browser.pupil import Pupil
from tests.browser.rehearsal_views import rehearsal_views
from tests.browser.team_views import device_views, opens_from_menu, second_pair_views, shelf_views, shuts
from tests.browser.words import Language
from tests.scenarios.actors import Expert
from tests.scenarios.observer import Observer

NOBODYS_ANCHOR: Final = "A" * 43

STORIES: Final[dict[Language, str]] = {
    "fi-simple": "Joku jakoi minusta kuvan luokan ryhmässä. En uskalla mennä kouluun.",
    "fi": "Joku jakoi minusta kuvan luokan ryhmässä. En uskalla mennä kouluun.",
    "sv": "Någon delade en bild av mig i klassens grupp. Jag vågar inte gå till skolan.",
    "en": "Somebody shared a picture of me in the class group. I am afraid to go to school.",
}
ANSWERS: Final[dict[str, dict[str, str]]] = {
    "fi": {
        "did_right": "Hyvä, että kerroit. Teit oikein, kun säilytit viestit.",
        "legal": "Kuvan jakaminen ilman lupaa voi olla rikos.\nSinä et ole tehnyt mitään väärää.",
        "now": "- Ilmoita kuvasta sovelluksessa\n- Kerro aikuiselle, johon luotat\n- Kirjoita, kuka jakoi kuvan",
        "first_aid": "Hengitä rauhassa. Olet nyt turvassa.",
        "look_again": "Luen viestisi uudelleen huomenna.",
    },
    "sv": {
        "did_right": "Bra att du berättade. Det var rätt att spara meddelandena.",
        "legal": "Att dela en bild utan lov kan vara ett brott.\nDu har inte gjort något fel.",
        "now": "- Anmäl bilden i appen\n- Berätta för en vuxen du litar på\n- Skriv upp vem som delade bilden",
        "first_aid": "Andas lugnt. Du är trygg nu.",
        "look_again": "Jag läser dina meddelanden på nytt i morgon.",
    },
    "en": {
        "did_right": "It is good that you told us. You were right to keep the messages.",
        "legal": "Sharing a picture without permission can be a crime.\nYou have done nothing wrong.",
        "now": "- Report the picture in the app\n- Tell an adult you trust\n- Write down who shared the picture",
        "first_aid": "Breathe slowly. You are safe now.",
        "look_again": "I will read your messages again tomorrow.",
    },
}
LAYERS: Final[dict[str, list[str]]] = {
    "fi": ["Et ole tehnyt väärin.", "Kuvan voi saada pois.", "Et ole yksin.", "Ilmoita kuvasta", "Kerro aikuiselle"],
    "sv": [
        "Du har inte gjort något fel.",
        "Bilden kan tas bort.",
        "Du är inte ensam.",
        "Anmäl bilden",
        "Berätta för en vuxen",
    ],
    "en": [
        "You have done nothing wrong.",
        "The picture can be removed.",
        "You are not alone.",
        "Report the picture",
        "Tell an adult",
    ],
}
WHYS: Final[dict[str, str]] = {
    "fi": "Et saa nukuttua, ja pelkäät koulua. Psykologi osaa auttaa siinä.",
    "sv": "Du kan inte sova och är rädd för skolan. En psykolog kan hjälpa med det.",
    "en": "You cannot sleep, and you are afraid of school. A psychologist can help with that.",
}
CHATS: Final[dict[str, str]] = {
    "fi": "Milloin tämä tapahtui?",
    "sv": "När hände det här?",
    "en": "When did this happen?",
}


def _short(language: Language) -> str:
    return language.removesuffix("-simple")


async def _case_of(expert: Expert, first_words: str) -> CaseId:
    rows = await expert.desk.inbox(expert.queue)
    return next(row.place.case_id for row in rows if row.card is not None and row.card.first_words == first_words)


async def _elsewhere(pupil: Pupil, address: str) -> None:
    """A new visit: the page is left first, or a fragment alone would change."""
    await pupil.page.goto("about:blank")
    await pupil.page.goto(address)
    await expect(pupil.page.locator("main[data-view]")).to_be_visible()


async def public_views(pupil: Pupil, network: Observer, lawyer: Expert) -> AsyncIterator[str]:
    """Of the public site. `pupil.url` leads through `network`."""
    async for each in _before_asking(pupil):
        yield each
    async for each in _asking(pupil, network):
        yield each
    async for each in _talking(pupil, lawyer):
        yield each
    async for each in _coming_back(pupil):
        yield each
    async for each in _in_class(pupil):
        yield each
    async for each in _stopped(pupil, network):
        yield each


async def _before_asking(pupil: Pupil) -> AsyncIterator[str]:
    await pupil.opens_lyhty()
    yield "home"
    await pupil.does("lesson-bullying")
    yield "lesson"
    for _ in range(6):
        await pupil.goes_on()
    await pupil.choice("wrong1").click()
    yield "lesson-question"
    for _ in range(3):
        await pupil.choice("right").click()
        await pupil.goes_on()
    yield "lesson-end"
    await pupil.does("lesson-ask")


async def _asking(pupil: Pupil, network: Observer) -> AsyncIterator[str]:
    await pupil.sees("device")
    yield "ask-device"
    await pupil.choice("school").click()
    yield "ask-device-school"
    await pupil.uses_device("own")
    await pupil.choice("yes").click()
    yield "ask-danger"
    await pupil.says_about_danger("no")
    await pupil.goes_on()
    yield "ask-what-empty"
    await pupil.text_field("text").fill(STORIES[pupil.language])
    for value in ("picture-shared", "tiktok", "pupil", "13-15"):
        await pupil.choice(value).click()
    yield "ask-what"
    await pupil.does("home")
    yield "leave"
    await pupil.does("stay")
    await pupil.goes_on()
    yield "ask-help"
    await pupil.wants("lawyer")
    yield "ask-who-reads"
    await pupil.understands_who_reads()
    yield "ask-phrase"
    await pupil.keeps_the_phrase()
    yield "ask-practice"
    await pupil.does("skip")
    yield "ask-practice-skip"
    await pupil.page.keyboard.press("Escape")
    await pupil.practices()
    yield "ask-practice-done"
    network.watch = lambda line, _seen: line.cut()
    await pupil.goes_on()
    await pupil.reads("sending.retrying")
    yield "ask-sending-without-network"
    network.watch = lambda _line, _seen: None
    await expect(pupil.main).not_to_contain_text(pupil.says("sending.retrying"))
    yield "ask-sending"
    await pupil.sees("sent")
    yield "ask-sent"
    await pupil.does("show-phrase")
    yield "ask-sent-phrase"


async def _talking(pupil: Pupil, lawyer: Expert) -> AsyncIterator[str]:
    short = _short(pupil.language)
    await pupil.opens_the_case()
    yield "case-waiting"
    case = await _case_of(lawyer, STORIES[pupil.language])
    held = await lawyer.claims(case)
    await lawyer.answers(held, **ANSWERS[short])
    await pupil.has_received(ANSWERS[short]["did_right"])
    yield "case-answered"
    top = LAYERS[short]
    await lawyer.answers(held, plain=top[:3], ticks=top[3:], now=ANSWERS[short]["now"])
    await pupil.has_received(top[1])  # the first line stands in the answer before, too
    yield "case-two-layers"
    await pupil.does("whole-answer")
    yield "case-whole-answer"
    await lawyer.writes(held, CHATS[short])
    await pupil.has_received(CHATS[short])
    await pupil.text_field("message").fill(STORIES[pupil.language][:20])
    yield "case-chat"
    await pupil.does("send")
    yield "case-leaving"
    await pupil.does("undo-send")
    await pupil.text_field("message").fill("")
    await lawyer.desk.ask_handover(held, PSYCHOLOGIST, WHYS[short])
    question = pupil.page.locator('[data-part="ask"]')
    await expect(question.locator("fieldset")).to_be_visible()
    await question.scroll_into_view_if_needed()
    yield "case-asked"
    await pupil.choice("from-here").click()
    await pupil.action("ask-answer").scroll_into_view_if_needed()
    yield "case-asked-chosen"
    await pupil.choice("no").click()
    await pupil.does("ask-answer")
    await expect(pupil.page.locator('[data-part="consent"]')).to_be_visible()
    yield "case-asked-no"
    await pupil.does("ask-change")
    yield "case-asked-again"
    await pupil.page.locator('[data-part="openings"] summary').click()
    yield "case-openings"
    await pupil.page.locator('[data-part="copies"] summary').click()
    await pupil.choice("password").click()
    yield "case-copies"
    await pupil.does("binder")
    yield "case-binder"
    await pupil.does("binder-back")
    await pupil.does("erase")
    yield "case-erase"
    await pupil.does("erase-cancel")
    await lawyer.closes(case)
    await pupil.sees_state("case.state.closed")
    # The field is gone, and the page shorter: nothing may lie half under the bar.
    await pupil.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    yield "case-closed"
    await pupil.erases_everything()
    yield "erased"


async def _coming_back(pupil: Pupil) -> AsyncIterator[str]:
    await pupil.does("continue")
    await pupil.sees("continue")
    yield "continue-pictures"
    await pupil.does("by-typing")
    await pupil.text_field("phrase").fill("kissa kotra xyzzy kani ")
    yield "continue-typing"
    await pupil.text_field("phrase").fill(" ".join(picture.word for picture in pupil.phrase))
    await pupil.does("open")
    await pupil.reads_problem("mailbox-unknown")
    yield "continue-problem"
    await pupil.does("to-copy")
    await pupil.sees("copy")
    yield "copy"
    await pupil.does("back")


async def _in_class(pupil: Pupil) -> AsyncIterator[str]:
    await _elsewhere(pupil, f"{pupil.url}/#s=03095")
    await pupil.speaks(pupil.language)
    await pupil.gets_to_writing()
    await expect(pupil.action("no-school")).to_be_visible()
    yield "ask-what-school"
    await _elsewhere(pupil, f"{pupil.url}/#practice")
    await pupil.speaks(pupil.language)
    async for each in rehearsal_views(pupil):
        yield each


async def _stopped(pupil: Pupil, network: Observer) -> AsyncIterator[str]:
    await _elsewhere(pupil, f"{pupil.url}/#a={NOBODYS_ANCHOR}")
    await pupil.speaks(pupil.language)
    await pupil.is_stopped("anchor-mismatch")
    yield "stop-anchor-mismatch"
    port = network.url.rsplit(":", 1)[1]
    await _elsewhere(pupil, f"http://{ELSEWHERE}:{port}/")
    await pupil.speaks(pupil.language)
    await pupil.is_stopped("insecure-context")
    yield "stop-insecure-context"
    await pupil.page.goto(f"{pupil.url}/bye")
    yield "bye"


async def console_views(desk: Desk, first_words: str) -> AsyncIterator[str]:
    """Of the expert console. A case on a heavy topic that begins with `first_words` waits in the desk's queue."""
    desk = replace(desk, url=desk.url.replace("127.0.0.1", "localhost"))  # where passkeys can be
    await desk.opens_console(with_device=False)
    yield "console-sign-in"
    await desk.opens_console()
    await desk.tries_to_sign_in(password="not the password")
    await desk.reads_problem("sign-in-failed")
    yield "console-sign-in-failed"
    await desk.signs_in()
    await expect(desk.card(first_words)).to_be_visible()
    yield "console-queue"
    async for each in shelf_views(desk):
        yield each
    await desk.action("tab-mine").click()
    yield "console-nothing-held"
    await desk.page.locator('[data-action="tab-lawyer"]').click()
    await desk.selects(first_words)
    await desk.presses("Enter")
    yield "console-card"
    await desk.presses("c")
    await expect(desk.case_pane).to_have_attribute("data-open", "true")
    await expect(desk.cover).to_be_visible()
    yield "console-claimed"
    await desk.uncovers()
    yield "console-held"
    await desk.case_pane.locator("details.duty summary").click()
    await desk.page.locator('[data-step="child-welfare.concern"] [data-answer="yes"]').click()
    yield "console-duties"
    async for each in second_pair_views(desk):
        yield each
    await desk.part("now").focus()
    await desk.presses("/")
    yield "console-templates"
    await desk.presses("Shift+Enter")
    yield "console-template-taken"
    await desk.action("add-law").click()
    yield "console-law-search"
    await desk.presses("Enter")
    yield "console-assessment"
    short = _short(desk.language)
    await desk.answers(**ANSWERS[short])
    yield "console-answered"
    await desk.page.locator('[data-mode="chat"]').click()
    await desk.page.locator('[data-field="chat"]').fill(CHATS[short])
    yield "console-chat"
    await desk.presses("Control+Enter")
    yield "console-leaving"
    await desk.action("undo-send").click()
    await desk.page.locator('[data-field="search"]').fill(first_words[:4])
    await expect(desk.page.locator('[data-part="found"] mark').first).to_be_visible()
    yield "console-search"
    await desk.action("clear-search").click()
    await desk.action("menu").click()
    yield "console-menu"
    async for each in device_views(desk):
        yield each
    await opens_from_menu(desk, "lock")
    await expect(desk.page.locator('[data-view="locked"]')).to_be_visible()
    yield "console-locked"
    await desk.page.locator('[data-field="password"]').fill(desk.account.password)
    await desk.action("unlock").click()
    await desk.uncovers()  # what was covered at first is covered again
    await expect(desk.message(first_words).first).to_be_visible()
    dialogs = (
        ("sign-out", ""),
        ("release", ""),
        ("close", ""),
        ("snooze", ""),
        ("handover", ""),
        ("duty", ""),
        ("break", "b"),
        ("help", "?"),
    )
    for action, key in dialogs:
        if key:
            await desk.case_pane.locator("[data-heading=case]").click()
            await desk.presses(key)
            if action == "help":
                await desk.page.locator(".warnings summary").click()
        else:
            await desk.action(action).first.click()
        await expect(desk.page.locator("dialog")).to_be_visible()
        yield f"console-dialog-{action}"
        await shuts(desk)
    await desk.action("handover").click()
    await desk.page.locator('[data-field="handover"]').fill(WHYS[short])
    await desk.action("confirm").click()
    await expect(desk.action("handover")).to_have_count(0)
    yield "console-handover-asked"
    await desk.chats(CHATS[short])
    await desk.action("snooze").click()
    await desk.action("snooze-tomorrow").click()
    await desk.action("tab-snoozed").click()
    await expect(desk.card(first_words)).to_be_visible()
    yield "console-snoozed"
    await desk.action("wake").click()
    await desk.action("tab-awaiting").click()
    await expect(desk.card(first_words)).to_be_visible()
    yield "console-awaiting"
    await desk.closes()
    await expect(desk.page.locator("dialog")).to_have_count(0)
    yield "console-closed"
    await desk.action("tab-closed").click()
    await desk.card(first_words).click()
    await expect(desk.action("reopen")).to_be_visible()
    await expect(desk.message(first_words).first).to_be_visible()
    yield "console-closed-case"


_ALL_AT_REST: Final = """
Promise.all(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime < Infinity)
    .map((one) => Promise.race([
        one.finished.catch(() => null),
        // One on what is not drawn stands still and never ends.
        new Promise((rest) => { setTimeout(rest, one.effect.getComputedTiming().endTime + 200) }),
    ])))
"""


async def settles(page: Page) -> None:
    """Nothing is on its way any more, so that colors and places are what they will stay."""
    await page.evaluate(_ALL_AT_REST)
