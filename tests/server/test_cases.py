"""The rules of places: who may claim, release, close and write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lyhty_server.domain import cases
from lyhty_server.domain.cases import CLOSED, WAITING, Place, PlaceState, Snooze
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.leases import LEASE_WORKING_S, lease_until
from lyhty_server.opening_hours import usual_calendar
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId

X, Y = ExpertId(b"x" * 16), ExpertId(b"y" * 16)
NOW_S = 1_800_000_000
LEASE_S = 8 * 3_600
"""As long as one is here by the clock; which hours count, the calendar says."""
FRIDAY_AT_THREE = 1_795_784_400  # 2026-11-27 15:00 in Helsinki
MONDAY_AT_THREE = FRIDAY_AT_THREE + 72 * 3_600
HELD_BY_X = Place(PlaceState.HELD, X, NOW_S + LEASE_S)

experts = st.sampled_from([X, Y, ExpertId(b"z" * 16)])


def code_of(call: object) -> Code:
    assert callable(call)
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


def test_a_lease_taken_on_friday_at_three_lasts_until_monday_at_three() -> None:
    assert lease_until(usual_calendar(), FRIDAY_AT_THREE) == MONDAY_AT_THREE


def test_a_lease_counts_eight_working_hours() -> None:
    until_s = lease_until(usual_calendar(), NOW_S)
    assert usual_calendar().between(NOW_S, until_s) == LEASE_WORKING_S == 8 * 3_600


def test_what_somebody_holds_nobody_else_can_claim() -> None:
    assert code_of(lambda: cases.claim(HELD_BY_X, Y, NOW_S, NOW_S + LEASE_S)) is Code.CASE_ALREADY_CLAIMED


def test_a_lease_ends_at_its_deadline_and_not_before() -> None:
    assert cases.lapse(HELD_BY_X, NOW_S + LEASE_S - 1) == HELD_BY_X
    assert cases.lapse(HELD_BY_X, NOW_S + LEASE_S).state is PlaceState.WAITING


def test_a_place_remembers_how_often_it_was_let_lie_whoever_has_it_since() -> None:
    came_back = cases.lapse(HELD_BY_X, NOW_S + LEASE_S)
    again = cases.claim(came_back, Y, NOW_S + LEASE_S, NOW_S + 2 * LEASE_S)
    assert [came_back.lapses, again.lapses, cases.release(again, Y).lapses, cases.close(again, Y).lapses] == [1] * 4
    assert cases.claim(again, X, NOW_S + 2 * LEASE_S, NOW_S + 3 * LEASE_S).lapses == 2


def test_a_place_that_was_given_back_was_not_let_lie() -> None:
    assert cases.release(HELD_BY_X, X) == WAITING


def test_only_who_closed_a_place_reads_or_reopens_it() -> None:
    closed = cases.close(HELD_BY_X, X)
    assert code_of(lambda: cases.reopen(closed, Y, NOW_S, NOW_S + LEASE_S)) is Code.CASE_CLOSED
    assert code_of(lambda: cases.check_reader(closed, Y)) is Code.CASE_CLOSED
    cases.check_reader(closed, X)
    assert cases.reopen(closed, X, NOW_S, NOW_S + LEASE_S) == HELD_BY_X


def test_reopening_what_waits_is_no_way_around_a_claim() -> None:
    assert code_of(lambda: cases.reopen(WAITING, X, NOW_S, NOW_S + LEASE_S)) is Code.CASE_NOT_HELD
    assert code_of(lambda: cases.reopen(HELD_BY_X, Y, NOW_S, NOW_S + LEASE_S)) is Code.CASE_NOT_HELD


def test_a_snoozed_place_stays_its_holders_for_a_whole_lease_after_it_wakes() -> None:
    until_s = NOW_S + 10 * LEASE_S
    asleep = cases.snooze(HELD_BY_X, X, Snooze(until_s, 3), NOW_S, until_s + LEASE_S)
    assert (asleep.snooze, asleep.lease_until_s) == (Snooze(until_s, 3), until_s + LEASE_S)
    assert cases.lapse(asleep, until_s + LEASE_S - 1) == asleep
    assert cases.lapse(asleep, until_s + LEASE_S) == Place(PlaceState.WAITING, lapses=1)


def test_a_snooze_ends_at_its_time_and_not_before() -> None:
    asleep = cases.snooze(HELD_BY_X, X, Snooze(NOW_S + 60, 3), NOW_S, NOW_S + LEASE_S)
    assert cases.wake(asleep, NOW_S + 59) == asleep
    assert cases.wake(asleep, NOW_S + 60).snooze is None
    assert [cases.is_snoozed(asleep, NOW_S + after) for after in (59, 60)] == [True, False]


def test_a_holder_wakes_a_place_when_they_like() -> None:
    asleep = cases.snooze(HELD_BY_X, X, Snooze(NOW_S + 60, 3), NOW_S, NOW_S + LEASE_S)
    assert cases.snooze(asleep, X, None, NOW_S, NOW_S + LEASE_S).snooze is None


@pytest.mark.parametrize("after_s", [-1, 0, cases.LONGEST_SNOOZE_S + 1])
def test_a_time_that_has_passed_or_is_months_away_is_no_snooze(after_s: int) -> None:
    asked = Snooze(NOW_S + after_s, 3)
    assert code_of(lambda: cases.snooze(HELD_BY_X, X, asked, NOW_S, NOW_S + LEASE_S)) is Code.OPERATION_MALFORMED


def test_only_the_holder_snoozes() -> None:
    asked = Snooze(NOW_S + 60, 3)
    assert code_of(lambda: cases.snooze(HELD_BY_X, Y, asked, NOW_S, NOW_S + LEASE_S)) is Code.CASE_NOT_HELD
    assert code_of(lambda: cases.snooze(CLOSED, X, asked, NOW_S, NOW_S + LEASE_S)) is Code.CASE_CLOSED


def test_capacity_is_the_number_that_may_be_held_and_no_more() -> None:
    cases.check_capacity(19, 20)
    assert code_of(lambda: cases.check_capacity(20, 20)) is Code.CAPACITY_REACHED


@pytest.mark.parametrize("state", [PlaceState.WAITING, PlaceState.CLOSED])
def test_what_nobody_holds_cannot_even_be_written_down_as_snoozed(state: PlaceState) -> None:
    with pytest.raises(ValueError, match="snoozed"):
        Place(state, snooze=Snooze(NOW_S, 1))


def test_what_is_not_closed_cannot_even_be_written_down_with_a_closer() -> None:
    with pytest.raises(ValueError, match="closed"):
        Place(PlaceState.WAITING, closer=X)


def test_a_renewal_never_shortens_a_lease() -> None:
    assert cases.renew(HELD_BY_X, X, NOW_S - 60 + LEASE_S) == HELD_BY_X


@pytest.mark.parametrize(
    ("states", "case"),
    [
        ([PlaceState.WAITING], PlaceState.WAITING),
        ([PlaceState.WAITING, PlaceState.HELD], PlaceState.HELD),
        ([PlaceState.CLOSED, PlaceState.HELD], PlaceState.HELD),
        ([PlaceState.CLOSED, PlaceState.WAITING], PlaceState.WAITING),
        ([PlaceState.CLOSED, PlaceState.CLOSED], PlaceState.CLOSED),
    ],
)
def test_the_state_of_a_case_follows_from_its_places(states: list[PlaceState], case: PlaceState) -> None:
    assert cases.case_state(states) is case


@pytest.mark.parametrize("state", list(PlaceState))
def test_a_holder_without_a_claim_cannot_even_be_written_down(state: PlaceState) -> None:
    holder = None if state is PlaceState.HELD else X
    with pytest.raises(ValueError, match="exactly while it is held"):
        Place(state, holder, None)


def test_closed_beats_not_held_in_what_an_expert_is_told() -> None:
    assert code_of(lambda: cases.check_may_write([CLOSED], X)) is Code.CASE_CLOSED
    assert code_of(lambda: cases.check_may_write([CLOSED, WAITING], X)) is Code.CASE_NOT_HELD


def test_a_case_that_nobody_is_known_to_have_closed_takes_nothing_more_for_nobody_could_read_it() -> None:
    by_x = Place(PlaceState.CLOSED, closer=X)
    assert code_of(lambda: cases.check_may_write_late([CLOSED], 1_024, 1, 1)) is Code.CASE_CLOSED
    cases.check_may_write_late([CLOSED, by_x], 1_024, 1, 1)
    assert cases.closers_told([CLOSED, by_x, by_x]) == (X,)
    assert cases.closers_told([by_x, WAITING]) == ()


@given(first=experts, second=experts, wait_s=st.integers(0, 2 * LEASE_S))
def test_a_second_claim_succeeds_exactly_if_it_is_the_holders_or_late(
    first: ExpertId, second: ExpertId, wait_s: int
) -> None:
    held = cases.claim(WAITING, first, NOW_S, NOW_S + LEASE_S)
    then_s = NOW_S + wait_s
    if first == second or wait_s >= LEASE_S:
        assert cases.claim(held, second, then_s, then_s + LEASE_S).holder == second
    else:
        assert code_of(lambda: cases.claim(held, second, then_s, then_s + LEASE_S)) is Code.CASE_ALREADY_CLAIMED


class AnyOrder(RuleBasedStateMachine):
    """Experts who do anything in any order, beside a plain record of who was last told that the place is theirs."""

    def __init__(self) -> None:
        super().__init__()
        self.place = WAITING
        self.now_s = NOW_S
        self.told: dict[ExpertId, int] = {}
        self.closed = False

    @rule(seconds=st.integers(0, LEASE_S))
    def wait(self, seconds: int) -> None:
        self.now_s += seconds

    @rule(expert=experts)
    def claim(self, expert: ExpertId) -> None:
        others = {other: until for other, until in self.told.items() if other != expert}
        free = not self.closed and all(until <= self.now_s for until in others.values())
        try:
            self.place = cases.claim(self.place, expert, self.now_s, self.now_s + LEASE_S)
        except DomainError:
            assert not free
        else:
            assert free
            self.told = {expert: self.now_s + LEASE_S}

    @rule(expert=experts)
    def release(self, expert: ExpertId) -> None:
        try:
            self.place = cases.release(self.place, expert)
        except DomainError:
            assert expert not in self.told
        else:
            del self.told[expert]

    @rule(expert=experts)
    def close(self, expert: ExpertId) -> None:
        try:
            self.place = cases.close(self.place, expert)
        except DomainError:
            assert expert not in self.told
        else:
            del self.told[expert]
            self.closed = True

    @rule(expert=experts)
    def reopen(self, expert: ExpertId) -> None:
        may = self.place.closer == expert or expert in self.told
        try:
            self.place = cases.reopen(self.place, expert, self.now_s, self.now_s + LEASE_S)
        except DomainError:
            assert not may
        else:
            assert may
            self.told = {expert: self.now_s + LEASE_S}
            self.closed = False

    @rule(expert=experts, sleep_s=st.integers(1, LEASE_S))
    def snooze(self, expert: ExpertId, sleep_s: int) -> None:
        asked = Snooze(self.now_s + sleep_s, 1)
        try:
            self.place = cases.snooze(self.place, expert, asked, self.now_s, self.now_s + sleep_s + LEASE_S)
        except DomainError:
            assert expert not in self.told
        else:
            self.told[expert] = max(self.told[expert], self.now_s + sleep_s + LEASE_S)

    @rule(expert=experts)
    def write(self, expert: ExpertId) -> None:
        try:
            cases.check_may_write([self.place], expert)
        except DomainError:
            assert expert not in self.told
        else:
            assert expert in self.told
            self.place = cases.renew(self.place, expert, self.now_s + LEASE_S)
            self.told[expert] = max(self.told[expert], self.now_s + LEASE_S)

    @rule()
    def lapse(self) -> None:
        self.place = cases.lapse(self.place, self.now_s)
        self.told = {expert: until for expert, until in self.told.items() if until > self.now_s}

    @invariant()
    def one_holder_at_most(self) -> None:
        assert len(self.told) <= 1
        assert self.place.holder == next(iter(self.told), None)

    @invariant()
    def closed_is_closed_until_reopened(self) -> None:
        assert (self.place.state is PlaceState.CLOSED) is self.closed


test_in_any_order_a_place_has_one_holder_at_most = AnyOrder.TestCase
