"""`deploy/SCALING.md` says what the simulation says, and the simulation counts right."""

import json
import random
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.bench.scaling import (
    COSTS,
    PUPILS,
    Busiest,
    Costs,
    Habits,
    a_thousand,
    busiest,
    by_the_hour,
    draw,
    limits,
    need,
    open_pages,
    read_costs,
    rounded,
    simulate,
    spread,
    tables,
)

DOCUMENT = (Path(__file__).resolve().parents[2] / "deploy" / "SCALING.md").read_text()
HABITS = Habits()


@pytest.fixture(scope="module")
def costs() -> Costs:
    return read_costs()


@pytest.mark.parametrize("nth", range(5))
def test_a_table_of_the_document_is_what_the_simulation_prints(nth: int, costs: Costs) -> None:
    assert list(tables(PUPILS, HABITS, costs, slot_ms=1_000))[nth] in DOCUMENT


def test_the_document_names_every_cost_that_was_measured() -> None:
    measured = json.loads(COSTS.read_text())
    assert [name for name in measured if f"`{name}`" not in DOCUMENT] == []


def test_a_page_is_open_from_the_minute_it_comes_for_as_long_as_it_stays() -> None:
    assert open_pages([3, 0, 1, 0, 0], stay=2) == [3, 3, 1, 1, 0]
    assert open_pages([1, 1, 1, 1], stay=10) == [1, 2, 3, 4]


def test_a_class_comes_whole() -> None:
    assert spread(7, 2) == [3, 4]
    assert sum(spread(1_001, 3)) == 1_001


@pytest.mark.parametrize("mean", [0.3, 7.0, 400.0])
def test_what_is_drawn_has_the_mean_and_the_spread_of_what_comes_by_chance(mean: float) -> None:
    chance = random.Random(3)
    drawn = [draw(mean, chance) for _ in range(4_000)]
    average = sum(drawn) / len(drawn)
    assert average == pytest.approx(mean, rel=0.1)
    assert sum((each - average) ** 2 for each in drawn) / len(drawn) == pytest.approx(mean, rel=0.15)


def test_a_day_has_as_many_as_it_should_and_nobody_at_night() -> None:
    come = by_the_hour(50_000, random.Random(4))
    assert sum(come) == pytest.approx(50_000, rel=0.03)
    assert sum(come[: 6 * 60]) == 0


def test_a_theme_day_is_much_busier_than_an_ordinary_one_with_no_more_cases() -> None:
    usual, theme = (busiest(600_000, HABITS, random.Random(5), is_theme_day=is_theme) for is_theme in (False, True))
    assert theme.pages > 5 * usual.pages
    assert theme.cases < 3 * usual.cases


def test_what_is_needed_grows_with_the_pupils_and_slots_that_are_slower_need_less(costs: Costs) -> None:
    found = [simulate(pupils, HABITS, costs, 1_000)[1] for pupils in PUPILS]
    for less, more in pairwise(found):
        assert (less.pages, less.cores, less.gb, less.mbit_per_s) < (more.pages, more.cores, more.gb, more.mbit_per_s)
        assert (less.experts, less.providers, less.processes) <= (more.experts, more.providers, more.processes)
    slow = simulate(PUPILS[-1], HABITS, costs, 3_000)[1]
    assert found[-1].cores / 3 < slow.cores < found[-1].cores
    assert slow.pages == found[-1].pages


def test_no_process_is_given_more_than_it_can_take(costs: Costs) -> None:
    at = Busiest(pages=1_000_000, visits=600_000, cases=600)
    found = need(30_000_000, at, HABITS, costs, slot_ms=1_000)
    assert found.pages / found.processes <= 8_000
    assert found.experts / found.providers <= costs.experts_of_one_provider
    us = 1e6 * costs.page_slot_us + 10_000 * costs.visit_us + 10 * costs.case_us
    assert us / found.processes <= 0.6e6


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("directory_bytes_for_each_expert", "experts of one provider"),
        ("page_slot_us", "processor of one process"),
        ("case_sqlite_us", "SQLite's one process"),
        ("case_database_us", "PostgreSQL"),
        ("case_bytes", "its disk"),
        ("case_elsewhere_us", "news on the bus"),
    ],
)
def test_a_part_that_costs_twice_as_much_ends_at_half_as_many_pupils(field: str, part: str, costs: Costs) -> None:
    dearer = replace(costs, **{field: 2 * asdict(costs)[field]})
    before, after = (
        next(each.pupils for each in limits(HABITS, of, 1_000) if each.part == part) for of in (costs, dearer)
    )
    assert before / after == pytest.approx(2, rel=0.1)


def test_what_a_thousand_pupils_cost_is_told_for_processor_memory_bytes_and_disk(costs: Costs) -> None:
    kinds = {name.split(":")[0].split(" ")[0] for name, _ in a_thousand(HABITS, costs, 1_000)}
    assert kinds == {"processor", "memory", "bytes", "disk"}


@pytest.mark.parametrize(("value", "is_told"), [(0.4, 0), (17.4, 17), (149.0, 150), (187_654.0, 190_000)])
def test_a_figure_is_told_to_two_digits(value: float, is_told: int) -> None:
    assert rounded(value) == is_told
