"""Municipal accounts, against a provider of the usual kind: who is believed, and every lie that is not."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.id_tokens import Provider
from lyhty_server.municipal import AGAIN_AFTER_S, AWAY_S, Municipal
from lyhty_server.randomness import draw
from lyhty_server.store.memory import MemoryStore
from lyhty_wire.encoding import b64decode
from tests.oidc_provider import (
    CLIENT_ID,
    FIRST_KEY,
    OTHER_KEY,
    Claims,
    LocalProvider,
    local_provider,
    long_ago,
    sign_in_there,
    signed,
    unsigned,
)
from tests.server.api_server import MovableClock

BACK = "https://help.example/oidc/back"
HOLDER, OTHER = bytes(32), bytes([1]) * 32


@pytest.fixture
async def provider() -> AsyncIterator[LocalProvider]:
    async with local_provider(BACK) as made:
        yield made


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(int(time.time()))


@pytest.fixture
async def municipal(provider: LocalProvider, clock: MovableClock) -> Municipal:
    store = MemoryStore()
    await store.start()
    return Municipal(provider.settings, bytes(32), store, clock)


async def away_and_back(municipal: Municipal, holder: bytes = HOLDER) -> tuple[bytes, str]:
    state, code = await sign_in_there(await municipal.set_out(holder, draw(12)))
    return b64decode(state, 32), code


async def refusal(municipal: Municipal, state: bytes, code: str, holder: bytes = HOLDER) -> str:
    with pytest.raises(DomainError) as caught:
        await municipal.come_back(holder, state, code)
    return caught.value.code.text


async def test_who_is_signed_in_there_comes_back_under_the_same_name_each_time(municipal: Municipal) -> None:
    names = [await municipal.come_back(HOLDER, *await away_and_back(municipal)) for _ in range(2)]
    assert names[0] == names[1]
    assert names[0]


async def test_two_accounts_have_two_names(municipal: Municipal, provider: LocalProvider) -> None:
    one = await municipal.come_back(HOLDER, *await away_and_back(municipal))
    provider.who = "vieras"
    assert await municipal.come_back(HOLDER, *await away_and_back(municipal)) != one


LIES: dict[str, Callable[[Claims], str]] = {
    "another nonce": lambda claims: signed({**claims, "nonce": "A" * 43}),
    "no nonce": lambda claims: signed({name: each for name, each in claims.items() if name != "nonce"}),
    "for somebody else": lambda claims: signed({**claims, "aud": ["another service"]}),
    "for us and for another who asked": lambda claims: signed({**claims, "aud": [CLIENT_ID, "b"], "azp": "b"}),
    "for several and nobody says who asked": lambda claims: signed({**claims, "aud": [CLIENT_ID, "b"]}),
    "by another issuer": lambda claims: signed({**claims, "iss": "https://accounts.example"}),
    "run out": lambda claims: signed(long_ago(claims)),
    "for ever": lambda claims: signed({name: each for name, each in claims.items() if name != "exp"}),
    "of tomorrow": lambda claims: signed({**claims, "iat": int(time.time()) + 86_400}),
    "without a name": lambda claims: signed({**claims, "sub": ""}),
    "with a name as long as a letter": lambda claims: signed({**claims, "sub": "a" * 256}),
    "signed by nobody": unsigned,
    "signed by another key under the name of theirs": lambda claims: signed(
        claims, type(OTHER_KEY)(kid=FIRST_KEY.kid, use="sig", alg="RS256", key=OTHER_KEY.key)
    ),
    "signed by a key that they do not have": lambda claims: signed(claims, OTHER_KEY),
    "no token at all": lambda _claims: "nothing",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_lies_is_refused(municipal: Municipal, provider: LocalProvider, lie: str) -> None:
    provider.lie = LIES[lie]
    assert await refusal(municipal, *await away_and_back(municipal)) == "provider-refused"


async def test_a_token_as_the_provider_made_it_passes_through_the_same_hands(
    municipal: Municipal, provider: LocalProvider
) -> None:
    """So that the lies above are refused for what they say, and for nothing else."""
    provider.lie = signed
    assert await municipal.come_back(HOLDER, *await away_and_back(municipal))


async def test_what_came_back_once_is_good_for_nothing_more(municipal: Municipal, provider: LocalProvider) -> None:
    state, code = await away_and_back(municipal)
    await municipal.come_back(HOLDER, state, code)
    assert await refusal(municipal, state, code) == "provider-refused"
    assert provider.asked.count("/token") == 1


async def test_a_code_that_was_used_is_refused_by_the_provider_under_another_state_too(municipal: Municipal) -> None:
    state, code = await away_and_back(municipal)
    await municipal.come_back(HOLDER, state, code)
    fresh, _ = await away_and_back(municipal)
    assert await refusal(municipal, fresh, code) == "provider-refused"


async def test_a_code_is_good_only_for_the_page_that_set_out_for_it(municipal: Municipal) -> None:
    """Who steals it has neither the verifier nor the nonce that go with its state."""
    _, code = await away_and_back(municipal, OTHER)
    own, _ = await away_and_back(municipal)
    assert await refusal(municipal, own, code) == "provider-refused"


async def test_nobody_is_made_to_come_in_as_somebody_else(municipal: Municipal) -> None:
    """Of a link that was made elsewhere the state is good, but this page did not set out with it."""
    state, code = await away_and_back(municipal, OTHER)
    assert await refusal(municipal, state, code, HOLDER) == "provider-refused"


async def test_a_state_that_nobody_gave_is_refused_and_the_provider_is_not_asked(
    municipal: Municipal, provider: LocalProvider
) -> None:
    assert await refusal(municipal, bytes(32), "code") == "provider-refused"
    assert provider.asked == []


async def test_who_stays_away_too_long_begins_anew(municipal: Municipal, clock: MovableClock) -> None:
    state, code = await away_and_back(municipal)
    clock.now_s += AWAY_S + 1
    assert await refusal(municipal, state, code) == "provider-refused"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "/token", 7, None],
)
async def test_whatever_the_document_says_nobody_but_the_issuer_is_spoken_to(
    municipal: Municipal, provider: LocalProvider, name: str, address: object
) -> None:
    provider.document[name] = address
    with pytest.raises(DomainError, match="provider-refused"):
        await municipal.set_out(HOLDER, draw(12))
    assert provider.asked == ["/.well-known/openid-configuration"]


async def test_a_document_of_another_issuer_is_refused(municipal: Municipal, provider: LocalProvider) -> None:
    provider.document["issuer"] = "https://accounts.example"
    with pytest.raises(DomainError, match="provider-refused"):
        await municipal.set_out(HOLDER, draw(12))


async def test_a_provider_that_is_down_is_not_there(municipal: Municipal, provider: LocalProvider) -> None:
    provider.is_down = True
    with pytest.raises(DomainError, match="provider-unavailable"):
        await municipal.set_out(HOLDER, draw(12))


async def test_what_is_known_of_a_provider_is_asked_once(municipal: Municipal, provider: LocalProvider) -> None:
    for _ in range(3):
        await municipal.come_back(HOLDER, *await away_and_back(municipal))
    assert provider.asked.count("/keys") == 1
    assert provider.asked.count("/.well-known/openid-configuration") == 1


async def test_a_provider_may_change_its_key(
    municipal: Municipal, provider: LocalProvider, clock: MovableClock
) -> None:
    await municipal.come_back(HOLDER, *await away_and_back(municipal))
    provider.key, provider.lie = OTHER_KEY, lambda claims: signed(claims, OTHER_KEY)
    assert await refusal(municipal, *await away_and_back(municipal)) == "provider-refused"
    clock.now_s += AGAIN_AFTER_S
    assert await municipal.come_back(HOLDER, *await away_and_back(municipal))


async def test_forged_tokens_make_nobody_ask_for_keys_again_and_again(
    municipal: Municipal, provider: LocalProvider
) -> None:
    provider.lie = LIES["signed by a key that they do not have"]
    for _ in range(3):
        await refusal(municipal, *await away_and_back(municipal))
    assert provider.asked.count("/keys") == 1


# --- Settings

SETTINGS = {
    "LYHTY_SITE": "https://help.example",
    "LYHTY_OIDC_ISSUER": "https://accounts.example/realm",
    "LYHTY_OIDC_CLIENT_ID": "lyhty",
    "LYHTY_OIDC_CLIENT_SECRET": "secret",
}


def test_a_provider_is_set_whole_and_sends_browsers_back_to_the_site(tmp_path: Path) -> None:
    assert Config.from_environ(SETTINGS, tmp_path).municipal == Provider(
        "https://accounts.example/realm", "lyhty", "secret", "https://help.example/oidc/back"
    )
    assert Config.from_environ({}, tmp_path).municipal is None


@pytest.mark.parametrize("missing", SETTINGS)
def test_a_provider_that_is_set_in_part_stops_the_start(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ConfigError, match="go together"):
        Config.from_environ({name: value for name, value in SETTINGS.items() if name != missing}, tmp_path)


@pytest.mark.parametrize(
    "issuer", ["http://accounts.example", "accounts.example", "https://", "https://a@b.example", "https://a.example?b"]
)
def test_an_issuer_that_is_no_safe_address_stops_the_start(tmp_path: Path, issuer: str) -> None:
    with pytest.raises(ConfigError, match="LYHTY_OIDC_ISSUER"):
        Config.from_environ(SETTINGS | {"LYHTY_OIDC_ISSUER": issuer}, tmp_path)


def test_no_secret_is_in_what_is_printed_of_the_settings(tmp_path: Path) -> None:
    assert "secret" not in repr(Config.from_environ(SETTINGS, tmp_path).municipal).replace("client_secret", "")
