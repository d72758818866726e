"""The experts' desk: queues, claims, envelopes (SPEC 9). Who asks, and who must hear; the rules are in domain/."""

from typing import Final

from aiohttp import web

from lyhty_server.api.context import Server
from lyhty_server.api.sign_in import bearer
from lyhty_server.api.states import place_json, tell_all, tell_holders
from lyhty_server.domain.admission import MAX_PAGE_ENTRIES, check_message
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import HeldPlace, Holder, NewEnvelope, PlaceRow, QueueCursor
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.ids import CaseId, ExpertId, QueueId

DEFAULT_LIMIT: Final = 50


class Desk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def queue(self, request: web.Request) -> web.Response:
        queue, _ = self._queue(request)
        page = await self._server.store.queue_page(queue, _cursor(request), _limit(request))
        following = None if page.next is None else f"{int(page.next.urgent)}-{page.next.case_seq}"
        return web.json_response({"cases": [place_json(place) for place in page.places], "next": following})

    async def claim(self, request: web.Request) -> web.Response:
        queue, expert = self._queue(request)
        held = await self._server.store.claim(_case(request), queue, expert, self._server.clock())
        await tell_all(self._server, held.place)
        return web.json_response(_opened_json(held))

    async def opened(self, request: web.Request) -> web.Response:
        queue, expert = self._queue(request)
        return web.json_response(_opened_json(await self._server.store.opened(_case(request), queue, expert)))

    async def release(self, request: web.Request) -> web.Response:
        queue, expert = self._queue(request)
        return await self._changed(await self._server.store.release(_case(request), queue, expert))

    async def close(self, request: web.Request) -> web.Response:
        queue, expert = self._queue(request)
        return await self._changed(await self._server.store.close_place(_case(request), queue, expert))

    async def envelopes(self, request: web.Request) -> web.Response:
        expert = self._expert(request)
        after = _number(request, "after", 0, 0, 2**32 - 1)
        page = await self._server.store.envelopes_after(_case(request), after, _limit(request), expert)
        stored = [{"seq": each.seq, "envelope": b64encode(each.body)} for each in page.envelopes]
        return web.json_response({"envelopes": stored, "more": page.more})

    async def put_envelope(self, request: web.Request) -> web.Response:
        expert, server, case = self._expert(request), self._server, _case(request)
        body = await request.read()  # all of it: `content.read(n)` gives what happens to have arrived
        header = decode_header(body)
        check_message(header, server.trust.expert(expert).sign)
        envelope = NewEnvelope(header.object_id, header.author, header.generation, header.counter, body)
        appended = await server.store.append(case, envelope, Holder(expert, server.clock()))
        if appended.fresh:
            server.hub.tell_reporter(case, appended.seq, body)
            tell_holders(server, case, appended.seq, appended.holders)
        return web.json_response({"seq": appended.seq})

    async def _changed(self, place: PlaceRow) -> web.Response:
        await tell_all(self._server, place)
        return web.json_response(place_json(place))

    def _expert(self, request: web.Request) -> ExpertId:
        server = self._server
        expert = server.sessions.expert(bearer(request), server.clock())
        server.trust.expert(expert)
        return expert

    def _queue(self, request: web.Request) -> tuple[QueueId, ExpertId]:
        """The queue in the address, if the expert belongs to it; to others it does not exist."""
        expert = self._expert(request)
        text = request.match_info["queue"]
        queue = QueueId(int(text)) if text.isascii() and text.isdigit() and len(text) <= 5 else None
        if queue is None or queue not in self._server.trust.expert(expert).queues:
            raise DomainError(Code.QUEUE_UNKNOWN)
        return queue, expert


def _opened_json(held: HeldPlace) -> dict[str, object]:
    return {
        "place": place_json(held.place),
        "rosters": [b64encode(roster) for roster in held.rosters],
        "wraps": [b64encode(wrap) for wrap in held.wraps],
        "sign_pk": b64encode(held.sign_pk),
    }


def _case(request: web.Request) -> CaseId:
    return CaseId(b64decode(request.match_info["case"], 32))


def _limit(request: web.Request) -> int:
    return _number(request, "limit", DEFAULT_LIMIT, 1, MAX_PAGE_ENTRIES)


def _number(request: web.Request, name: str, default: int, lowest: int, highest: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and lowest <= int(text) <= highest):
        raise DomainError(Code.OPERATION_MALFORMED)
    return int(text)


def _cursor(request: web.Request) -> QueueCursor | None:
    text = request.query.get("after")
    if text is None:
        return None
    urgent, _, seq = text.partition("-")
    if urgent not in {"0", "1"} or not (seq.isascii() and seq.isdigit() and len(seq) <= 18):
        raise DomainError(Code.OPERATION_MALFORMED)
    return QueueCursor(urgent == "1", int(seq))
