"""What a reporter's channel may ask for, one method an operation (SPEC 6.4). Each may be sent again without harm."""

from collections.abc import Sequence
from typing import Final

from lyhty_server.api.context import Server
from lyhty_server.api.hub import Listener
from lyhty_server.api.openings import check_opening, check_readers
from lyhty_server.api.shapes import Standing, holders_of, place_states
from lyhty_server.api.slips import give, slips, take_back
from lyhty_server.api.states import tell_holders
from lyhty_server.api.turning import turn_case
from lyhty_server.domain.admission import check_message
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import NewEnvelope, Reporter, fresh_places
from lyhty_wire.codes import Code
from lyhty_wire.envelopes import decode_header
from lyhty_wire.errors import WireError
from lyhty_wire.ids import CaseId, MailboxId, mailbox_id
from lyhty_wire.proofs import to_prove_erase, to_prove_resume, verify
from lyhty_wire.records import (
    Empty,
    Erase,
    Fetch,
    Fetched,
    HandOver,
    Open,
    Operation,
    Put,
    Resume,
    Resumed,
    ResumedGeneration,
    Sequenced,
    State,
    Stored,
    TurnKey,
    UpRecord,
)
from lyhty_wire.rosters import UntrustedRoster
from lyhty_wire.wraps import NO_LINK

MAX_FETCH_BYTES: Final = 262_144  # of envelopes in one result: 64 frames; the record limit is 393,216

# Openings without enough work that are looked up at one time: reading must stay quick for everybody else.
MAX_LOOKING: Final = 32


class Binding:
    """The case a channel has proved to be its own, by OPEN or RESUME."""

    __slots__ = ("case", "mailbox", "nonce")

    def __init__(self, nonce: bytes) -> None:
        self.nonce = nonce
        self.case: CaseId | None = None
        self.mailbox: MailboxId | None = None


