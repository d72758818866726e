"""Texts in the languages of those who read figures; one file for each, `texts/*.json`."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from lyhty_server.figures.counts import FEW, Count, Share
from lyhty_wire.figures.periods import FIRST_MONTH, Period, Span

LANGUAGES: Final = ("fi", "sv", "en")
TEXTS: Final = Path(__file__).parent / "texts"

Text = str | Mapping[str, str]
"""With plural forms: `one` for exactly one, `other` for the rest; that does for these three languages."""


class Words:
    def __init__(self, language: str, texts: Mapping[str, Text]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, count: int | None = None, /, **values: object) -> str:
        text = self._texts[key]
        if not isinstance(text, str):
            text = text["one" if count == 1 else "other"]
        return text.format(count=count, **values)

    def category(self, by: str, name: str) -> str:
        """A name that this server does not know stands for itself."""
        key = f"{by}.{name}"
        return self(key) if key in self._texts else name

    # --- Times

    def period(self, period: Period) -> str:
        return self._period("period", period)

    def period_title(self, period: Period) -> str:
        return _capital(self._period("period", period))

    def short_period(self, period: Period) -> str:
        return self._period("short", period)

    def _period(self, form: str, period: Period) -> str:
        year, month = period.first
        if period.span is Span.MONTH:
            return self(f"month.short.{month}") if form == "short" else f"{self(f'month.{month}')} {year}"
        term = "autumn" if month == FIRST_MONTH else "spring"
        return self(f"{form}.{'year' if period.span is Span.YEAR else term}", year=year, next=year + 1)

    def date(self, day: date) -> str:
        return self("date", day=day.day, month=day.month, name=self(f"month.{day.month}"), year=day.year)

    # --- Numbers

    def count(self, count: Count) -> str:
        return self("number.few") if count.is_few else str(count.value)

    def interval(self, low: object, high: object) -> str:
        return self("number.interval", low=low, high=high)

    def decimal(self, value: float) -> str:
        return f"{value:.1f}".replace(".", self("decimal"))

    def rate(self, count: Count, pupils: int) -> str:
        """For each hundred pupils."""
        if count.is_few:
            return self("number.few-rate", value=self.decimal(100 * FEW / pupils))
        return self.decimal(100 * count.value / pupils)

    def share(self, share: Share) -> tuple[str, str]:
        """A share and its interval, whole hundredths; outwards, so that it never says more than is known."""
        low, high = int(share.low), -int(-share.high // 1)
        return (
            self("number.percent", value=round(share.value)),
            self("number.percent-interval", low=low, high=high),
        )

    def names(self, names: Iterable[str]) -> str:
        *others, last = names
        return f"{', '.join(others)}{self('and')}{last}" if others else last


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@lru_cache
def words_in(language: str) -> Words:
    """Raises KeyError for a language that there is not."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Words(language, json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8")))
