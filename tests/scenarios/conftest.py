"""One provider and one server process for a worker's stories, and fresh ones for stories about servers themselves."""

import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.provider import Provider, make_provider
from tests.scenarios.lying_server import LyingServer, lying_server
from tests.scenarios.server_process import FAST_SLOT_MS, LITTLE_EFFORT, SERVER, ServerProcess


@pytest.fixture(scope="session")
def provider() -> Provider:
    return make_provider(int(time.time()))


@pytest.fixture(scope="session")
def fresh_folder(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the ceremony leaves it. Copy it."""
    return provider.write(tmp_path_factory.mktemp("ceremony") / "data")


@pytest.fixture(scope="session")
def shared_server(fresh_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = Path(shutil.copytree(fresh_folder, tmp_path_factory.mktemp("shared") / "data"))
    # One person of a story holds what ten would.
    with ServerProcess(folder, settings={"LYHTY_CAPACITY": "1000"}) as server:
        yield server.start()


@pytest.fixture
def server(shared_server: ServerProcess) -> Iterator[ServerProcess]:
    """For stories whose cases do not disturb one another. Whatever happened, it must not have met a bug."""
    before = shared_server.stderr.count("internal-error")
    yield shared_server
    assert shared_server.returncode is None
    assert shared_server.stderr.count("internal-error") == before, shared_server.stderr


@pytest.fixture
async def liar(server: ServerProcess) -> AsyncIterator[LyingServer]:
    """Between the server and whoever asks `liar.url`."""
    async with lying_server(server.url) as lying:
        yield lying


@pytest.fixture
def own_server(fresh_folder: Path, tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Makes servers of one's own, to stop, kill and start again. All are on copies of the same fresh folder."""
    made: list[ServerProcess] = []

    def make(
        *,
        slot_ms: int | None = FAST_SLOT_MS,
        effort: int | None = LITTLE_EFFORT,
        settings: Mapping[str, str] = MappingProxyType({}),
        program: tuple[str, ...] = SERVER,
        kind: type[ServerProcess] = ServerProcess,
    ) -> ServerProcess:
        folder = Path(shutil.copytree(fresh_folder, tmp_path / f"data-{len(made)}"))
        made.append(kind(folder, slot_ms=slot_ms, effort=effort, settings=settings, program=program))
        return made[-1].start()

    yield make
    for server in made:
        server.__exit__()
