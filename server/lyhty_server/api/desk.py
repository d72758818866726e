"""The experts' desk: queues, claims, envelopes (SPEC 9). Who asks, and who must hear; the rules are in domain/."""

from typing import Any

from msgspec import UNSET, UnsetType

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.audit import entry_of
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InClosed, InConversation, InPlace, InQueue, InWriting, OfQueue
from lyhty_server.api.shapes import place_json
from lyhty_server.api.states import tell_all, tell_holders, tell_place
from lyhty_server.domain.admission import check_message
from lyhty_server.domain.cases import LONGEST_SNOOZE_S, Snooze
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import HeldPlace, Holder, NewEnvelope, PlaceRow, QueueCursor
from lyhty_wire.audit import Kind
from lyhty_wire.codes import Code
from lyhty_wire.desk import (
    Appended,
    ClosedPage,
    EnvelopePage,
    OpenedPlace,
    Place,
    QueueCounts,
    QueuePage,
    Snoozing,
    StoredEnvelope,
)
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.ids import CaseId, ExpertId, QueueId, digest


class Desk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def queue(self, asked: AskedByExpert[InQueue, None]) -> QueuePage:
        params = asked.params
        queue = self._own_queue(params.queue, asked.expert)
        page = await self._server.store.queue_page(queue, _cursor(params.after), params.limit)
        following = None if page.next is None else f"{int(page.next.urgent)}-{page.next.case_seq}"
        return QueuePage([place_json(place) for place in page.places], following)

    async def counts(self, asked: AskedByExpert[OfQueue, None]) -> QueueCounts:
        counts = await self._server.store.queue_counts(self._own_queue(asked.params.queue, asked.expert))
        return QueueCounts(counts.waiting, counts.held)

    async def closed(self, asked: AskedByExpert[InClosed, None]) -> ClosedPage:
        params, server = asked.params, self._server
        queue = self._own_queue(params.queue, asked.expert)
        closer = None if server.trust.expert(asked.expert).coordinator else asked.expert
        before = None if params.before is UNSET else params.before
        page = await server.store.closed_page(queue, closer, before, params.limit)
        return ClosedPage([place_json(place) for place in page.places], page.more)

    async def claim(self, asked: AskedByExpert[InPlace, None]) -> OpenedPlace:
        server, (case, queue) = self._server, self._place(asked)
        now_s, until_s = server.clock(), server.lease_until_s()
        held = await server.store.claim(case, queue, asked.expert, now_s, until_s, server.capacity)
        return await self._taken(held)

    async def reopen(self, asked: AskedByExpert[InPlace, None]) -> OpenedPlace:
        server, (case, queue) = self._server, self._place(asked)
        now_s, until_s = server.clock(), server.lease_until_s()
        held = await server.store.reopen(case, queue, asked.expert, now_s, until_s, server.capacity)
        return await self._taken(held)

    async def snooze(self, asked: AskedByExpert[InPlace, Snoozing]) -> Place:
        case, queue = self._place(asked)
        server, now_s, wanted = self._server, self._server.clock(), asked.body.snooze
        snooze = None if wanted is None else Snooze(wanted.until, wanted.seq)
        # A whole lease from when it wakes; what is too far off is refused by the rule, and not counted out before.
        wakes_s = now_s if wanted is None else min(wanted.until, now_s + LONGEST_SNOOZE_S)
        until_s = server.lease_until_s(wakes_s)
        return await self._changed(await server.store.snooze(case, queue, asked.expert, snooze, now_s, until_s))

    async def opened(self, asked: AskedByExpert[InPlace, None]) -> OpenedPlace:
        return _opened_json(await self._server.store.opened(*self._place(asked), asked.expert))

    async def release(self, asked: AskedByExpert[InPlace, None]) -> Place:
        return await self._changed(await self._server.store.release(*self._place(asked), asked.expert))

    async def close(self, asked: AskedByExpert[InPlace, None]) -> Place:
        return await self._changed(await self._closed(asked))

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
        said = asked.params.entry
        entry = (
            None if said is UNSET else entry_of(server, asked.expert, said, {Kind.OPENING, Kind.HANDOVER}, digest(body))
        )
        writer = Holder(asked.expert, server.lease_until_s(), server.trust.current_epochs, answers)
        appended = await server.store.append(case, envelope, writer, entry)
        if appended.fresh:
            server.hub.tell_reporter(case, appended.seq, body)
            tell_holders(server, case, appended.seq, appended.holders)
            server.notices.wrote(holder for holder in appended.holders if holder != asked.expert)
        if appended.answered:
            await tell_place(server, case, answers)
        return Appended(appended.seq)

    async def _closed(self, asked: AskedByExpert[InPlace, None]) -> PlaceRow:
        return await self._server.store.close_place(*self._place(asked), asked.expert, self._server.recorded_s())

    async def _taken(self, held: HeldPlace) -> OpenedPlace:
        await tell_all(self._server, held.place)
        return _opened_json(held)

    async def _changed(self, place: PlaceRow) -> Place:
        await tell_all(self._server, place)
        return place_json(place)

    def _place(self, asked: AskedByExpert[InPlace, Any]) -> tuple[CaseId, QueueId]:
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
        [None if link is None else b64encode(link) for link in held.links],
    )


def _case(text: str) -> CaseId:
    return CaseId(b64decode(text, 32))


def _cursor(text: str | UnsetType) -> QueueCursor | None:
    if text is UNSET:
        return None
    urgent, _, seq = text.partition("-")
    return QueueCursor(urgent == "1", int(seq))
