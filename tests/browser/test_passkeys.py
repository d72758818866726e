"""Signing in with a passkey, whose secret opens an expert's keys and never leaves the device (SPEC 2.3, 9.8)."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page, expect

from tests.browser.conftest import SLOT_MS, People
from tests.browser.desk import Desk
from tests.browser.team_views import DEVICE
from tests.browser.test_sign_in import opens_security
from tests.provider import Account, Provider
from tests.scenarios.actors import reporter
from tests.scenarios.server_process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What only the page may know: each secret that a passkey gives it.
LISTENING: Final = """
globalThis.secrets = []
for (const name of globalThis.CredentialsContainer ? ['create', 'get'] : []) {
    const ask = CredentialsContainer.prototype[name]
    CredentialsContainer.prototype[name] = async function (...how) {
        const made = await ask.apply(this, how)
        const first = made.getClientExtensionResults().prf?.results?.first
        if (first) globalThis.secrets.push([...new Uint8Array(first)])
        globalThis.wholeJson = JSON.stringify(made.toJSON())
        return made
    }
}
"""


@pytest.fixture(scope="module")
def strict_server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Its policy asks who has a passkey for it beside the password."""
    data = provider.write(tmp_path_factory.mktemp("strict") / "data")
    with ServerProcess(data, slot_ms=SLOT_MS, settings={"LYHTY_SECOND_FACTOR": "passkey"}).start() as process:
        yield process


@dataclass(kw_only=True)
class DeskWithDevice(Desk):
    protocol: CDPSession
    device: str

    async def knows_its_owner(self, *, yes: bool) -> None:
        await self.protocol.send("WebAuthn.setUserVerified", {"authenticatorId": self.device, "isUserVerified": yes})


async def with_device(page: Page, *, prf: bool = True) -> tuple[CDPSession, str]:
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("WebAuthn.enable")
    made = await protocol.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, "hasPrf": prf}})
    return protocol, made["authenticatorId"]


def forms_of(secret: bytes) -> list[str]:
    """As texts that could carry it."""
    in_json = json.dumps(list(secret), separators=(",", ":"))
    base64 = [encode(secret).decode().rstrip("=") for encode in (urlsafe_b64encode, b64encode)]
    return [*base64, secret.hex(), in_json.strip("[]"), repr(secret)[2:-1]]


async def at_localhost(people: People, account: Account, url: str = "", **device: Any) -> DeskWithDevice:
    """A passkey is bound to a name, and an address in numbers has none."""
    page = (await people.desk(account)).page
    await page.add_init_script(LISTENING)
    protocol, authenticator = await with_device(page, **device)
    at = (url or people.server.url).replace("127.0.0.1", "localhost")
    desk = DeskWithDevice(page, at, account, protocol=protocol, device=authenticator)
    await desk.opens_console()
    return await desk.signs_in()


async def adds_passkey(desk: Desk) -> str:
    """Its id."""
    await opens_security(desk)
    # Once the list is there, one more.
    await expect(desk.page.locator('[data-part="passkeys"] ul')).to_have_attribute("data-read", "true")
    rows = desk.page.locator("[data-passkey]")
    ids = "rows => rows.map((row) => row.dataset.passkey)"
    before: list[str] = await rows.evaluate_all(ids)
    await desk.action("add-passkey").click()
    await expect(rows).to_have_count(len(before) + 1)
    added: list[str] = await rows.evaluate_all(ids)
    await desk.presses("Escape")
    return next(each for each in added if each not in before)


@pytest_asyncio.fixture(loop_scope="session")
async def lawyer(people: People, provider: Provider) -> AsyncIterator[DeskWithDevice]:
    yield await at_localhost(people, provider.lawyer)


async def test_an_expert_adds_a_passkey_signs_out_signs_in_with_it_alone_and_reads_a_case(
    lawyer: Desk, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Pääsyavaimella luettava tapaus.")
    await adds_passkey(lawyer)
    await lawyer.action("sign-out").click()
    await lawyer.page.goto("about:blank")
    await lawyer.opens_console(with_device=False)
    await lawyer.action("by-passkey").click()
    await expect(lawyer.page.locator('[data-view="desk"]')).to_be_visible()
    await lawyer.claims("Pääsyavaimella luettava tapaus.")
    await lawyer.chats("Luin tämän.")


async def test_a_passkeys_secret_is_in_nothing_that_the_page_sends(lawyer: Desk) -> None:
    """The control: the JSON that a browser makes of a credential has it."""
    sent: list[str] = []
    lawyer.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''} {request.headers}"))
    lawyer.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(f"{frame!r}")))
    await adds_passkey(lawyer)
    await lawyer.action("sign-out").click()
    await lawyer.action("by-passkey").click()
    await expect(lawyer.page.locator('[data-view="desk"]')).to_be_visible()
    secrets = [bytes(each) for each in await lawyer.page.evaluate("secrets")]
    forms = [form for each in secrets for form in forms_of(each)]
    assert len(secrets) >= 2
    whole_json = await lawyer.page.evaluate("wholeJson")
    assert [form for form in forms if form in whole_json] != []
    assert len([each for each in sent if "passkey" in each]) >= 4
    assert [form for form in forms for each in sent if form in each] == []


