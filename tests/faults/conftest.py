"""Faults by the hundred in `make faults`, which sets LYHTY_TEST_FAULTS; a few of each otherwise."""

import os
from collections.abc import Callable

import pytest

from tests.faults.storage import Storage
from tests.scenarios.conftest import fresh_folder, own_server, provider

__all__ = ["fresh_folder", "own_server", "provider"]


@pytest.fixture(scope="session")
def times() -> Callable[[int, int], int]:
    """`times(500, 20)`: how often something is tried, in `make faults` and in `make test`."""
    is_large = bool(os.environ.get("LYHTY_TEST_FAULTS"))
    return lambda large, small: large if is_large else small


@pytest.fixture(params=["sqlite"])
def storage(request: pytest.FixtureRequest) -> Storage:
    return Storage(request.param)


@pytest.fixture
def tell(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Prints a figure, even of a test that passes."""

    def say(figure: str) -> None:
        record_property("figure", figure)
        with capsys.disabled():
            print(f"\n    {figure}")

    return say
