"""Servers that any test may ask for; and what makes all tests faster: their order, no password stretched twice."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import pytest
from argon2.low_level import hash_secret_raw

from lyhty_crypto import experts, exports, passphrase

pytest_plugins = ["tests.servers.postgres"]

LONGEST_FIRST: Final = (
    "tests/browser/test_layout.py",
    "tests/browser/test_bad_input.py",
    "tests/browser/test_care.py",
    "tests/browser/test_lies.py",
    "tests/browser/test_lies_about_keys.py",
    "tests/browser/test_device.py",
    "tests/faults/",
    "tests/browser/test_rhythm.py",
    "tests/browser/test_traces.py",
    "tests/scenarios/test_killed_releases.py",
    "tests/scenarios/test_api_schema.py",
    "tests/architecture/test_reproducible.py",
    "tests/browser/",
    "tests/scenarios/",
    "tests/fuzz/",
)
"""What takes long is given out first, so that no worker is left alone with it at the end."""


def rank(item: pytest.Item) -> int:
    path = item.nodeid
    return next((nth for nth, start in enumerate(LONGEST_FIRST) if path.startswith(start)), len(LONGEST_FIRST))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def argon2id_once() -> Iterator[None]:
    """It takes a fifth of a second and gives the same for the same: a worker works it out once for each input."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(hash_secret_raw)
        for module in (experts, exports, passphrase):
            patch.setattr(module, "hash_secret_raw", once)
        yield
