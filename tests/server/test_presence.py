"""Reporter and holder see each other come at once and go after a while; nobody else hears of it (SPEC 6.5, 9)."""

import json
from collections.abc import Callable

import pytest

from lyhty_server.api.hub import Hub
from lyhty_server.api.news import AliveNews, DeskNews, FactsNews, News, PageNews, decode, encode
from lyhty_server.api.presence import SILENT_ROUNDS, Facts, Presence
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
    """One process: a hub and presence with a clock that stands still until told. It says its news to its neighbors."""

    def __init__(self, name: bytes = b"") -> None:
        self.hub = Hub(self._say)
        self.timers: list[Timer] = []
        self.presence = Presence(self.hub, self._after, name)
        self.neighbors: list[House] = []

    def _say(self, news: News) -> None:
        for house in self.neighbors:
            house.hears(decode(encode(news)))

    def hears(self, news: News) -> None:
        match news:
            case DeskNews():
                self.presence.hear_desk(news)
            case PageNews():
                self.presence.hear_page(news)
            case FactsNews():
                self.presence.hear_facts(news)
            case AliveNews():
                self.presence.hear_alive(news)
            case _:
                raise AssertionError(news)

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


# --- Two processes


@pytest.fixture
def houses() -> tuple[House, House]:
    here, there = House(b"here"), House(b"there")
    here.neighbors, there.neighbors = [there], [here]
    return here, there


def test_a_desk_at_another_process_is_a_desk(houses: tuple[House, House]) -> None:
    here, there = houses
    desk = there.desk_opens(ANN)
    assert here.presence.has_desk(ANN)
    there.desk_closes(desk)
    assert not here.presence.has_desk(ANN)  # at once: somebody who has just left is told by e-mail


def test_the_two_see_each_other_across_processes(houses: tuple[House, House]) -> None:
    here, there = houses
    page = here.page_opens({LAWYER: ANN})
    desk = there.desk_opens(ANN)
    assert (page.heard, desk.heard) == ([(), (LAWYER,)], [True])


def test_a_line_that_comes_back_at_another_process_says_nothing(houses: tuple[House, House]) -> None:
    here, there = houses
    desk, page = there.desk_opens(ANN), here.page_opens({LAWYER: ANN})
    here.page_closes(page)
    page = there.page_opens({LAWYER: ANN})
    there.desk_closes(desk)
    again = here.desk_opens(ANN)
    here.a_while_passes()
    there.a_while_passes()
    assert (desk.heard, again.heard, page.heard) == ([True], [True], [(LAWYER,)])


def test_who_goes_at_one_process_and_is_at_no_other_is_gone_everywhere(houses: tuple[House, House]) -> None:
    here, there = houses
    desk, page = there.desk_opens(ANN), here.page_opens({LAWYER: ANN})
    here.page_closes(page)
    here.a_while_passes()
    assert desk.heard == [True, False]


def test_two_pages_at_two_processes_are_one_reporter(houses: tuple[House, House]) -> None:
    here, there = houses
    desk = there.desk_opens(ANN)
    first, second = here.page_opens({LAWYER: ANN}), there.page_opens({LAWYER: ANN})
    here.page_closes(first)
    here.a_while_passes()
    assert desk.heard == [True]
    there.page_closes(second)
    there.a_while_passes()
    assert desk.heard == [True, False]


def test_an_erased_case_is_spoken_of_at_no_process(houses: tuple[House, House]) -> None:
    here, there = houses
    desk, page = there.desk_opens(ANN), here.page_opens({LAWYER: ANN})
    for house in houses:
        house.presence.erased(CASE)
    here.page_closes(page)
    here.a_while_passes()
    assert desk.heard == [True]


def test_what_was_missed_is_made_up_for_when_they_hear_each_other_again(houses: tuple[House, House]) -> None:
    here, there = houses
    desk, page = there.desk_opens(ANN), here.page_opens({LAWYER: ANN, PSYCHOLOGIST: BEN})
    here.neighbors, there.neighbors = [], []
    here.page_closes(page)
    here.a_while_passes()
    there.desk_opens(BEN)
    here.neighbors, there.neighbors = [there], [here]
    assert desk.heard == [True]
    here.presence.introduce(is_new=True)
    assert desk.heard == [True, False]
    assert here.presence.has_desk(BEN)


def test_who_was_at_a_process_that_is_silent_for_long_is_gone(houses: tuple[House, House]) -> None:
    here, there = houses
    desk, page = there.desk_opens(ANN), here.page_opens({LAWYER: ANN})
    for house in houses:
        house.neighbors = []
    for _ in range(SILENT_ROUNDS):
        here.presence.beat()
    assert here.presence.has_desk(ANN)
    for house in houses:
        house.presence.beat()
    there.presence.beat()
    for _ in range(SILENT_ROUNDS):
        there.presence.beat()
    assert not here.presence.has_desk(ANN)
    assert (page.heard[-1], desk.heard) == ((), [True, False])


def test_who_beats_is_not_forgotten(houses: tuple[House, House]) -> None:
    here, there = houses
    there.desk_opens(ANN)
    for _ in range(3 * SILENT_ROUNDS):
        here.presence.beat()
        there.presence.beat()
    assert here.presence.has_desk(ANN)


def test_a_process_that_was_forgotten_is_asked_who_is_there(houses: tuple[House, House]) -> None:
    here, there = houses
    there.desk_opens(ANN)
    here.neighbors, there.neighbors = [], []
    for _ in range(SILENT_ROUNDS + 1):
        here.presence.beat()
    here.neighbors, there.neighbors = [there], [here]
    there.presence.beat()
    assert here.presence.has_desk(ANN)
