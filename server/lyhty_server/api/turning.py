"""Gives a case its next key, for its reporter on the channel and for experts at the desk (SPEC 3.4)."""

from collections.abc import Sequence

from msgspec import UNSET

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InPlace, InQueue, InTurn, Nothing
from lyhty_server.api.states import tell_all, tell_holders, tell_queue
from lyhty_server.clock import hour_of
from lyhty_server.domain.admission import check_card, check_message
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_server.domain.turns import Turner, check_current
from lyhty_server.store.interface import Appended, CaseState, LetIn, NewEnvelope, NewTurn, NewWrap, QueueCursor
from lyhty_wire import desk
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.envelopes import decode_header
from lyhty_wire.ids import CaseId, Epoch, ExpertId, QueueId, SignKey
from lyhty_wire.records import TurnKey
from lyhty_wire.rosters import Roster, UntrustedRoster
from lyhty_wire.wraps import CASE_KEY, TO_REPORTER, Wrap


class Turning:
    """What the desk may ask."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def epochs(self, asked: AskedByExpert[Nothing, None]) -> desk.EpochsInUse:
        directory = self._server.trust.directory
        check_coordinator(directory, asked.expert)
        listed = frozenset((queue.id, epoch.epoch) for queue in directory.queues for epoch in queue.epochs)
        in_use = await self._server.store.epochs_in_use(listed)
        return desk.EpochsInUse([desk.QueueEpoch(queue, epoch) for queue, epoch in sorted(in_use)])

    async def unturned(self, asked: AskedByExpert[InQueue, None]) -> desk.UnturnedPage:
        params = asked.params
        turner, current = self._turner(params.queue, asked.expert)
        check_coordinator(self._server.trust.directory, asked.expert)
        after = None
        if params.after is not UNSET:
            urgent, _, seq = params.after.partition("-")
            after = QueueCursor(urgent == "1", int(seq))
        page = await self._server.store.unturned(turner.queue, current, after, params.limit)
        following = None if page.next is None else f"{int(page.next.urgent)}-{page.next.case_seq}"
        return desk.UnturnedPage([b64encode(each.case_id) for each in page.cases], following)

    async def known(self, asked: AskedByExpert[InPlace, None]) -> desk.ForTurn:
        turner, current = self._turner(asked.params.queue, asked.expert)
        known = await self._server.store.for_turn(_case(asked.params.case), turner, current)
        return desk.ForTurn(
            sign_pk=b64encode(known.sign_pk),
            last_seq=known.last_seq,
            rosters=[b64encode(roster) for roster in known.rosters],
            wraps=[b64encode(wrap) for wrap in known.wraps],
            links=[None if link is None else b64encode(link) for link in known.links],
            card_wrap=b64encode(known.card_wrap),
        )

    async def envelopes(self, asked: AskedByExpert[InTurn, None]) -> desk.EnvelopePage:
        params = asked.params
        turner, current = self._turner(params.queue, asked.expert)
        page = await self._server.store.envelopes_for_turn(
            _case(params.case), turner, current, params.after, params.limit
        )
        return desk.EnvelopePage(
            [desk.StoredEnvelope(each.seq, b64encode(each.body)) for each in page.envelopes], page.more
        )

    async def turn(self, asked: AskedByExpert[InPlace, desk.Turn]) -> desk.Appended:
        server, case, body = self._server, _case(asked.params.case), asked.body
        turner, _ = self._turner(asked.params.queue, asked.expert)
        key = TurnKey(
            last_seq=body.last_seq,
            roster=b64decode(body.roster),
            own_wrap=b64decode(body.own_wrap),
            link=b64decode(body.link),
            wraps=tuple(b64decode(wrap) for wrap in body.wraps),
            envelope=b64decode(body.envelope),
        )
        card_wraps = [b64decode(wrap) for wrap in body.card_wraps]
        author = server.trust.expert(asked.expert).sign
        appended = await turn_case(server, case, key, card_wraps, author, turner)
        if appended.fresh:
            server.hub.tell_reporter(case, appended.seq, key.envelope)
        return desk.Appended(appended.seq)

    def _turner(self, number: int, who: ExpertId) -> tuple[Turner, Epoch]:
        """And the queue's current epoch. To experts who do not belong to it, a queue does not exist."""
        queue = QueueId(number)
        expert = self._server.trust.expert(who)
        listed = self._server.trust.directory.queue(queue)
        if listed is None or queue not in expert.queues:
            raise DomainError(Code.QUEUE_UNKNOWN)
        return Turner(who, queue, expert.coordinator), listed.current.epoch


