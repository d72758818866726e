"""What is read, as SQL. Each function sees one snapshot; the caller brings the transaction."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, Connection, LargeBinary, Row, RowMapping, Select, any_, bindparam, func, select, tuple_

from lyhty_server.domain.cases import Place, PlaceState, Snooze, case_state, check_reader
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.bulk import is_shared
from lyhty_server.store.interface import (
    BarePage,
    BarePlace,
    CaseState,
    ClosedPage,
    EnvelopePage,
    GenerationRow,
    HeldPlace,
    PlaceRow,
    PlaceSummary,
    QueueCounts,
    QueueCursor,
    QueuePage,
    StoredEnvelope,
)
from lyhty_server.store.people_rows import ExpertRow, RenewalRow, TrustRow
from lyhty_server.store.tables import (
    STILL_OPEN,
    cards,
    cases,
    closed_cases,
    directories,
    envelopes,
    experts,
    mailboxes,
    places,
    renewals,
    roots,
    rosters,
    tombstones,
    wrap_keys,
    wraps,
)
from lyhty_server.store.wrap_keys import OF_CASE, unseal
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, ExpertId, Generation, QueueId, SignKey, tombstone
from lyhty_wire.wraps import WRAP_BYTES

CARD_KEY: Final = Generation(0)
"""The generation under which `wraps` keeps the card's key."""
_BEYOND_ALL: Final = 2**62
REPORTER: Final = QueueId(0)
"""The queue under which `wraps` keeps the reporter's own."""

# --- Statements, built once

_CASE = select(cases.c.case_seq, cases.c.sign_pk, cases.c.last_seq).where(cases.c.case_id == bindparam("case_id"))
_TOMBSTONE = select(tombstones.c.tombstone).where(tombstones.c.tombstone == bindparam("tombstone"))
_MAILBOX = select(mailboxes.c.sealed).where(mailboxes.c.row_key == bindparam("row_key"))

_IS_SNOOZED = places.c.snoozed_until_s.is_not(None) & (places.c.snoozed_until_s > bindparam("now_s"))

SINCE_HOUR: Final = func.coalesce(places.c.since_hour, cases.c.opened_hour)
"""When the case came to a queue."""

_STANDS: Final = (
    cases.c.case_id,
    places.c.queue,
    places.c.rank,
    places.c.state,
    places.c.holder,
    places.c.lease_until_s,
    SINCE_HOUR,
    cases.c.case_seq,
    cases.c.last_seq,
    places.c.answered,
    places.c.missed,
    places.c.lapses,
    places.c.snoozed_until_s,
    places.c.snoozed_seq,
)
"""How a place stands, without its card."""

PLACE_ROWS: Final = (
    select(
        *_STANDS,
        cards.c.body,
        wraps.c.wrap,
        wrap_keys.c.key,
        places.c.closer,
        places.c.closed_hour,
        places.c.closed_nth,
        closed_cases.c.closed_seq,
    )
    .join_from(places, cases)
    .join(cards, cards.c.case_seq == cases.c.case_seq)
    .join(
        wraps,
        (wraps.c.case_seq == places.c.case_seq) & (wraps.c.queue == places.c.queue) & (wraps.c.generation == CARD_KEY),
    )
    .outerjoin(closed_cases, closed_cases.c.case_seq == places.c.case_seq)
    .outerjoin(wrap_keys, (wrap_keys.c.case_seq == places.c.case_seq) & (wrap_keys.c.room_seq == OF_CASE))
)
_OF_CASE = PLACE_ROWS.where(places.c.case_seq == bindparam("case_seq")).order_by(places.c.queue)
_OF_CASES = PLACE_ROWS.where(cases.c.case_id.in_(bindparam("case_ids", expanding=True))).order_by(
    places.c.case_seq, places.c.queue
)
# One statement for any number of them, which PostgreSQL plans once.
_OF_CASES_SHARED = PLACE_ROWS.where(cases.c.case_id == any_(bindparam("case_ids", type_=ARRAY(LargeBinary)))).order_by(
    places.c.case_seq, places.c.queue
)
_OF_EXPERT = PLACE_ROWS.where(places.c.holder == bindparam("holder")).order_by(places.c.case_seq, places.c.queue)
_BARE_ROWS: Final = select(*_STANDS).join_from(places, cases)


