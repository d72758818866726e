"""Slips: what a reporter gives to one queue alone, and may take back (SPEC 3.5, 6.4)."""

from lyhty_server.api.context import Server
from lyhty_server.api.sealed_rooms import check_generation, tell_readers
from lyhty_server.domain.admission import check_message
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import NewEnvelope, NewWrap
from lyhty_server.store.room_rows import NewRoom
from lyhty_wire.codes import Code
from lyhty_wire.envelopes import decode_header
from lyhty_wire.ids import CaseId, RoomId
from lyhty_wire.proofs import to_prove_take_back, verify
from lyhty_wire.records import Empty, Give, Slip, Slips, TakeBack
from lyhty_wire.rooms import RoomKind, check_room_wraps, verify_room
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import Wrap

_FIRST_COUNTER = 1


async def give(server: Server, case: CaseId, body: bytes) -> bytes:
    given = Give.decode(body)
    sign_pk = (await server.store.case_state(case)).sign_pk
    roster = verify_room(UntrustedRoster.decode(given.roster), server.instance, case, RoomKind.SLIP, [sign_pk])
    wrap = Wrap.decode(given.wrap)
    check_room_wraps(roster, [wrap])
    roster.check_self_wrap(given.self_wrap)
    header = decode_header(given.envelope)
    check_message(header, sign_pk)
    check_generation(header.generation)
    if header.counter != _FIRST_COUNTER:
        raise DomainError(Code.ENVELOPE_MALFORMED)
    if (wrap.queue, wrap.epoch) not in server.trust.current_epochs:
        raise DomainError(Code.EPOCH_STALE)
    first = NewEnvelope(header.object_id, header.author, header.generation, header.counter, given.envelope)
    wraps = (NewWrap(wrap.queue, wrap.epoch, given.wrap),)
    room = NewRoom(RoomId(roster.case), case, RoomKind.SLIP, given.roster, given.self_wrap, wraps, first)
    tell_readers(server, await server.store.open_room(room, None))
    return Empty().encode()


async def take_back(server: Server, case: CaseId, body: bytes) -> bytes:
    asked = TakeBack.decode(body)
    sign_pk = (await server.store.case_state(case)).sign_pk
    verify(sign_pk, asked.proof, to_prove_take_back(server.instance, asked.room))
    gone = await server.store.take_back(case, asked.room)
    if gone is not None:
        tell_readers(server, gone)
    return Empty().encode()


async def slips(server: Server, case: CaseId, body: bytes) -> bytes:
    Empty.decode(body)
    given = await server.store.slips(case)
    return Slips(tuple(Slip(each.roster, each.self_wrap, each.envelope) for each in given)).encode()
