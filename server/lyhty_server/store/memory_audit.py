"""The audit log of the store without a disk."""

from lyhty_server.domain.audit import LogEnd, check_follows
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.people_rows import AuditPage
from lyhty_wire.audit import Entry, log_head
from lyhty_wire.codes import Code
from lyhty_wire.ids import NO_HEAD, ExpertId


class MemoryLog:
    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._head = NO_HEAD

    def check(self, entry: Entry) -> None:
        version = self._entries[-1].directory_version if self._entries else 0
        check_follows(entry, self.own_last(entry.author), LogEnd(len(self._entries), self._head, version))

    def check_stored(self, entry: Entry) -> None:
        if entry not in self._entries:
            raise DomainError(Code.OBJECT_CONFLICT)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._head = log_head(self._head, entry.encode())

    def witness(self, entry: Entry) -> int:
        if entry not in self._entries:
            self.check(entry)
            self.add(entry)
        return self._entries.index(entry) + 1

    def own_last(self, author: ExpertId) -> Entry | None:
        return next((entry for entry in reversed(self._entries) if entry.author == author), None)

    def page(self, after: int, limit: int) -> AuditPage:
        found = [entry.encode() for entry in self._entries[after : after + limit + 1]]
        return AuditPage(tuple(found[:limit]), more=len(found) > limit)