class Operations:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._looking = 0

    async def perform(self, record: UpRecord, binding: Binding, listener: Listener) -> bytes:
        """The body of the result.

        Raises:
            WireError, DomainError: named as in SPEC 7.
        """
        match record.operation:
            case Operation.OPEN:
                return await self._open(record.body, binding, listener)
            case Operation.RESUME:
                return await self._resume(record.body, binding, listener)
            case Operation.PUT:
                return await self._put(record.body, _bound(binding), listener)
            case Operation.PUT_LATE:
                return await self._put(record.body, _bound(binding), listener, late=True)
            case Operation.FETCH:
                return await self._fetch(record.body, _bound(binding))
            case Operation.ERASE:
                return await self._erase(record.body, binding)
            case Operation.TURN:
                return await self._turn(record.body, _bound(binding), listener)
            case Operation.TRUST:
                Empty.decode(record.body)
                return self._server.trust.bundle
            case Operation.GIVE:
                return await give(self._server, _bound(binding), record.body)
            case Operation.TAKE_BACK:
                return await take_back(self._server, _bound(binding), record.body)
            case Operation.SLIPS:
                return await slips(self._server, _bound(binding), record.body)
            case Operation.HAND_OVER:
                return await self._hand_over(record.body, _bound(binding), listener)

    async def _open(self, body: bytes, binding: Binding, listener: Listener) -> bytes:
        opening, server = Open.decode(body), self._server
        roster = UntrustedRoster.decode(opening.roster)
        try:
            server.gate.check(opening.work, roster.case)
        except WireError:
            # SPEC 6.4: what was stored is answered as it was, even if more is asked for since.
            if not await self._is_stored(roster.case):
                raise
        new = check_opening(server, binding.nonce, opening, roster)
        try:
            check_readers(server, new)
        except DomainError:
            # SPEC 6.4: as above, even if the directory has changed since.
            if not await self._is_stored(new.case_id):
                raise
        opened = await server.store.open_case(new)
        case = None if opened.fresh else await server.store.case_state(new.case_id)
        fresh = fresh_places(new, opened) if case is None else ()
        places: Sequence[Standing] = fresh if case is None else case.places
        seq = opened.seq if case is None else case.last_seq
        self._bind(binding, new.case_id, mailbox_id(opening.auth_pk), listener, places, seq)
        if opened.fresh:
            server.gate.opened()
            for place in fresh:
                server.lookout.place_opened(place)
                server.notices.new_case(place.queue)
        return Stored(opened.seq).encode()

    async def _resume(self, body: bytes, binding: Binding, listener: Listener) -> bytes:
        resume, server = Resume.decode(body), self._server
        verify(resume.auth_pk, resume.proof, to_prove_resume(server.instance, binding.nonce))
        mailbox = mailbox_id(resume.auth_pk)
        row_key = server.pepper.row_key(mailbox)
        sealed = await server.store.mailbox(row_key)
        if sealed is None:
            raise DomainError(Code.MAILBOX_UNKNOWN)
        case_id, case_salt = server.pepper.open_row(row_key, sealed)
        case = await server.store.case_state(case_id)
        self._bind(binding, case.case_id, mailbox, listener, case.places, case.last_seq)
        generations = tuple(
            ResumedGeneration(each.roster, each.own_wrap, each.link or NO_LINK) for each in case.generations
        )
        return Resumed(
            case.case_id,
            case_salt,
            State(case.state),
            case.urgent,
            case.opened_hour,
            case.last_seq,
            place_states(case.places),
            generations,
        ).encode()

    async def _put(self, body: bytes, case: CaseId, listener: Listener, *, late: bool = False) -> bytes:
        put, server = Put.decode(body), self._server
        header = decode_header(put.envelope)
        check_message(header, (await server.store.case_state(case)).sign_pk)
        envelope = NewEnvelope(header.object_id, header.author, header.generation, header.counter, put.envelope)
        appended = await server.store.append(case, envelope, Reporter(server.trust.current_epochs, late))
        if appended.fresh:
            server.hub.tell_reporter(case, appended.seq, put.envelope, but=listener)
            tell_holders(server, case, appended.seq, appended.holders + appended.closers)
            server.notices.wrote(appended.holders)
        return Stored(appended.seq).encode()

    async def _fetch(self, body: bytes, case: CaseId) -> bytes:
        fetch = Fetch.decode(body)
        max_bytes = min(fetch.max_bytes, MAX_FETCH_BYTES)
        page = await self._server.store.envelopes(case, fetch.before, fetch.after, max_bytes)
        return Fetched(page.more, tuple(Sequenced(each.seq, each.body) for each in page.envelopes)).encode()

    async def _erase(self, body: bytes, binding: Binding) -> bytes:
        erase, server, case = Erase.decode(body), self._server, _bound(binding)
        assert binding.mailbox is not None  # bound together with the case
        try:
            sign_pk = (await server.store.case_state(case)).sign_pk
        except DomainError as error:
            if error.code is Code.CASE_ERASED:  # a retry: the same answer
                return Empty().encode()
            raise
        verify(sign_pk, erase.proof, to_prove_erase(server.instance, case))
        erased = await server.store.erase(case, server.pepper.row_key(binding.mailbox))
        server.lookout.case_erased(case, [place.queue for place in erased.places])
        return Empty().encode()

    async def _turn(self, body: bytes, case: CaseId, listener: Listener) -> bytes:
        return await self._give_key(TurnKey.decode(body), (), None, case, listener)

    async def _hand_over(self, body: bytes, case: CaseId, listener: Listener) -> bytes:
        handed = HandOver.decode(body)
        return await self._give_key(handed.turn, handed.card_wraps, handed.card, case, listener)

    async def _give_key(
        self, key: TurnKey, card_wraps: Sequence[bytes], card: bytes | None, case: CaseId, listener: Listener
    ) -> bytes:
        server = self._server
        author = (await server.store.case_state(case)).sign_pk
        appended = await turn_case(server, case, key, card_wraps, author, None, card)
        if appended.fresh:
            server.hub.tell_reporter(case, appended.seq, key.envelope, but=listener)
        return Stored(appended.seq).encode()

    async def _is_stored(self, case: CaseId) -> bool:
        """case-erased; busy: too many have been asked about at once, which only a flood does."""
        if self._looking == MAX_LOOKING:
            raise DomainError(Code.BUSY)
        self._looking += 1
        try:
            await self._server.store.case_state(case)
        except DomainError as error:
            if error.code is Code.CASE_UNKNOWN:
                return False
            raise
        finally:
            self._looking -= 1
        return True

    def _bind(
        self,
        binding: Binding,
        case: CaseId,
        mailbox: MailboxId,
        listener: Listener,
        places: Sequence[Standing],
        seq: int,
    ) -> None:
        """`seq`: of the newest envelope that the answer tells of."""
        hub, presence = self._server.hub, self._server.presence
        if binding.case is not None:
            hub.unbind(binding.case, listener)
            presence.reporter_left(binding.case)
        binding.case, binding.mailbox = case, mailbox
        hub.bind(case, listener, seq)
        self._server.lookout.reporter_knows(case, places)
        presence.reporter_came(case, holders_of(places))


def _bound(binding: Binding) -> CaseId:
    if binding.case is None:
        raise DomainError(Code.NOT_RESUMED)
    return binding.case
