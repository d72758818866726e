"""Faults by the hundred in `make faults`, which sets LYHTY_TEST_FAULTS; a few of each otherwise."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import URL

from tests.faults.seen import seen
from tests.faults.storage import Storage
from tests.scenarios.conftest import fresh_folder, own_server, provider

HAS_POSTGRES: Final = (Path(__file__).parents[1] / "servers" / "postgres.py").exists()
__all__ = ["fresh_folder", "own_server", "provider", "seen"]


@pytest.fixture(scope="session")
def times() -> Callable[[int, int], int]:
    """`times(500, 10)`: how often something is tried, in `make faults` and in `make test`."""
    is_large = bool(os.environ.get("LYHTY_TEST_FAULTS"))
    return lambda large, small: large if is_large else small


@pytest.fixture(params=["sqlite", *(["postgresql"] if HAS_POSTGRES else [])])
def storage(request: pytest.FixtureRequest) -> Storage:
    if request.param == "sqlite":
        return Storage(request.param)
    url: URL = request.getfixturevalue("postgres_url")
    return Storage(request.param, {"LYHTY_DATABASE_URL": url.render_as_string(hide_password=False)})


@pytest.fixture
def tell(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Prints a figure, even of a test that passes."""

    def say(figure: str) -> None:
        record_property("figure", figure)
        with capsys.disabled():
            print(f"\n    {figure}")

    return say
