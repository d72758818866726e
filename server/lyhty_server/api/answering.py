"""Who writes in a case right now, told to the others who hold it (SPEC 9). Nothing of it is kept."""

from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import WSMessage, WSMsgType

from lyhty_server.api.hub import Hub
from lyhty_server.api.shapes import feed_text
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import Store
from lyhty_wire.desk import FeedAnswering
from lyhty_wire.encoding import b64decode
from lyhty_wire.ids import CaseId, ExpertId

# A desk says it every three seconds while its expert writes; what comes faster is passed over unread.
EVERY_S: Final = 2.0


class UnreadableError(Exception):
    """A desk said something that no desk says."""


class Answering:
    """What one open feed says. `time_s` is the loop's."""

    def __init__(self, store: Store, hub: Hub, expert: ExpertId, time_s: Callable[[], float]) -> None:
        self._store = store
        self._hub = hub
        self._expert = expert
        self._time_s = time_s
        self._last_s = -EVERY_S

    async def hear(self, message: WSMessage) -> None:
        """
        Raises:
            UnreadableError: whoever says that is let go.
        """
        now_s = self._time_s()
        if now_s - self._last_s < EVERY_S:
            return
        self._last_s = now_s
        if message.type is not WSMsgType.TEXT:
            raise UnreadableError
        try:
            said = msgspec.json.decode(message.data, type=FeedAnswering)
        except msgspec.MsgspecError:
            raise UnreadableError from None
        try:
            places = await self._store.places(CaseId(b64decode(said.case, 32)))
        except DomainError:  # erased meanwhile, or no disk: nobody misses a sign that lasts seconds
            return
        if all((place.queue, place.holder) != (said.queue, self._expert) for place in places):
            return
        text = feed_text(said)
        for holder in {place.holder for place in places} - {None, self._expert}:
            assert holder is not None
            self._hub.tell_expert(holder, text)
