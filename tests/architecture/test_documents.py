"""What the documents claim about the tests is true."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A test is named by its file and its sentence: `scenarios/test_line` *who talks gets as many frames as who is silent*
NAMED = re.compile(r"`([\w/]+/test_\w+)` \*([^*]+)\*")
MODEL = (ROOT / "crypto" / "THREAT_MODEL.md").read_text()
VERDICTS = ("**holds**", "**bounded**", "**fails**")
NO_TEST = "no test: "
ESTIMATE = "the price is an estimate, below"


@pytest.mark.parametrize(("file", "sentence"), sorted(set(NAMED.findall(MODEL))))
def test_a_test_named_in_the_threat_model_exists(file: str, sentence: str) -> None:
    assert f"def test_{sentence.replace(' ', '_')}(" in (ROOT / "tests" / f"{file}.py").read_text()


def test_every_attacker_is_judged_on_all_six_assets() -> None:
    attackers = MODEL.split("### ")[1:]
    assert [
        re.findall(r"^\| (content|who|when|answer|way back|reach) \|", each, re.MULTILINE) for each in attackers
    ] == [["content", "who", "when", "answer", "way back", "reach"]] * len(attackers)


def is_watched_or_says_why_not(cell: str) -> bool:
    return NAMED.search(cell) is not None or (cell.startswith(NO_TEST) and cell != NO_TEST) or cell == ESTIMATE


def test_every_judgment_is_one_of_three_and_gives_a_test_or_a_reason() -> None:
    judged = [
        line.removesuffix(" |").split(" | ")
        for line in MODEL.splitlines()
        if re.match(r"\| (content|who|when|answer|way back|reach) \|", line)
    ]
    assert judged
    assert [each for each in judged if len(each) != 4 or each[1] not in VERDICTS or not each[2]] == []
    assert [each for each in judged if not is_watched_or_says_why_not(each[3])] == []


@pytest.mark.parametrize("cell", ["", "no test: ", "no test", "the reporter is told", "`server/test_api_desk`"])
def test_a_cell_without_a_named_test_or_a_reason_is_noticed(cell: str) -> None:
    assert not is_watched_or_says_why_not(cell)


@pytest.mark.parametrize(
    "document",
    [
        "README.md", "SECURITY.md", "crypto/SPEC.md", "crypto/THREAT_MODEL.md", "deploy/OPERATIONS.md",
        "deploy/SCALING.md",
    ],
)  # fmt: skip
def test_no_link_of_a_document_leads_nowhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text())
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []
