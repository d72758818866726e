"""Pages as they are sent, to build a client on: `python -m tests.server.figures.examples` writes them."""

import json
from pathlib import Path
from typing import Final

import msgspec

from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import body_of
from lyhty_server.figures.page import page_of
from lyhty_server.figures.pages import FiguresPage
from lyhty_server.figures.words import words_in
from lyhty_wire.figures.periods import Period
from tests.server.figures.published import AFTERWARDS, two_years

FOLDER: Final = Path(__file__).parent / "examples"
EXAMPLES: Final = {
    "municipality-year-fi": ("837", "2026-2027", "fi"),
    "small-school-term-en": ("83708", "2027-spring", "en"),
}


def example(name: str) -> FiguresPage:
    organisation, period, language = EXAMPLES[name]
    published = two_years()
    archive = Archive(published.releases)
    body = body_of(archive, published.tree, organisation, Period.parse(period), AFTERWARDS)
    seen = published.tree.seen_by("837", AFTERWARDS)
    return page_of(archive, published.tree, body, seen.__contains__, words_in(language))


def written(name: str) -> str:
    return json.dumps(msgspec.to_builtins(example(name)), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for each in EXAMPLES:
        (FOLDER / f"{each}.json").write_text(written(each), encoding="utf-8")
