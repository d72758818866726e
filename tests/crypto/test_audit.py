"""The audit log in pure values: whatever is done to what a witness has seen is noticed (SPEC 9.10)."""

from hashlib import shake_256
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyhty_crypto.audit import AuditLog, Author, Authors, BrokenLogError, OwnChain, Point
from lyhty_crypto.keys import SigningKey
from lyhty_wire.audit import ENTRY_BYTES, Kind
from lyhty_wire.ids import ExpertId, InstanceId


def fill(label: str, size: int) -> bytes:
    return shake_256(label.encode()).digest(size)


INSTANCE: Final = InstanceId(fill("instance", 32))
PEOPLE: Final = tuple(ExpertId(fill(f"expert {number}", 16)) for number in range(3))
SIGN: Final = {who: SigningKey(fill(f"sign {who.hex()}", 32)) for who in PEOPLE}
AUTHORS: Final = Authors(INSTANCE, {who: sign.public for who, sign in SIGN.items()}, {})
NOW_S: Final = 1_800_000_000


def written(authors: list[int]) -> list[bytes]:
    """Openings by these people in this order, and then a witness by the first."""
    log, own, entries = AuditLog(AUTHORS), dict[ExpertId, OwnChain](), list[bytes]()
    for nth, number in enumerate([*authors, -1]):
        who, kind = (PEOPLE[0], Kind.WITNESS) if number < 0 else (PEOPLE[number], Kind.OPENING)
        point = log.point
        subject, length = (point.head, point.length) if number < 0 else (fill(f"opened {nth}", 32), 0)
        author = Author(INSTANCE, who, SIGN[who], 1)
        entry = author.entry(own.get(who, OwnChain()), kind, subject, NOW_S, length=length)
        log.add(entry.encode())
        own[who] = OwnChain.after(entry)
        entries.append(entry.encode())
    return entries


def read(entries: list[bytes], seen: Point | None = None) -> Point:
    log = AuditLog(AUTHORS, seen=seen)
    for entry in entries:
        log.add(entry)
    log.end()
    return log.point


histories = st.lists(st.integers(0, len(PEOPLE) - 1), min_size=2, max_size=12)


@st.composite
def disturbed(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    """A log, and one that is not the same below its witness, which is still there."""
    entries = written(draw(histories))
    *below, witness = entries
    place = draw(st.integers(0, len(below) - 1))
    other = draw(st.integers(0, len(below) - 1).filter(lambda chosen: chosen != place))
    match draw(st.sampled_from(("delete", "swap", "repeat", "truncate", "change"))):
        case "delete":
            below.pop(place)
        case "swap":
            below[place], below[other] = below[other], below[place]
        case "repeat":
            below.insert(other, below[place])
        case "truncate":
            del below[place:]
        case _:
            at = draw(st.integers(0, ENTRY_BYTES - 1))
            entry = bytearray(below[place])
            entry[at] ^= draw(st.integers(1, 255))
            below[place] = bytes(entry)
    return entries, [*below, witness]


@settings(deadline=None)
@given(disturbed())
def test_whatever_is_done_to_a_log_below_a_witness_is_noticed(both: tuple[list[bytes], list[bytes]]) -> None:
    honest, changed = both
    assert read(honest).length == len(honest)
    with pytest.raises(BrokenLogError):
        read(changed)


@settings(deadline=None)
@given(histories, st.data())
def test_a_log_that_was_read_in_parts_is_the_one_that_was_read_at_once(authors: list[int], data: st.DataObject) -> None:
    entries = written(authors)
    until = data.draw(st.integers(0, len(entries)))
    first = read(entries[:until])
    rest = AuditLog(AUTHORS, first)
    for entry in entries[until:]:
        rest.add(entry)
    assert rest.point == read(entries)


@settings(deadline=None)
@given(histories, st.data())
def test_who_has_read_a_log_notices_when_it_is_cut_off_or_begins_in_another_way(
    authors: list[int], data: st.DataObject
) -> None:
    entries = written(authors)
    seen = read(entries)
    assert read(entries, seen) == seen
    with pytest.raises(BrokenLogError, match="shorter"):
        read(entries[: data.draw(st.integers(0, len(entries) - 1))], seen)
    others = written([*authors, 0])
    if others[: len(entries)] != entries:
        with pytest.raises(BrokenLogError, match="changed"):
            read(others, seen)


def test_the_entry_that_was_read_last_must_still_be_there() -> None:
    entries = written([0, 1])
    log = AuditLog(AUTHORS, read(entries))
    log.recall(entries[-1])
    with pytest.raises(BrokenLogError, match="changed at entry 3"):
        log.recall(entries[0])
