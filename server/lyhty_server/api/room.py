"""How much all channels together may hold: what one of them may is harmless, what ten thousand may is not."""

from lyhty_server.api.limits import LIMITS


class Room:
    def __init__(self, max_channels: int, max_held_bytes: int = LIMITS.held_bytes) -> None:
        self._max_channels = max_channels
        self._max_held_bytes = max_held_bytes
        self._channels = 0
        self._held_bytes = 0

    @property
    def channels_share(self) -> float:
        return self._channels / self._max_channels

    @property
    def held_share(self) -> float:
        return self._held_bytes / self._max_held_bytes

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
        return self._held_bytes <= self._max_held_bytes or now_bytes <= before_bytes
