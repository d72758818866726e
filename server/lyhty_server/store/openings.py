"""Opening cases, the write there are most of: a group costs a fixed number of look-ups, however large it is."""

from collections.abc import Sequence
from itertools import count
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    column,
    literal_column,
    null,
    select,
    table,
    union_all,
)

from lyhty_server.domain.cases import PlaceState
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.bulk import OvertakenError, Row, in_one_statement, insert_rows, is_shared, look_up, next_numbers
from lyhty_server.store.interface import NewCase, Opened
from lyhty_server.store.reads import CARD_KEY, REPORTER, rank_of
from lyhty_server.store.tables import cards, cases, envelopes, mailboxes, places, rosters, tombstones, wraps
from lyhty_server.store.wrap_keys import OF_CASE, WrapKey, keep_keys, new_keys, seal
from lyhty_wire.codes import Code
from lyhty_wire.ids import digest, tombstone

FIRST: Final = 1
"""Generation, and seq of the report (SPEC 4.4)."""
DIGEST_BYTES: Final = 16  # half a SHA-256: nobody gains by a collision with their own bytes

_SEQUENCE = table("sqlite_sequence", column("name"), column("seq"))


def _found(kind: str, key: ColumnElement[Any], digest: ColumnElement[Any], number: ColumnElement[Any]) -> Select[Any]:
    return select(literal_column(f"'{kind}'"), key, digest, number)


_BEFORE: Final = (
    _found("erased", tombstones.c.tombstone, null(), null()).where(
        tombstones.c.tombstone.in_(bindparam("tombstones", expanding=True))
    ),
    _found("known", cases.c.case_id, cases.c.digest, cases.c.case_seq).where(
        cases.c.case_id.in_(bindparam("case_ids", expanding=True))
    ),
    _found("taken", mailboxes.c.row_key, null(), null()).where(
        mailboxes.c.row_key.in_(bindparam("row_keys", expanding=True))
    ),
)
_ERASED_MEANWHILE: Final = union_all(_BEFORE[0])
_LAST: Final = _found("last", null(), null(), _SEQUENCE.c.seq).where(_SEQUENCE.c.name == literal_column("'cases'"))
_LOOK_SHARED: Final = union_all(*_BEFORE)
# In SQLite one statement: at each the writer gives up the interpreter's lock and waits for it behind the event loop.
_LOOK: Final = union_all(*_BEFORE, _LAST)


def open_cases(connection: Connection, openings: Sequence[NewCase]) -> list[Opened | DomainError]:
    """What was looked up holds until the commit, or a key that somebody else has used meanwhile is a conflict."""
    erased, taken = set[bytes](), set[bytes]()
    known: dict[bytes, tuple[bytes, int]] = {}
    last_number = 0
    shared = is_shared(connection)
    keys: dict[str, list[bytes]] = {
        "tombstones": [tombstone(new.case_id) for new in openings],
        "case_ids": [new.case_id for new in openings],
        "row_keys": [new.mailbox_row_key for new in openings],
    }
    for kind, key, stored, number in look_up(connection, _LOOK_SHARED if shared else _LOOK, keys):
        match kind:
            case "erased":
                erased.add(key)
            case "known":
                known[key] = stored, number
            case "taken":
                taken.add(key)
            case _:
                last_number = number

    numbers = iter(next_numbers(connection, cases.c.case_seq, len(openings)) if shared else count(last_number + 1))
    outcomes: list[Opened | DomainError] = []
    fresh: list[tuple[int, NewCase]] = []
    for new in openings:
        if new.case_id in known:
            stored, number = known[new.case_id]
            retry = Opened(seq=FIRST, fresh=False, case_seq=number)
            outcomes.append(retry if stored == new.digest else DomainError(Code.OBJECT_CONFLICT))
        elif erased and tombstone(new.case_id) in erased:
            outcomes.append(DomainError(Code.CASE_ERASED))
        elif new.mailbox_row_key in taken:
            outcomes.append(DomainError(Code.OBJECT_CONFLICT))
        else:
            number = next(numbers)
            known[new.case_id] = (new.digest, number)
            taken.add(new.mailbox_row_key)
            fresh.append((number, new))
            outcomes.append(Opened(seq=FIRST, fresh=True, case_seq=number))
    with in_one_statement(connection):
        _insert(connection, fresh)
    if shared and fresh:
        # No key is used twice when what was opened and erased elsewhere meanwhile is opened here once more.
        marks = [tombstone(new.case_id) for _, new in fresh]
        if list(look_up(connection, _ERASED_MEANWHILE, {"tombstones": marks})):
            raise OvertakenError
    return outcomes


def envelope_digest(body: bytes) -> bytes:
    return digest(body)[:DIGEST_BYTES]


ENVELOPE_COLUMNS: Final = ("case_seq", "seq", "object_id", "author", "counter", "digest", "body")


def _insert(connection: Connection, fresh: Sequence[tuple[int, NewCase]]) -> None:
    keys = new_keys(connection, len(fresh))
    keep_keys(connection, ((number, OF_CASE, key) for (number, _), key in zip(fresh, keys, strict=True)))
    insert_rows(
        connection,
        cases,
        ("case_seq", "case_id", "sign_pk", "opened_hour", "last_seq", "digest"),
        [(number, new.case_id, new.sign_pk, new.opened_hour, FIRST, new.digest) for number, new in fresh],
    )
    insert_rows(
        connection,
        mailboxes,
        ("row_key", "sealed"),
        [(new.mailbox_row_key, new.mailbox_sealed) for _, new in fresh],
    )
    insert_rows(connection, cards, ("case_seq", "body"), [(number, new.card) for number, new in fresh])
    insert_rows(
        connection,
        places,
        ("case_seq", "queue", "rank", "state"),
        [
            (number, place.queue, rank_of(new.urgent), int(PlaceState.WAITING))
            for number, new in fresh
            for place in new.places
        ],
    )
    insert_rows(
        connection,
        rosters,
        ("case_seq", "generation", "roster"),
        [(number, FIRST, new.roster) for number, new in fresh],
    )
    insert_rows(
        connection,
        wraps,
        ("case_seq", "generation", "queue", "epoch", "wrap"),
        [row for (number, new), key in zip(fresh, keys, strict=True) for row in _wrap_rows(number, new, key)],
    )
    insert_rows(
        connection,
        envelopes,
        ENVELOPE_COLUMNS,
        [
            (
                number,
                FIRST,
                new.report.object_id,
                new.report.author,
                new.report.counter,
                envelope_digest(new.report.body),
                new.report.body,
            )
            for number, new in fresh
        ],
    )


def _wrap_rows(number: int, new: NewCase, key: WrapKey) -> list[Row]:
    """In the order of the table's key."""
    return [
        *((number, CARD_KEY, place.queue, place.epoch, seal(key, place.card_wrap)) for place in new.places),
        (number, FIRST, REPORTER, 0, seal(key, new.self_wrap)),
        *((number, FIRST, place.queue, place.epoch, seal(key, place.wrap)) for place in new.places),
    ]
