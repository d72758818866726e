"""The next key of a case, which cases wait for one, and what is read to make it (SPEC 3.4)."""

from typing import Final

from sqlalchemy import (
    Connection,
    Integer,
    SmallInteger,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    tuple_,
    update,
)

from lyhty_server.domain.cases import PlaceState
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.turns import Turner, check_follows, check_may_let_in, check_may_read, check_may_turn
from lyhty_server.store.appends import Case, load_cases, write_envelopes
from lyhty_server.store.interface import (
    Appended,
    EnvelopePage,
    ForTurn,
    LetIn,
    NewTurn,
    NewWrap,
    PlaceRow,
    QueueCursor,
    UnturnedCase,
    UnturnedPage,
)
from lyhty_server.store.reads import (
    CARD_KEY,
    REPORTER,
    find_case,
    held_place_of,
    in_queue,
    oldest_page,
    place_of,
    rank_of,
    rows_of_case,
)
from lyhty_server.store.tables import STILL_OPEN, cards, cases, places, rosters, wraps
from lyhty_server.store.wrap_keys import key_of, seal
from lyhty_wire.ids import CaseId, Epoch, Generation, QueueId, SignKey
from lyhty_wire.wraps import NO_LINK

Turning = tuple[CaseId, NewTurn, Turner | None]

# SPEC 3.4: what is kept for a queue's own past leads to nothing that was written since.
_NEWEST: Final = select(func.max(rosters.c.generation)).where(rosters.c.case_seq == wraps.c.case_seq).correlate(wraps)
_OPENS_NEWS: Final = wraps.c.generation.in_([CARD_KEY]) | (wraps.c.generation == _NEWEST.scalar_subquery())
_PASSED: Final = exists().where(
    wraps.c.case_seq == places.c.case_seq,
    wraps.c.queue == places.c.queue,
    wraps.c.epoch != bindparam("current"),
    _OPENS_NEWS,
)
_UNTURNED: Final = (
    select(cases.c.case_id, places.c.rank, places.c.case_seq)
    .join_from(places, cases)
    .where(places.c.queue == bindparam("queue"), STILL_OPEN, _PASSED)
    .where(tuple_(places.c.rank, places.c.case_seq) > tuple_(bindparam("rank"), bindparam("after")))
    .order_by(places.c.rank, places.c.case_seq)
    .limit(bindparam("limit"))
)
_EPOCHS: Final = select(wraps.c.queue, wraps.c.epoch).where(
    wraps.c.case_seq == bindparam("case_seq"), wraps.c.queue == bindparam("queue"), _OPENS_NEWS
)
_SET_CARD: Final = update(cards).where(cards.c.case_seq == bindparam("number")).values(body=bindparam("card"))
# As urgent as the case's other places.
_ADD_PLACE: Final = insert(places).from_select(
    ["case_seq", "queue", "rank", "state", "since_hour"],
    select(
        places.c.case_seq,
        bindparam("in_queue", type_=SmallInteger),
        places.c.rank,
        bindparam("to_state", type_=SmallInteger),
        bindparam("hour", type_=Integer),
    )
    .where(places.c.case_seq == bindparam("number"))
    .limit(1),
)


def turn(connection: Connection, asked: Turning) -> Appended:
    case_id, new, turner = asked
    case = load_cases(connection, [(case_id, new.envelope)])[case_id]
    if isinstance(case, DomainError):
        raise case
    stored = case.stored_already(new.envelope)
    if stored is not None:
        return stored
    if turner is None and new.let_in is None:
        case.check_late(new.envelope)
    else:
        check_may_turn(case.places, turner)
    if new.let_in is not None:
        check_may_let_in(case.places, new.let_in.queue)
    check_follows(case.generation, case.last_seq, new.generation, new.known_seq)
    case.check_counter(new.envelope)
    appended = case.add(new.envelope)
    write_envelopes(connection, [case])
    connection.execute(
        insert(rosters),
        {"case_seq": case.number, "generation": new.generation, "roster": new.roster, "link": new.link},
    )
    _replace_wraps(connection, case, new)
    if new.let_in is not None:
        _let_in(connection, case.number, new.let_in)
    return appended


def _let_in(connection: Connection, number: int, let_in: LetIn) -> None:
    connection.execute(_SET_CARD, {"number": number, "card": let_in.card})
    connection.execute(
        _ADD_PLACE,
        {"number": number, "in_queue": let_in.queue, "hour": let_in.since_hour, "to_state": int(PlaceState.WAITING)},
    )


def _replace_wraps(connection: Connection, case: Case, new: NewTurn) -> None:
    number = case.number
    to_queues = (wraps.c.case_seq == number) & (wraps.c.queue != REPORTER)
    if new.link != NO_LINK:
        connection.execute(delete(wraps).where(to_queues, wraps.c.generation == case.generation))
    if new.card_wraps:
        connection.execute(delete(wraps).where(to_queues, wraps.c.generation == CARD_KEY))
    own = NewWrap(REPORTER, Epoch(0), new.own_wrap)
    key = key_of(connection, number)
    of_generations: tuple[tuple[Generation, NewWrap], ...] = (
        *((CARD_KEY, wrap) for wrap in new.card_wraps),
        *((new.generation, wrap) for wrap in (own, *new.wraps)),
    )
    connection.execute(
        insert(wraps),
        [
            {
                "case_seq": number,
                "generation": generation,
                "queue": wrap.queue,
                "epoch": wrap.epoch,
                "wrap": seal(key, wrap.wrap),
            }
            for generation, wrap in of_generations
        ],
    )


def unturned(
    connection: Connection, queue: QueueId, current: Epoch, after: QueueCursor | None, limit: int
) -> UnturnedPage:
    rank, after_seq = (0, 0) if after is None else (rank_of(after.urgent), after.case_seq)
    values = {"queue": queue, "current": current, "rank": rank, "after": after_seq, "limit": limit + 1}
    found = connection.execute(_UNTURNED, values).all()
    page = tuple(
        UnturnedCase(CaseId(case_id), rank == rank_of(urgent=True), case_seq)
        for case_id, rank, case_seq in found[:limit]
    )
    return UnturnedPage(page, QueueCursor(page[-1].urgent, page[-1].case_seq) if len(found) > limit else None)


def for_turn(connection: Connection, case_id: CaseId, turner: Turner, current: Epoch) -> ForTurn:
    row, sign_pk = _readable(connection, case_id, turner, current)
    held = held_place_of(connection, row, sign_pk)
    return ForTurn(
        sign_pk=sign_pk,
        last_seq=row.last_seq,
        rosters=held.rosters,
        wraps=held.wraps,
        links=held.links,
        card_wrap=row.card_wrap,
    )


def envelopes_for_turn(
    connection: Connection, case_id: CaseId, turner: Turner, current: Epoch, after: int, limit: int
) -> EnvelopePage:
    row, _ = _readable(connection, case_id, turner, current)
    return oldest_page(connection, row.case_seq, after, limit)


def _readable(connection: Connection, case_id: CaseId, turner: Turner, current: Epoch) -> tuple[PlaceRow, SignKey]:
    case_seq, sign_pk, _ = find_case(connection, case_id)
    rows = rows_of_case(connection, case_seq)
    epochs = connection.execute(_EPOCHS, {"case_seq": case_seq, "queue": turner.queue}).all()
    wrapped = [(QueueId(queue), Epoch(epoch)) for queue, epoch in epochs]
    check_may_read({row.queue: place_of(row) for row in rows}, turner, wrapped, current)
    return in_queue(rows, turner.queue), sign_pk
