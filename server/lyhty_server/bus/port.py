"""What a bus does, whatever carries it: everybody else hears, at most once, in the order in which one says it."""

from collections.abc import Callable
from typing import Protocol

Hear = Callable[[bytes], None]


class Bus(Protocol):
    """Many processes on one bus; this is the end that one of them holds. Nothing on it is kept."""

    @property
    def is_shared(self) -> bool:
        """Whether there may be other processes at all."""

    async def start(self, hear: Hear, changed: Callable[[bool], None]) -> None:
        """`changed`: whether the others can be reached now; as long as nobody says so, they cannot."""

    async def close(self) -> None: ...

    def say(self, news: bytes) -> None:
        """Never waits. Dropped when the others cannot be reached."""
