"""What a write looks at before it changes it. On a database with other writers, nobody else may change it meanwhile.

All that a transaction holds is taken before its first look, names before cases and each in order, so that two of them
never wait for one another. SQLite has one writer, who holds everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from lyhty_wire.ids import CaseId, ExpertId, QueueId, RoomId


@dataclass(frozen=True, slots=True)
class Holds:
    names: frozenset[int] = frozenset()
    """Of what is more than one case; 64 bits, as PostgreSQL's advisory locks have them."""
    cases: frozenset[CaseId] = frozenset()
    rooms: frozenset[RoomId] = frozenset()
    """The cases beside which these rooms are."""


def name(*parts: str | bytes | int) -> int:
    digest = blake2b(repr(parts).encode(), digest_size=8, person=b"lyhty locks").digest()
    return int.from_bytes(digest, "big", signed=True)


def named(*names: int) -> Holds:
    return Holds(names=frozenset(names))


def of_case(case_id: CaseId, *names: int) -> Holds:
    return Holds(names=frozenset(names), cases=frozenset({case_id}))


def of_room(room_id: RoomId) -> Holds:
    return Holds(rooms=frozenset({room_id}))


def places_of(expert_id: ExpertId) -> int:
    """How many an expert holds is counted over all cases."""
    return name("places of", expert_id)


def closings_in(queue: QueueId) -> int:
    return name("closings in", queue)


def union(holds: Sequence[Holds]) -> Holds:
    return Holds(
        frozenset[int]().union(*(each.names for each in holds)),
        frozenset[CaseId]().union(*(each.cases for each in holds)),
        frozenset[RoomId]().union(*(each.rooms for each in holds)),
    )


NOTHING: Final = Holds()
"""Unique ids say all there is to say."""
AUDIT: Final = name("audit")
SCHEMA: Final = name("schema")
RARE: Final = named(name("rare"))
"""Accounts, trust, invitations, viewers, figures: a few a day, one at a time."""
SWEEP: Final = named(name("sweep"))
"""What time does to places; each sweep holds the cases that it finds."""
