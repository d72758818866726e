"""A provider for all tests of a worker, and a server in this process for each."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.provider import Provider, make_provider
from tests.server.api_server import ApiServer, api_server


@pytest.fixture(scope="session")
def provider() -> Provider:
    return make_provider(int(time.time()))


@pytest.fixture
async def api(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApiServer]:
    async with api_server(provider, tmp_path, monkeypatch) as server:
        yield server
