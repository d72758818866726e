"""How a place looks to a desk, and what a reporter's channel hears when one changes (SPEC 6.5, 9)."""

from typing import Final, Literal

import msgspec

from lyhty_server.api.context import Server
from lyhty_server.domain.cases import PlaceState as Stands
from lyhty_server.domain.errors import DomainError
from lyhty_server.store.interface import CaseState, PlaceRow, PlaceSummary
from lyhty_wire.desk import FeedEnvelope, FeedErased, FeedMessage, FeedPlace, Place, Snooze
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import CaseId, ExpertId, QueueId
from lyhty_wire.records import CaseState as StateEvent
from lyhty_wire.records import PlaceState, State

_STATES: Final[dict[Stands, Literal["waiting", "held", "closed"]]] = {
    Stands.WAITING: "waiting",
    Stands.HELD: "held",
    Stands.CLOSED: "closed",
}


def place_json(place: PlaceRow) -> Place:
    return Place(
        case=b64encode(place.case_id),
        queue=place.queue,
        urgent=place.urgent,
        state=_STATES[place.state],
        holder=None if place.holder is None else b64encode(place.holder),
        lease_until=place.lease_until_s,
        opened_hour=place.opened_hour,
        seq=place.case_seq,
        last_seq=place.last_seq,
        card=b64encode(place.card),
        card_wrap=b64encode(place.card_wrap),
        answered=place.answered,
        missed=place.missed,
        lapses=place.lapses,
        snooze=None if place.snooze is None else Snooze(place.snooze.until_s, place.snooze.seq),
        closer=None if place.closer is None else b64encode(place.closer),
        closed_hour=place.closed_hour,
        closed_nth=place.closed_nth,
        closed_seq=place.closed_seq,
    )


def feed_text(event: FeedMessage) -> str:
    return msgspec.json.encode(event).decode()


def tell_queue(server: Server, place: PlaceRow) -> None:
    """Every open desk of the place's queue."""
    if server.hub.has_feeds(place.queue):
        server.hub.tell_queue(place.queue, feed_text(FeedPlace(place_json(place))))


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
    text = feed_text(FeedEnvelope(b64encode(case), seq))
    for holder in holders:
        server.hub.tell_expert(holder, text)


def tell_erased(server: Server, queue: QueueId, case: CaseId) -> None:
    server.hub.tell_queue(queue, feed_text(FeedErased(b64encode(case))))


async def tell_all(server: Server, place: PlaceRow) -> None:
    """The queue's desks, and whoever watches the case."""
    tell_queue(server, place)
    if server.presence.watches(place.case_id):
        try:
            case = await server.store.case_state(place.case_id)
        except DomainError:  # erased meanwhile, or no disk: the change itself is stored, and news may be missed
            return
        event = StateEvent(State(case.state), place_states(case))
        server.hub.tell_reporter_state(place.case_id, event.encode())
        server.presence.holders_changed(place.case_id, holders_of(case))


def holders_of(case: CaseState) -> dict[QueueId, ExpertId]:
    return {place.queue: place.holder for place in case.places if place.holder is not None}


def place_states(case: CaseState) -> tuple[PlaceState, ...]:
    return tuple(PlaceState(place.queue, _standing(place)) for place in case.places)


def _standing(place: PlaceSummary) -> State:
    came_back = place.state is Stands.WAITING and place.lapses > 0
    return State.WAITING_AGAIN if came_back else State(place.state)