def _listed(rows: Select[Any]) -> Select[Any]:
    """A keyset, never OFFSET: the page costs the same wherever it is in the list."""
    return (
        rows.where(places.c.queue == bindparam("queue"), STILL_OPEN)
        .where(tuple_(places.c.rank, places.c.case_seq) > tuple_(bindparam("rank"), bindparam("after")))
        .order_by(places.c.rank, places.c.case_seq)
        .limit(bindparam("limit"))
    )


_LISTED = _listed(PLACE_ROWS)
_LISTED_BARE = _listed(_BARE_ROWS)
_COUNTED = (
    # In one pass: sorting them into groups took five times as long.
    select(
        func.count().filter(places.c.state == int(PlaceState.WAITING)),
        func.count().filter(places.c.state == int(PlaceState.HELD)),
    ).where(places.c.queue == bindparam("queue"), STILL_OPEN)
)
_CLOSED = (
    PLACE_ROWS.where(places.c.queue == bindparam("queue"), places.c.closed_nth < bindparam("before"))
    .order_by(places.c.closed_nth.desc())
    .limit(bindparam("limit"))
)
_OWN_CLOSED = _CLOSED.where(places.c.closer == bindparam("closer"))
_LAST_CLOSED = select(func.max(places.c.closed_nth)).where(
    places.c.queue == bindparam("queue"), places.c.closed_nth.is_not(None)
)
_HELD_AWAKE = select(func.count()).where(places.c.holder == bindparam("holder"), ~_IS_SNOOZED)
_ROSTERS = (
    select(rosters.c.generation, rosters.c.roster, rosters.c.link)
    .where(rosters.c.case_seq == bindparam("case_seq"))
    .order_by(rosters.c.generation)
)
_WRAPS = (
    select(wraps.c.generation, wraps.c.wrap, wrap_keys.c.key)
    .outerjoin_from(wraps, wrap_keys, (wrap_keys.c.case_seq == wraps.c.case_seq) & (wrap_keys.c.room_seq == OF_CASE))
    .where(
        wraps.c.case_seq == bindparam("case_seq"),
        wraps.c.queue == bindparam("queue"),
        wraps.c.generation != CARD_KEY,
    )
    .order_by(wraps.c.generation, wraps.c.epoch)
)
_ENVELOPES = select(envelopes.c.seq, envelopes.c.body).where(envelopes.c.case_seq == bindparam("case_seq"))
_NEWEST = _ENVELOPES.where(envelopes.c.seq > bindparam("after"), envelopes.c.seq < bindparam("before")).order_by(
    envelopes.c.seq.desc()
)
_OLDEST = _ENVELOPES.where(envelopes.c.seq > bindparam("after")).order_by(envelopes.c.seq).limit(bindparam("limit"))
_LATEST = (
    _ENVELOPES.where(envelopes.c.seq < bindparam("before")).order_by(envelopes.c.seq.desc()).limit(bindparam("limit"))
)
_EXPERT = select(experts).where(experts.c.name == bindparam("name"))
_EXPERT_BY_ID = select(experts).where(experts.c.expert_id == bindparam("expert_id"))
_ROOTS = select(roots.c.document).order_by(roots.c.position)
_NEWEST_VERSION = select(func.max(directories.c.version))
_DIRECTORY = select(directories.c.version, directories.c.document).order_by(directories.c.version.desc()).limit(1)


# --- Cases


def find_case(connection: Connection, case_id: CaseId) -> tuple[int, SignKey, int]:
    """Its number, signing key and last seq. case-erased, case-unknown."""
    row = connection.execute(_CASE, {"case_id": case_id}).one_or_none()
    if row is None:
        erased = connection.execute(_TOMBSTONE, {"tombstone": tombstone(case_id)}).one_or_none()
        raise DomainError(Code.CASE_UNKNOWN if erased is None else Code.CASE_ERASED)
    return row.case_seq, SignKey(row.sign_pk), row.last_seq


