"""Tells experts by e-mail that there is work, while they have no console open.

Whatever happens is noted in memory at once and sorted out here, so that no report and no message ever waits for a mail
server. One that cannot be reached is asked again; what is owed stays owed, one line for each expert.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

from lyhty_server.clock import Clock
from lyhty_server.domain.calendar import Calendar
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.notices import Kind, NoticeWish, Owed, on_call, told
from lyhty_server.mail import Fate, Letter, of_work
from lyhty_server.store.people_rows import PeopleStore
from lyhty_wire.directories import Expert
from lyhty_wire.ids import ExpertId, QueueId

# What happens together is told of together.
PAUSE_S: Final = 2.0
LOOK_AGAIN_S: Final = 60.0

Send = Callable[[Sequence[Letter], int], Awaitable[list[Fate]]]


class Write(Protocol):
    def __call__(self, event: str, **fields: int) -> None: ...


class Notices:
    def __init__(
        self,
        store: PeopleStore,
        clock: Clock,
        calendar: Calendar,
        experts: Callable[[], Collection[Expert]],
        has_desk: Callable[[ExpertId], bool],
        send: Send | None,
        journal: Write,
        pause_s: float = PAUSE_S,
    ) -> None:
        """`send` None: there is no mail server, and nothing is noted."""
        self._store = store
        self._clock = clock
        self._calendar = calendar
        self._experts = experts
        self._has_desk = has_desk
        self._send = send
        self._journal = journal
        self._pause_s = pause_s
        self._queues: set[tuple[Kind, QueueId]] = set()
        self._holders: set[ExpertId] = set()
        self._owed = Owed()
        self._wake = asyncio.Event()

    @property
    def are_sent(self) -> bool:
        return self._send is not None

    def new_case(self, queue: QueueId) -> None:
        self._note(queues=[(Kind.NEW_CASE, queue)])

    def wrote(self, holders: Iterable[ExpertId]) -> None:
        self._note(holders=holders)

    def missed(self, queue: QueueId) -> None:
        self._note(queues=[(Kind.MISSED, queue)])

    def _note(self, queues: Iterable[tuple[Kind, QueueId]] = (), holders: Iterable[ExpertId] = ()) -> None:
        if self._send is None:
            return
        # Bounded by the directory, however much happens.
        self._queues.update(queues)
        self._holders.update(expert for expert in holders if not self._has_desk(expert))
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._rest_s())
            await asyncio.sleep(self._pause_s)
            self._wake.clear()
            await self.round()

    def _rest_s(self) -> float | None:
        next_s = self._owed.next_s()
        return None if next_s is None else min(LOOK_AGAIN_S, max(0.0, next_s - self._clock()))

    async def round(self) -> None:
        try:
            wishes = {wish.expert_id: wish for wish in await self._store.notice_wishes()}
            await self._sort_out(wishes)
        except DomainError:
            self._wake.set()  # no disk: it is noted still
            await asyncio.sleep(self._pause_s)
            return
        for expert in self._owed.experts():
            if self._has_desk(expert):
                self._owed.looked(expert)
        await self._send_due(wishes)

    async def _sort_out(self, wishes: dict[ExpertId, NoticeWish]) -> None:
        if not self._queues and not self._holders:
            return
        shifts = await self._store.on_call()
        on_duty = on_call(shifts, *self._calendar.wall_clock(self._clock()))
        queues, self._queues = self._queues, set()
        holders, self._holders = self._holders, set()
        experts = self._experts()
        coordinators = [expert.id for expert in experts if expert.coordinator]
        for kind, queue in queues:
            groups = [on_duty, coordinators] if kind is Kind.MISSED else [_of_queue(queue, experts)]
            for expert in told(kind, groups, wishes.values()):
                self._owed.owe(expert, kind)
        for expert in told(Kind.WROTE, [holders], wishes.values()):
            self._owed.owe(expert, Kind.WROTE)

    async def _send_due(self, wishes: dict[ExpertId, NoticeWish]) -> None:
        assert self._send is not None
        known = {expert.id for expert in self._experts()}
        due = {who: kind for who, kind in self._owed.take(self._clock()).items() if who in wishes and who in known}
        if not due:
            return
        letters = [Letter(wishes[expert].address, of_work(kind)) for expert, kind in due.items()]
        fates = dict(zip(due, await self._send(letters, self._clock()), strict=True))
        now_s = self._clock()
        for expert, fate in fates.items():
            if fate is not Fate.LATER:
                self._owed.sent(expert, now_s)
        unsent = {expert: due[expert] for expert, fate in fates.items() if fate is Fate.LATER}
        if unsent:
            self._owed.failed(unsent, now_s)
        for event, fate in (
            ("notices-sent", Fate.SENT), ("notices-refused", Fate.REFUSED), ("notices-put-off", Fate.LATER),
        ):  # fmt: skip
            if count := list(fates.values()).count(fate):
                self._journal(event, count=count)


def _of_queue(queue: QueueId, experts: Collection[Expert]) -> list[ExpertId]:
    return [expert.id for expert in experts if queue in expert.queues]
