"""The queues' shelves of answer templates, as desks ask for them (SPEC 3.6, 9)."""

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import OfQueue, OnShelf, OnShelfFrom
from lyhty_server.api.sealed_rooms import check_generation
from lyhty_server.api.shapes import feed_text
from lyhty_server.domain.admission import check_message
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.shelves import check_key, check_writing
from lyhty_server.store.interface import NewEnvelope
from lyhty_server.store.shelf_rows import NewShelfRoom, ShelfAppended, ShelfRoomRow
from lyhty_wire.codes import Code
from lyhty_wire.desk import Appended, EnvelopePage, FeedShelf, Shelf, ShelfRoom, StoredEnvelope
from lyhty_wire.desk import NewShelfRoom as Asked
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import MalformedError
from lyhty_wire.ids import Epoch, ExpertId, QueueId, RoomId, shelf_id
from lyhty_wire.rooms import RoomKind, check_room_wraps, verify_room
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import Wrap


class ShelvesDesk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def shelf(self, asked: AskedByExpert[OfQueue, None]) -> Shelf:
        row = await self._server.store.shelf(self._own_queue(asked.params.queue, asked.expert))
        return Shelf([_json(room) for room in row.rooms], row.last_seq)

    async def envelopes(self, asked: AskedByExpert[OnShelfFrom, None]) -> EnvelopePage:
        params = asked.params
        queue = self._own_queue(params.queue, asked.expert)
        page = await self._server.store.shelf_envelopes(queue, params.after, params.limit)
        return EnvelopePage([StoredEnvelope(each.seq, b64encode(each.body)) for each in page.envelopes], page.more)

    async def open(self, asked: AskedByExpert[OfQueue, Asked]) -> Appended:
        queue = self._own_queue(asked.params.queue, asked.expert)
        new = self._new_room(queue, asked.body, asked.expert)
        return self._told(queue, await self._server.store.open_shelf_room(new, asked.body.after))

    async def put(self, asked: AskedByExpert[OnShelf, bytes]) -> Appended:
        queue = self._own_queue(asked.params.queue, asked.expert)
        envelope = self._envelope(asked.body, asked.expert)
        current = self._current(queue)
        appended = await self._server.store.append_to_shelf(queue, envelope, asked.params.after, current)
        return self._told(queue, appended)

    def _new_room(self, queue: QueueId, body: Asked, expert: ExpertId) -> NewShelfRoom:
        server = self._server
        roster = verify_room(
            UntrustedRoster.decode(encoded := b64decode(body.roster)),
            server.instance, shelf_id(server.instance, queue), RoomKind.SHELF, [server.trust.expert(expert).sign],
        )  # fmt: skip
        wrap = Wrap.decode(b64decode(body.wrap))
        check_room_wraps(roster, [wrap])
        if wrap.queue != queue:
            raise MalformedError("envelope-malformed", "for another queue")
        check_key(wrap.epoch, self._current(queue))
        first = self._envelope(b64decode(body.envelope), expert)
        if first.counter != 1:
            raise DomainError(Code.ENVELOPE_MALFORMED)
        return NewShelfRoom(RoomId(roster.case), queue, wrap.epoch, encoded, wrap.encode(), first)

    def _envelope(self, body: bytes, expert: ExpertId) -> NewEnvelope:
        header = decode_header(body)
        check_message(header, self._server.trust.expert(expert).sign)
        check_generation(header.generation)
        check_writing(len(body))
        return NewEnvelope(header.object_id, header.author, header.generation, header.counter, body)

    def _told(self, queue: QueueId, appended: ShelfAppended) -> Appended:
        if appended.fresh:
            self._server.hub.tell_queues(frozenset({queue}), feed_text(FeedShelf(queue, appended.seq)))
        return Appended(appended.seq)

    def _current(self, queue: QueueId) -> Epoch:
        return next(epoch for each, epoch in self._server.trust.current_epochs if each == queue)

    def _own_queue(self, number: int, expert: ExpertId) -> QueueId:
        """To experts who do not belong to it, a queue does not exist."""
        queue = QueueId(number)
        if queue not in self._server.trust.expert(expert).queues:
            raise DomainError(Code.QUEUE_UNKNOWN)
        return queue


def _json(row: ShelfRoomRow) -> ShelfRoom:
    wrap = None if row.wrap is None else b64encode(row.wrap)
    return ShelfRoom(b64encode(row.room_id), b64encode(row.roster), wrap, row.first_seq)
