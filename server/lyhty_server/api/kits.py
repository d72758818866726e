"""A school's papers over HTTP (SPEC 12.6), made on the spot: nothing is kept of them."""

from lyhty_server.api.asking import AskedBySeer
from lyhty_server.api.context import Server
from lyhty_server.api.files import File
from lyhty_server.api.routes import InPaper, InSchool
from lyhty_server.api.viewing import organisation_seen
from lyhty_server.domain.errors import DomainError
from lyhty_wire import kit_desk
from lyhty_wire.codes import Code
from lyhty_wire.organisations import Kind, Organisation


class KitDesk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def listed(self, asked: AskedBySeer[InSchool, None]) -> kit_desk.Kit:
        from lyhty_server.kits.papers import PAPERS

        school = await self._school(asked.seer, asked.params.school)
        self._server.press.warm_up()
        return kit_desk.Kit(school.id, school.name, list(PAPERS))

    async def paper(self, asked: AskedBySeer[InPaper, None]) -> bytes:
        """
        Raises:
            DomainError: `operation-malformed`: the paper is not made in that language or format; `site-unset`.
        """
        from lyhty_server.kits.papers import PAPERS, Kit, message, page

        server, params = self._server, asked.params
        school = await self._school(asked.seer, params.school)
        (paper,) = (each for each in PAPERS if each.paper == params.paper)
        kind = paper.formats[0] if params.format is None else params.format
        if params.language not in paper.languages or kind not in paper.formats:
            raise DomainError(Code.OPERATION_MALFORMED)
        if server.site is None:
            raise DomainError(Code.SITE_UNSET)
        kit = Kit(school, server.site, server.instance)
        if kind == "txt":
            made = message(kit, params.language).encode()
        else:
            made = await server.press.pdf(page(kit, params.paper, params.language))
        if kind == "png":
            made = await server.press.png(made)
        return File(made, f"lyhty-{school.id}-{params.paper}-{params.language}.{kind}")

    async def _school(self, seer: str | None, school: str) -> Organisation:
        found = await organisation_seen(self._server, seer, school)
        if found.kind is not Kind.SCHOOL:
            raise DomainError(Code.ORGANISATION_UNKNOWN)
        return found
