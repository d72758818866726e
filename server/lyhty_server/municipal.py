"""Speaks to the provider of municipal accounts, and to nobody else (SPEC 12.2).

Nothing is kept of who sets out for it: what they come back with vouches for itself, once.
"""

import hmac
import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp import ClientTimeout, encode_basic_auth
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lyhty_server.api.challenges import Challenges
from lyhty_server.clock import Clock
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.id_tokens import Endpoints, Provider, authorization_address, endpoints, subject_of
from lyhty_server.store.session_rows import SessionStore
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64encode

AWAY_S: Final = 600  # to type a password there, and a second factor
KEPT_S: Final = 3_600
AGAIN_AFTER_S: Final = 60  # for a key that is not there: providers change theirs, and forgers name any
WITHIN_S: Final = 10
MOST_BYTES: Final = 262_144
MOST_AT_ONCE: Final = 16

_DISCOVERY: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class _Known:
    endpoints: Endpoints
    keys: KeySet
    since_s: int


class Municipal:
    """`key`: 32 bytes, the same in every process."""

    def __init__(self, provider: Provider, key: bytes, store: SessionStore, clock: Clock) -> None:
        self.provider = provider
        self._key = key
        self._states = Challenges(key, store, AWAY_S)
        self._clock = clock
        self._known: _Known | None = None
        self._asking = 0

    async def set_out(self, holder: bytes, random: bytes) -> str:
        """Where the browser goes on. `holder`: only the page that has these bytes can come back; `random`: 12 bytes."""
        state = self._states.give(holder, self._clock(), random)
        known = await self._now_known(KEPT_S)
        nonce, verifier = self._derived(b"nonce", state), self._derived(b"verifier", state)
        return authorization_address(self.provider, known.endpoints.authorization, b64encode(state), nonce, verifier)

    async def come_back(self, holder: bytes, state: bytes, code: str) -> str:
        """How the provider names the account.

        Raises:
            DomainError: `provider-refused`, `provider-unavailable`, `busy`.
        """
        now_s = self._clock()
        if not self._states.is_good(state, holder, now_s) or not await self._states.spend(state, now_s):
            raise DomainError(Code.PROVIDER_REFUSED)
        known = await self._now_known(KEPT_S)
        form = {
            "code": code,
            "code_verifier": self._derived(b"verifier", state),
            "grant_type": "authorization_code",
            "redirect_uri": self.provider.back,
        }
        token = (await self._ask("POST", known.endpoints.token, form)).get("id_token")
        nonce = self._derived(b"nonce", state)
        try:
            return subject_of(self.provider, token, known.keys, nonce, self._clock())
        except DomainError:
            newer = await self._now_known(AGAIN_AFTER_S)
            if newer is known:
                raise
            return subject_of(self.provider, token, newer.keys, nonce, self._clock())

    def _derived(self, what: bytes, state: bytes) -> str:
        return b64encode(hmac.digest(self._key, what + state, "sha256"))

    async def _now_known(self, at_most_s: int) -> _Known:
        now_s = self._clock()
        if self._known is None or now_s - self._known.since_s >= at_most_s:
            found = endpoints(self.provider, await self._ask("GET", self.provider.issuer.rstrip("/") + _DISCOVERY))
            self._known = _Known(found, _keys(await self._ask("GET", found.keys)), now_s)
        return self._known

    async def _ask(self, method: str, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        if self._asking >= MOST_AT_ONCE:
            raise DomainError(Code.BUSY)
        self._asking += 1
        try:
            # Seldom enough that a connection of its own costs nobody anything, and nothing has to be closed.
            async with aiohttp.ClientSession(timeout=ClientTimeout(WITHIN_S)) as http:
                return await self._answer(http, method, address, form)
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise DomainError(Code.PROVIDER_UNAVAILABLE) from None
        finally:
            self._asking -= 1

    async def _answer(
        self, http: aiohttp.ClientSession, method: str, address: str, form: dict[str, str] | None
    ) -> dict[str, Any]:
        # RFC 6749, 2.3.1: both are form-encoded first.
        own = encode_basic_auth(quote(self.provider.client_id, safe=""), quote(self.provider.client_secret, safe=""))
        headers = {} if form is None else {"Authorization": own}
        async with http.request(method, address, data=form, headers=headers, allow_redirects=False) as response:
            if response.status >= 500:
                raise DomainError(Code.PROVIDER_UNAVAILABLE)
            body = await response.content.read(MOST_BYTES + 1)
            while not response.content.at_eof() and len(body) <= MOST_BYTES:
                body += await response.content.read(MOST_BYTES)
            if response.status != 200 or len(body) > MOST_BYTES:
                raise DomainError(Code.PROVIDER_REFUSED)
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise DomainError(Code.PROVIDER_REFUSED)
        return said


def _keys(document: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set({"keys": list(document["keys"])})
    except (JoseError, KeyError, TypeError, ValueError):
        raise DomainError(Code.PROVIDER_REFUSED) from None
