"""What the server keeps of the queues' shelves of answer templates, and what may be asked of it (SPEC 3.6, 9)."""

from typing import Protocol

from msgspec import Struct

from lyhty_server.store.interface import EnvelopePage, NewEnvelope
from lyhty_wire.ids import Epoch, QueueId, RoomId


class NewShelfRoom(Struct, frozen=True):
    """A shelf's next key, with what is written first under it."""

    room_id: RoomId
    queue: QueueId
    epoch: Epoch
    roster: bytes
    wrap: bytes
    first: NewEnvelope


class ShelfRoomRow(Struct, frozen=True):
    room_id: RoomId
    roster: bytes
    wrap: bytes | None
    """Of the newest key; whoever opens that opens the older ones."""
    first_seq: int


class ShelfRow(Struct, frozen=True):
    rooms: tuple[ShelfRoomRow, ...]
    """First to last."""
    last_seq: int
    """0: nothing was ever written."""


class ShelfAppended(Struct, frozen=True):
    seq: int
    fresh: bool


class ShelfStore(Protocol):
    async def open_shelf_room(self, new: NewShelfRoom, after: int) -> ShelfAppended:
        """Again with the same bytes: the same answer. The older keys' wraps are gone.

        shelf-changed: `after` is not the newest seq; shelf-full, object-conflict.
        """

    async def append_to_shelf(self, queue: QueueId, envelope: NewEnvelope, after: int, current: Epoch) -> ShelfAppended:
        """room-unknown: there is no key; shelf-changed, shelf-full, epoch-stale, object-conflict, counter-conflict."""

    async def shelf(self, queue: QueueId) -> ShelfRow: ...

    async def shelf_envelopes(self, queue: QueueId, after: int, limit: int) -> EnvelopePage:
        """Of all keys, oldest first."""
