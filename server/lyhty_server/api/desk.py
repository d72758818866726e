"""The experts' desk: queues, claims, envelopes (SPEC 9). Who asks, and who must hear; the rules are in domain/."""

from msgspec import UNSET, UnsetType

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InConversation, InPlace, InQueue, InWriting
from lyhty_server.api.states import place_json, tell_all, tell_holders, tell_place
from lyhty_server.domain.admission import check_message
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import HeldPlace, Holder, NewEnvelope, PlaceRow, QueueCursor
from lyhty_wire.codes import Code
from lyhty_wire.desk import Appended, EnvelopePage, OpenedPlace, Place, QueuePage, StoredEnvelope
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.ids import CaseId, ExpertId, QueueId


class Desk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def queue(self, asked: AskedByExpert[InQueue, None]) -> QueuePage:
        params = asked.params
        queue = self._own_queue(params.queue, asked.expert)
        page = await self._server.store.queue_page(queue, _cursor(params.after), params.limit)
        following = None if page.next is None else f"{int(page.next.urgent)}-{page.next.case_seq}"
        return QueuePage([place_json(place) for place in page.places], following)

    async def claim(self, asked: AskedByExpert[InPlace, None]) -> OpenedPlace:
        case, queue = self._place(asked)
        server = self._server
        held = await server.store.claim(case, queue, asked.expert, server.clock(), server.lease_until_s())
        await tell_all(server, held.place)
        return _opened_json(held)

    async def opened(self, asked: AskedByExpert[InPlace, None]) -> OpenedPlace:
        return _opened_json(await self._server.store.opened(*self._place(asked), asked.expert))

    async def release(self, asked: AskedByExpert[InPlace, None]) -> Place:
        return await self._changed(await self._server.store.release(*self._place(asked), asked.expert))

    async def close(self, asked: AskedByExpert[InPlace, None]) -> Place:
        return await self._changed(await self._server.store.close_place(*self._place(asked), asked.expert))

    async def envelopes(self, asked: AskedByExpert[InConversation, None]) -> EnvelopePage:
        params, store = asked.params, self._server.store
        case, limit = _case(params.case), params.limit
        if params.before is UNSET:
            page = await store.envelopes_after(case, params.after, limit, asked.expert)
        else:
            page = await store.envelopes_before(case, params.before, limit, asked.expert)
        stored = [StoredEnvelope(each.seq, b64encode(each.body)) for each in page.envelopes]
        return EnvelopePage(stored, page.more)

    async def put_envelope(self, asked: AskedByExpert[InWriting, bytes]) -> Appended:
        server, case, body = self._server, _case(asked.params.case), asked.body
        header = decode_header(body)
        check_message(header, server.trust.expert(asked.expert).sign)
        envelope = NewEnvelope(header.object_id, header.author, header.generation, header.counter, body)
        answers = None if asked.params.answers is UNSET else QueueId(asked.params.answers)
        appended = await server.store.append(case, envelope, Holder(asked.expert, server.lease_until_s(), answers))
        if appended.fresh:
            server.hub.tell_reporter(case, appended.seq, body)
            tell_holders(server, case, appended.seq, appended.holders)
            server.notices.wrote(holder for holder in appended.holders if holder != asked.expert)
        if appended.answered:
            await tell_place(server, case, answers)
        return Appended(appended.seq)

    async def _changed(self, place: PlaceRow) -> Place:
        await tell_all(self._server, place)
        return place_json(place)

    def _place(self, asked: AskedByExpert[InPlace, None]) -> tuple[CaseId, QueueId]:
        return _case(asked.params.case), self._own_queue(asked.params.queue, asked.expert)

    def _own_queue(self, number: int, expert: ExpertId) -> QueueId:
        """To experts who do not belong to it, a queue does not exist."""
        queue = QueueId(number)
        if queue not in self._server.trust.expert(expert).queues:
            raise DomainError(Code.QUEUE_UNKNOWN)
        return queue


def _opened_json(held: HeldPlace) -> OpenedPlace:
    return OpenedPlace(
        place_json(held.place),
        [b64encode(roster) for roster in held.rosters],
        [b64encode(wrap) for wrap in held.wraps],
        b64encode(held.sign_pk),
    )


def _case(text: str) -> CaseId:
    return CaseId(b64decode(text, 32))


def _cursor(text: str | UnsetType) -> QueueCursor | None:
    if text is UNSET:
        return None
    urgent, _, seq = text.partition("-")
    return QueueCursor(urgent == "1", int(seq))
