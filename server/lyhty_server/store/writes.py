"""The rarer writes: claims, erasure, accounts and trust. Each is for one; `singly` runs a group of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Select, bindparam, case, delete, insert, select, update

from lyhty_server.domain.cases import (
    Place,
    PlaceState,
    Snooze,
    check_capacity,
    claim,
    close,
    lapse,
    release,
    reopen,
    snooze,
    wake,
)
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.bulk import is_shared
from lyhty_server.store.interface import Erased, HeldPlace, PlaceRow
from lyhty_server.store.people_rows import ExpertRow, RenewalRow, TrustRow
from lyhty_server.store.reads import (
    PLACE_ROWS,
    SINCE_HOUR,
    find_case,
    held_awake,
    held_place_of,
    in_queue,
    next_closed_nth,
    place_of,
    place_rows,
    rank_of,
    rows_of_case,
    summaries_of,
)
from lyhty_server.store.reads import trust as stored_trust
from lyhty_server.store.rooms import erase_rooms
from lyhty_server.store.tables import (
    NOT_ANSWERED,
    STILL_OPEN,
    cards,
    cases,
    closed_cases,
    directories,
    envelopes,
    experts,
    mailboxes,
    places,
    quiet_cases,
    renewals,
    roots,
    rosters,
    tombstones,
    wrap_keys,
    wraps,
)
from lyhty_wire.codes import Code
from lyhty_wire.ids import CaseId, ExpertId, QueueId, SignKey, tombstone
from lyhty_wire.unlocks import Unlock

HOUR_S: Final = 3_600

A = TypeVar("A")
R = TypeVar("R")

Claim = tuple[CaseId, QueueId, ExpertId, int, int, int]
"""now_s, until_s and capacity last."""
OfHolder = tuple[CaseId, QueueId, ExpertId]
Closing = tuple[CaseId, QueueId, ExpertId, int]
Snoozing = tuple[CaseId, QueueId, ExpertId, Snooze | None, int, int]
Erasure = tuple[CaseId, bytes]

_SET_PLACE = (
    update(places)
    .where(places.c.case_seq == bindparam("number"), places.c.queue == bindparam("in_queue"))
    .values(
        state=bindparam("to_state"),
        holder=bindparam("to_holder"),
        lease_until_s=bindparam("until_s"),
        lapses=bindparam("to_lapses"),
        snoozed_until_s=bindparam("to_snoozed_until_s"),
        snoozed_seq=bindparam("to_snoozed_seq"),
        closer=bindparam("to_closer"),
        closed_hour=bindparam("to_closed_hour"),
        closed_nth=bindparam("to_closed_nth"),
    )
)
_LAPSED = (
    select(cases.c.case_id, places.c.queue)
    .join_from(places, cases)
    .where(places.c.lease_until_s <= bindparam("now_s"), places.c.lease_until_s.is_not(None))
    .order_by(places.c.case_seq, places.c.queue)
)
_LATE: Final = (
    PLACE_ROWS.where(NOT_ANSWERED)
    .where(
        case((places.c.rank == rank_of(True), bindparam("urgent_hour")), else_=bindparam("usual_hour")) >= SINCE_HOUR
    )
    .order_by(places.c.case_seq, places.c.queue)
    .limit(bindparam("limit"))
)
_SET_MISSED: Final = (
    update(places)
    .where(places.c.case_seq == bindparam("number"), places.c.queue == bindparam("in_queue"))
    .values(missed=1)
)
_AWAKE = (
    select(cases.c.case_id, places.c.queue)
    .join_from(places, cases)
    .where(places.c.snoozed_until_s <= bindparam("now_s"), places.c.snoozed_until_s.is_not(None))
    .order_by(places.c.case_seq, places.c.queue)
)
_IS_OPEN: Final = select(places.c.case_seq).where(places.c.case_seq == cases.c.case_seq, STILL_OPEN).exists()
_END_CASE: Final = insert(closed_cases).from_select(
    ["case_seq", "closed_seq"],
    select(cases.c.case_seq, cases.c.last_seq).where(cases.c.case_seq == bindparam("number"), ~_IS_OPEN),
)
_BEGIN_CASE_AGAIN: Final = delete(closed_cases).where(closed_cases.c.case_seq == bindparam("number"))
# A case's tables: what opens it first, then those that point at others.
_OF_A_CASE: Final = (wrap_keys, wraps, envelopes, rosters, cards, closed_cases, quiet_cases, places, cases)


def singly(run: Callable[[Connection, A], R]) -> Callable[[Connection, Sequence[A]], list[R | DomainError]]:
    """A refusal must come before the first change: it does not undo any."""

    def run_all(connection: Connection, arguments: Sequence[A]) -> list[R | DomainError]:
        outcomes: list[R | DomainError] = []
        for argument in arguments:
            try:
                outcomes.append(run(connection, argument))
            except DomainError as refusal:
                outcomes.append(refusal)
        return outcomes

    return run_all


# --- Places


def claim_place(connection: Connection, asked: Claim) -> HeldPlace:
    return _take(connection, asked, claim)


def reopen_place(connection: Connection, asked: Claim) -> HeldPlace:
    return _take(connection, asked, reopen)


def _take(connection: Connection, asked: Claim, rule: Callable[[Place, ExpertId, int, int], Place]) -> HeldPlace:
    case_id, queue, expert_id, now_s, until_s, capacity = asked
    case_seq, sign_pk, _ = find_case(connection, case_id)
    row = in_queue(rows_of_case(connection, case_seq), queue)
    taken = rule(place_of(row), expert_id, now_s, until_s)
    if row.holder != expert_id:
        check_capacity(held_awake(connection, expert_id, now_s), capacity)
    if row.closed_seq is not None:
        connection.execute(_BEGIN_CASE_AGAIN, {"number": case_seq})
    return held_place_of(connection, put_place(connection, replace(row, closed_seq=None), taken), sign_pk)


def snooze_place(connection: Connection, asked: Snoozing) -> PlaceRow:
    case_id, queue, expert_id, wanted, now_s, until_s = asked
    row = in_queue(rows_of_case(connection, find_case(connection, case_id)[0]), queue)
    return put_place(connection, row, snooze(place_of(row), expert_id, wanted, now_s, until_s))


def release_place(connection: Connection, asked: OfHolder) -> PlaceRow:
    case_id, queue, expert_id = asked
    row = in_queue(rows_of_case(connection, find_case(connection, case_id)[0]), queue)
    return put_place(connection, row, release(place_of(row), expert_id))


def close_place(connection: Connection, asked: Closing) -> PlaceRow:
    case_id, queue, expert_id, now_s = asked
    row = in_queue(rows_of_case(connection, find_case(connection, case_id)[0]), queue)
    closed = close(place_of(row), expert_id)
    nth = next_closed_nth(connection, queue)
    put_place(connection, replace(row, closed_hour=now_s // HOUR_S, closed_nth=nth), closed)
    connection.execute(_END_CASE, {"number": row.case_seq})
    return in_queue(rows_of_case(connection, row.case_seq), queue)


def lapse_leases(connection: Connection, now_s: int) -> tuple[PlaceRow, ...]:
    return _pass(connection, _LAPSED, lapse, now_s)


def wake_snoozed(connection: Connection, now_s: int) -> tuple[PlaceRow, ...]:
    return _pass(connection, _AWAKE, wake, now_s)


def _pass(
    connection: Connection, whose: Select[Any], rule: Callable[[Place, int], Place], now_s: int
) -> tuple[PlaceRow, ...]:
    """What time alone does to places."""
    changed: list[PlaceRow] = []
    found = hold_cases_of(connection, whose, {"now_s": now_s})
    for case_id, queue in connection.execute(found, {"now_s": now_s}).all():
        row = in_queue(rows_of_case(connection, find_case(connection, case_id)[0]), queue)
        changed.append(put_place(connection, row, rule(place_of(row), now_s)))
    return tuple(changed)


def hold_cases_of(connection: Connection, found: Select[Any], values: Mapping[str, object]) -> Select[Any]:
    """Of all places that a query finds. What it gives is to be asked then: some of them, as they are now."""
    if not is_shared(connection):
        return found
    whose = cases.c.case_seq.in_(found.with_only_columns(places.c.case_seq))
    hold = select(cases.c.case_seq).where(whose).order_by(cases.c.case_seq).with_for_update(key_share=True)
    return found.where(places.c.case_seq.in_(connection.execute(hold, values).scalars().all()))


def mark_missed(connection: Connection, asked: tuple[int, int, int]) -> tuple[PlaceRow, ...]:
    usual_hour, urgent_hour, limit = asked
    bounds = {"usual_hour": usual_hour, "urgent_hour": urgent_hour, "limit": limit}
    late = place_rows(connection, hold_cases_of(connection, _LATE, bounds), bounds)
    if late:
        connection.execute(_SET_MISSED, [{"number": row.case_seq, "in_queue": row.queue} for row in late])
    return tuple(replace(row, missed=True) for row in late)


def put_place(connection: Connection, before: PlaceRow, place: Place) -> PlaceRow:
    is_closed = place.state is PlaceState.CLOSED
    row = before if is_closed else replace(before, closed_hour=None, closed_nth=None)
    connection.execute(
        _SET_PLACE,
        {
            "number": row.case_seq,
            "in_queue": row.queue,
            "to_state": int(place.state),
            "to_holder": place.holder,
            "until_s": place.lease_until_s,
            "to_lapses": place.lapses,
            "to_snoozed_until_s": None if place.snooze is None else place.snooze.until_s,
            "to_snoozed_seq": None if place.snooze is None else place.snooze.seq,
            "to_closer": place.closer,
            "to_closed_hour": row.closed_hour,
            "to_closed_nth": row.closed_nth,
        },
    )
    return replace(
        row,
        state=place.state,
        holder=place.holder,
        lease_until_s=place.lease_until_s,
        lapses=place.lapses,
        snooze=place.snooze,
        closer=place.closer,
    )


# --- Erasure


def erase(connection: Connection, asked: Erasure) -> Erased:
    """Everything but the tombstone goes; the committer sees to it that the bytes leave the disk."""
    case_id, mailbox_row_key = asked
    mark = tombstone(case_id)
    try:
        case_seq, _, _ = find_case(connection, case_id)
    except DomainError as refusal:
        if refusal.code is not Code.CASE_ERASED:
            raise
        return Erased(mark, ())
    connection.execute(delete(mailboxes).where(mailboxes.c.row_key == mailbox_row_key))
    return erase_case(connection, case_id, case_seq)


def erase_case(connection: Connection, case_id: CaseId, case_seq: int) -> Erased:
    """All but its mailbox, which nothing here leads to."""
    mark = tombstone(case_id)
    were = summaries_of(rows_of_case(connection, case_seq))
    erase_rooms(connection, case_seq)
    for table in _OF_A_CASE:
        connection.execute(delete(table).where(table.c.case_seq == case_seq))
    connection.execute(insert(tombstones), {"tombstone": mark})
    return Erased(mark, were)


# --- Accounts and trust


def put_expert(connection: Connection, expert: ExpertRow) -> None:
    named = connection.execute(select(experts.c.expert_id).where(experts.c.name == expert.name)).scalar_one_or_none()
    if named not in (None, expert.expert_id):
        raise DomainError(Code.OBJECT_CONFLICT)
    connection.execute(delete(experts).where(experts.c.expert_id == expert.expert_id))
    connection.execute(
        insert(experts),
        {
            "expert_id": expert.expert_id,
            "name": expert.name,
            "salt": expert.salt,
            "m_kib": expert.m_kib,
            "t": expert.t,
            "p": expert.p,
            "login_pk": expert.login_pk,
            "keys": expert.keys,
            "queue_wraps": b"".join(expert.queue_wraps),
            "keys_hour": expert.keys_hour,
        },
    )


def change_unlock(connection: Connection, change: tuple[SignKey, Unlock, RenewalRow | None]) -> None:
    before, new, renewal = change
    theirs = (experts.c.expert_id == new.expert_id) & (experts.c.login_pk == before)
    if connection.execute(update(experts).where(theirs).values(**asdict(new))).rowcount == 0:
        raise DomainError(Code.SIGN_IN_FAILED)
    connection.execute(delete(renewals).where(renewals.c.expert_id == new.expert_id))
    if renewal is not None:
        connection.execute(insert(renewals), {**asdict(renewal), "queue_wraps": b"".join(renewal.queue_wraps)})


def put_trust(connection: Connection, trust: TrustRow) -> None:
    stored = stored_trust(connection)
    if stored == trust:
        return
    if stored is not None and stored.version >= trust.version:
        raise DomainError(Code.OBJECT_CONFLICT)
    connection.execute(delete(directories))
    connection.execute(delete(roots))
    connection.execute(insert(directories), {"version": trust.version, "document": trust.directory})
    connection.execute(
        insert(roots), [{"position": index, "document": document} for index, document in enumerate(trust.roots)]
    )