async def turn_case(
    server: Server,
    case: CaseId,
    key: TurnKey,
    card_wraps: Sequence[bytes],
    author: SignKey,
    turner: Turner | None,
    card: bytes | None = None,
) -> Appended:
    """By the reporter (None) or an expert, who is `author`. Holders hear of it; the caller tells the reporter.

    With `card`: one queue more (SPEC 4.7), whose desks find this card.

    Raises:
        WireError, DomainError: named as in SPEC 7.
    """
    state = await server.store.case_state(case)
    untrusted = UntrustedRoster.decode(key.roster)
    last = state.generations[-1].generation
    if untrusted.generation > last + 1:
        raise DomainError(Code.GENERATION_STALE)
    let_in = None
    # A generation that is there already can only be a retry, or too late: the store says which.
    if untrusted.generation == last + 1:
        added = _check(server, state, untrusted, key, card_wraps, author, card)
        if card is not None and added is not None:
            let_in = LetIn(added, hour_of(server.recorded_s()), card)
    header = decode_header(key.envelope)
    turn = NewTurn(
        generation=untrusted.generation,
        known_seq=key.last_seq,
        roster=key.roster,
        link=key.link,
        own_wrap=key.own_wrap,
        wraps=_to_queues(key.wraps),
        card_wraps=_to_queues(card_wraps),
        envelope=NewEnvelope(header.object_id, header.author, header.generation, header.counter, key.envelope),
        let_in=let_in,
    )
    appended = await server.store.turn(case, turn, turner)
    if appended.fresh:
        tell_holders(server, case, appended.seq, appended.holders)
    if appended.fresh and let_in is not None:
        await _tell_let_in(server, case, let_in.queue)
    return appended


async def _tell_let_in(server: Server, case: CaseId, added: QueueId) -> None:
    """The new queue of its case, and the others of their card."""
    server.notices.new_case(added)
    try:
        places = await server.store.places(case)
    except DomainError:  # erased meanwhile, or no disk: it is stored, and news may be missed
        return
    for place in places:
        if place.queue == added:
            await tell_all(server, place)
        else:
            tell_queue(server, place)


def last_roster(state: CaseState, server: Server) -> Roster:
    """The roster of the last generation, through the chain of all before it."""
    first, *later = [UntrustedRoster.decode(each.roster) for each in state.generations]
    roster = first.verify_opening(server.instance, state.case_id)
    for following in later:
        signers = server.trust.directory.signers_of(roster.queues, following.directory_version)
        roster = following.verify_next(server.instance, roster, state.sign_pk, signers)
    return roster


def _check(
    server: Server,
    state: CaseState,
    untrusted: UntrustedRoster,
    key: TurnKey,
    card_wraps: Sequence[bytes],
    author: SignKey,
    card: bytes | None,
) -> QueueId | None:
    before = last_roster(state, server)
    roster = untrusted.verify_next(server.instance, before, state.sign_pk, [author])
    added = roster.added_to(before)
    if (added is None) != (card is None) or roster.directory_version > server.trust.version:
        raise DomainError(Code.ENVELOPE_MALFORMED)
    if card is not None:
        _check_let_in(server, state, before, card, card_wraps)
    roster.check_case_wraps([Wrap.decode(wrap) for wrap in key.wraps])
    roster.check_self_wrap(key.own_wrap)
    own = Wrap.decode(key.own_wrap)
    named = (CASE_KEY, TO_REPORTER, roster.generation, roster.commitment)
    if (own.kind, own.recipient, own.generation, own.commitment) != named:
        raise DomainError(Code.ENVELOPE_MALFORMED)
    if card_wraps:
        roster.check_card_wraps([Wrap.decode(wrap) for wrap in card_wraps])
    check_current([(entry.queue, entry.epoch) for entry in roster.queue_entries], server.trust.current_epochs)
    header = decode_header(key.envelope)
    check_message(header, author)
    if header.generation != roster.generation:
        raise DomainError(Code.ENVELOPE_MALFORMED)
    return added


def _check_let_in(server: Server, state: CaseState, before: Roster, card: bytes, card_wraps: Sequence[bytes]) -> None:
    header = decode_header(card)
    check_card(header, state.sign_pk)
    if not card_wraps or header.urgent != state.urgent:
        raise DomainError(Code.ENVELOPE_MALFORMED)
    # SPEC 3.4: wraps of the key before may stay, so that must be one that only present readers have.
    check_current([(entry.queue, entry.epoch) for entry in before.queue_entries], server.trust.current_epochs)


def _to_queues(wraps: Sequence[bytes]) -> tuple[NewWrap, ...]:
    decoded = [(Wrap.decode(wrap), wrap) for wrap in wraps]
    return tuple(NewWrap(wrap.queue, wrap.epoch, encoded) for wrap, encoded in decoded)


def _case(text: str) -> CaseId:
    return CaseId(b64decode(text, 32))
