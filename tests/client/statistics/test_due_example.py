"""What is due when, written down for the console, which shows the same calendar: run this file to write it anew."""

import json
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, Final

from lyhty_client.statistics.registers import due, order_of
from lyhty_wire.figures.periods import Month, Period, Span, month_periods, terms_of
from lyhty_wire.organisations import Agreement, Kind, Organisation, Tree

FILE: Final = Path(__file__).parents[3] / "client" / "web" / "tests" / "console" / "release-calendar.json"
BODIES: Final = [Organisation("06", Kind.COUNTY, "A county")]
YEARS: Final = tuple(Period(Span.YEAR, Month(year, 8)) for year in (2024, 2025, 2026))
EVERY: Final = tuple(each for year in YEARS for each in (*month_periods(year), *terms_of(year), year))
BEGINS: Final = ((), ("2025-07-31", "2026-01-01"), ("2025-08-01",), ("2026-11-28",))
TODAYS: Final = ("2025-08-14", "2025-09-15", "2026-01-14", "2026-01-15", "2026-08-14", "2026-08-15", "2026-11-27")


def example() -> dict[str, Any]:
    published = [[], [each.name for each in EVERY if each.published <= date(2026, 2, 1)], [each.name for each in EVERY]]
    return {
        "periods": {each.name: each.published.isoformat() for each in EVERY},
        "due": [
            {"begins": list(begins), "published": out, "today": today, "due": _due(begins, out, today)}
            for begins, out, today in product(BEGINS, published, TODAYS)
        ],
    }


def _due(begins: tuple[str, ...], published: list[str], today: str) -> list[str]:
    agreements = [Agreement("06", "06", 100, date.fromisoformat(day)) for day in begins]
    found = due(Tree(BODIES, agreements), {Period.parse(name) for name in published}, date.fromisoformat(today))
    assert list(found) == sorted(found, key=order_of)
    return [each.name for each in found]


def written() -> str:
    return json.dumps(example(), separators=(",", ":")).replace("{", "\n{") + "\n"


def test_the_console_s_example_is_what_the_client_reckons() -> None:
    assert FILE.read_text(encoding="utf-8") == written()


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
