"""The audit log over HTTP, and the check of what an act carries for it (SPEC 9.10)."""

from collections.abc import Collection

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InAudit, Nothing
from lyhty_server.domain.audit import check_author, check_says
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_wire.audit import Entry, Kind
from lyhty_wire.codes import Code
from lyhty_wire.desk import AuditPage, OwnEntry, Witness, Witnessed
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import ExpertId


class Audit:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def page(self, asked: AskedByExpert[InAudit, None]) -> AuditPage:
        check_coordinator(self._server.trust.directory, asked.expert)
        page = await self._server.store.audit_page(asked.params.after, asked.params.limit)
        return AuditPage([b64encode(entry) for entry in page.entries], page.more)

    async def own(self, asked: AskedByExpert[Nothing, None]) -> OwnEntry:
        last = await self._server.store.own_entry(asked.expert)
        return OwnEntry(None if last is None else b64encode(last))

    async def witness(self, asked: AskedByExpert[Nothing, Witness]) -> Witnessed:
        check_coordinator(self._server.trust.directory, asked.expert)
        entry = entry_by(self._server, asked.expert, asked.body.entry)
        if entry.kind is not Kind.WITNESS:
            raise DomainError(Code.OPERATION_MALFORMED)
        return Witnessed(await self._server.store.witness(entry))


def entry_by(server: Server, author: ExpertId, text: str) -> Entry:
    """Raises WireError, DomainError: not signed by this expert, or not for this server."""
    entry = Entry.decode(b64decode(text))
    check_author(entry, server.instance, author, server.trust.expert(author).sign, server.trust.version)
    return entry


def entry_of(server: Server, author: ExpertId, text: str, kinds: Collection[Kind], subject: bytes) -> Entry:
    """The same, and it says one of these of this."""
    entry = entry_by(server, author, text)
    check_says(entry, kinds, subject)
    return entry
