"""Of all processes of a service, one does what is to be done once: while it gives signs of life, nobody else does it.

Nobody compares clocks: who would take a job over counts for itself how long its holder has been silent.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_server.store.session_rows import SessionStore

# Somebody else goes on within six seconds of a crash, for one small write a second in the whole service.
BEAT_S: Final = 1.0
SILENT_S: Final = 5.0
# A sign of life may have been on its way to the store when the process was told to stop.
GIVE_UP_TRIES: Final = 3

Work = Callable[[], Coroutine[object, object, None]]


@dataclass(frozen=True, slots=True)
class Rhythm:
    beat_s: float = BEAT_S
    silent_s: float = SILENT_S

    @property
    def sure_s(self) -> float:
        """How long after its last sign of life a holder may go on: it stops before anybody else begins."""
        return self.silent_s - self.beat_s


class Lease:
    """`holder`: 16 bytes of this process alone. `time_s`: of a clock that nobody puts forward or back."""

    def __init__(
        self, store: SessionStore, name: str, holder: bytes, time_s: Callable[[], float], rhythm: Rhythm | None = None
    ) -> None:
        self._store = store
        self._name = name
        self._holder = holder
        self._time_s = time_s
        self._rhythm = Rhythm() if rhythm is None else rhythm
        self._seen = 0
        self._since_s = 0.0

    async def hold(self, works: Sequence[Work]) -> None:
        """Does them whenever it is this process's turn, until cancelled. None of them ends or raises."""
        if not self._store.is_shared:
            await _together(works)
            return
        while True:
            await self._take()
            working = asyncio.create_task(_together(works))
            try:
                await self._keep(working)
            finally:
                working.cancel()
                await asyncio.wait([working])
                await self._give_up()

    async def _take(self) -> None:
        """Returns when the job is this process's."""
        while not await self._is_taken():  # noqa: ASYNC110 - the event is in another process
            await asyncio.sleep(self._rhythm.beat_s)

    async def _is_taken(self) -> bool:
        begun_s = self._time_s()
        try:
            row = await self._store.job(self._name)
            if row.beat != self._seen:
                self._seen, self._since_s = row.beat, begun_s
            is_free = not row.holder or begun_s - self._since_s >= self._rhythm.silent_s
            if not is_free or not await self._store.beat(self._name, self._holder, row.beat):
                return False
        except DomainError:
            return False
        self._seen, self._since_s = row.beat + 1, begun_s
        return True

    async def _keep(self, working: asyncio.Task[None]) -> None:
        """Returns when the job may be another's, or the work has failed."""
        while not working.done() and self._time_s() - self._since_s < self._rhythm.sure_s:
            await asyncio.wait([working], timeout=self._rhythm.beat_s)
            begun_s = self._time_s()
            with contextlib.suppress(DomainError, TimeoutError):
                async with asyncio.timeout(self._rhythm.sure_s - (begun_s - self._since_s)):
                    if not await self._store.beat(self._name, self._holder, self._seen):
                        return
                self._seen, self._since_s = self._seen + 1, begun_s

    async def _give_up(self) -> None:
        """Whoever asks next begins at once. Of a job that another has taken, nothing changes."""
        with contextlib.suppress(DomainError):
            for _ in range(GIVE_UP_TRIES):
                row = await self._store.job(self._name)
                if row.holder != self._holder or await self._store.beat(self._name, b"", row.beat):
                    return


async def _together(works: Sequence[Work]) -> None:
    await asyncio.gather(*(work() for work in works))
