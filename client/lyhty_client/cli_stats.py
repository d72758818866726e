"""`lyhty stats ...`: publishing protected figures, and what has been published (SPEC 12.4). For coordinators."""

import argparse
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from lyhty_client.cli_expert import signed_in
from lyhty_client.clock import system_clock
from lyhty_client.errors import ClientError
from lyhty_client.statistics.ledger import Ledger
from lyhty_client.statistics.office import Contributed, Office, open_office
from lyhty_client.statistics.registers import due, earlier_of_year, order_of, register_of
from lyhty_client.terminal import show
from lyhty_wire.errors import MalformedError
from lyhty_wire.figures.periods import HELSINKI, Period, year_of
from lyhty_wire.figures.register import Register
from lyhty_wire.figures.releases import Release, cells_of
from lyhty_wire.figures.tables import EPSILON, Table
from lyhty_wire.organisations import Tree

_TABLES: Final = {
    Table.MONTHS: "cases of each municipality",
    Table.TERMS: "cases of each school, small schools together",
    Table.TOPICS: "topics of each municipality",
    Table.PROMISE: "answered within the promise, of the whole service",
    Table.SCHOOL_TOPICS: "topics of each school, small schools together",
    Table.SERVICES: "apps and games of each county",
    Table.ROLES: "pupils and staff of each county",
    Table.IMPACT: "whether the answer helped, of each county",
    Table.LATER: "whether it had helped two weeks later, of each county",
}
_ROUNDED_TO: Final = 10


async def run(asked: argparse.Namespace) -> None:
    await (ledger if asked.errand == "ledger" else release)(asked)


async def release(asked: argparse.Namespace) -> None:
    today = datetime.fromtimestamp(system_clock(), HELSINKI).date()
    async with signed_in(asked) as expert:
        office = await open_office(expert)
        tree, released = await office.tree(), await office.released_periods()
        waiting = due(tree, released, today)
        if asked.period is not None:
            waiting = (_chosen(asked.period, waiting, released),)
        if asked.publish:
            await _publish(office, waiting, released, asked)
            return
        years = {year_of(period.first) for period in waiting}
        releases = await office.releases([each for each in released if year_of(each.first) in years])
        _explain(waiting, tree, releases, await office.contributed(), office, asked)


async def ledger(asked: argparse.Namespace) -> None:
    """What was drawn: never again, and what one case has spent by it."""
    async with signed_in(asked) as expert:
        office = await open_office(expert)
        releases = await office.releases(await office.released_periods())
    drawn = Ledger()
    for period in sorted(releases, key=order_of):
        drawn = drawn.with_release(releases[period].figures)
    rows = [
        {"period": each.period.name, "table": each.table.name, "figures": each.cells, "epsilon": float(each.epsilon)}
        for each in drawn.entries
    ]
    years = sorted({year_of(period.first).name for period in releases})
    spent = {year: float(max(map(drawn.spent, Period.parse(year).months))) for year in years}
    lines = [
        f"{each.period.name:<13} {each.cells:>6} figures, epsilon {float(each.epsilon):.2f}: {_TABLES[each.table]}"
        for each in drawn.entries
    ]
    lines += [
        f"{year}: a case has spent at most {each:.2f} of its {float(EPSILON):.0f}." for year, each in spent.items()
    ]
    show(lines or ["Nothing has been published yet."], {"drawn": rows, "spent": spent}, as_json=asked.json)


def _chosen(name: str, waiting: Iterable[Period], released: Iterable[Period]) -> Period:
    """
    Raises:
        ClientError: it is not due, or published already, or another of its school year must come first.
    """
    try:
        chosen = Period.parse(name)
    except MalformedError:
        raise ClientError("operation-malformed", f"{name}: a period is 2026-11, 2026-autumn or 2026-2027") from None
    if chosen in released:
        raise ClientError("object-conflict", f"{name} has been published: figures are drawn once")
    same = [period for period in waiting if year_of(period.first) == year_of(chosen.first)]
    if chosen not in same:
        raise ClientError("operation-malformed", f"{name} may not go out before {chosen.published}")
    if same[0] != chosen:
        raise ClientError("operation-malformed", f"publish {same[0].name} first: {name} goes on from it")
    return chosen


async def _publish(
    office: Office, waiting: Sequence[Period], released: Collection[Period], asked: argparse.Namespace
) -> None:
    published = await office.publish_all(waiting, released)
    lines = [f"{period.name} is published." for period in published.periods] or ["Nothing is due."]
    if published.removed:
        lines.append("The contributions of school years that are published whole were removed.")
    lines += _warnings(office, published.contributed)
    show(lines, {"published": [period.name for period in published.periods]}, as_json=asked.json)


def _explain(
    waiting: Iterable[Period],
    tree: Tree,
    releases: dict[Period, Release],
    contributed: Contributed,
    office: Office,
    asked: argparse.Namespace,
) -> None:
    """What would go out, and what it costs; without a figure that was not drawn."""
    lines: list[str] = []
    told: list[dict[str, object]] = []
    before: Register | None = None
    for period in waiting:
        earlier = earlier_of_year(period, releases)
        newest = before if before is not None and told[-1]["year"] == year_of(period.first).name else None
        before = register_of(tree, period, newest or (earlier[-1].register if earlier else None))
        figures = _figures(period, before)
        lines.append(f"{period.name} would be published:")
        lines += [
            f"  {count} figures: {_TABLES[table]}. Costs each case {float(table.epsilon):.2f} of its"
            f" {float(EPSILON):.0f} epsilon."
            for table, count in figures.items()
        ]
        lines.append(f"  {_about(contributed.of_months(period.months))} contributions count in it.")
        told.append(
            {
                "period": period.name,
                "year": year_of(period.first).name,
                "tables": {table.name: count for table, count in figures.items()},
                "epsilon": sum(float(table.epsilon) for table in figures),
            }
        )
    lines = lines or ["Nothing is due."]
    lines.append("Nothing was drawn or published. With --publish it is, once and for good.")
    show([*lines, *_warnings(office, contributed)], {"due": told}, as_json=asked.json)


def _figures(period: Period, register: Register) -> dict[Table, int]:
    counts: dict[Table, int] = {}
    for cell in cells_of(period, register):
        counts[cell.table] = counts.get(cell.table, 0) + 1
    return counts


def _about(count: int) -> str:
    """Nobody needs to know it exactly, and a small number is somebody."""
    if count < _ROUNDED_TO:
        return f"Fewer than {_ROUNDED_TO}"
    return f"About {round(count / _ROUNDED_TO) * _ROUNDED_TO}"


def _warnings(office: Office, contributed: Contributed) -> list[str]:
    lines = []
    if contributed.unreadable:
        lines.append("Some contributions count nowhere: nobody who may has made them, or no key opens them.")
    if office.lost_keys:
        lines.append("What was contributed under an earlier root cannot be opened: see OPERATIONS, Publishing figures.")
    return lines
