"""Made-up service areas and years, for what must hold of every one of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from lyhty_client.statistics.places import School, places_of
from lyhty_client.statistics.release import Contribution, Reply, count, draw, figures_of
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of
from lyhty_wire.figures.register import UNKNOWN, Cell, Figures, Municipality, Place, Register
from lyhty_wire.figures.releases import Figure
from lyhty_wire.figures.tables import Table

YEAR: Final = Period(Span.YEAR, Month(2026, 8))
CATEGORIES: Final = {
    "topic": ("bullying", "pictures", "adults", "accounts", "money", "other"),
    "service": ("discord", "instagram", "roblox", "snapchat", "tiktok", "whatsapp", "other"),
    "role": ("pupil", "staff"),
    "promise": ("kept", "missed"),
    "impact": ("helped", "somewhat", "no"),
    "later": ("helped", "somewhat", "no"),
}
_TOPIC_WEIGHTS: Final = (30, 25, 20, 10, 10, 5)
HOLIDAYS: Final = (6, 7)
TOWN: Final = (600, 450, 300, 250, 150, 110, 80, 60)
"""Pupils of its schools: two thousand in all."""


NOBODY_KNOWS: Final = Municipality(UNKNOWN, UNKNOWN, (Place((UNKNOWN,)),))


def register(towns: Sequence[Sequence[int]] = (TOWN,), counties: int = 1) -> Register:
    """Schools are named by their town and by their order in it; who knows no school is in it too."""
    made = [
        Municipality(
            f"town-{nth}",
            f"county-{nth % counties}",
            places_of([School(f"school-{nth}-{each}", pupils) for each, pupils in enumerate(schools)]),
        )
        for nth, schools in enumerate(towns)
    ]
    return Register(tuple(sorted([*made, NOBODY_KNOWS])), CATEGORIES)


def cases(chance: Random, towns: Sequence[Sequence[int]] = (TOWN,), share: float = 0.02) -> list[Contribution]:
    """`share` of the pupils of a school ask for help in a month, more in some schools than in others."""
    made = []
    for town, schools in enumerate(towns):
        for nth, pupils in enumerate(schools):
            rate = share * chance.gammavariate(8, 1 / 8)
            for month in YEAR.months:
                if month.month not in HOLIDAYS:
                    made += [
                        a_case(chance, f"school-{town}-{nth}", month) for _ in range(_binomial(chance, pupils, rate))
                    ]
    return made


def a_case(chance: Random, school: str, month: Month) -> Contribution:
    (topic,) = chance.choices(CATEGORIES["topic"], _TOPIC_WEIGHTS)
    return Contribution(
        school, month, topic, chance.choice(CATEGORIES["service"]), chance.choice(CATEGORIES["role"]),
        chance.choice(CATEGORIES["promise"]),
    )  # fmt: skip


def a_reply(chance: Random, case: Contribution) -> Reply:
    return Reply(case.school, case.month, chance.choice(("impact", "later")), chance.choice(CATEGORIES["impact"]))


def periods() -> Iterator[Period]:
    """In the order in which their figures go out."""
    yield from month_periods(YEAR)
    yield from terms_of(YEAR)
    yield YEAR


def published(of: Register, contributed: Sequence[Contribution], key: bytes) -> Figures:
    return {cell: figure.published for cell, figure in released(of, contributed, key).items()}


def released(
    of: Register, contributed: Sequence[Contribution], key: bytes, replies: Sequence[Reply] = ()
) -> Mapping[Cell, Figure]:
    """All that goes out in a year."""
    figures: dict[Cell, Figure] = {}
    for period in periods():
        figures |= figures_of(period, of, draw(period, of, contributed, replies, key), figures)
    return figures


def truth(of: Register, contributed: Sequence[Contribution], replies: Sequence[Reply] = ()) -> Counter[Cell]:
    counts: Counter[Cell] = Counter()
    for period in periods():
        counts += count(period, of, contributed, replies)
    return counts


def of_table(figures: Figures, table: Table, period: Period, place: str) -> int:
    return sum(
        count for cell, count in figures.items() if (cell.table, cell.period, cell.place) == (table, period, place)
    )


def _binomial(chance: Random, tries: int, share: float) -> int:
    return sum(chance.random() < share for _ in range(tries))