async def test_a_removed_passkey_opens_nothing_any_more(people: People, lawyer: Desk) -> None:
    people.expect_complaint("status of 403")
    added = await adds_passkey(lawyer)
    await opens_security(lawyer)
    row = lawyer.page.locator(f'[data-passkey="{added}"]')
    await row.locator("button").click()
    await expect(row).to_have_count(0)
    await lawyer.presses("Escape")
    await lawyer.action("sign-out").click()
    await lawyer.action("by-passkey").click()
    await lawyer.reads_problem("passkey-failed")


async def test_who_came_by_passkey_locks_and_unlocks_by_passkey_and_finds_the_draft(
    lawyer: Desk, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Avaimella lukittava tapaus.")
    await adds_passkey(lawyer)
    await lawyer.action("sign-out").click()
    await lawyer.action("by-passkey").click()
    await lawyer.claims("Avaimella lukittava tapaus.")
    await lawyer.writes_part("legal", "Kesken avaimen kanssa.")
    await lawyer.action("lock-now").click()
    await expect(lawyer.page.locator('[data-view="locked"]')).to_be_visible()
    await expect(lawyer.page.locator('[data-field="password"]')).to_have_count(0)
    await lawyer.action("by-passkey").click()
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_have_value("Kesken avaimen kanssa.")


async def test_a_device_whose_passkeys_have_no_secret_is_told_so_and_nothing_is_stored(
    people: People, provider: Provider
) -> None:
    desk = await at_localhost(people, provider.other_lawyer, prf=False)
    await opens_security(desk)
    await desk.action("add-passkey").click()
    await desk.reads_problem("passkey-without-secret")
    await expect(desk.page.locator("[data-passkey]")).to_have_count(0)


async def test_where_policy_asks_the_password_of_somebody_with_a_passkey_is_not_enough(
    people: People, provider: Provider, strict_server: ServerProcess
) -> None:
    desk = await at_localhost(people, provider.psychologist, strict_server.url)
    people.expect_complaint("status of 403")
    await adds_passkey(desk)
    await desk.action("sign-out").click()
    await desk.tries_to_sign_in()
    await desk.reads_problem("second-factor-needed")
    await desk.signs_in()
    await desk.action("lock-now").click()
    await desk.page.locator('[data-field="password"]').fill(desk.account.password)
    await desk.action("unlock").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()


async def test_who_came_by_password_may_unlock_by_passkey_and_finds_the_draft(
    lawyer: Desk, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Salasanalla lukittava tapaus.")
    await adds_passkey(lawyer)
    await lawyer.claims("Salasanalla lukittava tapaus.")
    await lawyer.writes_part("legal", "Kesken salasanan kanssa.")
    await lawyer.action("lock-now").click()
    await expect(lawyer.page.locator('[data-field="password"]')).to_be_visible()
    await lawyer.action("by-passkey").click()
    await expect(lawyer.page.locator('textarea[data-part="legal"]')).to_have_value("Kesken salasanan kanssa.")


async def test_a_passkey_that_is_declined_leaves_the_desk_locked_and_the_password_opens_it(
    lawyer: DeskWithDevice,
) -> None:
    await adds_passkey(lawyer)
    await lawyer.knows_its_owner(yes=False)
    await lawyer.action("lock-now").click()
    await lawyer.action("by-passkey").click()
    await lawyer.reads_problem("passkey-failed")
    await expect(lawyer.page.locator('[data-view="locked"]')).to_be_visible()
    await lawyer.page.locator('[data-field="password"]').fill(lawyer.account.password)
    await lawyer.action("unlock").click()
    await expect(lawyer.page.locator('[data-view="desk"]')).to_be_visible()


async def test_a_colleagues_passkey_at_a_locked_desk_opens_the_colleagues_own_and_nothing_of_who_locked_it(
    people: People, provider: Provider, server: ServerProcess
) -> None:
    async with reporter(server.url) as pupil:
        await pupil.tells("Toisen lukitsema tapaus.")
    desk = await at_localhost(people, provider.other_lawyer)
    await adds_passkey(desk)
    await desk.action("sign-out").click()
    first = replace(desk, account=provider.lawyer)
    await first.opens_console()
    await first.signs_in()
    await first.claims("Toisen lukitsema tapaus.")
    await first.writes_part("legal", "Ensimmäisen luonnos.")
    await first.action("lock-now").click()
    await first.action("by-passkey").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()
    await expect(desk.page.locator(".who")).to_contain_text(provider.other_lawyer.display_name)
    await expect(desk.page.locator('textarea[data-part="legal"]')).to_have_count(0)
    await expect(desk.page.locator("body")).not_to_contain_text("Ensimmäisen luonnos.")
