"""Signing in to the desk (SPEC 2.3, 9). The server never receives a password: it checks an Ed25519 proof.

An unknown name is answered exactly as a known one, up to the proof that cannot be made for it.
"""

import hashlib
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from lyhty_server.api.context import Server
from lyhty_server.domain.errors import DomainError
from lyhty_wire.accounts import account_name
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import SignKey
from lyhty_wire.proofs import to_prove_sign_in, verify

MAX_NAME_BYTES: Final = 200
DEFAULT_ARGON2: Final = {"m_kib": 65_536, "t": 3, "p": 1}  # the floor of SPEC 2.3
# A point of the curve (half of all bytes are none, and are refused seven times faster) whose secret key nobody knows:
# so an unknown name costs one whole verification too.
_NOBODY: Final = SignKey(hashlib.sha256(b"lyhty: nobody, 0").digest())


class Start(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Finish(msgspec.Struct, forbid_unknown_fields=True):
    challenge: str
    name: str
    proof: str


Asked = TypeVar("Asked", Start, Finish)


class SignIn:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def start(self, request: web.Request) -> web.Response:
        name = _name((await _body(request, Start)).name)
        server = self._server
        row = await server.store.expert_by_name(name)
        answer: dict[str, str | int] = {"challenge": b64encode(server.sessions.challenge(server.clock()))}
        if row is None:
            answer |= {"salt": b64encode(server.pepper.unknown_expert_salt(name)), **DEFAULT_ARGON2}
        else:
            answer |= {"salt": b64encode(row.salt), "m_kib": row.m_kib, "t": row.t, "p": row.p}
        return web.json_response(answer)

    async def finish(self, request: web.Request) -> web.Response:
        asked = await _body(request, Finish)
        name, server = _name(asked.name), self._server
        challenge, proof = b64decode(asked.challenge, 32), b64decode(asked.proof, 64)
        is_fresh = server.sessions.spend(challenge, server.clock())
        row = await server.store.expert_by_name(name)
        to_prove = to_prove_sign_in(server.instance, challenge, name)
        try:
            verify(row.login_pk if row else _NOBODY, proof, to_prove)
        except ForgedError:
            raise DomainError(Code.SIGN_IN_FAILED) from None
        # Who has left the directory may still have an account row: neither a token nor sealed keys are for them.
        if row is None or not is_fresh or row.expert_id not in server.trust.experts:
            raise DomainError(Code.SIGN_IN_FAILED)
        return web.json_response(
            {
                "token": b64encode(server.sessions.sign_in(row.expert_id, server.clock())),
                "expert": b64encode(row.expert_id),
                "keys": b64encode(row.keys),
                "queue_wraps": [b64encode(wrap) for wrap in row.queue_wraps],
            }
        )

    async def out(self, request: web.Request) -> web.Response:
        self._server.sessions.sign_out(bearer(request))
        return web.json_response({})


def bearer(request: web.Request) -> bytes:
    """The token of the Authorization header.

    Raises:
        DomainError: `not-signed-in`, also for what is not a token at all.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or len(text) != 43:
        raise DomainError(Code.NOT_SIGNED_IN)
    return b64decode(text, 32, code=Code.NOT_SIGNED_IN.text)


async def _body(request: web.Request, kind: type[Asked]) -> Asked:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except UnicodeDecodeError:  # the one complaint msgspec does not make a MsgspecError of
        raise DomainError(Code.OPERATION_MALFORMED) from None


def _name(typed: str) -> str:
    name = account_name(typed)
    if not 1 <= len(name.encode()) <= MAX_NAME_BYTES:
        raise DomainError(Code.OPERATION_MALFORMED)
    return name
