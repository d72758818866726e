"""How a place looks to a desk, and a case to its reporter's channel (SPEC 6.5, 9)."""

from collections.abc import Collection, Mapping
from typing import Final, Literal, Protocol

import msgspec

from lyhty_server.domain.cases import PlaceState as Stands
from lyhty_server.domain.cases import case_state
from lyhty_server.store.interface import PlaceRow
from lyhty_wire.desk import FeedMessage, Place, Snooze
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import ExpertId, QueueId
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


class Standing(Protocol):
    """One of a case's places, however much of it was read."""

    @property
    def queue(self) -> QueueId: ...
    @property
    def state(self) -> Stands: ...
    @property
    def holder(self) -> ExpertId | None: ...
    @property
    def lapses(self) -> int: ...


def state_event(places: Collection[Standing]) -> bytes:
    """Of all places of a case."""
    return StateEvent(State(case_state(place.state for place in places)), place_states(places)).encode()


def holders_of(places: Collection[Standing]) -> Mapping[QueueId, ExpertId]:
    return {place.queue: place.holder for place in places if place.holder is not None}


def place_states(places: Collection[Standing]) -> tuple[PlaceState, ...]:
    return tuple(PlaceState(place.queue, _standing(place)) for place in places)


def _standing(place: Standing) -> State:
    came_back = place.state is Stands.WAITING and place.lapses > 0
    return State.WAITING_AGAIN if came_back else State(place.state)
