"""Reporter and holder see each other come at once and go after a while; nobody else hears of it (SPEC 6.5, 9)."""

import json
from collections.abc import Callable

import pytest

from lyhty_server.api.hub import Hub
from lyhty_server.api.presence import Facts, Presence
from lyhty_wire.encoding import b64encode
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST, CaseId, ExpertId, QueueId
from lyhty_wire.records import Presence as PresenceEvent

CASE = CaseId(b"c" * 32)
ANN, BEN = ExpertId(b"a" * 16), ExpertId(b"b" * 16)


class Page:
    """A reporter's channel: what it was told, as the queues whose holder is here."""

    def __init__(self) -> None:
        self.heard: list[tuple[QueueId, ...]] = []

    def hear_envelope(self, seq: int, envelope: bytes) -> None:
        raise AssertionError(seq, envelope)

    def hear_state(self, state: bytes) -> None:
        raise AssertionError(state)

    def hear_presence(self, presence: bytes) -> None:
        self.heard.append(PresenceEvent.decode(presence).here)


class Desk:
    def __init__(self, expert: ExpertId) -> None:
        self.expert = expert
        self.queues = frozenset((LAWYER, PSYCHOLOGIST))
        self.heard: list[bool] = []

    def hear(self, text: str) -> None:
        event = json.loads(text)
        assert (event["type"], event["case"]) == ("here", b64encode(CASE))
        self.heard.append(event["here"])


class Timer:
    def __init__(self, task: Callable[[], None]) -> None:
        self._task: Callable[[], None] | None = task

    def cancel(self) -> None:
        self._task = None

    def ring(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task()


class House:
    """A hub and presence with a clock that stands still until told."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.timers: list[Timer] = []
        self.presence = Presence(self.hub, self._after)

    def _after(self, _delay_s: float, task: Callable[[], None]) -> Timer:
        self.timers.append(Timer(task))
        return self.timers[-1]

    def a_while_passes(self) -> None:
        for timer in self.timers:
            timer.ring()

    def page_opens(self, holders: dict[QueueId, ExpertId]) -> Page:
        page = Page()
        self.hub.bind(CASE, page, 1)
        self.presence.reporter_came(CASE, holders)
        return page

    def page_closes(self, page: Page) -> None:
        self.hub.unbind(CASE, page)
        self.presence.reporter_left(CASE)

    def desk_opens(self, expert: ExpertId) -> Desk:
        desk = Desk(expert)
        self.hub.open_feed(desk)
        self.presence.desk_opened(expert)
        return desk

    def desk_closes(self, desk: Desk) -> None:
        self.hub.close_feed(desk)
        self.presence.desk_closed(desk.expert)


@pytest.fixture
def house() -> House:
    return House()


def test_a_holder_at_the_desk_is_shown_to_who_comes_back(house: House) -> None:
    house.desk_opens(ANN)
    assert house.page_opens({LAWYER: ANN}).heard == [(LAWYER,)]


def test_a_holder_without_a_desk_is_not_shown(house: House) -> None:
    house.desk_opens(BEN)
    assert house.page_opens({LAWYER: ANN}).heard == [()]


def test_a_new_case_that_nobody_holds_hears_of_nobody(house: House) -> None:
    house.desk_opens(ANN)
    assert house.page_opens({}).heard == []


def test_the_reporter_sees_each_holder_come(house: House) -> None:
    page = house.page_opens({LAWYER: ANN, PSYCHOLOGIST: BEN})
    house.desk_opens(BEN)
    house.desk_opens(ANN)
    assert page.heard[1:] == [(PSYCHOLOGIST,), (LAWYER, PSYCHOLOGIST)]


def test_the_holder_sees_the_reporter_come(house: House) -> None:
    desk, other = house.desk_opens(ANN), house.desk_opens(BEN)
    house.page_opens({LAWYER: ANN})
    assert (desk.heard, other.heard) == ([True], [])


def test_a_desk_that_opens_hears_of_the_reporters_who_are_here(house: House) -> None:
    house.page_opens({LAWYER: ANN})
    assert house.desk_opens(ANN).heard == [True]


def test_a_holder_who_leaves_is_gone_after_a_while_and_not_before(house: House) -> None:
    desk = house.desk_opens(ANN)
    page = house.page_opens({LAWYER: ANN})
    house.desk_closes(desk)
    assert page.heard == [(LAWYER,)]
    house.a_while_passes()
    assert page.heard == [(LAWYER,), ()]


def test_a_reporter_who_leaves_is_gone_after_a_while_and_not_before(house: House) -> None:
    desk = house.desk_opens(ANN)
    house.page_closes(house.page_opens({LAWYER: ANN}))
    assert desk.heard == [True]
    house.a_while_passes()
    assert desk.heard == [True, False]


def test_a_line_that_comes_back_says_nothing_to_the_other_side(house: House) -> None:
    desk = house.desk_opens(ANN)
    page = house.page_opens({LAWYER: ANN})
    house.desk_closes(desk)
    again = house.desk_opens(ANN)
    house.page_closes(page)
    page = house.page_opens({LAWYER: ANN})
    house.a_while_passes()
    assert (again.heard, page.heard) == ([True], [(LAWYER,)])


def test_a_second_page_or_desk_keeps_its_person_here(house: House) -> None:
    desk, second = house.desk_opens(ANN), house.desk_opens(ANN)
    page, other = house.page_opens({LAWYER: ANN}), house.page_opens({LAWYER: ANN})
    house.desk_closes(second)
    house.page_closes(other)
    house.a_while_passes()
    assert (desk.heard, page.heard[-1]) == ([True], (LAWYER,))


def test_a_claim_shows_both_sides_to_each_other(house: House) -> None:
    desk = house.desk_opens(ANN)
    page = house.page_opens({})
    house.presence.holders_changed(CASE, {LAWYER: ANN})
    assert (desk.heard, page.heard) == ([True], [(LAWYER,)])


def test_who_let_go_of_the_case_is_not_shown_and_hears_no_more(house: House) -> None:
    desk = house.desk_opens(ANN)
    page = house.page_opens({LAWYER: ANN})
    house.presence.holders_changed(CASE, {})
    house.page_closes(page)
    house.a_while_passes()
    assert (desk.heard, page.heard) == ([True], [(LAWYER,), ()])


def test_a_change_that_changes_nobody_is_not_told(house: House) -> None:
    house.desk_opens(ANN)
    page = house.page_opens({LAWYER: ANN})
    house.presence.holders_changed(CASE, {LAWYER: ANN, PSYCHOLOGIST: BEN})
    assert page.heard == [(LAWYER,)]


def test_an_erased_case_is_not_spoken_of(house: House) -> None:
    desk = house.desk_opens(ANN)
    page = house.page_opens({LAWYER: ANN})
    house.presence.erased(CASE)
    house.page_closes(page)
    house.a_while_passes()
    assert desk.heard == [True]


def test_nothing_is_remembered_of_who_has_gone(house: House) -> None:
    desk = house.desk_opens(ANN)
    house.page_closes(house.page_opens({LAWYER: ANN}))
    house.desk_closes(desk)
    house.a_while_passes()
    assert [house.presence._holders, house.presence._facts, house.presence._leaving] == [{}, {b"": Facts()}, {}]
