"""Releases as a coordinator makes them, of a made-up area over a year or more, and the tree they are about."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

from lyhty_client.statistics.places import School, places_of
from lyhty_client.statistics.release import Contribution, Reply, draw, figures_of
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of
from lyhty_wire.figures.register import Cell, Municipality, Place, Register
from lyhty_wire.figures.releases import Figure, Release
from lyhty_wire.ids import InstanceId
from lyhty_wire.organisations import Agreement, Kind, Organisation, Tree

INSTANCE: Final = InstanceId(bytes(32))
AFTERWARDS: Final = date(2027, 9, 1)
YEAR: Final = Period(Span.YEAR, Month(2026, 8))
CATEGORIES: Final = {
    "topic": (
        "bullying", "threats", "picture-shared", "blackmail", "adult-contact", "fake-profile", "account-taken", "scam",
        "disturbing", "left-out", "other",
    ),
    "service": ("tiktok", "snapchat", "whatsapp", "instagram", "discord", "roblox", "other", "none"),
    "role": ("pupil", "staff"),
    "promise": ("kept", "missed"),
    "impact": ("helped", "somewhat", "no"),
    "later": ("helped", "somewhat", "no"),
}  # fmt: skip
_TOPICS: Final = (30, 9, 16, 6, 10, 5, 6, 5, 5, 6, 2)
_SERVICES: Final = (20, 26, 20, 9, 8, 7, 6, 4)

COUNTIES: Final = {"06": "Pirkanmaa", "07": "Päijät-Häme"}
TOWNS: Final[dict[str, tuple[str, str, tuple[tuple[str, int], ...]]]] = {
    "837": ("Koskikaupunki", "06", (
        ("Keskustan koulu", 600), ("Harjun koulu", 450), ("Rantakylän koulu", 300), ("Lammin koulu", 250),
        ("Metsolan koulu", 150), ("Niemen koulu", 110), ("Kiven koulu", 80), ("Salon koulu", 60),
    )),
    "980": ("Järvelä", "06", (("Järvelän yhtenäiskoulu", 700), ("Tienhaaran koulu", 350), ("Mäen koulu", 120))),
    "398": ("Lähteenmäki", "07", (("Lähteen koulu", 520), ("Kallion koulu", 90), ("Puron koulu", 40))),
    "016": ("Pikkula", "07", (("Pikkulan koulu", 90), ("Kylän koulu", 40))),
}  # fmt: skip


class Published(NamedTuple):
    releases: tuple[Release, ...]
    tree: Tree
    cases: tuple[Contribution, ...]
    replies: tuple[Reply, ...]


def schools_of(town: str) -> list[tuple[str, str, int]]:
    """Id, name and pupils."""
    return [(f"{town}{nth:02}", name, pupils) for nth, (name, pupils) in enumerate(TOWNS[town][2], start=1)]


def tree(without_pupils: Sequence[str] = (), joined: dict[str, date] | None = None) -> Tree:
    counties = [Organisation(ident, Kind.COUNTY, name) for ident, name in COUNTIES.items()]
    towns = [Organisation(ident, Kind.MUNICIPALITY, name, county) for ident, (name, county, _) in TOWNS.items()]
    schools = [
        Organisation(
            ident,
            Kind.SCHOOL,
            name,
            town,
            None if ident in without_pupils else pupils,
            joined=(joined or {}).get(ident),
        )
        for town in TOWNS
        for ident, name, pupils in schools_of(town)
    ]
    agreements = [
        Agreement("837", "837", 60, date(2026, 8, 1)),
        Agreement("06", "837", 40, date(2026, 8, 1)),
        Agreement("837", "98001", 50, date(2026, 8, 1)),
    ]
    return Tree([*counties, *towns, *schools], agreements)


def register(without: Sequence[str] = ()) -> Register:
    """`without`: schools that are not there yet."""
    towns = [
        Municipality(
            town,
            county,
            places_of([School(ident, pupils) for ident, _, pupils in schools_of(town) if ident not in without]),
        )
        for town, (_, county, _) in TOWNS.items()
    ]
    unknown = Municipality("unknown", "unknown", (Place(("unknown",)),))
    return Register(tuple(sorted([*towns, unknown])), CATEGORIES)


def cases(chance: Random, year: Period = YEAR, share: float = 0.012, without: Sequence[str] = ()) -> list[Contribution]:
    """`without`: schools that have no cases in autumn."""
    made: list[Contribution] = []
    pupils = {ident: count for town in TOWNS for ident, _, count in schools_of(town)} | {"unknown": 300}
    for school, count in pupils.items():
        for month in year.months:
            if month.month in (6, 7) or (school in without and month.month >= 8):
                continue
            happened = sum(chance.random() < share for _ in range(count))
            made += [_case(chance, school, month) for _ in range(happened)]
    return made


def _case(chance: Random, school: str, month: Month) -> Contribution:
    (topic,) = chance.choices(CATEGORIES["topic"], _TOPICS)
    (service,) = chance.choices(CATEGORIES["service"], _SERVICES)
    (role,) = chance.choices(CATEGORIES["role"], (9, 1))
    (promise,) = chance.choices(CATEGORIES["promise"], (24, 1))
    return Contribution(school, month, topic, service, role, promise)


def replies(chance: Random, of: Sequence[Contribution]) -> list[Reply]:
    made: list[Reply] = []
    for asked, likely in (("impact", 0.5), ("later", 0.2)):
        for case in of:
            if chance.random() < likely:
                (answer,) = chance.choices(CATEGORIES[asked], (6, 3, 1))
                made.append(Reply(case.school, case.month, asked, answer))
    return made


def periods_of(year: Period) -> tuple[Period, ...]:
    return (*month_periods(year), *terms_of(year), year)


def released(
    years: Sequence[Period],
    contributed: Sequence[Contribution],
    said: Sequence[Reply],
    registers: dict[Period, Register],
) -> tuple[Release, ...]:
    """`registers`: of the periods that have one of their own."""
    figures: dict[Cell, Figure] = {}
    made: list[Release] = []
    for period in (each for year in years for each in periods_of(year)):
        of = registers.get(period) or register()
        drawn = draw(period, of, contributed, said, bytes(range(32)))
        complete = figures_of(period, of, drawn, figures)
        figures |= complete
        made.append(Release(INSTANCE, 1, period, of, complete))
    return tuple(made)


@lru_cache
def two_years() -> Published:
    before = Period(Span.YEAR, Month(2025, 8))
    chance = Random(11)
    contributed = [*cases(chance, before, 0.008), *cases(chance, YEAR, 0.012)]
    said = replies(chance, contributed)
    return Published(released((before, YEAR), contributed, said, {}), tree(), tuple(contributed), tuple(said))
