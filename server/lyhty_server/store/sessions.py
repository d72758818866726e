"""Sessions, spent challenges, failed tries and jobs, in SQL."""

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.guessing import Failures
from lyhty_server.store.session_rows import Door, Ending, JobRow, SessionRow, Spent, Try
from lyhty_server.store.tables import jobs, sessions, sign_in_failures, spent_challenges
from lyhty_wire.codes import Code

_COLUMNS: Final = (
    sessions.c.token_digest,
    sessions.c.session_id,
    sessions.c.door,
    sessions.c.person,
    sessions.c.begun_hour,
    sessions.c.until_s,
)
_BY_DIGEST: Final = select(*_COLUMNS).where(sessions.c.token_digest == bindparam("token_digest"))
_FAILURES: Final = select(sign_in_failures.c.count, sign_in_failures.c.since_s).where(
    sign_in_failures.c.bucket == bindparam("bucket")
)


def begin(connection: Connection, asked: tuple[SessionRow, int]) -> None:
    row, now_s = asked
    connection.execute(delete(sessions).where(sessions.c.until_s <= now_s))
    connection.execute(
        insert(sessions),
        {
            "token_digest": row.token_digest,
            "session_id": row.session_id,
            "door": row.door.value,
            "person": row.person,
            "begun_hour": row.begun_hour,
            "until_s": row.until_s,
        },
    )


def session(connection: Connection, token_digest: bytes) -> SessionRow | None:
    found = connection.execute(_BY_DIGEST, {"token_digest": token_digest}).one_or_none()
    return None if found is None else _row(found)


def sessions_of(connection: Connection, door: Door, person: bytes) -> tuple[SessionRow, ...]:
    theirs = select(*_COLUMNS).where(sessions.c.door == door.value, sessions.c.person == person)
    return tuple(map(_row, connection.execute(theirs.order_by(sessions.c.until_s, sessions.c.session_id))))


def end(connection: Connection, ending: Ending) -> int:
    return connection.execute(delete(sessions).where(_ends(ending))).rowcount


def spend(connection: Connection, asked: tuple[Spent, int]) -> bool:
    spent, now_s = asked
    connection.execute(delete(spent_challenges).where(spent_challenges.c.until_s < now_s))
    new = {"challenge": spent.challenge, "until_s": spent.until_s}
    return _insert_new(connection, spent_challenges, new)


def failures(connection: Connection, bucket: int) -> Failures:
    return _failures(connection, _FAILURES, bucket)


def begin_try(connection: Connection, asked: tuple[Try, int]) -> None:
    new, now_s = asked
    # A row that is there can be locked: of many tries at one time, each sees the price that those before it left.
    _insert_new(connection, sign_in_failures, {"bucket": new.bucket, "count": 0, "since_s": now_s})
    before = _failures(connection, _FAILURES.with_for_update(), new.bucket)
    if before.effort(now_s) > new.effort:
        raise DomainError(Code.WORK_INSUFFICIENT)
    if not spend(connection, (new.spent, now_s)):
        _count(connection, new.bucket, before)
        raise DomainError(Code.SIGN_IN_FAILED)
    _count(connection, new.bucket, before.one_more(now_s))


def take_back_try(connection: Connection, asked: tuple[int, int]) -> None:
    bucket, now_s = asked
    _count(connection, bucket, _failures(connection, _FAILURES.with_for_update(), bucket).one_less(now_s))


def beat(connection: Connection, asked: tuple[str, bytes, int]) -> bool:
    name, holder, seen = asked
    if seen == 0:
        return _insert_new(connection, jobs, {"name": name, "holder": holder, "beat": 1})
    as_seen = update(jobs).where(jobs.c.name == name, jobs.c.beat == seen)
    return connection.execute(as_seen.values(holder=holder, beat=seen + 1)).rowcount == 1


def job(connection: Connection, name: str) -> JobRow:
    found = connection.execute(select(jobs.c.holder, jobs.c.beat).where(jobs.c.name == name)).one_or_none()
    return JobRow() if found is None else JobRow(found.holder, found.beat)


def _ends(ending: Ending) -> ColumnElement[bool]:
    column = sessions.c
    same: list[tuple[Column[Any], object]] = [
        (column.person, ending.person),
        (column.session_id, ending.session_id),
        (column.token_digest, ending.token_digest),
    ]
    conditions: list[ColumnElement[bool]] = [column.door == ending.door.value]
    conditions += [each == wanted for each, wanted in same if wanted is not None]
    if ending.but_digest is not None:
        conditions.append(column.token_digest != ending.but_digest)
    if ending.but_people is not None:
        conditions.append(column.person.not_in(ending.but_people))
    return and_(*conditions)


def _failures(connection: Connection, query: Select[int, int], bucket: int) -> Failures:
    found = connection.execute(query, {"bucket": bucket}).one_or_none()
    return Failures() if found is None else Failures(*found)


def _count(connection: Connection, bucket: int, now: Failures) -> None:
    its = sign_in_failures.c.bucket == bucket
    if now.count == 0:
        connection.execute(delete(sign_in_failures).where(its))
    else:
        connection.execute(update(sign_in_failures).where(its).values(count=now.count, since_s=now.since_s))


def _insert_new(connection: Connection, table: Table, row: dict[str, object]) -> bool:
    """Whether it was not there yet."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(new, row).first() is not None


def _row(found: Any) -> SessionRow:
    return SessionRow(
        found.token_digest, found.session_id, Door(found.door), found.person, found.begun_hour, found.until_s
    )
