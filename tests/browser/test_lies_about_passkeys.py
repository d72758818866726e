"""Lies of a malicious server to who signs in with a passkey: nobody is signed in, and they are told (SPEC 2.3, 9.8).

In Chromium with a device of its own, behind `LyingServer`. Which site a passkey is for is lied about in
client/web/tests/console/lies-about-passkeys.test.ts. A challenge that is told twice is no lie to be noticed: it is the
server's own, and what is signed over it proves nothing to anybody else.
"""

import os
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.async_api import expect

from lyhty_wire.encoding import b64encode
from tests.browser.conftest import People
from tests.browser.test_passkeys import DeskWithDevice, adds_passkey, at_localhost
from tests.provider import Provider
from tests.scenarios.lying_server import Json, LyingServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

START: Final = "/api/sign-in/passkey/start"
FINISH: Final = "/api/sign-in/passkey/finish"


@dataclass
class Kept:
    """What the server handed out to the lawyer, by one passkey and then by another, and to a colleague."""

    first: Json
    second: Json
    colleagues: Json


async def signs_in_by_passkey(desk: DeskWithDevice, liar: LyingServer) -> Json:
    """What the server answered."""
    said: list[Json] = []

    def keep(answer: Json) -> Json:
        said.append(answer)
        return answer

    liar.tells_the_truth().answers_json("POST", FINISH, keep)
    await desk.action("sign-out").click()
    await desk.action("by-passkey").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()
    liar.tells_the_truth()
    return said[0]


async def with_another_device(desk: DeskWithDevice) -> None:
    """The passkey that is added next lies on a device of its own, and the one before it is out of reach."""
    await desk.protocol.send("WebAuthn.clearCredentials", {"authenticatorId": desk.device})


async def kept(people: People, liar: LyingServer, provider: Provider) -> tuple[DeskWithDevice, Kept]:
    other = await at_localhost(people, provider.other_lawyer, liar.url)
    await adds_passkey(other)
    colleagues = await signs_in_by_passkey(other, liar)
    desk = await at_localhost(people, provider.lawyer, liar.url)
    await adds_passkey(desk)
    first = await signs_in_by_passkey(desk, liar)
    await with_another_device(desk)
    await adds_passkey(desk)
    return desk, Kept(first, await signs_in_by_passkey(desk, liar), colleagues)


async def test_whoever_is_handed_other_keys_than_their_passkey_opens_is_not_signed_in(
    people: People, liar: LyingServer, provider: Provider
) -> None:
    """All of them at one desk, one after another: each lie is about the same two passkeys."""
    desk, told = await kept(people, liar, provider)
    lies: dict[str, Json] = {
        "the keys sealed for another passkey of one's own": {"keys": told.first["keys"]},
        "the keys of a colleague": {"keys": told.colleagues["keys"]},
        "a colleague's name": {"expert": told.colleagues["expert"]},
        "everything of a colleague": {name: told.colleagues[name] for name in ("expert", "keys", "queue_wraps")},
        "a colleague's copy of the queue's seed": {"queue_wraps": told.colleagues["queue_wraps"]},
        "keys of the server's making": {"keys": b64encode(os.urandom(93))},
    }
    await desk.action("sign-out").click()
    for name, lie in lies.items():
        liar.tells_the_truth().answers_json("POST", FINISH, lambda answer, lie=lie: answer | lie)
        before = len(liar.asked)
        await desk.action("by-passkey").click()
        await expect(desk.page.locator("[data-problem]"), name).to_be_visible()
        await expect(desk.page.locator('[data-view="desk"]'), name).to_have_count(0)
        asked = [each.path for each in liar.asked[before:] if each.path.startswith("/api/")]
        # All that is said in that session is that it ends.
        assert asked[asked.index(FINISH) + 1 :] in ([], ["/api/sign-out"]), name
        await desk.page.reload()
    liar.tells_the_truth()
    await desk.action("by-passkey").click()
    await expect(desk.page.locator('[data-view="desk"]')).to_be_visible()


async def test_a_challenge_for_another_site_is_not_answered(
    people: People, liar: LyingServer, provider: Provider
) -> None:
    desk = await at_localhost(people, provider.lawyer, liar.url)
    await adds_passkey(desk)
    liar.answers_json("POST", START, lambda asked: asked | {"rp_id": "lyhty.example"})
    await desk.action("sign-out").click()
    await desk.action("by-passkey").click()
    await desk.reads_problem("passkey-failed")
    assert FINISH not in [asked.path for asked in liar.asked]