def mailbox(connection: Connection, row_key: bytes) -> bytes | None:
    sealed: bytes | None = connection.execute(_MAILBOX, {"row_key": row_key}).scalar_one_or_none()
    return sealed


def case_of_reporter(connection: Connection, case_id: CaseId) -> CaseState:
    case_seq, sign_pk, last_seq = find_case(connection, case_id)
    own = dict(_wraps_of(connection, case_seq, REPORTER))
    rows = rows_of_case(connection, case_seq)
    summaries = summaries_of(rows)
    return CaseState(
        case_id=case_id,
        sign_pk=sign_pk,
        state=case_state(place.state for place in summaries),
        urgent=rows[0].urgent,
        opened_hour=min(row.opened_hour for row in rows),
        last_seq=last_seq,
        places=summaries,
        generations=tuple(
            GenerationRow(generation, roster, own[generation], link)
            for generation, roster, link in connection.execute(_ROSTERS, {"case_seq": case_seq})
        ),
    )


# --- Places


def rows_of_case(connection: Connection, case_seq: int) -> tuple[PlaceRow, ...]:
    return place_rows(connection, _OF_CASE, {"case_seq": case_seq})


def places_of(connection: Connection, case_id: CaseId) -> tuple[PlaceRow, ...]:
    return rows_of_case(connection, find_case(connection, case_id)[0])


def places_in(connection: Connection, case_ids: Sequence[CaseId]) -> tuple[PlaceRow, ...]:
    query = _OF_CASES_SHARED if is_shared(connection) else _OF_CASES
    return place_rows(connection, query, {"case_ids": list(case_ids)})


def held_by(connection: Connection, expert_id: ExpertId) -> tuple[PlaceRow, ...]:
    return place_rows(connection, _OF_EXPERT, {"holder": expert_id})


def queue_page(connection: Connection, queue: QueueId, after: QueueCursor | None, limit: int) -> QueuePage:
    rows = place_rows(connection, _LISTED, _from(queue, after, limit))
    return QueuePage(rows[:limit], _next(rows, limit))


def bare_page(connection: Connection, queue: QueueId, after: QueueCursor | None, limit: int) -> BarePage:
    rows = tuple(_bare_place(row) for row in connection.execute(_LISTED_BARE, _from(queue, after, limit)))
    return BarePage(rows[:limit], _next(rows, limit))


def _from(queue: QueueId, after: QueueCursor | None, limit: int) -> dict[str, int]:
    rank, after_seq = (0, 0) if after is None else (rank_of(after.urgent), after.case_seq)
    return {"queue": queue, "rank": rank, "after": after_seq, "limit": limit + 1}


def _next(rows: Sequence[BarePlace], limit: int) -> QueueCursor | None:
    return QueueCursor(rows[limit - 1].urgent, rows[limit - 1].case_seq) if len(rows) > limit else None


def queue_counts(connection: Connection, queue: QueueId) -> QueueCounts:
    return QueueCounts(*connection.execute(_COUNTED, {"queue": queue}).one())


def closed_page(
    connection: Connection, queue: QueueId, closer: ExpertId | None, before: int | None, limit: int
) -> ClosedPage:
    values = {"queue": queue, "before": _BEYOND_ALL if before is None else before, "limit": limit + 1}
    if closer is None:
        rows = place_rows(connection, _CLOSED, values)
    else:
        rows = place_rows(connection, _OWN_CLOSED, {**values, "closer": closer})
    return ClosedPage(rows[:limit], more=len(rows) > limit)


def next_closed_nth(connection: Connection, queue: QueueId) -> int:
    last: int | None = connection.execute(_LAST_CLOSED, {"queue": queue}).scalar_one()
    return (last or 0) + 1


