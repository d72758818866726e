"""A walk past what experts do together: templates, a second pair of eyes, people who come and go."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Locator, Route, expect

from lyhty_client.desk import Desk as ClientDesk
from lyhty_client.joining import make_application
from lyhty_client.rooms import Room
from lyhty_client.trust import Site, find_anchor
from lyhty_crypto.invitations import Invitation
from lyhty_crypto.rooms import make_room
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import LAWYER
from lyhty_wire.room_contents import NoticeAsked
from lyhty_wire.rooms import RoomKind
from tests.browser.desk import Desk
from tests.browser.words import Language
from tests.provider import Provider
from tests.scenarios.actors import expert, now, reporter

WITH_MAIL: Final = {
    "LYHTY_SMTP_HOST": "127.0.0.1",
    "LYHTY_SMTP_PORT": "9",
    "LYHTY_SMTP_TLS": "none",
    "LYHTY_SMTP_FROM": "lyhty@example.fi",
}
"""A server that would send letters, so that its people are asked what they want to be told of."""

DEVICE: Final = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
    "hasPrf": True,
}
"""As Chromium is told to have one that makes passkeys."""

NEW_PASSWORD: Final = "aivan toinen salasana"

TEMPLATES: Final[dict[Language, tuple[str, str]]] = {
    "fi": ("Kun luokan ryhmässä leviää kuva, jota kukaan ei saa poistettua", "Ilmoita kuvasta palvelussa {nimi}."),
    "sv": ("När en bild sprids i klassens grupp och ingen får bort den", "Anmäl bilden i tjänsten {namn}."),
    "en": ("When a picture spreads in the class group and nobody can remove it", "Report it in the service {name}."),
}
"""Long, and with a place that is not known."""

REASONS: Final[dict[Language, str]] = {
    "fi": "Lapsi kertoo, että kotona lyödään. Katsoisitko, olenko oikeassa?",
    "sv": "Barnet berättar att det blir slaget hemma. Ser du om jag har rätt?",
    "en": "The child tells of being hit at home. Would you see whether I am right?",
}


async def opens_from_menu(desk: Desk, action: str) -> None:
    """Whoever looked at the menu may have resized the window or pressed beside it, and it has shut."""
    entry = desk.page.locator(f'.menu [data-action="{action}"]')
    if not await entry.is_visible():
        await desk.action("menu").click()
    await entry.click()


def dialog(desk: Desk, name: str) -> Locator:
    return desk.page.locator(f'dialog[data-dialog="{name}"]')


async def shuts(desk: Desk) -> None:
    await desk.presses("Escape")
    await expect(desk.page.locator("dialog")).to_have_count(0)


# --- Of any expert


async def shelf_views(desk: Desk) -> AsyncIterator[str]:
    """The template is there afterwards."""
    title, text = TEMPLATES[desk.language]
    shelf = dialog(desk, "shelf")
    await opens_from_menu(desk, "shelf")
    await expect(desk.action("write").first).to_be_visible()
    yield "console-shelf-before"
    await desk.action("write").first.click()
    await desk.action("save-template").click()
    await expect(shelf.locator("form [role=alert]")).to_be_visible()
    yield "console-shelf-lacking"
    await shelf.locator('[data-field="title"]').fill(title)
    await shelf.locator('textarea[data-part="now"]').fill(text)
    yield "console-shelf-unknown"
    await desk.action("save-template").click()
    saved = shelf.locator(f'[data-template="{title}"]').last
    await expect(saved).to_be_visible()
    yield "console-shelf"
    await saved.locator('[data-action="remove"]').click()
    await expect(desk.action("undo")).to_be_visible()
    yield "console-shelf-removed"
    await desk.action("undo").click()
    await expect(desk.action("undo")).to_have_count(0)
    await shuts(desk)


async def second_pair_views(desk: Desk) -> AsyncIterator[str]:
    """The duties of a held case are open, and there is reason for a notice."""
    notice = desk.case_pane.locator('[data-step="child-welfare.notified"]')
    await notice.locator('[data-part="ask-to-see"] summary').click()
    await notice.scroll_into_view_if_needed()
    yield "console-second-pair"
    await notice.locator("textarea").fill(REASONS[desk.language])
    await notice.locator('[data-action="ask-to-see"]').click()
    await expect(notice).to_have_attribute("data-eyes", "asked")
    await notice.locator('[data-answer="at-once"]').click()
    await expect(notice).to_have_attribute("data-made", "at-once")
    await notice.scroll_into_view_if_needed()
    yield "console-second-pair-asked"
    await desk.action("beside").click()
    await expect(desk.case_pane.locator("[data-notice]")).to_be_visible()
    yield "console-beside"
    await desk.action("reply").click()


async def device_views(desk: Desk) -> AsyncIterator[str]:
    """Where one is signed in, and passkeys where the browser can be told to have a device for them."""
    await opens_from_menu(desk, "security")
    await expect(desk.page.locator("[data-session]").first).to_be_visible()
    yield "console-dialog-security"
    await desk.action("add-device").click()
    yield "console-dialog-device"
    browser = desk.page.context.browser
    if browser is not None and browser.browser_type.name == "chromium":
        protocol = await desk.page.context.new_cdp_session(desk.page)
        await protocol.send("WebAuthn.enable")
        made = await protocol.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        device = {"authenticatorId": made["authenticatorId"]}
        passkeys = desk.page.locator("[data-passkey]")
        await desk.action("add-passkey").click()
        await expect(passkeys).to_have_count(1)
        await desk.action("add-passkey").scroll_into_view_if_needed()
        yield "console-dialog-passkeys"
        await desk.action("add-passkey").click()
        await expect(desk.page.locator('[data-part="passkeys"]')).to_contain_text(desk.says("console.passkeys.already"))
        yield "console-dialog-passkey-already"
        await desk.action("remove-passkey").click()
        await expect(passkeys).to_have_count(0)
        await protocol.send("WebAuthn.setUserVerified", device | {"isUserVerified": False})
        await desk.action("add-passkey").click()
        await desk.reads_problem("passkey-failed")
        yield "console-dialog-passkey-failed"
        await protocol.send("WebAuthn.removeVirtualAuthenticator", device)
        await protocol.detach()
    async for each in password_views(desk):
        yield each


async def password_views(desk: Desk) -> AsyncIterator[str]:
    await desk.action("change-password").click()
    yield "console-dialog-password"
    for name, typed in (("present", desk.account.password), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)):
        await desk.page.locator(f'[data-dialog="password"] [data-field="{name}"]').fill(typed)
    await desk.page.locator('[data-field="code-too"]').check()
    await desk.action("change").click()
    await expect(desk.page.locator('[data-step="sheet"]')).to_be_visible()
    yield "console-dialog-password-sheet"
    await shuts(desk)


# --- Of a coordinator


@asynccontextmanager
async def a_lawyer_asks_for_eyes(url: str, provider: Provider, language: Language) -> AsyncIterator[None]:
    """A case that the lawyer holds, and a question to all lawyers whether a notice is right."""
    async with reporter(url) as pupil, expert(url, provider, provider.lawyer) as lawyer:
        await pupil.tells("Kotona lyödään.")
        held, expertise = await lawyer.claims(pupil.case), lawyer.desk.expertise
        keys, kind = expertise.keys.sign, RoomKind.CONSULTATION
        prepared = make_room(keys, expertise.directory, pupil.case, kind, [LAWYER])
        room = Room.made(prepared, kind, expertise, held.conversation.reporter)
        sealed = room.seal(NoticeAsked(now(), "child-welfare", REASONS[language]))
        wraps = [wrap.encode() for wrap in prepared.wraps]
        await lawyer.desk.desk.open_room(pupil.case, "consultation", prepared.roster.encode(), wraps, sealed.envelope)
        yield
        await lawyer.closes(pupil.case)


async def people_views(desk: Desk) -> AsyncIterator[str]:
    """Of a coordinator's desk, whom a lawyer has asked for a second pair of eyes; and of the page that a link opens.

    That page comes last: it asks to stay.
    """
    page = desk.page
    await desk.opens_console()
    await desk.signs_in()
    await desk.action("menu").click()
    yield "console-menu"
    async for each in _log(desk):
        yield each
    async for each in _organisations(desk):
        yield each
    async for each in _on_call(desk):
        yield each
    await desk.action("advice").click()
    notice = desk.case_pane.locator("[data-notice]").first
    yield "console-advice"
    await notice.locator('[data-aside="disagree"]').fill(REASONS[desk.language])
    await notice.locator('[data-action="disagree"]').click()
    await expect(notice.locator('[data-agrees="false"]').first).to_be_visible()
    yield "console-advice-answered"
    async for each in _comes_and_goes(desk):
        yield each
    second = f"Toinen juristi {secrets.token_hex(3)}"
    await page.locator('[data-queue="1"]').check()
    link = await _invites(desk, second)
    await page.goto("about:blank")
    await page.goto(link)
    await expect(page.locator('[data-field="again"]')).to_be_visible()
    yield "join-form"
    await page.locator('[data-action="make"]').click()
    yield "join-form-lacking"
    await page.locator('[data-field="name"]').fill(second.replace(" ", "."))
    for name in ("password", "again"):
        await page.locator(f'[data-field="{name}"]').fill("kolme pitkää sanaa")
    await page.locator('[data-action="make"]').click()
    await expect(page.locator('[data-part="device-code"]')).to_be_visible()
    yield "join-sheet"
    await page.locator('[data-field="kept"]').check()
    await page.locator('[data-action="kept"]').click()
    await expect(page.locator(".six [data-picture]")).to_have_count(6)
    yield "join-pictures"


async def _log(desk: Desk) -> AsyncIterator[str]:
    """As it is, and as a server shows it that has changed a byte of it."""
    standing = desk.page.locator('[data-part="audit-standing"]')
    await opens_from_menu(desk, "audit")
    await expect(standing).to_have_attribute("data-is", "whole")
    yield "console-audit"
    await shuts(desk)

    async def changes(route: Route) -> None:
        answer = await route.fetch()
        page = await answer.json()
        first = bytearray(b64decode(page["entries"][0]))
        first[-1] ^= 1
        await route.fulfill(response=answer, json=page | {"entries": [b64encode(bytes(first)), *page["entries"][1:]]})

    await desk.page.route("**/api/audit*", changes)
    await opens_from_menu(desk, "audit")
    await expect(standing).to_have_attribute("data-is", "broken")
    yield "console-audit-broken"
    await shuts(desk)
    yield "console-audit-alarm"
    await desk.page.unroute("**/api/audit*")
    await desk.page.locator('[data-part="audit-alarm"] [data-action="audit"]').click()
    await expect(standing).to_have_attribute("data-is", "whole")
    await shuts(desk)


async def _organisations(desk: Desk) -> AsyncIterator[str]:
    """A file that is wrong, one that is right, and the tree. Whoever walks by again finds a county more."""
    county = f"a{secrets.token_hex(3)}"
    town = f"{county}k;kunta;Esimerkkilän kaupunki {county};{county};\n"
    rows = f"{county};hyvinvointialue;Hyvinvointialue {county};;\n{town}{county}s;koulu;Rantakoulu;{county}k;420\n"
    paid = f"{county}k;sopimus;;;;{county};100;1.8.2026;31.7.2027\n"
    field, header = desk.page.locator('[data-field="import-file"]'), "tunnus;laji;nimi;kuuluu;oppilaita"
    await opens_from_menu(desk, "organisations")
    for name, file in (
        ("problems", f"{header}\n{rows.replace('420', 'neljäsataakaksikymmentä')}"),
        ("changes", f"{header};maksaja;osuus;alkaa;viimeinen päivä\n{rows}{paid}"),
    ):
        await field.set_input_files({"name": "schools.csv", "mimeType": "text/csv", "buffer": file.encode()})
        await expect(desk.page.locator(f'[data-part="import-{name}"]')).to_be_visible()
        yield f"console-organisations-{name}"
    await desk.action("import-store").click()
    await expect(desk.page.locator(f'[data-organisation="{county}k"]')).to_be_visible()
    yield "console-organisations"
    await shuts(desk)


async def _on_call(desk: Desk) -> AsyncIterator[str]:
    """Nobody; somebody, and an address that is none; nobody again."""
    await desk.action("duty").click()
    await expect(desk.action("add-shift")).to_be_visible()
    yield "console-duty-nobody"
    shifts = desk.page.locator("[data-shift]")
    for weekday in ("0", "2"):
        await desk.page.locator('[data-field="shift-weekday"]').select_option(weekday)
        await desk.action("add-shift").click()
        await expect(shifts.nth(int(weekday) // 2)).to_be_visible()
    yield "console-duty-somebody"
    await desk.page.locator('[data-field="notice-address"]').fill("not an address")
    await desk.action("save-notices").click()
    await expect(desk.page.locator('[data-part="notices"] [role=alert]')).to_be_visible()
    yield "console-duty-address"
    for left in (1, 0):
        await desk.action("remove-shift").first.click()
        await expect(shifts).to_have_count(left)
    await shuts(desk)


async def _comes_and_goes(desk: Desk) -> AsyncIterator[str]:
    """Somebody is invited, compared, admitted as a coordinator, and leaves while the network fails. People is open."""
    page, people = desk.page, dialog(desk, "people")
    name = f"Uusi juristi {secrets.token_hex(3)}"
    await opens_from_menu(desk, "people")
    await expect(page.locator('[data-part="no-recovery"]')).to_be_visible()
    yield "console-people"
    await desk.action("invite").click()
    await expect(people.locator("form [role=alert]")).to_be_visible()
    yield "console-people-lacking"
    await page.locator('[data-queue="1"]').check()
    await page.locator('[data-field="coordinator"]').check()
    answered = await _invites(desk, name)
    yield "console-people-invited"
    await _applies(desk.url, answered.partition("#i=")[2])
    card = page.locator("[data-invitation]").filter(has_text=name)
    await expect(card.locator(".six [data-picture]")).to_have_count(6)
    yield "console-people-compare"
    await card.locator('[data-action="same"]').click()
    person = page.locator(f'[data-person="{name}"]')
    await expect(person).to_be_visible()
    await expect(page.locator('[data-recovery="1"]')).to_be_visible()
    yield "console-people-admitted"
    await shuts(desk)
    await expect(page.locator('[data-news="joined"]')).to_be_visible()
    yield "console-people-news"
    await desk.action("news-read").click()
    await opens_from_menu(desk, "people")
    await person.locator('[data-action="depart"]').click()
    yield "console-people-departing"
    await page.route("**/turn/*", lambda route: route.abort())
    await person.locator('[data-action="depart-now"]').click()
    turning = page.locator('[data-part="turning"]')
    await expect(turning.locator('[data-action="turn-on"]')).to_be_visible()
    yield "console-turning-stopped"
    await page.unroute("**/turn/*")
    await turning.locator('[data-action="turn-on"]').click()
    await expect(turning).to_have_attribute("data-over", "true")
    yield "console-turning-over"
    await turning.locator('[data-action="turned"]').click()


async def _invites(desk: Desk, name: str) -> str:
    """The link."""
    await desk.page.locator('[data-field="invited-name"]').fill(name)
    await desk.action("invite").click()
    return (
        await desk.page.locator("[data-invitation]").filter(has_text=name).locator('[data-field="link"]').input_value()
    )


async def _applies(url: str, secret: str) -> None:
    """Somebody has the link, and answers from a program."""
    site = Site.parse(url)
    invitation = Invitation.typed(await find_anchor(site), secret)
    async with ClientDesk(site) as client:
        applied = make_application(invitation, f"uusi.{secret[:8].lower()}", "kolme pitkää sanaa")
        await client.apply(invitation.id, applied.application.encode())
