"""What a service needs for so many pupils: school days minute by minute, at measured costs. `make scaling`.

python -m tests.bench.scaling [--slot-ms 1000] [PUPILS ...]   prints the tables of deploy/SCALING.md
"""

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil, exp
from pathlib import Path
from statistics import median
from typing import Final

from tests.soak.day import HOURS, SHARES

COSTS: Final = Path(__file__).with_name("costs.json")
PUPILS: Final = (1_000, 20_000, 600_000, 10_000_000, 100_000_000)
MINUTES: Final = HOURS * 60
DAYS: Final = 8
"""That are drawn; what is told of an ordinary day is the median of their busiest minutes."""

# --- What people do. Nobody has counted it yet: these are the figures to put one's own in place of.

SCHOOL_DAYS: Final = 190
CLASS: Final = 20
CLASS_OPENS_MINUTES: Final = 2
LESSON_HOURS: Final = range(8, 14)


@dataclass(frozen=True)
class Habits:
    """Of one pupil in a school year."""

    lessons: float = 2.0
    lesson_minutes: int = 30
    theme_share: float = 0.2
    """Of all classes, that have one of these lessons on the same day of the year."""
    looks: float = 6.0
    look_minutes: int = 4
    cases: float = 0.2
    """As many as `make bench`'s figures are made for: 40 in a school of 200."""
    case_visits: int = 4
    case_minutes: int = 10
    days_kept: float = 120.0
    """A case is open for a month and kept for ninety days after it."""
    work_hours: float = 1.0
    """Of an expert, for a case."""
    expert_hours: float = 1_500.0


# --- What it costs

FRAME_BYTES: Final = (2_048, 4_096)
"""Up and down, in every slot."""
LINE_SHARE: Final = 1.06
"""With the heads of WebSocket, TLS, TCP and IP."""
PAGES_EACH: Final = 8_000
"""Of a process, unless `LYHTY_CHANNELS` says otherwise."""
CORE_SHARE: Final = 0.6
"""Of a core, above which a process would keep its slots less evenly."""
DIRECTORY_BYTES: Final = 100_000
"""That every page loads once more, beside a first load as large: the experts of one provider are no more than fit."""


@dataclass(frozen=True)
class Costs:
    """Measured by `make costs`. `_us`: of processor time. `case_elsewhere_us`: of each other process, for the news."""

    process_mb: float
    process_lines: float
    page_bytes: float
    page_slot_us: float
    visit_bytes: float
    visit_files: float
    visit_us: float
    directory_bytes_for_each_expert: float
    case_us: float
    case_elsewhere_us: float
    case_database_us: float
    case_bus_us: float
    case_bytes: float
    case_log_bytes: float
    case_commits: float
    case_sqlite_us: float
    case_sqlite_bytes: float

    @property
    def experts_of_one_provider(self) -> int:
        return int(DIRECTORY_BYTES / self.directory_bytes_for_each_expert)


@dataclass(frozen=True)
class Busiest:
    """The most that one minute of a day had."""

    pages: int
    visits: int
    cases: int


@dataclass(frozen=True)
class Need:
    pupils: int
    experts: int
    providers: int
    pages: int
    cores: float
    gb: float
    processes: int
    mbit_per_s: float
    cases_per_minute: int
    commits_per_s: float
    kept_gb: float
    log_gb_per_day: float


# --- A day


def busiest(pupils: int, habits: Habits, chance: random.Random, *, is_theme_day: bool = False) -> Busiest:
    """By drawing who comes in each minute."""
    lessons_today = habits.lessons / SCHOOL_DAYS + (habits.theme_share if is_theme_day else 0.0)
    classes = pupils * lessons_today / CLASS
    by_class = [0] * MINUTES
    for hour in LESSON_HOURS:
        drawn = draw(classes / len(LESSON_HOURS), chance)
        for minute, share in enumerate(spread(drawn * CLASS, CLASS_OPENS_MINUTES)):
            by_class[hour * 60 + minute] = share
    looks = by_the_hour(pupils * habits.looks / SCHOOL_DAYS, chance)
    cases = by_the_hour(pupils * habits.cases / SCHOOL_DAYS, chance)
    returns = by_the_hour(pupils * habits.cases * (habits.case_visits - 1) / SCHOOL_DAYS, chance)
    about_cases = [sum(both) for both in zip(cases, returns, strict=True)]
    stays = ((by_class, habits.lesson_minutes), (looks, habits.look_minutes), (about_cases, habits.case_minutes))
    pages = [sum(each) for each in zip(*(open_pages(come, stay) for come, stay in stays), strict=True)]
    visits = [sum(each) for each in zip(by_class, looks, about_cases, strict=True)]
    return Busiest(max(pages), max(visits), max(cases))


