"""Signing in to the desk (SPEC 2.3, 9). The server never receives a password: it checks an Ed25519 proof.

An unknown name is answered exactly as a known one, up to the proof that cannot be made for it.
"""

import hashlib
from typing import Final

from lyhty_server.api.asking import Asked, AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import Nothing
from lyhty_server.domain.errors import DomainError
from lyhty_wire.accounts import account_name
from lyhty_wire.codes import Code
from lyhty_wire.desk import Challenge, Done, Finish, SignedIn, Start
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import SignKey
from lyhty_wire.proofs import to_prove_sign_in, verify

DEFAULT_ARGON2: Final = {"m_kib": 65_536, "t": 3, "p": 1}  # the floor of SPEC 2.3
# A point of the curve (half of all bytes are none, and are refused seven times faster) whose secret key nobody knows:
# so an unknown name costs one whole verification too.
_NOBODY: Final = SignKey(hashlib.sha256(b"lyhty: nobody, 0").digest())


class SignIn:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def start(self, asked: Asked[Nothing, Start]) -> Challenge:
        name, server = account_name(asked.body.name), self._server
        row = await server.store.expert_by_name(name)
        challenge = b64encode(server.sessions.challenge(server.clock()))
        if row is None:
            return Challenge(challenge, b64encode(server.pepper.unknown_expert_salt(name)), **DEFAULT_ARGON2)
        return Challenge(challenge, b64encode(row.salt), row.m_kib, row.t, row.p)

    async def finish(self, asked: Asked[Nothing, Finish]) -> SignedIn:
        name, server = account_name(asked.body.name), self._server
        challenge, proof = b64decode(asked.body.challenge, 32), b64decode(asked.body.proof, 64)
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
        token = server.sessions.sign_in(row.expert_id, server.clock())
        return SignedIn(
            b64encode(token),
            b64encode(row.expert_id),
            b64encode(row.keys),
            [b64encode(wrap) for wrap in row.queue_wraps],
        )

    async def out(self, asked: AskedByExpert[Nothing, None]) -> Done:
        self._server.sessions.sign_out(asked.token)
        return Done()
