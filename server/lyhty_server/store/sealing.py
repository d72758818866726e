"""Seals the wraps that stand as they are in PostgreSQL: of a database from before `wrap_keys`, or put back from a copy.

To be begun when no server of an older release is left, for it could read none of them (SPEC 8.1).
"""

import time
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, text, update

from lyhty_server.domain.errors import DatabaseUnavailableError
from lyhty_server.store.scrubbing import is_seen, let_log_go, write_anew
from lyhty_server.store.tables import SEALING, cases, oldest_server, room_wraps, rooms, wrap_keys, wraps
from lyhty_server.store.wrap_keys import OF_CASE, SEALS, keep_keys, new_keys, seal

AT_ONCE: Final = 500  # cases in a transaction
OLDER: Final = "lyhty"
"""How servers from before `SEALING` name themselves to the database."""
LOCK_MS: Final = 15_000
READERS_S: Final = 30.0
_LOOK_S: Final = 0.1
_NOW: Final = text("SELECT pg_current_xact_id()::text")

_HAS_KEY: Final = select(wrap_keys.c.key).where(wrap_keys.c.case_seq == cases.c.case_seq, wrap_keys.c.room_seq == 0)
_PLAIN: Final = (
    select(cases.c.case_seq)
    .where(cases.c.case_seq > bindparam("after"), ~_HAS_KEY.exists())
    .order_by(cases.c.case_seq)
    .limit(AT_ONCE)
    .with_for_update(key_share=True)
)
_ROOM_HAS_KEY: Final = select(wrap_keys.c.key).where(
    wrap_keys.c.case_seq == rooms.c.case_seq, wrap_keys.c.room_seq == rooms.c.room_seq
)


def seal_all(connection: Connection) -> int:
    """How many cases it sealed. What they were before is gone from the files and the log then.

    Raises:
        DatabaseUnavailableError: a server of an older release is there, or somebody reads for long. To be done again.
    """
    with connection.begin():
        _begin(connection)
    connection.info[SEALS] = True
    count, numbers = 0, [0]
    while numbers:
        with connection.begin():
            numbers = list(connection.execute(_PLAIN, {"after": numbers[-1]}).scalars())
            _seal_cases(connection, numbers)
            _seal_rooms(connection, numbers)
        count += len(numbers)
    connection.execution_options(isolation_level="AUTOCOMMIT")
    now, until_s = connection.execute(_NOW).scalar_one(), time.monotonic() + READERS_S
    while is_seen(connection, now):
        if time.monotonic() > until_s:
            raise DatabaseUnavailableError("Somebody reads the database for long. All is sealed; say it again to wipe.")
        time.sleep(_LOOK_S)
    write_anew(connection, ("wraps", "room_wraps", "rooms"), LOCK_MS)
    let_log_go(connection)
    return count


def _begin(connection: Connection) -> None:
    """Every transaction that has read it otherwise is over then."""
    connection.exec_driver_sql("LOCK TABLE oldest_server IN ACCESS EXCLUSIVE MODE")
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name"
    )
    if connection.execute(older, {"name": OLDER}).scalar_one():
        raise DatabaseUnavailableError("A server of an older release uses the database. Stop it first.")
    connection.execute(update(oldest_server).where(oldest_server.c.head < SEALING).values(head=SEALING))


def _seal_cases(connection: Connection, numbers: Sequence[int]) -> None:
    keys = dict(zip(numbers, new_keys(connection, len(numbers)), strict=True))
    keep_keys(connection, ((number, OF_CASE, key) for number, key in keys.items()))
    rows = connection.execute(select(wraps).where(wraps.c.case_seq.in_(numbers))).mappings()
    _put(connection, wraps, [{**row, "wrap": seal(keys[row["case_seq"]], row["wrap"])} for row in rows])


def _seal_rooms(connection: Connection, numbers: Sequence[int]) -> None:
    plain = select(rooms.c.case_seq, rooms.c.room_seq, rooms.c.self_wrap).where(
        rooms.c.case_seq.in_(numbers), ~_ROOM_HAS_KEY.exists()
    )
    found = connection.execute(plain).all()
    keys = dict(zip((room.room_seq for room in found), new_keys(connection, len(found)), strict=True))
    keep_keys(connection, ((room.case_seq, room.room_seq, keys[room.room_seq]) for room in found))
    slips = [room for room in found if room.self_wrap is not None]
    _put(
        connection,
        rooms,
        [{"room_seq": room.room_seq, "self_wrap": seal(keys[room.room_seq], room.self_wrap)} for room in slips],
    )
    rows = connection.execute(select(room_wraps).where(room_wraps.c.room_seq.in_(list(keys)))).mappings()
    _put(connection, room_wraps, [{**row, "wrap": seal(keys[row["room_seq"]], row["wrap"])} for row in rows])


def _put(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """By primary key, the one column that is not in it."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    [changed] = rows[0].keys() - keys
    named = [{f"to_{changed}": row[changed]} | {f"of_{key}": row[key] for key in keys} for row in rows]
    theirs = [table.c[key] == bindparam(f"of_{key}") for key in keys]
    connection.execute(update(table).where(*theirs).values({changed: bindparam(f"to_{changed}")}), named)
