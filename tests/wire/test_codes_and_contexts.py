"""Error codes and contexts are what SPEC.md lists, no more and no less (SPEC 1.2, 7)."""

import re
from pathlib import Path

import pytest

from lyhty_wire import errors
from lyhty_wire.accounts import account_name
from lyhty_wire.codes import CLIENT_CODES, Code
from lyhty_wire.contexts import FIELD_LENGTHS, context
from lyhty_wire.errors import MalformedError

SPEC = (Path(__file__).parents[2] / "crypto" / "SPEC.md").read_text(encoding="utf-8")


def test_the_codes_are_those_of_the_spec_with_number_and_status() -> None:
    rows = re.findall(r"^\| (\d+) \| `([a-z-]+)` \| (\d{3}) \|", SPEC, re.MULTILINE)
    assert [(int(n), text, int(status)) for n, text, status in rows] == [
        (code.number, code.text, code.status) for code in Code
    ]


def test_codes_are_found_by_number_and_by_text() -> None:
    assert all(Code.from_number(code.number) is code and Code.from_text(code.text) is code for code in Code)
    with pytest.raises(MalformedError):
        Code.from_number(255)
    with pytest.raises(KeyError):
        Code.from_text("no-such-code")


def test_client_codes_are_distinct_and_never_codes_of_the_wire() -> None:
    assert len(set(CLIENT_CODES)) == len(CLIENT_CODES)
    assert not set(CLIENT_CODES) & {code.text for code in Code}


def test_the_contexts_are_those_of_the_spec_with_the_same_fields() -> None:
    found: dict[str, list[tuple[int, ...]]] = {}
    for label, fields in re.findall(r'ctx\("([a-z-]+)"((?:, [^()"]*(?:\([^()]*\)[^()"]*)*)?)\)', SPEC):
        if label == "label":
            continue
        lengths = tuple(4 if n == "u32" else int(n) for n in re.findall(r"(?<=\s)(\d+|u32)(?=,|$)", fields))
        found.setdefault(label, []).append(lengths)
    assert found.keys() == FIELD_LENGTHS.keys()
    for label, forms in found.items():
        # In the definition of the case id the lengths of all fields are written; elsewhere some are in words.
        assert max(forms, key=len) == FIELD_LENGTHS[label] or label == "case", label


def test_no_context_is_the_beginning_of_another() -> None:
    made = [context(label, *map(bytes, lengths)) for label, lengths in FIELD_LENGTHS.items()]
    assert not [(a, b) for a in made for b in made if a is not b and b.startswith(a)]


def test_a_field_of_another_length_or_an_unknown_label_is_a_mistake_in_the_program() -> None:
    for wrong in (("mailbox",), ("mailbox", bytes(31)), ("mailbox", bytes(32), b""), ("mailboxes", bytes(32))):
        with pytest.raises(ValueError, match="context"):
            context(*wrong)  # type: ignore[arg-type]


def test_every_error_names_a_failure_of_the_spec() -> None:
    failures = {kind.failure for kind in (errors.MalformedError, errors.ForgedError, errors.StaleError)}
    assert failures == {"malformed", "forged", "stale"}


def test_an_account_name_stays_the_same_when_it_is_read_again() -> None:
    for typed in (" LAKIMIES ", "A\u0308", "\u212a", "ÄÄ", "İ"):
        assert account_name(account_name(typed)) == account_name(typed)
