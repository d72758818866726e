"""The organisations of the store without a disk."""

from lyhty_wire.organisation_desk import Organisations


class MemoryOrganisations:
    def __init__(self) -> None:
        super().__init__()
        self._organisations = Organisations([], [])

    async def organisations(self) -> Organisations:
        return self._organisations

    async def change_organisations(self, before: Organisations, after: Organisations) -> bool:
        if self._organisations != before:
            return False
        self._organisations = after
        return True
