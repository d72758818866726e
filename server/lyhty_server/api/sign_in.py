"""Signing in to the desk (SPEC 2.3, 9.4). The server never receives a password: it checks an Ed25519 proof.

An unknown name is answered exactly as a known one, up to the proof that cannot be made for it.
"""

import hashlib
from typing import Final

from lyhty_server.api.asking import Asked, AskedByExpert
from lyhty_server.api.begun import signed_in
from lyhty_server.api.context import Server
from lyhty_server.api.even_time import in_even_time
from lyhty_server.api.passkeys import check_second_factor
from lyhty_server.api.routes import Nothing
from lyhty_server.domain.errors import DomainError
from lyhty_wire.accounts import account_name
from lyhty_wire.codes import Code
from lyhty_wire.desk import Challenge, Done, Finish, SignedIn, Start
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import SignKey
from lyhty_wire.proofs import to_prove_sign_in, verify
from lyhty_wire.work import SOLUTION_BYTES, Work, sign_in_purpose, sign_in_terms

DEFAULT_ARGON2: Final = {"m_kib": 65_536, "t": 3, "p": 1}  # the floor of SPEC 2.3
# A point of the curve (half of all bytes are none, and are refused seven times faster) whose secret key nobody knows:
# so an unknown name costs one whole verification too.
_NOBODY: Final = SignKey(hashlib.sha256(b"lyhty: nobody, 0").digest())
_NO_WORK: Final = bytes(SOLUTION_BYTES)


class SignIn:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def start(self, asked: Asked[Nothing, Start]) -> Challenge:
        async with in_even_time():
            return await self._start(asked)

    async def finish(self, asked: Asked[Nothing, Finish]) -> SignedIn:
        async with in_even_time():
            return await self._finish(asked)

    async def _start(self, asked: Asked[Nothing, Start]) -> Challenge:
        name, server = account_name(asked.body.name), self._server
        row = await server.store.expert_by_name(name)
        name_key, now_s = server.pepper.name_key(name), server.clock()
        challenge = b64encode(server.challenges.give(name_key, now_s, server.draw(12)))
        effort = server.guesses.effort(name_key, now_s)
        if row is None:
            unknown_salt = b64encode(server.pepper.unknown_expert_salt(name))
            return Challenge(challenge, unknown_salt, **DEFAULT_ARGON2, effort=effort)
        return Challenge(challenge, b64encode(row.salt), row.m_kib, row.t, row.p, effort)

    async def _finish(self, asked: Asked[Nothing, Finish]) -> SignedIn:
        name, server = account_name(asked.body.name), self._server
        challenge, proof = b64decode(asked.body.challenge, 32), b64decode(asked.body.proof, 64)
        name_key, now_s = server.pepper.name_key(name), server.clock()
        if not server.challenges.is_good(challenge, name_key, now_s):
            raise DomainError(Code.SIGN_IN_FAILED)
        self._check_work(challenge, name, _NO_WORK if asked.body.work is None else b64decode(asked.body.work))
        server.challenges.spend(challenge, now_s)
        server.guesses.begin(name_key, now_s)
        row = await server.store.expert_by_name(name)
        try:
            verify(row.login_pk if row else _NOBODY, proof, to_prove_sign_in(server.instance, challenge, name))
        except ForgedError:
            raise DomainError(Code.SIGN_IN_FAILED) from None
        # Who has left the directory may still have an account row: neither a token nor sealed keys are for them.
        if row is None or row.expert_id not in server.trust.experts:
            raise DomainError(Code.SIGN_IN_FAILED)
        server.guesses.succeed(name_key, now_s)
        await check_second_factor(server, row, asked.body.passkey)
        return signed_in(server, row, row.keys)

    def _check_work(self, challenge: bytes, name: str, solution: bytes) -> None:
        """Before anything is known of the proof: a guess that cost nothing is worth nothing (SPEC 9.4)."""
        effort = self._server.guesses.effort(self._server.pepper.name_key(name), self._server.clock())
        if effort > 0:
            work = Work(sign_in_terms(challenge, effort).challenge, solution)
            work.check(self._server.instance, sign_in_purpose(challenge, name), effort)

    async def out(self, asked: AskedByExpert[Nothing, None]) -> Done:
        self._server.sessions.sign_out(asked.token)
        self._server.hub.look(asked.expert)
        return Done()
