"""The terminal and the console say the same of a file that has to be corrected."""

import json
from pathlib import Path

import pytest

from lyhty_client.import_faults import FAULTS, LANGUAGES
from lyhty_wire.organisation_desk import COLUMN_WORDS, ImportFault

WORDS = Path(__file__).parents[2] / "client" / "web" / "src" / "i18n" / "console"


def test_every_fault_of_a_file_has_a_sentence_in_three_languages() -> None:
    assert set(FAULTS) == set(ImportFault)
    assert all(len(set(sentences)) == 3 for sentences in FAULTS.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_says_the_same_and_names_the_columns_as_files_may(language: str) -> None:
    words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    nth = LANGUAGES.index(language)
    assert {fault.value: said[nth] for fault, said in FAULTS.items()} == {
        fault.value: words[f"console.organisations.faults.{fault.value}"] for fault in ImportFault
    }
    for column, names in COLUMN_WORDS.items():
        assert words[f"console.organisations.columns.{column.value}"] in names
