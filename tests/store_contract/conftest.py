"""Every test here runs against every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lyhty_server.store.interface import Store
from lyhty_server.store.memory import MemoryStore
from lyhty_server.store.sql import SqlStore


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    made: Store
    match request.param:
        case "memory":
            made = MemoryStore()
        case "sqlite":
            made = SqlStore(tmp_path / "lyhty.db")
        case _:
            made = SqlStore(request.getfixturevalue("postgres_url"))
    await made.start()
    yield made
    await made.close()
