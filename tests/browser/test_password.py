"""An expert changes the password, and the device code when the sheet may have been seen (SPEC 9.4)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from lyhty_wire.encoding import b64decode
from tests.browser.conftest import DESKTOP, PHONE, SLOT_MS, People
from tests.browser.desk import Desk
from tests.browser.test_passkeys import adds_passkey, at_localhost
from tests.browser.test_sign_in import opens_security
from tests.provider import Account, Provider
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW = "aivan toinen salasana"


@pytest.fixture
def server(provider: Provider, tmp_path: Path) -> Iterator[ServerProcess]:
    """For each test its own: passwords are changed on it."""
    with ServerProcess(provider.write(tmp_path / "data"), slot_ms=SLOT_MS).start() as process:
        yield process


async def is_at(desk: Desk, step: str) -> None:
    await expect(desk.page.locator(f'[data-dialog="password"] [data-step="{step}"]')).to_be_visible()


async def wants_another(desk: Desk, *, present: str | None = None, new: str = NEW, code_too: bool = False) -> None:
    await opens_security(desk)
    await desk.action("change-password").click()
    await fills(desk, present=present, new=new)
    if code_too:
        await desk.page.locator('[data-field="code-too"]').check()
    await desk.action("change").click()


async def fills(desk: Desk, *, present: str | None = None, new: str = NEW) -> None:
    fields = {"present": present or desk.account.password, "password": new, "again": new}
    for name, typed in fields.items():
        await desk.page.locator(f'[data-dialog="password"] [data-field="{name}"]').fill(typed)


async def locks_and_unlocks(desk: Desk, password: str) -> None:
    await desk.action("menu").click()
    await desk.action("lock").click()
    await desk.page.locator('[data-view="locked"] [data-field="password"]').fill(password)
    await desk.action("unlock").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()


async def shuts(desk: Desk) -> None:
    await desk.page.locator('[data-dialog="password"] [data-action="cancel"]').click()
    await expect(desk.page.locator("dialog")).to_have_count(0)


async def is_refused(people: People, account: Account) -> None:
    """With what this account says."""
    desk = await people.desk(account)
    people.expect_complaint("status of 403")
    await desk.opens_console()
    await desk.tries_to_sign_in()
    await desk.reads_problem("sign-in-failed")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_an_expert_changes_the_password_and_only_the_new_one_gets_in_from_then_on(
    people: People, provider: Provider, viewport: dict[str, int]
) -> None:
    elsewhere = await people.signed_in(provider.lawyer)
    desk = await people.signed_in(provider.lawyer, viewport=viewport)
    people.expect_complaint("status of 401")
    await wants_another(desk)
    await is_at(desk, "changed")
    await elsewhere.reads_problem("not-signed-in")
    await shuts(desk)
    await expect(desk.page.locator(".connection")).to_have_text(desk.says("console.connection.open"))
    await locks_and_unlocks(desk, NEW)
    await is_refused(people, provider.lawyer)
    again = await people.desk(provider.lawyer)
    await again.opens_console()
    await again.signs_in(password=NEW)


async def test_unsent_words_stay_and_are_opened_again_after_the_change(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Joku jakoi kuvani luvatta.")
    desk = await people.signed_in(provider.lawyer)
    await desk.claims("Joku jakoi kuvani")
    await desk.writes_part("legal", "Tämä jäi kesken.")
    await wants_another(desk)
    await is_at(desk, "changed")
    await shuts(desk)
    await locks_and_unlocks(desk, NEW)
    await expect(desk.part("legal")).to_have_value("Tämä jäi kesken.")


async def test_a_wrong_present_password_is_told_plainly_changes_nothing_and_can_be_typed_again(
    people: People, provider: Provider
) -> None:
    desk = await people.signed_in(provider.lawyer)
    people.expect_complaint("status of 403")
    await wants_another(desk, present="not the password")
    refused = desk.page.locator('[data-dialog="password"] [data-problem="sign-in-failed"]')
    await expect(refused).to_have_text(desk.says("console.password.refused"))
    await people.signed_in(provider.lawyer)
    people.expect_complaint("status of 401")
    await fills(desk)
    await desk.action("change").click()
    await is_at(desk, "changed")


async def test_a_short_password_two_different_ones_and_the_present_one_are_not_sent(
    people: People, provider: Provider
) -> None:
    desk = await people.signed_in(provider.lawyer)
    alert = desk.page.locator('[data-dialog="password"] [role="alert"]')
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/unlock") else None)
    await wants_another(desk, new="too short")
    await expect(alert).to_have_text(desk.says("console.join.wrong.short"))
    await desk.page.locator('[data-dialog="password"] [data-field="password"]').fill(NEW)
    await desk.action("change").click()
    await expect(alert).to_have_text(desk.says("console.join.wrong.differ"))
    await fills(desk, new=desk.account.password)
    await desk.action("change").click()
    await expect(alert).to_have_text(desk.says("console.password.same"))
    assert asked == []


async def test_a_new_device_code_is_on_paper_before_it_is_sent_and_the_old_sheet_opens_nothing_afterwards(
    people: People, provider: Provider
) -> None:
    desk = await people.desk(provider.lawyer)
    await desk.opens_console()
    await desk.page.locator('[data-field="remember"]').check()
    await desk.signs_in()
    people.expect_complaint("status of 403")
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/unlock") else None)
    await wants_another(desk, present="not the password", code_too=True)
    await is_at(desk, "sheet")
    sheet = desk.page.locator('[data-part="sheet"]')
    await expect(sheet).to_contain_text(desk.says("console.join.sheetName", name=provider.lawyer.name))
    code = await sheet.locator('[data-part="device-code"]').inner_text()
    await desk.action("kept").click()
    await expect(desk.page.locator('[role="alert"]')).to_have_text(desk.says("console.join.keepFirst"))
    assert (asked, len(code), code == provider.lawyer.device) == ([], 43, False)
    await desk.page.locator('[data-field="kept"]').check()
    await desk.action("kept").click()
    # The printed sheet stays right, though the present password was mistyped.
    await is_at(desk, "form")
    await fills(desk)
    await desk.action("change").click()
    await is_at(desk, "changed")
    await shuts(desk)
    await locks_and_unlocks(desk, NEW)
    await is_refused(people, _with(provider.lawyer, password=NEW))
    there = await people.desk(_with(provider.lawyer, password=NEW, device=code))
    await (await there.opens_console()).signs_in()
    await desk.action("sign-out").click()
    await desk.opens_console(with_device=False)  # which this device has remembered
    await desk.signs_in(password=NEW)


async def test_who_came_by_passkey_types_the_device_code_and_comes_by_passkey_afterwards(
    people: People, provider: Provider
) -> None:
    desk = await at_localhost(people, provider.lawyer)
    await adds_passkey(desk)
    await desk.action("sign-out").click()
    await desk.action("by-passkey").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()
    await opens_security(desk)
    await desk.action("change-password").click()
    await fills(desk)
    await desk.page.locator('[data-dialog="password"] [data-field="device"]').fill(provider.lawyer.device)
    await desk.action("change").click()
    await is_at(desk, "changed")
    await shuts(desk)
    await desk.action("sign-out").click()
    await desk.action("by-passkey").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()
    there = await people.desk(provider.lawyer)
    await (await there.opens_console()).signs_in(password=NEW)


async def test_when_the_answer_is_lost_it_is_said_that_nobody_knows_and_found_out_once_the_line_is_back(
    people: People, provider: Provider
) -> None:
    desk = await people.signed_in(provider.lawyer)
    people.expect_complaint("net::ERR_")
    people.expect_complaint("status of 403")
    arrived: list[int] = []

    async def loses(route: Route) -> None:
        """The first arrives, and its answer does not; nothing after it arrives."""
        if not arrived:
            arrived.append((await route.fetch()).status)
        await route.abort()

    await desk.page.route("**/api/unlock", loses)
    await wants_another(desk)
    await is_at(desk, "unknown")
    await expect(desk.page.locator('[data-dialog="password"] [role="alert"]')).to_have_text(
        desk.says("console.password.unknownText")
    )
    await desk.presses("Escape")
    await is_at(desk, "unknown")
    assert arrived == [200]
    await desk.page.unroute("**/api/unlock")
    await desk.action("ask").click()
    await is_at(desk, "changed")
    await shuts(desk)
    await locks_and_unlocks(desk, NEW)
    await is_refused(people, provider.lawyer)


async def test_a_change_that_never_arrived_is_told_as_no_change_once_that_is_sure(
    people: People, provider: Provider
) -> None:
    desk = await people.signed_in(provider.lawyer)
    people.expect_complaint("net::ERR_")
    people.expect_complaint("status of 40[13]")
    await desk.page.route("**/api/unlock", lambda route: route.abort())
    await wants_another(desk)
    await is_at(desk, "unknown")
    await desk.page.unroute("**/api/unlock")
    await desk.page.route("**/api/unlock", _too_late)
    await desk.action("ask").click()
    await is_at(desk, "unchanged")
    await desk.page.unroute("**/api/unlock")
    await desk.action("again").click()
    await is_at(desk, "form")
    await people.signed_in(provider.lawyer)


async def test_new_keys_are_taken_into_use_when_a_coordinator_signs_in_and_their_expert_signs_in_once_more(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Joku jakoi kuvani luvatta.")
    desk = await people.signed_in(provider.lawyer)
    await desk.claims("Joku jakoi kuvani")
    await desk.writes_part("legal", "Tämä jäi kesken.")
    await opens_security(desk)
    await desk.action("change-password").click()
    await fills(desk, new=desk.account.password)
    await desk.page.locator('[data-field="new-keys"]').check()
    await desk.action("change").click()
    await is_at(desk, "changed")
    await expect(desk.page.locator('[data-step="changed"]')).to_contain_text(desk.says("console.password.changedKeys"))
    await shuts(desk)
    coordinator = await people.desk(provider.coordinator)
    people.expect_complaint("status of 401")
    people.expect_complaint("status of 409")  # their witness, which the key act was faster than
    await coordinator.opens_console()
    await coordinator.signs_in()
    await desk.reads_problem("not-signed-in")
    await desk.signs_in()
    await desk.has_read("Joku jakoi kuvani")
    await expect(desk.part("legal")).to_have_value("Tämä jäi kesken.")
    for alarm in ('[data-part="people-news"]', '[data-part="audit-alarm"]', "[data-problem]"):
        await expect(coordinator.page.locator(alarm)).to_have_count(0)
    await locks_and_unlocks(desk, provider.lawyer.password)


async def test_a_coordinator_alone_takes_their_own_new_keys_into_use(people: People, provider: Provider) -> None:
    desk = await people.signed_in(provider.coordinator)
    people.expect_complaint("status of 401")
    people.expect_complaint("status of 409")
    await opens_security(desk)
    await desk.action("change-password").click()
    await fills(desk, new=desk.account.password)
    await desk.page.locator('[data-field="new-keys"]').check()
    await desk.action("change").click()
    await is_at(desk, "changed")
    await shuts(desk)
    await desk.action("sign-out").click()
    await desk.tries_to_sign_in()
    await desk.reads_problem("not-signed-in")
    await desk.signs_in()
    await opens_security(desk)
    await desk.action("change-password").click()
    await expect(desk.page.locator('[data-field="new-keys"]')).not_to_be_checked()


async def test_who_has_had_their_keys_for_a_year_is_asked_kindly_to_make_new_ones(
    people: People, provider: Provider
) -> None:
    desk = await people.desk(provider.lawyer)
    reminder = desk.page.locator('[data-part="keys-reminder"]')

    async def since_long(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "keys_hour": 400_000})

    for address in ("**/api/sign-in/finish", "**/api/unlock/start"):
        await desk.page.route(address, since_long)
    await desk.opens_console()
    await desk.signs_in()
    await expect(reminder).to_contain_text(desk.says("console.password.old"))
    await desk.action("renew-keys").click()
    await expect(desk.page.locator('[data-field="new-keys"]')).to_be_checked()
    await shuts(desk)
    await expect(reminder).to_have_count(0)


async def _too_late(route: Route) -> None:
    """As the server answers a challenge that has run out."""
    await route.fulfill(status=403, content_type="application/json", body='{"code":"sign-in-failed"}')


def _with(account: Account, *, password: str, device: str | None = None) -> Account:
    secret = account.device_secret if device is None else b64decode(device, 32)
    return replace(account, password=password, device_secret=secret)
