"""Every test here runs against every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lyhty_server.store.interface import Store
from lyhty_server.store.memory import MemoryStore
from lyhty_server.store.sql import SqlStore


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqlStore(tmp_path / "lyhty.db")
    await made.start()
    yield made
    await made.close()
