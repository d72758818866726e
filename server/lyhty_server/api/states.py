"""Whom a change of a case is told to (SPEC 6.5, 9): here at once, and at the other processes by news."""

from lyhty_server.api.context import Server
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import PlaceRow
from lyhty_wire.ids import CaseId, ExpertId, QueueId


def tell_queue(server: Server, place: PlaceRow) -> None:
    """Every open desk of the place's queue."""
    server.lookout.place_changed(place)


async def tell_place(server: Server, case: CaseId, queue: QueueId | None) -> None:
    """The desks of one place's queue, when no list of theirs was read meanwhile."""
    try:
        places = await server.store.places(case)
    except DomainError:  # erased meanwhile, or no disk: the change itself is stored, and news may be missed
        return
    for place in places:
        if place.queue == queue:
            tell_queue(server, place)


def tell_holders(server: Server, case: CaseId, seq: int, holders: tuple[ExpertId, ...]) -> None:
    server.lookout.holders_hear(case, seq, holders)


async def tell_all(server: Server, place: PlaceRow) -> None:
    """The queue's desks, and whoever watches the case."""
    await server.lookout.case_changed(place)
