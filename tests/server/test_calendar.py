"""Opening hours, holidays and working time."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyhty_server.domain.calendar import USUAL_WEEK, Calendar, DayHours
from lyhty_server.domain.finnish_holidays import is_finnish_holiday
from lyhty_server.opening_hours import HoursError, read_calendar, usual_calendar

HELSINKI = ZoneInfo("Europe/Helsinki")
HOUR_S = 3_600
USUAL = usual_calendar()
AROUND_THE_CLOCK = Calendar(HELSINKI, (((0, 24 * 60),),) * 7, {}, lambda _day: False)

moments = st.integers(
    int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2040, 1, 1, tzinfo=UTC).timestamp())
)
# Hours of one day that do not overlap, in steps of five minutes, the hours around a change of the clocks among them.
hours_of_a_day = st.lists(st.integers(0, 288), max_size=6, unique=True).map(
    lambda marks: tuple((5 * a, 5 * b) for a, b in zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False))
)
weeks = st.tuples(*[hours_of_a_day] * 7).filter(any)
own_days = st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), hours_of_a_day, max_size=20)
calendars = st.one_of(
    st.just(USUAL),
    st.just(AROUND_THE_CLOCK),
    st.builds(Calendar, st.just(HELSINKI), weeks, own_days, st.just(lambda day: is_finnish_holiday(day))),
)
# Around the two nights in which the clocks change, and anywhere.
near_a_change = st.sampled_from([datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)]).flatmap(
    lambda change: st.integers(int(change.timestamp()) - 3 * 86_400, int(change.timestamp()) + 3 * 86_400)
)
any_moment = moments | near_a_change
working = st.integers(0, 40 * HOUR_S)


def at(text: str) -> int:
    """By the clock in Helsinki."""
    return int(datetime.fromisoformat(text).replace(tzinfo=HELSINKI).timestamp())


def test_it_is_open_on_a_working_day_from_eight_to_four() -> None:
    assert [USUAL.is_open(at(f"2026-11-27 {clock}")) for clock in ("07:59", "08:00", "15:59", "16:00")] == [
        False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("day", ["2026-11-28", "2026-11-29"])
def test_it_is_closed_at_the_weekend(day: str) -> None:
    assert not USUAL.is_open(at(f"{day} 12:00"))


@pytest.mark.parametrize(
    "day",
    [
        "2026-12-25",  # Christmas Day
        "2027-01-01",  # New Year's Day
        "2027-01-06",  # Epiphany
        "2027-03-26",  # Good Friday
        "2027-03-29",  # Easter Monday
        "2027-05-06",  # Ascension Day
        "2027-12-06",  # Independence Day
        "2026-12-24",  # Christmas Eve
        "2027-06-25",  # Midsummer Eve
    ],
)
def test_it_is_closed_on_a_finnish_holiday(day: str) -> None:
    assert date.fromisoformat(day).weekday() < 5
    assert not USUAL.is_open(at(f"{day} 12:00"))


def test_an_ordinary_friday_is_no_holiday() -> None:
    assert not is_finnish_holiday(date(2026, 11, 27))


def test_eight_hours_from_friday_at_three_are_over_on_monday_at_three() -> None:
    assert USUAL.after(at("2026-11-27 15:00"), 8 * HOUR_S) == at("2026-11-30 15:00")


def test_over_christmas_working_time_stands_still() -> None:
    assert USUAL.after(at("2026-12-23 15:00"), 2 * HOUR_S) == at("2026-12-28 09:00")


def test_time_that_ends_with_the_day_ends_as_it_closes_and_not_as_the_next_one_opens() -> None:
    assert USUAL.after(at("2026-11-27 08:00"), 8 * HOUR_S) == at("2026-11-27 16:00")


def test_after_closing_it_opens_next_on_monday_at_eight() -> None:
    assert USUAL.next_opening(at("2026-11-27 16:00")) == at("2026-11-30 08:00")


def test_an_own_closed_day_is_closed_and_an_own_open_one_open_even_on_a_holiday() -> None:
    own: dict[date, DayHours] = {date(2026, 11, 27): (), date(2026, 12, 25): ((10 * 60, 14 * 60),)}
    calendar = Calendar(HELSINKI, USUAL_WEEK, own, is_finnish_holiday)
    assert not calendar.is_open(at("2026-11-27 12:00"))
    assert calendar.is_open(at("2026-12-25 13:59"))
    assert not calendar.is_open(at("2026-12-25 14:00"))


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25), ("2027-11-01", 24)])
def test_a_day_around_the_clock_is_as_long_as_it_is(day: str, hours: int) -> None:
    begins = at(f"{day} 00:00")
    assert AROUND_THE_CLOCK.between(begins, begins + 48 * HOUR_S) == 48 * HOUR_S
    assert sum(end - start for start, end in AROUND_THE_CLOCK.openings_of(date.fromisoformat(day))) == hours * HOUR_S


def test_openings_in_the_hour_that_a_night_in_spring_leaves_out_do_not_overlap() -> None:
    calendar = Calendar(HELSINKI, (((180, 210), (240, 300)),) * 7, {}, lambda _day: False)
    first, second = calendar.openings_of(date(2027, 3, 28))
    assert first[1] <= second[0]


@given(calendar=calendars, from_s=any_moment, working_s=working)
def test_so_much_working_time_lies_between_a_moment_and_its_deadline(
    calendar: Calendar, from_s: int, working_s: int
) -> None:
    assert calendar.between(from_s, calendar.after(from_s, working_s)) == working_s


@given(calendar=calendars, from_s=any_moment, working_s=working.filter(bool))
def test_a_deadline_is_the_first_such_moment(calendar: Calendar, from_s: int, working_s: int) -> None:
    assert calendar.between(from_s, calendar.after(from_s, working_s) - 1) == working_s - 1


@given(calendar=calendars, from_s=any_moment, later_s=st.integers(0, 5 * 86_400), working_s=working)
def test_who_begins_later_is_never_due_earlier(calendar: Calendar, from_s: int, later_s: int, working_s: int) -> None:
    assert calendar.after(from_s, working_s) <= calendar.after(from_s + later_s, working_s)


@given(calendar=calendars, from_s=any_moment, one_s=working, more_s=working)
def test_two_spells_of_work_are_as_long_as_one(calendar: Calendar, from_s: int, one_s: int, more_s: int) -> None:
    assert calendar.after(calendar.after(from_s, one_s), more_s) == calendar.after(from_s, one_s + more_s)


@given(calendar=calendars, at_s=any_moment)
def test_it_is_open_when_it_opens_next_and_closed_until_then(calendar: Calendar, at_s: int) -> None:
    opens_s = calendar.next_opening(at_s)
    assert calendar.is_open(opens_s)
    assert calendar.between(at_s, opens_s) == 0
    assert calendar.is_open(at_s) is (opens_s == at_s)


@given(calendar=calendars, day=st.dates(date(2026, 1, 1), date(2035, 1, 1)), days=st.integers(0, 60))
def test_a_window_holds_exactly_the_working_time_of_its_days(calendar: Calendar, day: date, days: int) -> None:
    window = calendar.window(day, days)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(window))
    each_day = [opening for ahead in range(days) for opening in calendar.openings_of(day + timedelta(days=ahead))]
    assert sum(end - start for start, end in window) == sum(end - start for start, end in each_day)


def test_a_week_in_which_nobody_works_cannot_be_written_down() -> None:
    with pytest.raises(ValueError, match="somebody works"):
        Calendar(HELSINKI, ((),) * 7, {}, is_finnish_holiday)


def read(**changes: str) -> Calendar:
    said = {"week": None, "open_days": "", "closed_days": "", **changes}
    return read_calendar(keeps_holidays=changes.pop("keeps_holidays", "yes") == "yes", **said)  # type: ignore[arg-type]


def test_hours_are_read_as_people_write_them() -> None:
    calendar = read(
        week="mon-thu 8-12, Mon-Thu 13-20, sat 10:30-14", open_days="2026-12-25 10-12", closed_days="2026-11-30"
    )
    assert calendar.week[0] == ((480, 720), (780, 1200))
    assert calendar.week[4:] == ((), ((630, 840),), ())
    assert calendar.hours_of(date(2026, 12, 25)) == ((600, 720),)
    assert calendar.hours_of(date(2026, 11, 30)) == ()


@pytest.mark.parametrize(
    "said",
    [
        {"week": "always"},
        {"week": "mon 16-8"},
        {"week": "mon 8-25"},
        {"week": "mon 8-8"},
        {"week": "mon 8-12, mon 11-13"},
        {"week": "fri-mon 8-16"},
        {"week": "mondays 8-16"},
        {"week": "mon 8.30-16"},
        {"week": ""},
        {"closed_days": "24.12.2026"},
        {"closed_days": "2026-02-30"},
        {"open_days": "2026-12-25"},
    ],
)
def test_what_cannot_be_read_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(HoursError):
        read(**said)
