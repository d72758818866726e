"""The audit log: what a group of writes adds to it, and what is read of it (SPEC 9.10)."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from lyhty_server.domain.audit import LogEnd, check_follows
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.bulk import Row, insert_rows
from lyhty_server.store.people_rows import AuditPage
from lyhty_server.store.tables import audit
from lyhty_wire.audit import Entry, log_head
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId, Head

_END: Final = select(audit.c.seq, audit.c.head, audit.c.entry).order_by(audit.c.seq.desc()).limit(1)
_OWN_LAST: Final = (
    select(audit.c.entry).where(audit.c.author == bindparam("author")).order_by(audit.c.counter.desc()).limit(1)
)
_STORED: Final = select(audit.c.seq, audit.c.entry).where(
    audit.c.author == bindparam("author"), audit.c.counter == bindparam("counter")
)
_PAGE: Final = (
    select(audit.c.entry).where(audit.c.seq > bindparam("after")).order_by(audit.c.seq).limit(bindparam("limit"))
)


class Log:
    """What the log has become so far in this group. Nothing is read unless somebody adds to it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._end: LogEnd | None = None
        self._own: dict[ExpertId, Entry | None] = {}
        self._rows: list[Row] = []

    def check(self, entry: Entry) -> None:
        """counter-conflict, directory-outdated."""
        check_follows(entry, self._own_last(entry.author), self._at_end())

    def check_stored(self, entry: Entry) -> None:
        """object-conflict: the act that it comes with is stored, and came with another entry or with none."""
        if self.seq_of(entry) is None:
            raise DomainError(Code.OBJECT_CONFLICT)

    def seq_of(self, entry: Entry) -> int | None:
        """Where exactly this entry is stored."""
        encoded = entry.encode()
        for seq, _, _, added, _ in self._rows:
            if added == encoded and isinstance(seq, int):
                return seq
        asked = {"author": entry.author, "counter": entry.counter}
        stored = self._connection.execute(_STORED, asked).one_or_none()
        return int(stored.seq) if stored is not None and stored.entry == encoded else None

    def add(self, entry: Entry) -> int:
        """Its seq. It has been checked."""
        end, encoded = self._at_end(), entry.encode()
        seq, head = end.length + 1, log_head(end.head, encoded)
        self._rows.append((seq, entry.author, entry.counter, encoded, head))
        self._own[entry.author] = entry
        self._end = LogEnd(seq, head, entry.directory_version)
        return seq

    def write(self) -> None:
        insert_rows(self._connection, audit, ("seq", "author", "counter", "entry", "head"), self._rows)
        self._rows.clear()

    def _at_end(self) -> LogEnd:
        if self._end is None:
            row = self._connection.execute(_END).one_or_none()
            self._end = (
                LogEnd() if row is None else LogEnd(row.seq, Head(row.head), Entry.decode(row.entry).directory_version)
            )
        return self._end

    def _own_last(self, author: ExpertId) -> Entry | None:
        if author not in self._own:
            encoded = own_entry(self._connection, author)
            self._own[author] = None if encoded is None else Entry.decode(encoded)
        return self._own[author]


def witness(connection: Connection, entry: Entry) -> int:
    log = Log(connection)
    stored = log.seq_of(entry)
    if stored is not None:
        return stored
    log.check(entry)
    seq = log.add(entry)
    log.write()
    return seq


def own_entry(connection: Connection, author: ExpertId) -> bytes | None:
    found: bytes | None = connection.execute(_OWN_LAST, {"author": author}).scalar_one_or_none()
    return found


def page(connection: Connection, after: int, limit: int) -> AuditPage:
    found = connection.execute(_PAGE, {"after": after, "limit": limit + 1}).scalars().all()
    return AuditPage(tuple(found[:limit]), more=len(found) > limit)
