"""Texts are whole in three languages, and only what is beyond chance is called a change."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from random import Random
from string import Formatter
from typing import Any, Final

import pytest

from lyhty_server.figures.archive import Archive
from lyhty_server.figures.body import Name, Why, body_of
from lyhty_server.figures.counts import BOTH, Count, Share, differs, rate_of_replies, share, total
from lyhty_server.figures.methods import EXACT, PLAIN, methods_in
from lyhty_server.figures.page import page_of
from lyhty_server.figures.words import LANGUAGES, TEXTS, words_in
from lyhty_wire.figures.certainty import Part
from lyhty_wire.figures.periods import Period
from lyhty_wire.figures.tables import EPSILON, Table
from tests.server.figures.published import AFTERWARDS, CATEGORIES, TOWNS, schools_of, two_years

MONTH: Final = Part(Table.MONTHS.epsilon)


def count(value: int, months: int = 1) -> Count:
    return Count(value, Fraction(value), (MONTH._replace(times=months),))


def read(name: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads((TEXTS / name).read_text(encoding="utf-8"))
    return texts


def placeholders(text: str | dict[str, str]) -> set[str]:
    forms = [text] if isinstance(text, str) else text.values()
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


@pytest.mark.parametrize("prefix", ["", "methods."])
def test_every_language_has_every_text_with_the_same_blanks(prefix: str) -> None:
    ways = {"low", "high", "interval", "month", "name"}  # of saying the same
    first, *others = (read(f"{prefix}{language}.json") for language in LANGUAGES)
    for other in others:
        assert other.keys() == first.keys()
        for key, text in first.items():
            blanks = placeholders(other[key])
            assert blanks - ways == placeholders(text) - ways, key
            assert isinstance(text, str) == isinstance(other[key], str), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_reason_and_name_has_words(language: str) -> None:
    texts = read(f"{language}.json")
    needed = {f"{by}.{name}" for by, names in CATEGORIES.items() for name in names}
    needed |= {f"why.{why.value}{end}" for why in Why for end in ("", ".title")}
    needed |= {f"{kind}.{name.value}" for kind, name in product(("block", "intro"), Name)}
    needed |= {f"advice.{topic}" for topic in CATEGORIES["topic"]}
    assert needed <= texts.keys()
    for topic in CATEGORIES["topic"]:
        assert words_in(language).category("topic", topic) != topic


def test_a_category_that_is_new_stands_for_itself() -> None:
    assert words_in("sv").category("topic", "brand-new") == "brand-new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_methods_say_each_epsilon_that_figures_are_drawn_with(language: str) -> None:
    page = methods_in(language)
    assert [[each.id for each in chapter.passages] for chapter in page.chapters] == [list(PLAIN), list(EXACT)]
    (budget, errors) = (each.grid for chapter in page.chapters for each in chapter.passages if each.grid is not None)
    epsilons = [Fraction(row[-1].replace(",", ".")) for row in budget.rows]
    assert epsilons == [*(table.epsilon for table in Table), EPSILON]
    assert all(re.fullmatch(r"\d+[.,]\d ± \d+", " ".join(row[1:])) for row in errors.rows)
    assert not [
        text for chapter in page.chapters for each in chapter.passages for text in each.paragraphs if "{" in text
    ]


# --- What is called a change


def test_noise_alone_is_hardly_ever_called_a_change() -> None:
    """Two months in which as many asked for help, published a thousand times."""
    chance = Random(3)

    def drawn(true: int) -> Count:
        q = 2.718281828 ** -float(MONTH.epsilon)
        noise = sum((1, -1)[side] * _geometric(chance, q) for side in (0, 1))
        return count(max(0, true + noise))

    called = sum(differs(drawn(20), drawn(20)) for _ in range(1_000))
    assert called <= 10
    assert sum(differs(drawn(80), drawn(20)) for _ in range(1_000)) >= 950


def _geometric(chance: Random, q: float) -> int:
    failures = 0
    while chance.random() < q:
        failures += 1
    return failures


def test_a_small_difference_of_large_counts_is_chance_even_without_noise() -> None:
    sure = Count(400, Fraction(400), (Part(Fraction(100)),))
    assert not differs(sure, sure._replace(value=440, unfitted=Fraction(440)))
    assert differs(sure, sure._replace(value=520, unfitted=Fraction(520)))


def test_what_is_drawn_with_much_noise_is_no_change_however_far_apart() -> None:
    replies = Count(60, Fraction(60), (Part(Table.IMPACT.epsilon),))
    assert not differs(replies, replies._replace(value=200, unfitted=Fraction(200)))


def test_the_summary_calls_a_change_what_is_one_and_nothing_else() -> None:
    published = two_years()
    archive, words = Archive(published.releases), words_in("en")
    marks = ("There are more", "There are fewer")
    seen = 0
    for whose in (*TOWNS, *(ident for town in TOWNS for ident, _, _ in schools_of(town))):
        body = body_of(archive, published.tree, whose, Period.parse("2027-spring"), AFTERWARDS)
        page = page_of(archive, published.tree, body, lambda _: True, words)
        changed, same = (
            next(part.texts for part in page.summary.parts if part.id == each) for each in ("changed", "same")
        )
        history = {row.key: row.count for each in body.blocks if each.name is Name.HISTORY for row in each.rows}
        now = history["2027-spring"]
        assert now is not None
        expected = [differs(now, before) for key in ("2026-spring", "2026-autumn") if (before := history.get(key))]
        assert sum(text.startswith(marks) for text in changed) == sum(expected)
        assert not [text for text in same if text.startswith(marks)]
        seen += len(expected)
    assert seen > 20


# --- Shares


def test_a_share_s_interval_is_of_both_its_parts() -> None:
    kept, missed = count(90), count(10)
    found = share(kept, missed)
    assert found is not None
    (few, many), (low, high) = kept.within(BOTH), missed.within(BOTH)
    assert found == Share(90.0, 100 * few / (few + high), 100 * many / (many + low))
    assert share(count(0), count(0)) is None


def test_no_more_answer_than_were_asked() -> None:
    found = rate_of_replies(count(50), count(40))
    assert found is not None
    assert (found.value, found.high) == (100.0, 100.0)


def test_a_sum_is_as_sure_as_its_draws_together() -> None:
    months = [count(each) for each in (3, 0, 12, 7)]
    added = total(months)
    assert (added.value, added.parts) == (22, (MONTH._replace(times=4),))
    assert added.width() < sum(each.width() for each in months)
    assert total(months[:1]) == months[0]


def words_everywhere() -> Iterator[str]:
    for language in LANGUAGES:
        for text in read(f"{language}.json").values():
            yield from [text] if isinstance(text, str) else text.values()


def test_no_text_is_left_open() -> None:
    for text in words_everywhere():
        assert text.strip() == text or text in (" ja ", " och ", " and ")
        assert "TODO" not in text
