"""What writers asked for and were told, held against what is stored in the end. One checker for every fault.

What was acknowledged is stored once and where it was said to be; a case's numbers have no gap; what was asked for after
an acknowledgement comes after it; what was erased is gone; and nothing is stored that nobody asked for. What was never
acknowledged may be there, whole, or not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Literal, NamedTuple

from lyhty_wire.ids import CaseId, tombstone

Content = bytes
"""A digest of the bytes that were sent."""

Kind = Literal["lost", "doubled", "moved", "gap", "out of order", "unasked", "undead", "unmarked", "doors"]


class Fault(NamedTuple):
    kind: Kind
    case: bytes
    content: Content = b""


class Row(NamedTuple):
    """A stored envelope."""

    seq: int
    content: Content


@dataclass(frozen=True, slots=True)
class StoredCase:
    last_seq: int
    rows: Sequence[Row]
    """By number."""


@dataclass(frozen=True, slots=True)
class Stored:
    """All that a database holds of it."""

    cases: Mapping[bytes, StoredCase]
    tombstones: AbstractSet[bytes]
    mailboxes: int


@dataclass(slots=True, eq=False)
class Act:
    """One wish, however often it was sent. Moments are places in the order of all that happened to all writers."""

    case: bytes
    content: Content | None
    """None: the case's erasure."""
    asked_at: int
    mark: bytes = b""
    """Bytes that only this one leaves on the disk."""
    name: bytes = b""
    """Its operation id, in every try and in the answer."""
    answered_at: int | None = None
    seq: int = 0


@dataclass(slots=True)
class History:
    acts: list[Act] = field(default_factory=list)
    acknowledged: int = 0
    _moments: "count[int]" = field(default_factory=count)

    def ask(self, case: bytes, content: Content | None, mark: bytes = b"", name: bytes = b"") -> Act:
        """Before it is sent for the first time."""
        act = Act(case, content, next(self._moments), mark, name)
        self.acts.append(act)
        return act

    def acknowledge(self, act: Act, seq: int = 0) -> None:
        """After the server has said so."""
        act.answered_at, act.seq = next(self._moments), seq
        self.acknowledged += 1


_NOTHING: Final = StoredCase(0, ())


def check(acts: Iterable[Act], stored: Stored) -> list[Fault]:
    """Every way in which the store has broken its word."""
    of_case: defaultdict[bytes, list[Act]] = defaultdict(list)
    for act in acts:
        of_case[act.case].append(act)
    faults = [
        fault
        for case in sorted(of_case.keys() | stored.cases.keys())
        for fault in _check_case(case, of_case[case], stored)
    ]
    return faults if stored.mailboxes == len(stored.cases) else [*faults, Fault("doors", b"")]


def _check_case(case: bytes, acts: Sequence[Act], stored: Stored) -> list[Fault]:
    erasures = [act for act in acts if act.content is None]
    is_there, is_marked = case in stored.cases, tombstone(CaseId(case)) in stored.tombstones
    if any(act.answered_at is not None for act in erasures):
        return ([Fault("undead", case)] if is_there else []) + ([] if is_marked else [Fault("unmarked", case)])
    if erasures and not is_there and is_marked:
        return []  # done, and nobody was told
    return [*_check_rows(case, acts, stored.cases.get(case, _NOTHING)), *([Fault("undead", case)] if is_marked else [])]


def _check_rows(case: bytes, acts: Sequence[Act], stored: StoredCase) -> list[Fault]:
    found = Counter(row.content for row in stored.rows)
    places = {row.content: row.seq for row in stored.rows}
    asked = {act.content: act for act in acts if act.content is not None}
    faults = [Fault("doubled", case, content) for content, times in found.items() if times > 1]
    faults += [Fault("unasked", case, content) for content in found if content not in asked]
    if [row.seq for row in stored.rows] != list(range(1, stored.last_seq + 1)):
        faults.append(Fault("gap", case))
    for content, act in asked.items():
        if act.answered_at is not None and places.get(content) != act.seq:
            faults.append(Fault("moved" if content in places else "lost", case, content))
    return faults + _check_order(case, [(act, places[content]) for content, act in asked.items() if content in places])


def _check_order(case: bytes, placed: Sequence[tuple[Act, int]]) -> list[Fault]:
    """Whoever asked after an answer had been given stands behind what it answered."""
    moments = [(act.asked_at, act, seq) for act, seq in placed]
    moments += [(act.answered_at, act, seq) for act, seq in placed if act.answered_at is not None]
    faults, highest = [], 0
    for moment, act, seq in sorted(moments, key=lambda each: each[0]):
        if moment == act.answered_at:
            highest = max(highest, seq)
        elif seq <= highest:
            faults.append(Fault("out of order", case, act.content or b""))
    return faults
