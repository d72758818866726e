"""Who is here: the reporter with the page open, and the holder of the case with a desk open (SPEC 6.5, 9).

It is made of what the hub knows and lives in memory only. Whoever comes is told of at once, whoever goes only after a
while: a connection that comes back within it says nothing.
"""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from lyhty_server.api.hub import Hub
from lyhty_wire.desk import FeedHere
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import CaseId, ExpertId, QueueId
from lyhty_wire.records import Presence as PresenceEvent

GRACE_S: Final = 10.0  # a lost line is back within two or three

Holders = Mapping[QueueId, ExpertId]


class Timer(Protocol):
    def cancel(self) -> None: ...


class Presence:
    def __init__(self, hub: Hub, after: Callable[[float, Callable[[], None]], Timer]) -> None:
        """`after`: runs a task once, that many seconds later."""
        self._hub = hub
        self._after = after
        self._holders: dict[CaseId, Holders] = {}
        """Of the cases whose reporter is here, or was a moment ago."""
        self._desks: set[ExpertId] = set()
        self._leaving: dict[CaseId | ExpertId, Timer] = {}

    def watches(self, case: CaseId) -> bool:
        """Whether somebody must hear when the holders of the case change."""
        return case in self._holders

    def reporter_came(self, case: CaseId, holders: Holders) -> None:
        self._stay(case)
        self._take(case, holders)
        if holders:
            self._tell_reporter(case)

    def reporter_left(self, case: CaseId) -> None:
        if not self._hub.is_heard(case) and case in self._holders:
            self._leave(case, lambda: self._reporter_is_gone(case))

    def holders_changed(self, case: CaseId, holders: Holders) -> None:
        if case not in self._holders:
            return
        before = self._here(case)
        self._take(case, holders)
        if self._here(case) != before:
            self._tell_reporter(case)

    def erased(self, case: CaseId) -> None:
        self._stay(case)
        self._holders.pop(case, None)

    def desk_opened(self, expert: ExpertId) -> None:
        self._stay(expert)
        is_news = expert not in self._desks
        self._desks.add(expert)
        for case in self._cases_of(expert):
            self._tell_expert(expert, case, here=True)
            if is_news:
                self._tell_reporter(case)

    def desk_closed(self, expert: ExpertId) -> None:
        if not self._hub.has_desk(expert):
            self._leave(expert, lambda: self._expert_is_gone(expert))

    def _reporter_is_gone(self, case: CaseId) -> None:
        for expert in set(self._holders.pop(case).values()):
            self._tell_expert(expert, case, here=False)

    def _expert_is_gone(self, expert: ExpertId) -> None:
        self._desks.discard(expert)
        for case in self._cases_of(expert):
            self._tell_reporter(case)

    def _take(self, case: CaseId, holders: Holders) -> None:
        known = set(self._holders.get(case, {}).values())
        self._holders[case] = holders
        for expert in set(holders.values()) - known:
            self._tell_expert(expert, case, here=True)

    def _here(self, case: CaseId) -> tuple[QueueId, ...]:
        return tuple(sorted(queue for queue, expert in self._holders[case].items() if expert in self._desks))

    def _cases_of(self, expert: ExpertId) -> list[CaseId]:
        return [case for case, holders in self._holders.items() if expert in holders.values()]

    def _tell_reporter(self, case: CaseId) -> None:
        self._hub.tell_reporter_presence(case, PresenceEvent(self._here(case)).encode())

    def _tell_expert(self, expert: ExpertId, case: CaseId, *, here: bool) -> None:
        self._hub.tell_expert(expert, msgspec.json.encode(FeedHere(b64encode(case), here)).decode())

    def _leave(self, who: CaseId | ExpertId, gone: Callable[[], None]) -> None:
        self._stay(who)

        def leave() -> None:
            del self._leaving[who]
            gone()

        self._leaving[who] = self._after(GRACE_S, leave)

    def _stay(self, who: CaseId | ExpertId) -> None:
        timer = self._leaving.pop(who, None)
        if timer is not None:
            timer.cancel()
