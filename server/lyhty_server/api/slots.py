"""The clock of the channels: one frame per slot on each, whatever anybody does (SPEC 6.2).

Channels are spread over a slot by the moment they opened, so that a thousand of them do not leave in one
burst. A late round is not made up for: a burst would tell the network that the server was busy.
"""

import asyncio
from typing import Final, Protocol

from lyhty_server.journal import Journal

ROUNDS: Final = 20  # per slot: 50 ms apart at the default slot


class Ticking(Protocol):
    async def tick(self) -> None: ...


class SlotClock:
    def __init__(self, slot_ms: int, journal: Journal) -> None:
        self.slot_ms = slot_ms
        self._journal = journal
        self._rounds: list[set[Ticking]] = [set() for _ in range(ROUNDS)]
        self._current = 0
        self._latest_s = 0.0

    def join(self, channel: Ticking) -> int:
        """The channel's next frame is due one slot from now."""
        position = self._current
        self._rounds[position].add(channel)
        return position

    def leave(self, channel: Ticking, position: int) -> None:
        self._rounds[position].discard(channel)

    def latest_s(self) -> float:
        """By how much the latest round since the last time was late."""
        latest_s, self._latest_s = self._latest_s, 0.0
        return latest_s

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        step_s = self.slot_ms / 1000 / ROUNDS
        due = loop.time()
        while True:
            due = max(due + step_s, loop.time())
            await asyncio.sleep(due - loop.time())
            self._latest_s = max(self._latest_s, loop.time() - due)
            self._current = (self._current + 1) % ROUNDS
            for channel in tuple(self._rounds[self._current]):
                try:
                    await channel.tick()
                except Exception as error:  # noqa: BLE001 - one channel's bug must not stop the clock of all others
                    self._rounds[self._current].discard(channel)
                    self._journal.write_error(error)
