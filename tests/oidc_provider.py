"""A provider of municipal accounts on loopback (pyop, served by aiohttp), which can be told to lie."""

import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from Cryptodome.PublicKey import RSA
from jwkest import b64d, b64e
from jwkest.jwk import RSAKey
from jwkest.jws import JWS
from pyop.authz_state import AuthorizationState
from pyop.provider import Provider as Pyop
from pyop.subject_identifier import HashBasedSubjectIdentifierFactory
from pyop.userinfo import Userinfo

from lyhty_server.domain.id_tokens import Provider

CLIENT_ID: Final = "lyhty"
CLIENT_SECRET: Final = "a secret, with: signs & spaces"
Claims = dict[str, Any]


def _key(kid: str) -> RSAKey:
    return RSAKey(kid=kid, use="sig", alg="RS256", key=RSA.generate(2048))


FIRST_KEY: Final = _key("first")
OTHER_KEY: Final = _key("other")


def signed(claims: Claims, key: RSAKey = FIRST_KEY, alg: str = "RS256") -> str:
    return str(JWS(json.dumps(claims), alg=alg).sign_compact([key]))


def unsigned(claims: Claims) -> str:
    head, body = (b64e(json.dumps(each).encode()).decode() for each in ({"alg": "none"}, claims))
    return f"{head}.{body}."


@dataclass
class LocalProvider:
    """`who`: the account that is signed in there; `lie`: makes another ID token of the claims of the honest one."""

    issuer: str
    back: str
    who: str = "virkahenkilo"
    lie: Callable[[Claims], str] | None = None
    document: dict[str, Any] = field(default_factory=dict)
    """Instead of what the discovery document says."""
    key: RSAKey = FIRST_KEY
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        client = {
            "redirect_uris": [self.back],
            "response_types": ["code"],
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "token_endpoint_auth_method": "client_secret_basic",
            "subject_type": "public",
        }
        says = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        state = AuthorizationState(HashBasedSubjectIdentifierFactory("salt"))
        users = {name: {} for name in ("virkahenkilo", "vieras")}
        self._says = says
        # It takes no issuer without TLS; on loopback there is none, and what it signs must name this one.
        under_tls = {**says, "issuer": self.issuer.replace("http:", "https:")}
        self._pyop = Pyop(FIRST_KEY, under_tls, state, {CLIENT_ID: client}, Userinfo(users))
        self._pyop.configuration_information["issuer"] = self.issuer

    @staticmethod
    def now_s() -> int:
        return int(time.time())

    @property
    def settings(self) -> Provider:
        return Provider(self.issuer, CLIENT_ID, CLIENT_SECRET, self.back)

    async def discovery(self, _request: web.Request) -> web.Response:
        return web.json_response({**self._says, **self.document})

    async def keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.serialize()]})

    async def authorize(self, request: web.Request) -> web.Response:
        asked = self._pyop.parse_authentication_request(request.query_string)
        answer = self._pyop.authorize(asked, self.who)
        raise web.HTTPFound(answer.request(asked["redirect_uri"]))

    async def token(self, request: web.Request) -> web.Response:
        try:
            answer = self._pyop.handle_token_request(await request.text(), dict(request.headers)).to_dict()
        except Exception as error:  # noqa: BLE001 - whatever it refuses
            return web.json_response({"error": "invalid_grant", "why": str(error)}, status=400)
        if self.lie is not None:
            body = answer["id_token"].split(".")[1]
            answer["id_token"] = self.lie(json.loads(b64d(body.encode())))
        return web.json_response(answer)

    @property
    def listening(self) -> Middleware:
        @web.middleware
        async def listen(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.asked.append(request.path)
            if self.is_down:
                raise web.HTTPServiceUnavailable
            return await handler(request)

        return listen


@asynccontextmanager
async def local_provider(back: str) -> AsyncIterator[LocalProvider]:
    listener = socket.create_server(("127.0.0.1", 0))
    provider = LocalProvider(f"http://127.0.0.1:{listener.getsockname()[1]}", back)
    app = web.Application(middlewares=[provider.listening])
    app.router.add_get("/.well-known/openid-configuration", provider.discovery)
    app.router.add_get("/keys", provider.keys)
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.token)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield provider
    finally:
        await runner.cleanup()


async def sign_in_there(address: str) -> tuple[str, str]:
    """As a browser would: state and code, as they come back."""
    async with aiohttp.ClientSession() as http, http.get(address, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return query["state"][0], query["code"][0]


def long_ago(claims: Claims) -> Claims:
    return {**claims, "iat": int(time.time()) - 7_200, "exp": int(time.time()) - 3_600}
