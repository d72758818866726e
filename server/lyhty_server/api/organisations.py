"""Organisations over HTTP (SPEC 12.1): coordinators read them and bring them in by a file."""

import asyncio

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import InImport, Nothing
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_server.domain.organisations import Plan, plan_import
from lyhty_server.domain.sheets import read_rows
from lyhty_wire.organisation_desk import Imported, Organisations


class OrganisationsDesk:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._one_at_a_time = asyncio.Lock()
        """Reading a workbook takes memory and a thread."""

    async def listed(self, asked: AskedByExpert[Nothing, None]) -> Organisations:
        check_coordinator(self._server.trust.directory, asked.expert)
        return await self._server.store.organisations()

    async def bring_in(self, asked: AskedByExpert[InImport, bytes]) -> Imported:
        check_coordinator(self._server.trust.directory, asked.expert)
        server = self._server
        async with self._one_at_a_time:
            rows, problems = await asyncio.to_thread(read_rows, asked.body)
            today = server.calendar.day(server.clock())

            def plan(before: Organisations) -> Plan:
                return plan_import(before, rows, problems, today)

            while True:
                before = await server.store.organisations()
                planned = await asyncio.to_thread(plan, before)
                if asked.params.dry_run == "true" or planned.after == before:
                    return planned.told
                # Another process of this service may have brought in something meanwhile.
                if await server.store.change_organisations(before, planned.after):
                    return planned.told
