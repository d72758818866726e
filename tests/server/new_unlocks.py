"""Another password for an account, as its console asks for it, without stretching any."""

import os

from lyhty_crypto.experts import sign_new_unlock
from lyhty_crypto.keys import SigningKey
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.unlocks import LEAST_MEMORY_KIB, LEAST_PASSES, Unlock
from tests.provider import Account, Provider


def drawn_unlock(account: Account, login: SigningKey) -> Unlock:
    return Unlock(account.id, os.urandom(16), LEAST_MEMORY_KIB, LEAST_PASSES, 1, login.public, os.urandom(93))


def new_unlock(
    provider: Provider, account: Account, challenge: str, *, before: SigningKey | None = None,
    login: SigningKey | None = None, unlock: Unlock | None = None,
) -> dict[str, str]:  # fmt: skip
    """The body of the call. `before`: the login key that the account has, else that of its first password."""
    login = login or SigningKey(os.urandom(32))
    unlock = unlock or drawn_unlock(account, login)
    signer = before or provider.login(account)
    signed = sign_new_unlock(unlock, login, signer, provider.instance, b64decode(challenge))
    return {"challenge": challenge, "new": b64encode(signed.encode())}
