"""Pages of figures and their papers: 1,000 schools in 100 municipalities of 5 counties, five school years of releases.

One year is drawn and fitted by the coordinator's own code, the others are the same with other dates. Releases are read
and the whole service added up before, as the server does when it starts; pages are made as it makes them, each once, so
that none comes out of its memory; papers by a worker that was warmed up, a report of a hundred pages among them.
"""

import asyncio
import time
from collections.abc import Coroutine, Iterator
from datetime import date
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

import msgspec

from lyhty_client.statistics.places import School, places_of
from lyhty_client.statistics.release import Contribution, draw, figures_of
from lyhty_server.figures import files
from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import body_of
from lyhty_server.kits.papers import POSTERS, Kit, page
from lyhty_server.paper.press import Press
from lyhty_server.prepared_reports import Order, PreparedReports, report_digest
from lyhty_server.store.sql import SqlStore
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of
from lyhty_wire.figures.register import ALL, Cell, Municipality, Register
from lyhty_wire.figures.releases import Figure, Release
from lyhty_wire.organisations import Agreement, Kind, Organisation, Tree
from tests.server.figures.published import AFTERWARDS, CATEGORIES, INSTANCE

COUNTIES, TOWNS, SCHOOLS = 5, 100, 10
YEARS: Final = 5
ASKED: Final = 300
PRINTED: Final = 15
SHARE: Final = 0.02
"""Of the pupils of a school who ask for help in a month."""


def measure(scratch: Path) -> dict[str, float]:
    chance = Random(7)
    tree = _tree(chance)
    releases = list(_releases(tree, chance))
    encoded = [each.encode() for each in releases]
    began = time.perf_counter()
    archive = Archive(map(Release.decode, encoded))
    for period in archive.periods:
        body_of(archive, tree, ALL, period, AFTERWARDS)
    read_s = time.perf_counter() - began
    bodies = (ALL, *tree.organisations)
    periods = [each for each in archive.periods if each.span is not Span.MONTH]
    asked = [(ALL, periods[0])] + [(chance.choice(bodies), chance.choice(periods)) for _ in range(ASKED)]
    times = [_timed(archive, tree, files.Wanted(whose, period, "fi")) for whose, period in asked]
    later = sorted(times[1:])
    return {
        "figures_first_page_ms": round(times[0] * 1e3, 1),
        "figures_page_p50_ms": round(median(later) * 1e3, 1),
        "figures_page_p99_ms": round(later[len(later) * 99 // 100] * 1e3, 1),
        "figures_page_most_ms": round(later[-1] * 1e3, 1),
        **asyncio.run(_printed(scratch, archive, tree, [files.Wanted(whose, period, "fi") for whose, period in asked])),
        "figures_read_five_years_s": round(read_s, 1),
    }


def _timed(archive: Archive, tree: Tree, wanted: files.Wanted) -> float:
    began = time.perf_counter()
    msgspec.json.encode(files.page(archive, tree, wanted, AFTERWARDS, lambda _: True))
    return time.perf_counter() - began


async def _printed(scratch: Path, archive: Archive, tree: Tree, asked: list[files.Wanted]) -> dict[str, float]:
    kit = Kit(tree.organisations["00000"], "https://lyhty.example", INSTANCE)
    paying = Tree(
        tree.organisations.values(), [Agreement("00", each.id, 40, date(2026, 8, 1)) for each in tree.children("00")]
    )

    def made(wanted: files.Wanted, name: str) -> bytes:
        file = files.named(archive, paying, wanted, AFTERWARDS, name)
        assert file is not None
        return file.make()

    async def figures(wanted: files.Wanted) -> None:
        await press.pdf(made(wanted, "figures.pdf").decode())

    async def report() -> bytes:
        return made(files.Wanted("00", archive.periods[0], "fi"), "report.pdf")

    async def poster(name: str) -> None:
        await press.png(await press.pdf(page(kit, name, "fi")))

    press = Press()
    store = SqlStore(scratch / "reports.db")
    await store.start()
    reports = PreparedReports(store, Press())
    try:
        await poster("poster-a4")  # the worker has begun
        pdfs = [await _waited(figures(wanted)) for wanted in asked[:PRINTED]]
        posters = [await _waited(poster(name)) for name in POSTERS for _ in range(PRINTED // 3)]
        order = Order(report_digest(await report()), report, TOWNS // COUNTIES)
        (printed_ms, *downloads) = [await _waited(reports.pdf(order)) for _ in range(1 + PRINTED)]
    finally:
        await reports.close()
        await press.close()
        await store.close()
    return {
        "figures_pdf_p50_ms": round(median(pdfs)),
        "figures_pdf_most_ms": round(max(pdfs)),
        "poster_png_p50_ms": round(median(posters)),
        "poster_png_most_ms": round(max(posters)),
        "report_of_20_municipalities_ms": round(printed_ms),
        "figures_report_download_p50_ms": round(median(downloads), 1),
    }


async def _waited(work: Coroutine[None, None, object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1e3


def _tree(chance: Random) -> Tree:
    counties = [Organisation(f"{nth:02}", Kind.COUNTY, f"Alue {nth}") for nth in range(COUNTIES)]
    towns = [
        Organisation(f"{nth:03}", Kind.MUNICIPALITY, f"Kunta {nth}", f"{nth % COUNTIES:02}") for nth in range(TOWNS)
    ]
    schools = [
        Organisation(f"{town.id}{nth:02}", Kind.SCHOOL, f"Koulu {town.id} {nth}", town.id, chance.randint(40, 700))
        for town in towns
        for nth in range(SCHOOLS)
    ]
    return Tree([*counties, *towns, *schools])


def _register(tree: Tree) -> Register:
    towns = [each for each in tree.organisations.values() if each.kind is Kind.MUNICIPALITY]
    return Register(
        tuple(
            Municipality(
                town.id,
                town.parent or "",
                places_of([School(each.id, each.pupils or 0) for each in tree.children(town.id)]),
            )
            for town in sorted(towns, key=lambda each: each.id)
        ),
        CATEGORIES,
    )


def _releases(tree: Tree, chance: Random) -> Iterator[Release]:
    register, year = _register(tree), Period(Span.YEAR, Month(2026, 8))
    cases = [
        Contribution(each.id, month, *(chance.choice(CATEGORIES[by]) for by in ("topic", "service", "role", "promise")))
        for each in tree.organisations.values()
        for month in year.months
        if each.kind is Kind.SCHOOL
        for _ in range(round((each.pupils or 0) * SHARE * chance.random() * 2))
    ]
    known: dict[Cell, Figure] = {}
    for period in (*month_periods(year), *terms_of(year), year):
        figures = figures_of(period, register, draw(period, register, cases, [], bytes(32)), known)
        known |= figures
        for back in range(YEARS):
            then = Period(period.span, Month(period.first.year - back, period.first.month))
            moved = {cell._replace(period=then): figure for cell, figure in figures.items()}
            yield Release(INSTANCE, 1, then, register, moved)
