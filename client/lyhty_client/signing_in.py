"""Proving who one is to the desk, with the work that a name costs after failures (SPEC 2.3, 9.4)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from lyhty_client.desk import Desk
from lyhty_client.errors import RefusedError
from lyhty_crypto.experts import Unlocked
from lyhty_wire.codes import Code
from lyhty_wire.desk import Challenge, SignedIn
from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import InstanceId
from lyhty_wire.proofs import to_prove_sign_in
from lyhty_wire.work import MAX_SIGN_IN_EFFORT, Search, sign_in_purpose, sign_in_terms

_ALL: Final = 2**40
# A price that somebody else drives up meanwhile is at its top after fewer.
_TRIES: Final = 12
# Quicker than anybody would wonder about.
_UNNOTICED_EFFORT: Final = 16_384


class Priced(Protocol):
    """What the server asks of a proof: to be made over this challenge, and with this much work."""

    @property
    def challenge(self) -> str: ...

    @property
    def effort(self) -> int: ...


Asked = TypeVar("Asked", bound=Priced)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    instance: InstanceId
    unlock: Callable[[Challenge], Unlocked]
    on_work: Callable[[], None]
    """Called once if the work will take as long as somebody notices."""


async def prove(desk: Desk, entry: Entry) -> tuple[SignedIn, Unlocked]:
    """
    Raises:
        ClientError: `busy` when the price rose each time before the work was done.
    """
    unlocked: Unlocked | None = None

    async def finish(asked: Challenge, work: bytes | None) -> tuple[SignedIn, Unlocked]:
        nonlocal unlocked
        unlocked = unlocked or entry.unlock(asked)
        signed = to_prove_sign_in(entry.instance, b64decode(asked.challenge, 32), entry.name)
        return await desk.finish_sign_in(asked.challenge, entry.name, unlocked.login.sign(signed), work), unlocked

    return await worked_for(entry.instance, entry.name, lambda: desk.start_sign_in(entry.name), finish, entry.on_work)


async def worked_for(
    instance: InstanceId,
    name: str,
    start: Callable[[], Awaitable[Asked]],
    finish: Callable[[Asked, bytes | None], Awaitable[Answer]],
    on_work: Callable[[], None],
) -> Answer:
    """Asks `start` for a challenge, does the work it costs and hands both to `finish`; anew while the price rises.

    Raises:
        ClientError: `busy` when it rose each time before the work was done.
    """
    was_told = False
    for turn in range(_TRIES):
        asked = await start()
        # SPEC 9.4: refused once, four times as much, for the price may climb on.
        effort = min(asked.effort * (1 if turn == 0 else 4), MAX_SIGN_IN_EFFORT)
        if effort > _UNNOTICED_EFFORT and not was_told:
            on_work()
            was_told = True
        challenge = b64decode(asked.challenge, 32)
        work = await asyncio.to_thread(_search, instance, name, challenge, effort) if effort > 0 else None
        try:
            return await finish(asked, work)
        except RefusedError as refused:
            if refused.code != Code.WORK_INSUFFICIENT.text:
                raise
    raise RefusedError(Code.BUSY.text)


def _search(instance: InstanceId, name: str, challenge: bytes, effort: int) -> bytes:
    work = Search(instance, sign_in_purpose(challenge, name), sign_in_terms(challenge, effort)).run(_ALL)
    assert work is not None
    return work.solution
