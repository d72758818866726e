"""Somebody leaves, a device is stolen, or a month has passed: new keys for the queues and then for every open case
(SPEC 9.7). It may be cut short at any moment; any coordinator of the queue goes on with `turn_all`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lyhty_client import coordinator
from lyhty_client.errors import ClientError, ConnectionLostError, RefusedError
from lyhty_client.expert import ExpertDesk, Expertise
from lyhty_crypto.errors import CryptoError
from lyhty_wire.codes import Code
from lyhty_wire.desk import KeyAct
from lyhty_wire.encoding import b64decode
from lyhty_wire.errors import WireError
from lyhty_wire.ids import CaseId, Epoch, ExpertId, QueueId

MAX_TRIES: Final = 5
MAX_PAGES: Final = 100
"""Of a list; what is longer is read on when these are turned."""
DAY_S: Final = 24 * 3600
# Somebody else has turned, closed or erased it meanwhile: it waits for nothing any more.
_DONE = frozenset(
    code.text
    for code in (Code.CASE_NOT_HELD, Code.CASE_CLOSED, Code.CASE_ERASED, Code.CASE_UNKNOWN, Code.QUEUE_UNKNOWN)
)

FASTER: Final = frozenset({Code.DIRECTORY_OUTDATED.text, Code.COUNTER_CONFLICT.text})


@dataclass(frozen=True, slots=True)
class Turned:
    """What came of it. `failed`: cases that do not hold together, with the code of why; they keep their old key."""

    done: int
    failed: dict[CaseId, str]


Told = Callable[[int, int], None]
"""How many cases of how many."""


def _to_nobody(_done: int, _total: int) -> None:
    pass


async def depart(expert: ExpertDesk, leaver: ExpertId, told: Told = _to_nobody) -> Turned:
    """Ends the leaver's sessions, gives their queues a new epoch and every open case a key they never had."""

    def act(me: Expertise, now_s: int) -> KeyAct | None:
        gone = me.directory.expert(leaver) is None
        return None if gone else coordinator.depart(me, leaver, now_s)

    await certify(expert, act)
    return await turn_all(expert, "departure", told)


async def renew(expert: ExpertDesk, told: Told = _to_nobody) -> Turned:
    """What coordinators do when they sign in: a directory older than a day is signed for another 14 days, and one
    that lists the new keys of who has made some.

    The first one of a month brings a new epoch for every queue, and leaves out those that no case needs any more.
    """
    await expert.refresh()
    in_use = {(QueueId(each.queue), Epoch(each.epoch)) for each in (await expert.desk.epochs_in_use()).epochs}

    waiting = (await expert.desk.renewals()).renewals

    def act(me: Expertise, now_s: int) -> KeyAct | None:
        renewed = coordinator.to_renew(me.directory, waiting)
        if coordinator.is_rotation_due(me.directory, now_s):
            return coordinator.rotate(me, in_use, now_s, renewed=renewed)
        is_old = now_s - me.directory.body.issued > DAY_S
        return coordinator.renew(me, now_s, renewed) if is_old or renewed else None

    await certify(expert, act)
    return await turn_all(expert, "schedule", told)


async def certify(expert: ExpertDesk, act: Callable[[Expertise, int], KeyAct | None]) -> None:
    """A key act over the newest directory, made anew when another coordinator was faster; None: nothing to do."""
    for tries in range(1, MAX_TRIES + 1):
        await expert.refresh()
        await expert.read_chain()
        made = act(expert.expertise, expert.now_s)
        if made is None:
            return
        try:
            await expert.desk.certify(made)
        except RefusedError as refusal:
            if refusal.code not in FASTER or tries == MAX_TRIES:
                raise
            continue
        break
    await expert.refresh()
    await expert.read_chain()


async def turn_all(expert: ExpertDesk, reason: str, told: Told = _to_nobody) -> Turned:
    """Every open case of the own queues that a key which has passed still opens, urgent ones first.

    Raises:
        ConnectionLostError: go on when there is a line again.
    """
    # Each case once, and until nothing is left to turn: a server that goes on naming cases is not obeyed for ever.
    done, tried, failed = 0, set[CaseId](), dict[CaseId, str]()
    while waiting := [each for each in await _unturned(expert) if each[0] not in tried]:
        total, is_idle = done + len(waiting), True
        for case, queue in waiting:
            told(done, total)
            tried.add(case)
            try:
                await expert.turn(case, queue, reason)
                is_idle = False
            except ConnectionLostError:
                raise
            except (ClientError, WireError, CryptoError) as error:
                if error.code not in _DONE:
                    failed[case] = error.code
                    continue
            done += 1
        told(done, total)
        if is_idle:
            break
    return Turned(done, failed)


async def _unturned(expert: ExpertDesk) -> list[tuple[CaseId, QueueId]]:
    """Each case once, by the first of its queues that is ours."""
    me = expert.expertise.directory.expert(expert.expertise.id)
    found: dict[CaseId, QueueId] = {}
    for queue in () if me is None else me.queues:
        after: str | None = None
        for _ in range(MAX_PAGES):
            page = await expert.desk.unturned(queue, after)
            for case in page.cases:
                found.setdefault(CaseId(b64decode(case, 32)), queue)
            after = page.next
            if after is None:
                break
    return list(found.items())
