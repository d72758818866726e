"""When this process last did each of its works from beginning to end, for who watches it."""

from lyhty_server.clock import Clock
from lyhty_server.domain.watching import EACH_DAY, EACH_MINUTE


class Rounds:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.done_s: dict[str, int] = dict.fromkeys((*EACH_MINUTE, *EACH_DAY), 0)

    def done(self, work: str) -> None:
        self.done_s[work] = self._clock()
