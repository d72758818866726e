"""In which order the workers take the files: what takes long comes first, so that none has it left at the end."""

from typing import Final

import pytest

LONGEST_FIRST: Final = (
    "tests/browser/test_layout.py",
    "tests/browser/test_bad_input.py",
    "tests/browser/test_care.py",
    "tests/browser/test_lies.py",
    "tests/browser/test_lies_about_keys.py",
    "tests/browser/test_device.py",
    "tests/scenarios/test_kill.py",
    "tests/browser/test_rhythm.py",
    "tests/browser/test_traces.py",
    "tests/scenarios/test_killed_releases.py",
    "tests/scenarios/test_api_schema.py",
    "tests/architecture/test_reproducible.py",
    "tests/browser/",
    "tests/faults/",
    "tests/scenarios/",
    "tests/fuzz/",
)


def rank(item: pytest.Item) -> int:
    path = item.nodeid
    return next((nth for nth, start in enumerate(LONGEST_FIRST) if path.startswith(start)), len(LONGEST_FIRST))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank)