def held_awake(connection: Connection, expert_id: ExpertId, now_s: int) -> int:
    count: int = connection.execute(_HELD_AWAKE, {"holder": expert_id, "now_s": now_s}).scalar_one()
    return count


def held_place(connection: Connection, case_id: CaseId, queue: QueueId, expert_id: ExpertId) -> HeldPlace:
    case_seq, sign_pk, _ = find_case(connection, case_id)
    row = in_queue(rows_of_case(connection, case_seq), queue)
    check_reader(place_of(row), expert_id)
    return held_place_of(connection, row, sign_pk)


def held_place_of(connection: Connection, row: PlaceRow, sign_pk: SignKey) -> HeldPlace:
    generations = connection.execute(_ROSTERS, {"case_seq": row.case_seq}).all()
    return HeldPlace(
        place=row,
        sign_pk=sign_pk,
        rosters=tuple(roster for _, roster, _ in generations),
        wraps=tuple(wrap for _, wrap in _wraps_of(connection, row.case_seq, row.queue)),
        links=tuple(link for _, _, link in generations),
    )


def _wraps_of(connection: Connection, case_seq: int, queue: QueueId) -> list[tuple[Generation, bytes]]:
    found = connection.execute(_WRAPS, {"case_seq": case_seq, "queue": queue})
    return [(generation, unseal(key, wrap)) for generation, wrap, key in found]


def in_queue(rows: Iterable[PlaceRow], queue: QueueId) -> PlaceRow:
    found = next((row for row in rows if row.queue == queue), None)
    if found is None:
        raise DomainError(Code.QUEUE_UNKNOWN)
    return found


def place_of(row: PlaceRow) -> Place:
    return Place(row.state, row.holder, row.lease_until_s, row.snooze, row.closer, row.lapses)


def summaries_of(rows: Iterable[PlaceRow]) -> tuple[PlaceSummary, ...]:
    return tuple(PlaceSummary(row.queue, row.state, row.holder, row.lapses) for row in rows)


def rank_of(urgent: bool) -> int:
    return 0 if urgent else 1


def place_rows(connection: Connection, query: Select[Any], values: dict[str, Any]) -> tuple[PlaceRow, ...]:
    return tuple(_place_row(row) for row in connection.execute(query, values))


def _place_row(row: Row[Any]) -> PlaceRow:
    columns = tuple(row)
    card, card_wrap, key, closer, closed_hour, closed_nth, closed_seq = columns[len(_STANDS) :]
    return PlaceRow(
        **_stands(columns[: len(_STANDS)]),
        card=card,
        card_wrap=unseal(key, card_wrap),
        closer=closer,
        closed_hour=closed_hour,
        closed_nth=closed_nth,
        closed_seq=closed_seq,
    )


def _bare_place(row: Row[Any]) -> BarePlace:
    return BarePlace(**_stands(tuple(row)))


def _stands(columns: tuple[Any, ...]) -> dict[str, Any]:
    """The fields of a BarePlace, from what `_STANDS` selects."""
    case_id, queue, rank, state, holder, lease_until_s, opened_hour, case_seq, last_seq = columns[:9]
    answered, missed, lapses, snoozed_until_s, snoozed_seq = columns[9:]
    return {
        "case_id": case_id,
        "queue": queue,
        "urgent": rank == rank_of(True),
        "state": PlaceState(state),
        "holder": holder,
        "lease_until_s": lease_until_s,
        "opened_hour": opened_hour,
        "case_seq": case_seq,
        "last_seq": last_seq,
        "answered": bool(answered),
        "missed": bool(missed),
        "lapses": lapses,
        "snooze": None if snoozed_until_s is None else Snooze(snoozed_until_s, snoozed_seq),
    }


# --- Envelopes


