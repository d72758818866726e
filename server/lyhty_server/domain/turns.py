"""Who may give a case its next key, and which key that is (SPEC 3.4).

Signatures and wraps are checked in `api/turning.py`; what must hold at the moment of writing is here.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec import Struct

from lyhty_server.domain.cases import Place, PlaceState, case_state
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from lyhty_wire.ids import Epoch, ExpertId, Generation, QueueId

QueueEpoch = tuple[QueueId, Epoch]

# A key a month for ten years. RESUME brings all rosters at once, 2.7 kB each at most (SPEC 6.4): they fit one record.
MAX_GENERATIONS: Final = 128


class Turner(Struct, frozen=True):
    """An expert who gives a case its next key: its holder, or a coordinator of the queue."""

    expert_id: ExpertId
    queue: QueueId
    is_coordinator: bool


def check_may_turn(places: Mapping[QueueId, Place], turner: Turner | None) -> None:
    """None: the reporter."""
    if case_state(place.state for place in places.values()) is PlaceState.CLOSED:
        raise DomainError(Code.CASE_CLOSED)
    if turner is None:
        return
    place = places.get(turner.queue)
    if place is None:
        raise DomainError(Code.QUEUE_UNKNOWN)
    if place.state is PlaceState.CLOSED:
        raise DomainError(Code.CASE_CLOSED)
    if not turner.is_coordinator and place.holder != turner.expert_id:
        raise DomainError(Code.CASE_NOT_HELD)


def check_may_read(
    places: Mapping[QueueId, Place], turner: Turner, wrapped: Iterable[QueueEpoch], current: Epoch
) -> None:
    """SPEC 3.4: a coordinator reads a case that they do not hold only while it waits for its next key."""
    check_may_turn(places, turner)
    if places[turner.queue].holder != turner.expert_id and not is_unturned(wrapped, turner.queue, current):
        raise DomainError(Code.CASE_NOT_HELD)


def is_unturned(wrapped: Iterable[QueueEpoch], queue: QueueId, current: Epoch) -> bool:
    """Whether its newest key, or its card's, is still wrapped to an epoch of the queue that has passed."""
    return any(each == queue and epoch != current for each, epoch in wrapped)


def check_follows(last: Generation, last_seq: int, generation: Generation, known_seq: int) -> None:
    """SPEC 3.4: the next generation, by somebody who had read everything."""
    if generation != last + 1:
        raise DomainError(Code.GENERATION_STALE)
    if known_seq != last_seq:
        raise DomainError(Code.CASE_CHANGED)
    if generation > MAX_GENERATIONS:
        raise DomainError(Code.TOO_LARGE)


def check_may_let_in(places: Mapping[QueueId, Place], added: QueueId) -> None:
    """SPEC 3.4: a queue that has the case already is not let in again."""
    if added in places:
        raise DomainError(Code.ENVELOPE_MALFORMED)


def check_generation(generation: Generation, last: Generation) -> None:
    """SPEC 4.3: a turn ends the generations before it."""
    if generation < last:
        raise DomainError(Code.GENERATION_STALE)
    if generation > last:
        raise DomainError(Code.ENVELOPE_MALFORMED)


def check_current(offered: Iterable[QueueEpoch], current: Collection[QueueEpoch]) -> None:
    if not all(each in current for each in offered):
        raise DomainError(Code.EPOCH_STALE)
