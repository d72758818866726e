"""Signing in to the desk (SPEC 2.3, 9.4). The server never receives a password: it checks an Ed25519 proof.

An unknown name is answered exactly as a known one, up to the proof that cannot be made for it.
"""

import hashlib
from typing import Final, Protocol

from lyhty_server.api.asking import Asked, AskedByExpert
from lyhty_server.api.begun import signed_in
from lyhty_server.api.context import Server
from lyhty_server.api.even_time import in_even_time
from lyhty_server.api.passkeys import check_second_factor
from lyhty_server.api.routes import Nothing
from lyhty_server.api.tries import begin_try, succeed
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.people_rows import ExpertRow
from lyhty_wire.accounts import account_name
from lyhty_wire.codes import Code
from lyhty_wire.desk import Challenge, Done, Finish, Proof, SignedIn, Start
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import SignKey
from lyhty_wire.proofs import to_prove_sign_in, verify

DEFAULT_ARGON2: Final = {"m_kib": 65_536, "t": 3, "p": 1}  # the floor of SPEC 2.3
# A point of the curve (half of all bytes are none, and are refused seven times faster) whose secret key nobody knows:
# so an unknown name costs one whole verification too.
_NOBODY: Final = SignKey(hashlib.sha256(b"lyhty: nobody, 0").digest())


class Account(Protocol):
    """What is kept of a password (SPEC 2.3), an expert's or a viewer's."""

    @property
    def salt(self) -> bytes: ...
    @property
    def m_kib(self) -> int: ...
    @property
    def t(self) -> int: ...
    @property
    def p(self) -> int: ...
    @property
    def login_pk(self) -> SignKey: ...


async def what_to_prove(server: Server, name: str, account: Account | None) -> Challenge:
    """`name` as it is hashed and signed; `account`: None where there is none, which the answer does not tell."""
    name_key, now_s = server.pepper.name_key(name), server.clock()
    challenge = b64encode(server.challenges.give(name_key, now_s, server.draw(12)))
    effort = await server.guesses.effort(name_key, now_s)
    if account is None:
        unknown_salt = b64encode(server.pepper.unknown_expert_salt(name))
        return Challenge(challenge, unknown_salt, **DEFAULT_ARGON2, effort=effort)
    return Challenge(challenge, b64encode(account.salt), account.m_kib, account.t, account.p, effort)


async def check_proof(server: Server, name: str, given: Proof, account: Account | None) -> None:
    """One try, which costs what the name costs. Where there is no account, it fails after the same work.

    Raises:
        DomainError: `sign-in-failed`, `work-insufficient`, `busy`.
        WireError: `work-insufficient`.
    """
    challenge, proof = b64decode(given.challenge, 32), b64decode(given.proof, 64)
    work = None if given.work is None else b64decode(given.work)
    await begin_try(server, name, server.pepper.name_key(name), challenge, work)
    try:
        verify(account.login_pk if account else _NOBODY, proof, to_prove_sign_in(server.instance, challenge, name))
    except ForgedError:
        raise DomainError(Code.SIGN_IN_FAILED) from None


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
        name = account_name(asked.body.name)
        return await what_to_prove(self._server, name, await self._server.store.expert_by_name(name))

    async def _finish(self, asked: Asked[Nothing, Finish]) -> SignedIn:
        name, server = account_name(asked.body.name), self._server
        row = await server.store.expert_by_name(name)
        await check_proof(server, name, asked.body, row)
        # Who has left the directory may still have an account row: neither a token nor sealed keys are for them.
        if row is None or row.expert_id not in server.trust.experts:
            raise DomainError(Code.SIGN_IN_FAILED)
        await succeed(server, name)
        await check_second_factor(server, row, asked.body.passkey)
        begun = await signed_in(server, row, row.keys)
        await self._check_still(row, begun)
        return begun

    async def _check_still(self, row: ExpertRow, begun: SignedIn) -> None:
        """Another password may have come in while this one was looked at: what began with the old one ends."""
        now = await self._server.store.expert_by_id(row.expert_id)
        if now is None or now.login_pk != row.login_pk:
            await self._server.sessions.sign_out(b64decode(begun.token))
            raise DomainError(Code.SIGN_IN_FAILED)

    async def out(self, asked: AskedByExpert[Nothing, None]) -> Done:
        await self._server.sessions.sign_out(asked.token)
        self._server.hub.look(asked.expert)
        return Done()
