"""The next key of a case, which cases wait for one, and what is read to make it (SPEC 3.4)."""

from typing import Final

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, tuple_

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.turns import Turner, check_follows, check_may_read, check_may_turn
from lyhty_server.store.appends import load_cases, write_envelopes
from lyhty_server.store.interface import (
    Appended,
    EnvelopePage,
    ForTurn,
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
from lyhty_server.store.tables import STILL_OPEN, cases, places, rosters, wraps
from lyhty_wire.ids import CaseId, Epoch, Generation, QueueId, SignKey

Turning = tuple[CaseId, NewTurn, Turner | None]

_PASSED: Final = exists().where(
    wraps.c.case_seq == places.c.case_seq,
    wraps.c.queue == places.c.queue,
    wraps.c.epoch != bindparam("current"),
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
    wraps.c.case_seq == bindparam("case_seq"), wraps.c.queue == bindparam("queue")
)


def turn(connection: Connection, asked: Turning) -> Appended:
    case_id, new, turner = asked
    case = load_cases(connection, [(case_id, new.envelope)])[case_id]
    if isinstance(case, DomainError):
        raise case
    stored = case.stored_already(new.envelope)
    if stored is not None:
        return stored
    check_may_turn(case.places, turner)
    check_follows(case.generation, case.last_seq, new.generation, new.known_seq)
    case.check_counter(new.envelope)
    appended = case.add(new.envelope)
    write_envelopes(connection, [case])
    connection.execute(
        insert(rosters),
        {"case_seq": case.number, "generation": new.generation, "roster": new.roster, "link": new.link},
    )
    _replace_wraps(connection, case.number, new)
    return appended


def _replace_wraps(connection: Connection, number: int, new: NewTurn) -> None:
    to_queues = (wraps.c.case_seq == number) & (wraps.c.queue != REPORTER)
    connection.execute(delete(wraps).where(to_queues, wraps.c.generation != CARD_KEY))
    if new.card_wraps:
        connection.execute(delete(wraps).where(to_queues, wraps.c.generation == CARD_KEY))
    own = NewWrap(REPORTER, Epoch(0), new.own_wrap)
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
                "wrap": wrap.wrap,
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
