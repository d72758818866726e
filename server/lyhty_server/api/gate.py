"""Asks every opening for its work, and knows what to ask for at this moment (SPEC 6.7)."""

from collections.abc import Callable
from typing import Final

from lyhty_server.clock import Clock
from lyhty_server.domain.pricing import Price, raised, settled, strain
from lyhty_wire.errors import ForgedError
from lyhty_wire.ids import CaseId, InstanceId
from lyhty_wire.work import Terms, Work

PERIOD_S: Final = 600  # SPEC 6.7: what was searched for beforehand is worth twenty minutes


class Gate:
    """`terms` is another object when they have changed, and only then."""

    def __init__(
        self, instance: InstanceId, challenge: Callable[[int], bytes], clock: Clock, usual_effort: int
    ) -> None:
        self._instance = instance
        self._challenge = challenge
        self._clock = clock
        self._usual_effort = usual_effort
        self._price = Price()
        self._opened = 0
        self.terms: Terms
        self._turn()

    def check(self, work: Work, case: CaseId) -> None:
        """Raises ForgedError `work-insufficient`."""
        self._look()
        if work.challenge not in (self.terms.challenge, self._last_challenge):
            raise ForgedError("work-insufficient", "not a challenge of the last minutes")
        work.check(self._instance, case, self.terms.effort)

    def opened(self) -> None:
        """A case was stored that had not been there before. A retry costs nobody anything."""
        self._opened += 1
        self._look()

    def end_second(self, queue_share: float) -> bool:
        """Once a second. Whether the effort has changed since the last time."""
        before = self._price.step
        self._price = settled(self._price, strain(self._opened, queue_share))
        self._opened = 0
        self._look()
        return self._price.step != before

    @property
    def price_step(self) -> int:
        return self._price.step

    @property
    def _effort(self) -> int:
        return raised(self._price, strain(self._opened)).effort(self._usual_effort)

    def _look(self) -> None:
        if self._clock() // PERIOD_S != self._period:
            self._turn()
        elif self._effort != self.terms.effort:
            self.terms = Terms(self.terms.challenge, self._effort)

    def _turn(self) -> None:
        self._period = self._clock() // PERIOD_S
        self._last_challenge = self._challenge(self._period - 1)
        self.terms = Terms(self._challenge(self._period), self._effort)
