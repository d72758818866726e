"""A release has every cell once, one spelling, and nothing in it that its period did not ask for."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyhty_wire.encoding import canonical_json
from lyhty_wire.errors import MalformedError
from lyhty_wire.figures.periods import Month, Period, Span
from lyhty_wire.figures.register import Municipality, Place, Register
from lyhty_wire.figures.releases import Figure, Release, cells_of
from lyhty_wire.ids import InstanceId

REGISTER = Register(
    (
        Municipality("091", "11", (Place(("00001",)), Place(("00002", "00003")))),
        Municipality("837", "06", (Place(("00004",)),)),
    ),
    {
        "topic": ("bullying", "other"),
        "promise": ("kept", "missed"),
        "service": ("snapchat", "other"),
        "role": ("pupil", "staff"),
        "impact": ("helped", "no"),
        "later": ("helped", "no"),
    },
)
PERIODS = [
    Period(Span.MONTH, Month(2026, 11)),
    Period(Span.TERM, Month(2026, 8)),
    Period(Span.TERM, Month(2027, 1)),
    Period(Span.YEAR, Month(2026, 8)),
]


def release(period: Period) -> Release:
    figures = {cell: Figure(nth - 2, max(0, nth - 2), 3) for nth, cell in enumerate(cells_of(period, REGISTER))}
    return Release(InstanceId(bytes(32)), 7, period, REGISTER, figures)


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.name)
def test_what_is_written_is_read_again(period: Period) -> None:
    made = release(period)
    assert Release.decode(made.encode()) == made


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.name)
def test_a_period_is_called_by_its_name(period: Period) -> None:
    assert Period.parse(period.name) == period


@pytest.mark.parametrize("name", ["2026-13", "2026-2028", "2026-summer", "26-11", "2026-11 ", ""])
def test_another_name_is_of_no_period(name: str) -> None:
    with pytest.raises(MalformedError):
        Period.parse(name)


def _changed(change: Any) -> bytes:
    value = json.loads(release(PERIODS[1]).encode())
    change(value)
    return canonical_json(value)


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["cells"].pop(),
        lambda value: value["cells"].append(["TERMS", "00009", "all", 1, 1, 1]),
        lambda value: value["cells"].append(value["cells"][0]),
        lambda value: value["cells"].reverse(),
        lambda value: value["cells"][0].__setitem__(4, -1),
        lambda value: value["cells"][0].__setitem__(0, "WEEKS"),
        lambda value: value["municipalities"].reverse(),
        lambda value: value["categories"].pop(),
        lambda value: value.__setitem__("period", "2026-11"),
        lambda value: value.__setitem__("note", 1),
    ],
)
def test_a_release_that_lacks_doubles_or_disorders_something_is_refused(change: Any) -> None:
    with pytest.raises(MalformedError):
        Release.decode(_changed(change))


@given(st.integers(0, 500), st.integers(0, 255))
def test_no_changed_byte_is_read_as_the_same_release(at: int, byte: int) -> None:
    body = bytearray(release(PERIODS[0]).encode())
    at %= len(body)
    if body[at] == byte:
        return
    body[at] = byte
    try:
        other = Release.decode(bytes(body))
    except MalformedError:
        return
    assert other != release(PERIODS[0])
