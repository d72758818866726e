"""The files for who watches: they name figures that exist, at steps that are told, and chapters that say what to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lyhty_server.domain.watching import BY_THE_CALENDAR, EACH_DAY, EACH_MINUTE, GAUGES

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "deploy" / "OPERATIONS.md").read_text()
CHAPTERS = set(re.findall(r"^## (.+)$", OPERATIONS, re.MULTILINE))
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "watching" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = json.loads((ROOT / "deploy" / "watching" / "grafana.json").read_text())["panels"]
SHOWN = [target["expr"] for panel in PANELS for target in panel["targets"]]
FUNCTIONS = {"time", "changes", "min", "max", "by"}
LABELS = {"job", "instance", "work", "__name__"}
NOT_OURS = {"up"}
"""Made by Prometheus for whatever it scrapes."""


def words(expression: str) -> set[str]:
    """Of PromQL, without what stands in quotes and without lengths of time."""
    bare = re.sub(r'"[^"]*"|\[\d+[smh]\]', "", expression)
    return set(re.findall(r"[A-Za-z_]\w*", bare))


def names(expression: str) -> set[str]:
    return set(re.findall(r"\blyhty_\w+", expression))


def ids(rules: list[dict[str, Any]]) -> list[str]:
    return [rule["alert"] for rule in rules]


@pytest.mark.parametrize("expression", [*(rule["expr"] for rule in RULES), *SHOWN])
def test_an_expression_names_figures_that_exist_and_is_well_formed(expression: str) -> None:
    assert names(expression) <= set(GAUGES)
    assert words(expression) <= set(GAUGES) | FUNCTIONS | LABELS | NOT_OURS
    for opened, closed in ("()", "[]", "{}"):
        assert expression.count(opened) == expression.count(closed)
    assert expression.count('"') % 2 == 0


def test_an_expression_with_a_figure_that_does_not_exist_is_noticed() -> None:
    assert not words("rate(lyhty_reports_total[5m]) > 0") <= set(GAUGES) | FUNCTIONS


@pytest.mark.parametrize("rule", RULES, ids=ids(RULES))
def test_an_alert_begins_at_a_step_that_is_told(rule: dict[str, Any]) -> None:
    for name, comparison, value in re.findall(r"^(lyhty_\w+) (>=|>|<|==) ([\d.]+)$", rule["expr"]):
        steps = GAUGES[name].steps
        assert steps == BY_THE_CALENDAR or float(value) in steps or (comparison, value) == ("==", "0")


@pytest.mark.parametrize("rule", RULES, ids=ids(RULES))
def test_an_alert_says_in_sentences_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    said = rule["annotations"]
    assert set(said) == {"says", "do", "chapter"}
    assert said["says"].endswith(".")
    assert said["do"].endswith(".")
    assert said["chapter"] in CHAPTERS


def test_every_work_that_is_told_of_has_an_alert_and_no_other() -> None:
    named = re.findall(r'work=~"([^"]+)"', " ".join(rule["expr"] for rule in RULES))
    assert [set(each.split("|")) for each in named] == [set(EACH_MINUTE), set(EACH_DAY)]


def test_no_two_alerts_have_one_name() -> None:
    assert len(set(ids(RULES))) == len(RULES)


def test_every_figure_is_shown_on_the_board() -> None:
    assert set().union(*map(names, SHOWN)) == set(GAUGES)


def test_every_figure_has_an_alert() -> None:
    assert set().union(*(names(rule["expr"]) for rule in RULES)) == set(GAUGES)
