"""What is kept for how long: cases looked through by number, and erased when their time is over (SPEC 8.1)."""

from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.retention import Kept, Noticed
from lyhty_server.store.interface import Erased
from lyhty_server.store.reads import find_case
from lyhty_server.store.tables import STILL_OPEN, cases, closed_cases, places, quiet_cases
from lyhty_server.store.writes import erase_case
from lyhty_wire.codes import Code

_OF_CASE = places.c.case_seq == cases.c.case_seq
_WAITS_FOR_ANSWER = select(places.c.case_seq).where(_OF_CASE, STILL_OPEN, places.c.answered == 0).exists()
_IS_ASLEEP = select(places.c.case_seq).where(_OF_CASE, places.c.snoozed_until_s.is_not(None)).exists()
_PAGE: Final = (
    select(
        cases.c.case_seq,
        cases.c.case_id,
        cases.c.last_seq,
        closed_cases.c.case_seq.is_not(None),
        ~_WAITS_FOR_ANSWER,
        _IS_ASLEEP,
        quiet_cases.c.last_seq,
        quiet_cases.c.closed,
        quiet_cases.c.day,
    )
    .outerjoin_from(cases, closed_cases, closed_cases.c.case_seq == cases.c.case_seq)
    .outerjoin(quiet_cases, quiet_cases.c.case_seq == cases.c.case_seq)
    .where(cases.c.case_seq > bindparam("after"))
    .order_by(cases.c.case_seq)
    .limit(bindparam("limit"))
)
_IS_CLOSED: Final = select(closed_cases.c.case_seq).where(closed_cases.c.case_seq == bindparam("number"))
_FORGET: Final = delete(quiet_cases).where(quiet_cases.c.case_seq == bindparam("number"))


def kept_page(connection: Connection, after: int, limit: int) -> tuple[Kept, ...]:
    return tuple(
        Kept(
            case_seq,
            case_id,
            last_seq,
            bool(is_closed),
            bool(is_answered),
            bool(is_asleep),
            None if day is None else Noticed(seen_seq, bool(was_closed), day),
        )
        for case_seq, case_id, last_seq, is_closed, is_answered, is_asleep, seen_seq, was_closed, day in (
            connection.execute(_PAGE, {"after": after, "limit": limit})
        )
    )


def notice(connection: Connection, found: tuple[tuple[int, Noticed], ...]) -> None:
    if not found:
        return
    connection.execute(_FORGET, [{"number": number} for number, _ in found])
    connection.execute(
        insert(quiet_cases),
        [
            {"case_seq": number, "last_seq": each.last_seq, "closed": int(each.is_closed), "day": each.day}
            for number, each in found
        ],
    )


def expire(connection: Connection, case: Kept) -> Erased | None:
    try:
        case_seq, _, last_seq = find_case(connection, case.case_id)
    except DomainError as refusal:
        if refusal.code in {Code.CASE_ERASED, Code.CASE_UNKNOWN}:
            return None
        raise
    is_closed = connection.execute(_IS_CLOSED, {"number": case_seq}).one_or_none() is not None
    if (last_seq, is_closed) != (case.last_seq, case.is_closed):
        return None
    return erase_case(connection, case.case_id, case_seq)
