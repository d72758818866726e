"""Another password, or another device code, for who is signed in (SPEC 2.3, 9.4)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lyhty_client.coordinator import SeedFor
from lyhty_client.desk import Desk
from lyhty_client.errors import ConnectionLostError, ForgottenError, RefusedError
from lyhty_client.expert import Credentials, Expertise
from lyhty_client.signing_in import worked_for
from lyhty_crypto.experts import ExpertKeys, Unlocked, make_renewal, make_unlock, seal_key_blob, sign_new_unlock
from lyhty_crypto.keys import KemKeyPair, SigningKey
from lyhty_crypto.randomness import draw
from lyhty_wire.codes import Code
from lyhty_wire.desk import ChangeUnlock, NewKeys, NewUnlockTerms
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import SEED_BYTES

LEAST_LETTERS: Final = 12

_TRIES: Final = 5
_AGAIN_S: Final = 2.0
# Of what was sent once already: it may have been stored before, or may yet be.
_TELLS_NOTHING: Final = frozenset(
    code.text for code in (Code.BUSY, Code.STORAGE_FAILED, Code.WORK_INSUFFICIENT, Code.INTERNAL)
)


@dataclass(frozen=True, slots=True)
class _Sent:
    change: ChangeUnlock
    name: str
    salt: str


async def change_password(
    desk: Desk,
    expertise: Expertise,
    present: Credentials,
    following: Credentials,
    *,
    with_new_keys: bool = False,
    now_s: int = 0,
    on_work: Callable[[], None] = lambda: None,
    again_s: float = _AGAIN_S,
) -> None:
    """Slow: both passwords are stretched. With new keys: another `kem`, once a coordinator's client has listed it.

    Raises:
        ConnectionLostError: nobody knows which of the two holds.
        ClientError: refused, or not arrived; the present one holds.
    """
    instance = expertise.directory.instance
    unlock, opened = await asyncio.to_thread(
        make_unlock, expertise.keys, following.password, following.device_secret, instance, expertise.id
    )
    new_keys = _new_keys(expertise, opened, now_s) if with_new_keys else None
    first = await desk.begin_unlock()
    before: SigningKey | None = None

    async def finish(asked: NewUnlockTerms, work: bytes | None) -> None:
        nonlocal before
        if before is None:
            before = present.unlock(b64decode(asked.salt), asked.m_kib, asked.t, asked.p, instance).login
        new = sign_new_unlock(unlock, opened.login, before, instance, b64decode(asked.challenge, 32)).encode()
        change = ChangeUnlock(asked.challenge, b64encode(new), None if work is None else b64encode(work), new_keys)
        sent = _Sent(change, first.name, b64encode(unlock.salt))
        try:
            await desk.change_unlock(change)
        except ConnectionLostError:
            await _find_out(desk, sent, again_s)

    await worked_for(instance, first.name, desk.begin_unlock, finish, on_work)


def _new_keys(me: Expertise, opened: Unlocked, now_s: int) -> NewKeys:
    """Another `kem`, sealed as the account's keys are from now on, and every seed of ours sealed for it."""
    instance, kem, listed = me.directory.instance, KemKeyPair(draw(SEED_BYTES)), me.directory.expert(me.id)
    if listed is None:
        raise ForgottenError("directory-forged")
    blob = seal_key_blob(ExpertKeys(me.keys.sign, kem), opened, instance, me.id)
    renewed = replace(listed, kem=kem.public)
    seeds = [SeedFor(renewed, pair.seed, queue, epoch) for (queue, epoch), pair in me.queue_keys.items()]
    if me.directory_key is not None:
        seeds.append(SeedFor(renewed, me.directory_key.seed))
    renewal = make_renewal(me.keys, kem, blob, instance, me.id, now_s).encode()
    return NewKeys(b64encode(renewal), b64encode(blob), [seed.seal(instance).wrap for seed in seeds])


async def _find_out(desk: Desk, sent: _Sent, again_s: float) -> None:
    """Whether the new one holds, of what was sent and not answered."""
    for _ in range(_TRIES):
        await asyncio.sleep(again_s)
        try:
            await desk.change_unlock(sent.change)
        except ConnectionLostError:
            continue
        except RefusedError as refused:
            if refused.code in _TELLS_NOTHING:
                continue
            # Refused for good, so that nothing is on its way any more: the salt was drawn for this change alone.
            if (await desk.start_sign_in(sent.name)).salt != sent.salt:
                raise
        return
    raise ConnectionLostError("nobody knows which password holds")