def by_the_hour(a_day: float, chance: random.Random) -> list[int]:
    """How many come in each minute."""
    in_a_minute = [a_day * share / sum(SHARES) / 60 for share in SHARES]
    return [draw(in_a_minute[minute // 60], chance) for minute in range(MINUTES)]


def open_pages(come: Sequence[int], stay: int) -> list[int]:
    """In each minute, when each that comes stays for so many."""
    so_far = [0, *accumulate(come)]
    return [so_far[minute + 1] - so_far[max(0, minute + 1 - stay)] for minute in range(len(come))]


def spread(many: int, minutes: int) -> list[int]:
    return [many * (nth + 1) // minutes - many * nth // minutes for nth in range(minutes)]


def draw(mean: float, chance: random.Random) -> int:
    """A Poisson number; above fifty, by the normal one that is as good there."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    limit, product, drawn = exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        drawn += 1
    return drawn


# --- What it needs


def need(pupils: int, at: Busiest, habits: Habits, costs: Costs, slot_ms: int) -> Need:
    cases = pupils * habits.cases
    experts = max(2, ceil(cases * habits.work_hours / habits.expert_hours))
    slots_per_s, visits_per_s, cases_per_s = at.pages * 1_000 / slot_ms, at.visits / 60, at.cases / 60
    us = slots_per_s * costs.page_slot_us + visits_per_s * costs.visit_us + cases_per_s * costs.case_us
    processes = max(1, ceil(at.pages / PAGES_EACH), ceil(us / 1e6 / CORE_SHARE))
    providers = ceil(experts / costs.experts_of_one_provider)
    # A provider's processes hear the news of their own cases.
    us += cases_per_s * (processes / providers) * costs.case_elsewhere_us
    directory = ceil(experts / providers) * costs.directory_bytes_for_each_expert
    down = slots_per_s * FRAME_BYTES[1] * LINE_SHARE + visits_per_s * (costs.visit_bytes + directory)
    return Need(
        pupils=pupils,
        experts=experts,
        providers=providers,
        pages=at.pages,
        cores=us / 1e6 + cases_per_s * (costs.case_database_us + costs.case_bus_us) / 1e6,
        gb=(processes * costs.process_mb * 1e6 + at.pages * costs.page_bytes) / 1e9,
        processes=max(processes, providers),
        mbit_per_s=down * 8 / 1e6,
        cases_per_minute=at.cases,
        commits_per_s=cases_per_s * costs.case_commits,
        kept_gb=cases * min(1.0, habits.days_kept / 365) * costs.case_bytes / 1e9,
        log_gb_per_day=cases / SCHOOL_DAYS * costs.case_log_bytes / 1e9,
    )


def simulate(pupils: int, habits: Habits, costs: Costs, slot_ms: int, seed: int = 1) -> tuple[Need, Need]:
    """On an ordinary day, and on the theme day."""
    chance = random.Random(seed)
    drawn = [busiest(pupils, habits, chance) for _ in range(DAYS)]
    usual = Busiest(
        *(round(median(values)) for values in zip(*((d.pages, d.visits, d.cases) for d in drawn), strict=True))
    )
    theme = busiest(pupils, habits, chance, is_theme_day=True)
    return need(pupils, usual, habits, costs, slot_ms), need(pupils, theme, habits, costs, slot_ms)


# --- Where each part ends


@dataclass(frozen=True)
class Limit:
    part: str
    ends_at: str
    pupils: float
    """Of one service, on its busiest day."""


def limits(habits: Habits, costs: Costs, slot_ms: int) -> list[Limit]:
    """By what a million pupils need: everything grows in step with them."""
    million = 1_000_000
    _, theme = simulate(million, habits, costs, slot_ms)
    slots_per_s = theme.pages * 1_000 / slot_ms
    reading = habits.cases * million * habits.work_hours / habits.expert_hours
    per_s = theme.cases_per_minute / 60
    ends = (
        ("experts of one provider", f"{costs.experts_of_one_provider}, whose keys are 100 kB",
         costs.experts_of_one_provider / reading),
        ("pages at one process", f"{PAGES_EACH:,}, as it is set", PAGES_EACH / theme.pages),
        ("processor of one process", f"{CORE_SHARE:.0%} of a core for slots",
         CORE_SHARE * 1e6 / costs.page_slot_us / slots_per_s),
        ("line of one machine", "1 Gbit/s down", 1_000 / theme.mbit_per_s),
        ("memory of one machine", "16 GB", 16 / theme.gb),
        ("SQLite's one process", f"{CORE_SHARE:.0%} of a core for cases",
         CORE_SHARE * 1e6 / costs.case_sqlite_us / per_s),
        ("PostgreSQL", "four cores for cases", 4e6 / costs.case_database_us / per_s),
        ("its disk", "1 TB kept", 1_000 / theme.kept_gb),
        ("news on the bus", "a tenth of a core of every process", 1e5 / costs.case_elsewhere_us / per_s),
    )  # fmt: skip
    return sorted((Limit(part, at, share * million) for part, at, share in ends), key=lambda each: each.pupils)


# --- Tables


def tables(pupils: Iterable[int], habits: Habits, costs: Costs, slot_ms: int) -> Iterator[str]:
    both = [simulate(each, habits, costs, slot_ms) for each in pupils]
    for title, nth in (("ordinary day", 0), ("theme day", 1)):
        rows = [
            (
                f"{each.pupils:,}", f"{each.pages:,}", f"{each.cases_per_minute:,}", told(each.cores), told(each.gb),
                f"{each.processes:,}", told(each.mbit_per_s), told(each.commits_per_s),
            )
            for each in (pair[nth] for pair in both)
        ]  # fmt: skip
        yield table(
            (
                f"pupils, {title}", "pages open", "cases a minute", "cores", "GB of memory", "processes", "Mbit/s down",
                "commits/s",
            ),
            rows,
        )  # fmt: skip
    yield table(
        ("pupils", "experts", "providers", "cases a year", "GB kept", "GB of log a day"),
        [
            (
                f"{each.pupils:,}", f"{each.experts:,}", f"{each.providers:,}", f"{each.pupils * habits.cases:,.0f}",
                told(each.kept_gb), told(each.log_gb_per_day),
            )
            for each, _ in both
        ],
    )  # fmt: skip
    yield table(
        ("part", "ends at", "pupils of one service"),
        [(each.part, each.ends_at, f"{rounded(each.pupils):,}") for each in limits(habits, costs, slot_ms)],
    )
    yield table(("of 1,000 pupils", "in a school year"), a_thousand(habits, costs, slot_ms))


def a_thousand(habits: Habits, costs: Costs, slot_ms: int) -> list[tuple[str, str]]:
    """What grows with them, whenever they come."""
    minutes = (
        habits.lessons * habits.lesson_minutes
        + habits.looks * habits.look_minutes
        + habits.cases * habits.case_visits * habits.case_minutes
    )
    visits = 1_000 * (habits.lessons + habits.looks + habits.cases * habits.case_visits)
    slots, cases = 1_000 * minutes * 60_000 / slot_ms, 1_000 * habits.cases
    busy = simulate(1_000_000, habits, costs, slot_ms)[1]
    behind_us = costs.case_database_us + costs.case_bus_us
    return [
        ("processor: slots of open pages", f"{slots * costs.page_slot_us / 1e6:,.0f} s"),
        ("processor: files of a visit", f"{visits * costs.visit_us / 1e6:,.0f} s"),
        ("processor: cases, server", f"{cases * costs.case_us / 1e6:,.1f} s"),
        ("processor: cases, PostgreSQL and NATS", f"{cases * behind_us / 1e6:,.1f} s"),
        ("memory of open pages, on the busiest minute", f"{busy.pages * costs.page_bytes / 1e6 / 1_000:,.2f} MB"),
        ("bytes down: slots", f"{slots * FRAME_BYTES[1] * LINE_SHARE / 1e9:,.1f} GB"),
        ("bytes up: slots", f"{slots * FRAME_BYTES[0] * LINE_SHARE / 1e9:,.1f} GB"),
        ("bytes down: files of a visit", f"{visits * costs.visit_bytes / 1e9:,.1f} GB"),
        ("disk: cases", f"{cases * costs.case_bytes / 1e6:,.1f} MB"),
        ("disk: log", f"{cases * costs.case_log_bytes / 1e6:,.1f} MB"),
    ]  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def told(value: float) -> str:
    return f"{rounded(value):,}" if value >= 10 else f"{value:.2g}"


def rounded(value: float) -> int:
    """To two digits: no figure here is better than that."""
    digits = len(str(int(value))) - 2
    return int(round(value, -digits)) if digits > 0 else round(value)


def read_costs() -> Costs:
    return Costs(**json.loads(COSTS.read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="scaling", description=__doc__)
    parser.add_argument("pupils", metavar="PUPILS", type=int, nargs="*", default=PUPILS)
    parser.add_argument("--slot-ms", type=int, default=1_000)
    parser.add_argument("--cases", type=float, help="of one pupil in a year")
    asked = parser.parse_args()
    habits = Habits() if asked.cases is None else replace(Habits(), cases=asked.cases)
    print("\n\n".join(tables(asked.pupils, habits, read_costs(), asked.slot_ms)))


if __name__ == "__main__":
    main()
