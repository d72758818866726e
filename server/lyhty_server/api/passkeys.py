"""One's own passkeys, and signing in with one (SPEC 2.3, 9.8)."""

from lyhty_server.api.asking import Asked, AskedByExpert
from lyhty_server.api.begun import signed_in
from lyhty_server.api.context import Server
from lyhty_server.api.even_time import in_even_time
from lyhty_server.api.routes import InPasskey, Nothing
from lyhty_server.clock import hour_of
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.people_rows import ExpertRow, PasskeyRow
from lyhty_wire.codes import Code
from lyhty_wire.desk import (
    Assertion,
    NewPasskey,
    NewPasskeyTerms,
    Passkey,
    PasskeyChallenge,
    Passkeys,
    SignedIn,
)
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.errors import ForgedError

_SIGN_IN = b"passkey"
_REGISTER = b"new passkey"


class PasskeyDoor:
    def __init__(self, server: Server) -> None:
        self._server = server

    # Signing in

    async def start(self, _asked: Asked[Nothing, None]) -> PasskeyChallenge:
        """The same for everybody: which passkeys there are is not asked, and not told."""
        server = self._server
        challenge = server.challenges.give(_SIGN_IN, server.clock(), server.draw(12))
        return PasskeyChallenge(b64encode(challenge), server.verifier.rp_id)

    async def finish(self, asked: Asked[Nothing, Assertion]) -> SignedIn:
        async with in_even_time():
            passkey = await verified(self._server, asked.body)
            row = await self._server.store.expert_by_id(passkey.expert_id)
            # Who has left the directory may still have a row: neither a token nor sealed keys are for them.
            if row is None or row.expert_id not in self._server.trust.experts:
                raise DomainError(Code.SIGN_IN_FAILED)
            return await signed_in(self._server, row, passkey.keys)

    # One's own

    async def listed(self, asked: AskedByExpert[Nothing, None]) -> Passkeys:
        rows = await self._server.store.passkeys_of(asked.expert)
        return Passkeys([Passkey(b64encode(row.credential_id), row.added_hour) for row in rows])

    async def begin(self, asked: AskedByExpert[Nothing, None]) -> NewPasskeyTerms:
        server = self._server
        row = await server.store.expert_by_id(asked.expert)
        if row is None:
            raise DomainError(Code.NOT_SIGNED_IN)
        challenge = server.challenges.give(_REGISTER + asked.expert, server.clock(), server.draw(12))
        known = [b64encode(each.credential_id) for each in await server.store.passkeys_of(asked.expert)]
        return NewPasskeyTerms(b64encode(challenge), server.verifier.rp_id, row.name, known)

    async def add(self, asked: AskedByExpert[Nothing, NewPasskey]) -> Passkeys:
        server, new, now_s = self._server, asked.body, self._server.clock()
        challenge = b64decode(new.challenge, 32)
        is_good = server.challenges.is_good(challenge, _REGISTER + asked.expert, now_s)
        if not is_good or not await server.challenges.spend(challenge, now_s):
            raise DomainError(Code.SIGNATURE_INVALID)
        made = server.verifier.register(new)
        row = PasskeyRow(
            made.credential_id, asked.expert, made.public_key, made.sign_count, b64decode(new.keys, 93), hour_of(now_s)
        )
        await server.store.add_passkey(row)
        return await self.listed(AskedByExpert(Nothing(), None, asked.expert, asked.token))

    async def remove(self, asked: AskedByExpert[InPasskey, None]) -> Passkeys:
        await self._server.store.remove_passkey(asked.expert, b64decode(asked.params.credential))
        return await self.listed(AskedByExpert(Nothing(), None, asked.expert, asked.token))


async def check_second_factor(server: Server, row: ExpertRow, assertion: Assertion | None) -> None:
    """Where policy asks, a password alone does not sign in who has a passkey (SPEC 9.8).

    Raises:
        DomainError: `second-factor-needed`, `sign-in-failed`.
    """
    if assertion is None:
        if server.needs_second_factor and await server.store.passkeys_of(row.expert_id):
            raise DomainError(Code.SECOND_FACTOR_NEEDED)
    elif (await verified(server, assertion)).expert_id != row.expert_id:
        raise DomainError(Code.SIGN_IN_FAILED)


async def verified(server: Server, assertion: Assertion) -> PasskeyRow:
    """The passkey that signed.

    Raises:
        DomainError: `sign-in-failed`.
    """
    challenge, now_s = b64decode(assertion.challenge, 32), server.clock()
    passkey = await server.store.passkey(b64decode(assertion.credential))
    if passkey is None or not server.challenges.is_good(challenge, _SIGN_IN, now_s):
        raise DomainError(Code.SIGN_IN_FAILED)
    try:
        sign_count = server.verifier.verify(assertion, passkey)
    except ForgedError:
        raise DomainError(Code.SIGN_IN_FAILED) from None
    if not await server.challenges.spend(challenge, now_s):
        raise DomainError(Code.SIGN_IN_FAILED)
    await server.store.count_passkey(passkey.credential_id, sign_count)
    return passkey