def newest_envelopes(connection: Connection, case_id: CaseId, before: int, after: int, max_bytes: int) -> EnvelopePage:
    case_seq, _, last_seq = find_case(connection, case_id)
    taken: list[StoredEnvelope] = []
    size = 0
    # Rows are read one by one and no further than they fit.
    with connection.execute(_NEWEST, {"case_seq": case_seq, "before": before or last_seq + 1, "after": after}) as rows:
        for seq, body in rows:
            size += len(body)
            if taken and size > max_bytes:
                return EnvelopePage(tuple(taken), more=True)
            taken.append(StoredEnvelope(seq, body))
    return EnvelopePage(tuple(taken), more=False)


def oldest_envelopes(
    connection: Connection, case_id: CaseId, after: int, limit: int, expert_id: ExpertId
) -> EnvelopePage:
    case_seq, _ = _held_case(connection, case_id, expert_id)
    return oldest_page(connection, case_seq, after, limit)


def oldest_page(connection: Connection, case_seq: int, after: int, limit: int) -> EnvelopePage:
    return _page(connection, _OLDEST, limit, {"case_seq": case_seq, "after": after})


def latest_envelopes(
    connection: Connection, case_id: CaseId, before: int, limit: int, expert_id: ExpertId
) -> EnvelopePage:
    case_seq, last_seq = _held_case(connection, case_id, expert_id)
    return _page(connection, _LATEST, limit, {"case_seq": case_seq, "before": before or last_seq + 1})


def _held_case(connection: Connection, case_id: CaseId, expert_id: ExpertId) -> tuple[int, int]:
    """Its number and last seq. case-unknown, case-erased, case-not-held."""
    case_seq, _, last_seq = find_case(connection, case_id)
    held = [place_of(row) for row in rows_of_case(connection, case_seq)]
    if expert_id not in {person for place in held for person in (place.holder, place.closer)}:
        raise DomainError(Code.CASE_NOT_HELD)
    return case_seq, last_seq


def _page(connection: Connection, query: Select[Any], limit: int, values: dict[str, Any]) -> EnvelopePage:
    found = connection.execute(query, {**values, "limit": limit + 1}).all()
    return EnvelopePage(tuple(StoredEnvelope(*row) for row in found[:limit]), more=len(found) > limit)


# --- Accounts and trust


def expert_by_name(connection: Connection, name: str) -> ExpertRow | None:
    return _expert(connection.execute(_EXPERT, {"name": name}).mappings().one_or_none())


def expert_by_id(connection: Connection, expert_id: ExpertId) -> ExpertRow | None:
    return _expert(connection.execute(_EXPERT_BY_ID, {"expert_id": expert_id}).mappings().one_or_none())


def experts_by_id(connection: Connection) -> dict[ExpertId, ExpertRow]:
    rows = [_expert(row) for row in connection.execute(select(experts)).mappings()]
    return {row.expert_id: row for row in rows if row is not None}


def _expert(row: RowMapping | None) -> ExpertRow | None:
    if row is None:
        return None
    return ExpertRow(
        expert_id=row["expert_id"],
        name=row["name"],
        salt=row["salt"],
        m_kib=row["m_kib"],
        t=row["t"],
        p=row["p"],
        login_pk=row["login_pk"],
        keys=row["keys"],
        queue_wraps=tuple(_cut(row["queue_wraps"])),
        keys_hour=row["keys_hour"],
    )


def renewals_waiting(connection: Connection) -> tuple[RenewalRow, ...]:
    rows = connection.execute(select(renewals).order_by(renewals.c.expert_id)).all()
    return tuple(RenewalRow(row.expert_id, row.renewal, row.keys, tuple(_cut(row.queue_wraps))) for row in rows)


def trust_version(connection: Connection) -> int:
    return connection.execute(_NEWEST_VERSION).scalar_one() or 0


def trust(connection: Connection) -> TrustRow | None:
    newest = connection.execute(_DIRECTORY).one_or_none()
    if newest is None:
        return None
    return TrustRow(newest.version, tuple(connection.execute(_ROOTS).scalars()), newest.document)


def _cut(joined: bytes) -> Sequence[bytes]:
    return [joined[start : start + WRAP_BYTES] for start in range(0, len(joined), WRAP_BYTES)]
