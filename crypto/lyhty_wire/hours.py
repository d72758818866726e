"""When the service is open and by when it promises an answer: one public document, the same for everybody (SPEC 9.5).

It holds the openings of some weeks as they are, so that no reader needs a calendar of holidays or a time zone's rules.
"""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from lyhty_wire.encoding import canonical_json, parse_canonical_json
from lyhty_wire.errors import MalformedError
from lyhty_wire.fields import Fields

HOUR_S: Final = 3_600
MAX_OPENINGS: Final = 500
MAX_PROMISE_S: Final = 1_000 * HOUR_S
KEEP_DAYS: Final = (30, 365)

_CODE: Final = "operation-malformed"
_ZONE: Final = re.compile("[A-Za-z0-9_+/-]{1,64}")
_NAMES: Final = frozenset({"keep_days", "open", "promise_s", "urgent_s", "zone"})

Opening = tuple[int, int]
"""From and to, in seconds since 1970; `to` is not in it any more."""


class Hours(Struct, frozen=True):
    openings: tuple[Opening, ...]
    """In order; none touches the next."""
    promise_s: int
    """Working time within which somebody answers."""
    urgent_s: int
    zone: str
    """Whose clock the hours are told by."""
    keep_days: int
    """How long a case is kept after the last thing that happened in it, a week more or less (SPEC 8.1)."""

    def is_open(self, at_s: int) -> bool:
        return any(start <= at_s < end for start, end in self.openings)

    def opens_at(self, at_s: int) -> int | None:
        """Now, or when it opens next."""
        return next((max(start, at_s) for start, end in self.openings if at_s < end), None)

    def promised(self, opened_hour: int, *, urgent: bool) -> int | None:
        """SPEC 9.5: counted from the beginning of the hour in which a case came."""
        return deadline(self.openings, opened_hour * HOUR_S, self.urgent_s if urgent else self.promise_s)

    def encode(self) -> bytes:
        return canonical_json(
            {
                "keep_days": self.keep_days,
                "open": self.openings,
                "promise_s": self.promise_s,
                "urgent_s": self.urgent_s,
                "zone": self.zone,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> "Hours":
        fields = Fields(parse_canonical_json(data, code=_CODE), _NAMES, _CODE)
        return cls(
            openings=_openings(fields.items("open")),
            promise_s=fields.integer("promise_s", 1, MAX_PROMISE_S),
            urgent_s=fields.integer("urgent_s", 1, MAX_PROMISE_S),
            zone=_zone(fields.text("zone")),
            keep_days=fields.integer("keep_days", *KEEP_DAYS),
        )


def deadline(openings: Iterable[Opening], from_s: int, working_s: int) -> int | None:
    """The first moment by which so much working time has passed since `from_s`. None: the openings end before."""
    left_s = working_s
    if left_s <= 0:
        return from_s
    for start, end in openings:
        begins = max(start, from_s)
        if end - begins >= left_s:
            return begins + left_s
        left_s -= max(0, end - begins)
    return None


def working_between(openings: Iterable[Opening], from_s: int, to_s: int) -> int:
    """Working seconds between two moments; 0 if they stand the other way round."""
    working_s = 0
    for start, end in openings:
        if start >= to_s:
            break
        working_s += max(0, min(end, to_s) - max(start, from_s))
    return working_s


def _zone(name: str) -> str:
    if not _ZONE.fullmatch(name):
        raise MalformedError(_CODE, "zone: not a name of a time zone")
    return name


def _openings(values: list[object]) -> tuple[Opening, ...]:
    openings, before = [], -1
    for value in values:
        match value:
            case [int(start), int(end)] if before < start < end and bool not in {type(start), type(end)}:
                openings.append((start, end))
                before = end
            case _:
                raise MalformedError(_CODE, "open: not openings in order")
    # SPEC 9.5
    if len(openings) > MAX_OPENINGS:
        raise MalformedError(_CODE, "open: too many")
    return tuple(openings)
