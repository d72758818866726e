"""One try to prove a login key, at the price of its name (SPEC 9.4)."""

from typing import Final

from lyhty_server.api.context import Server
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.work import SOLUTION_BYTES, Work, sign_in_purpose, sign_in_terms

_NO_WORK: Final = bytes(SOLUTION_BYTES)


async def begin_try(server: Server, name: str, purpose: bytes, challenge: bytes, work: bytes | None) -> None:
    """Before anything is known of the proof: a guess that cost nothing is worth nothing. It counts as failed until
    `succeed`. `purpose`: what the challenge was given for.

    Raises:
        DomainError: `sign-in-failed`, `work-insufficient`, `busy`.
        WireError: `work-insufficient`.
    """
    name_key, now_s = server.pepper.name_key(name), server.clock()
    if not server.challenges.is_good(challenge, purpose, now_s):
        raise DomainError(Code.SIGN_IN_FAILED)
    effort = await server.guesses.effort(name_key, now_s)
    if effort > 0:
        solution = _NO_WORK if work is None else work
        found = Work(sign_in_terms(challenge, effort).challenge, solution)
        found.check(server.instance, sign_in_purpose(challenge, name), effort)
    await server.guesses.begin(name_key, server.challenges.spend_here(challenge, now_s), effort, now_s)


async def succeed(server: Server, name: str) -> None:
    await server.guesses.succeed(server.pepper.name_key(name), server.clock())
