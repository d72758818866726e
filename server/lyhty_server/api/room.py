"""How much all channels together may hold: what one of them may is harmless, what ten thousand may is not."""

from typing import Final

# Half-received records and what waits to leave, of all channels. One at rest holds nothing; a report coming in 10 kB.
MAX_HELD_BYTES: Final = 64 * 1_048_576


class Room:
    def __init__(self, max_channels: int) -> None:
        self._max_channels = max_channels
        self._channels = 0
        self._held_bytes = 0

    def enter(self) -> bool:
        """False: there is no room for one more."""
        if self._channels >= self._max_channels:
            return False
        self._channels += 1
        return True

    def leave(self, held_bytes: int) -> None:
        self._channels -= 1
        self._held_bytes -= held_bytes

    def hold(self, before_bytes: int, now_bytes: int) -> bool:
        """A channel holds another amount now. False: all together hold too much, and it has grown."""
        self._held_bytes += now_bytes - before_bytes
        return self._held_bytes <= MAX_HELD_BYTES or now_bytes <= before_bytes
