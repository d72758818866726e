"""What a store keeps of organisations (SPEC 12.1)."""

from typing import Protocol

from lyhty_wire.organisation_desk import Organisations


class OrganisationStore(Protocol):
    async def organisations(self) -> Organisations:
        """All of them and their agreements, sorted."""

    async def change_organisations(self, before: Organisations, after: Organisations) -> bool:
        """All at once. False, and nothing is changed: they are not `before` any more."""
