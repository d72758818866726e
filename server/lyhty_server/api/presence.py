"""Who is here: the reporter with the page open, and the holder of the case with a desk open (SPEC 6.5, 9).

It is made of what each process knows of itself and tells the others, and lives in memory only. Whoever comes is told
of at once, whoever goes only after a while: a connection that comes back within it, to any process, says nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from lyhty_server.api.hub import Hub
from lyhty_server.api.news import AliveNews, DeskNews, FactsNews, PageNews, ProcessId
from lyhty_wire.desk import FeedHere
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import CaseId, ExpertId, QueueId
from lyhty_wire.records import Presence as PresenceEvent

GRACE_S: Final = 10.0  # a lost line is back within two or three
SILENT_ROUNDS: Final = 4  # of `beat`: so long nobody has heard of a process that is gone

Holders = Mapping[QueueId, ExpertId]


class Timer(Protocol):
    def cancel(self) -> None: ...


@dataclass
class Facts:
    """Who is at one process. Desks: whether one is open, or was a moment ago; pages: who holds the case."""

    desks: dict[ExpertId, bool] = field(default_factory=dict)
    pages: dict[CaseId, tuple[ExpertId, ...]] = field(default_factory=dict)
    silent_rounds: int = 0


class Presence:
    def __init__(self, hub: Hub, after: Callable[[float, Callable[[], None]], Timer], process: ProcessId = b"") -> None:
        """`after`: runs a task once, that many seconds later."""
        self._hub = hub
        self._after = after
        self._process = process
        self._own = Facts()
        self._facts: dict[ProcessId, Facts] = {process: self._own}
        self._holders: dict[CaseId, Holders] = {}
        """Of the cases whose reporter is here, or was a moment ago."""
        self._leaving: dict[CaseId | ExpertId, Timer] = {}

    def watches(self, case: CaseId) -> bool:
        """Whether somebody must hear when the holders of the case change."""
        return case in self._holders

    def has_desk(self, expert: ExpertId) -> bool:
        """Open now, at any process."""
        return any(facts.desks.get(expert, False) for facts in self._facts.values())

    # --- What happens here

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
        for facts in self._facts.values():
            facts.pages.pop(case, None)

    def desk_opened(self, expert: ExpertId) -> None:
        self._stay(expert)
        for case in {case for facts in self._facts.values() for case, who in facts.pages.items() if expert in who}:
            self._tell_expert(expert, case, here=True)
        self._say_desk(expert, True)

    def desk_closed(self, expert: ExpertId) -> None:
        if not self._hub.has_desk(expert):
            self._say_desk(expert, False)
            self._leave(expert, lambda: self._say_desk(expert, None))

    # --- What is heard of other processes

    def hear_desk(self, news: DeskNews) -> None:
        self._set_desk(self._known(news.process), news.expert, news.is_open)

    def hear_page(self, news: PageNews) -> None:
        self._set_page(self._known(news.process), news.case, news.holders)

    def hear_alive(self, news: AliveNews) -> None:
        if news.process not in self._facts:
            self.introduce(is_new=True)
        self._known(news.process)

    def hear_facts(self, news: FactsNews) -> None:
        self._replace(self._known(news.process), dict(news.desks), dict(news.pages))
        if news.is_new:
            self.introduce(is_new=False)

    def introduce(self, *, is_new: bool) -> None:
        """All of ours to the others, who may have missed what was said before."""
        desks, pages = tuple(self._own.desks.items()), tuple(self._own.pages.items())
        self._hub.say(FactsNews(self._process, desks, pages, is_new))

    def beat(self) -> None:
        """Now and then, while the others can be reached: forgets those of whom nothing has been heard for long."""
        self._hub.say(AliveNews(self._process))
        for process, facts in tuple(self._facts.items()):
            facts.silent_rounds += 1
            if facts is not self._own and facts.silent_rounds > SILENT_ROUNDS:
                self._replace(facts, {}, {})
                del self._facts[process]

    # --- How

    def _known(self, process: ProcessId) -> Facts:
        facts = self._facts.setdefault(process, Facts())
        facts.silent_rounds = 0
        return facts

    def _replace(self, facts: Facts, desks: dict[ExpertId, bool], pages: dict[CaseId, tuple[ExpertId, ...]]) -> None:
        for expert in facts.desks.keys() | desks.keys():
            self._set_desk(facts, expert, desks.get(expert))
        for case in facts.pages.keys() | pages.keys():
            self._set_page(facts, case, pages.get(case))

    def _reporter_is_gone(self, case: CaseId) -> None:
        del self._holders[case]
        if case in self._own.pages:
            self._set_page(self._own, case, None)
            self._hub.say(PageNews(self._process, case, None))

    def _take(self, case: CaseId, holders: Holders) -> None:
        self._holders[case] = holders
        experts = tuple(sorted(set(holders.values())))
        if self._own.pages.get(case, ()) != experts:
            self._set_page(self._own, case, experts)
            self._hub.say(PageNews(self._process, case, experts))

    def _say_desk(self, expert: ExpertId, is_open: bool | None) -> None:
        if self._own.desks.get(expert) is not is_open:
            self._set_desk(self._own, expert, is_open)
            self._hub.say(DeskNews(self._process, expert, is_open))

    def _set_desk(self, facts: Facts, expert: ExpertId, is_open: bool | None) -> None:
        before = self._is_shown(expert)
        if is_open is None:
            facts.desks.pop(expert, None)
        else:
            facts.desks[expert] = is_open
        if self._is_shown(expert) != before:
            for case, holders in self._holders.items():
                if expert in holders.values():
                    self._tell_reporter(case)

    def _set_page(self, facts: Facts, case: CaseId, experts: tuple[ExpertId, ...] | None) -> None:
        affected = {*facts.pages.get(case, ()), *(experts or ())}
        before = {expert for expert in affected if self._sees(expert, case)}
        if experts is None:
            facts.pages.pop(case, None)
        else:
            facts.pages[case] = experts
        for expert in affected:
            sees = self._sees(expert, case)
            if sees and expert not in before:
                self._tell_expert(expert, case, here=True)
            elif experts is None and expert in before and not sees:
                self._tell_expert(expert, case, here=False)

    def _is_shown(self, expert: ExpertId) -> bool:
        return any(expert in facts.desks for facts in self._facts.values())

    def _sees(self, expert: ExpertId, case: CaseId) -> bool:
        return any(expert in facts.pages.get(case, ()) for facts in self._facts.values())

    def _here(self, case: CaseId) -> tuple[QueueId, ...]:
        return tuple(sorted(queue for queue, expert in self._holders[case].items() if self._is_shown(expert)))

    def _tell_reporter(self, case: CaseId) -> None:
        self._hub.tell_reporter_presence(case, PresenceEvent(self._here(case)).encode())

    def _tell_expert(self, expert: ExpertId, case: CaseId, *, here: bool) -> None:
        self._hub.tell_expert_here(expert, msgspec.json.encode(FeedHere(b64encode(case), here)).decode())

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
