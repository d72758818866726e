"""The browsers' own Ed25519, which reads messages where there is one: it says what the Python half says. SPEC 1.3"""

from typing import Any, Final

import pytest

from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import SignKey
from lyhty_wire.proofs import verify
from tests.browser.conftest import IN_BOTH_ENGINES, People
from tests.crypto.export_third_party import ed25519
from tests.crypto.test_signatures import REFUSED

pytestmark = pytest.mark.asyncio(loop_scope="session")

# As crypto/ts/platform.ts asks. What it does not catch there would stop a page that reads a message.
VERIFY: Final = """async (cases) => {
    const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))
    const { subtle } = crypto
    return Promise.all(cases.map(async ({ key, signature, message }) => {
        try {
            const imported = await subtle.importKey('raw', bytes(key), 'Ed25519', false, ['verify'])
            return await subtle.verify('Ed25519', imported, bytes(signature), bytes(message))
        } catch (error) {
            return error.name
        }
    }))
}"""


async def said_by_browser(people: People, cases: list[dict[str, str]]) -> list[Any]:
    pupil = await (await people.pupil()).opens_lyhty()
    said: list[Any] = await pupil.page.evaluate(VERIFY, cases)
    return said


def holds(case: dict[str, str]) -> bool:
    key, signature, message = (bytes.fromhex(case[name]) for name in ("key", "signature", "message"))
    try:
        verify(SignKey(key), signature, message)
    except ForgedError:
        return False
    return True


def published() -> list[dict[str, str]]:
    return [
        {"key": each["public"], "signature": each["signature"], "message": each["message"]} for each in ed25519()[::16]
    ]


@IN_BOTH_ENGINES
async def test_a_browser_verifies_what_others_published(people: People) -> None:
    assert set(await said_by_browser(people, published())) == {True}


@IN_BOTH_ENGINES
async def test_a_browser_refuses_every_signature_with_a_flipped_bit(people: People) -> None:
    case = published()[1]
    flipped = [{**case, "signature": _flipped(case["signature"], at)} for at in range(512)]
    assert set(await said_by_browser(people, flipped)) == {False}


@IN_BOTH_ENGINES
async def test_a_browser_says_of_a_wrong_key_that_it_is_none_or_that_nothing_holds(people: People) -> None:
    case = published()[1]
    flipped = [{**case, "key": _flipped(case["key"], at)} for at in range(256)]
    assert set(await said_by_browser(people, flipped)) <= {False, "DataError"}


@IN_BOTH_ENGINES
async def test_a_browser_takes_nothing_that_the_python_half_refuses_for_another_reason_than_the_key(
    people: People,
) -> None:
    cases = [{"key": key, "signature": signature, "message": b"message".hex()} for key, signature in REFUSED.values()]
    said = await said_by_browser(people, cases)
    assert [holds(case) for case in cases] == [False] * len(cases)
    # Of these the client asks no browser: it looks at the key first.
    of_keys = {name for name in REFUSED if "small order" in name or "second way" in name}
    assert {name for name, answer in zip(REFUSED, said, strict=True) if answer is True} <= of_keys


def _flipped(text: str, bit: int) -> str:
    changed = bytearray(bytes.fromhex(text))
    changed[bit // 8] ^= 1 << bit % 8
    return changed.hex()
