"""What a watcher and a proxy may ask, and that it tells them nothing else."""

import pytest
from aiohttp import web

from lyhty_server.api.health import Health
from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code
from tests.server.api_server import ApiServer


async def asked(api: ApiServer, path: str) -> tuple[int, bytes]:
    answer = await api.get(path)
    return answer.status, answer.body


async def test_a_server_that_can_serve_says_so(api: ApiServer) -> None:
    assert await asked(api, "/healthz") == (200, b"alive\n")
    assert await asked(api, "/readyz") == (200, b"ready\n")


async def test_without_its_database_it_lives_and_is_not_ready(api: ApiServer) -> None:
    await api.store.close()
    assert await asked(api, "/healthz") == (200, b"alive\n")
    assert await asked(api, "/readyz") == (503, b"not ready\n")


async def test_without_its_bus_it_says_so_and_people_are_sent_to_it_all_the_same() -> None:
    for hears, said in ((None, "ready\n"), (True, "ready\n"), (False, "ready, without the bus\n")):
        request: web.Request = None  # type: ignore[assignment] - nothing of it is looked at
        answer = await Health([answered], lambda hears=hears: hears).ready(request)  # type: ignore[misc]
        assert (answer.status, answer.text) == (200, said)


async def answered() -> None:
    pass


async def silent() -> None:
    raise DomainError(Code.STORAGE_FAILED)


async def status(health: Health) -> int:
    request: web.Request = None  # type: ignore[assignment] - nothing of it is looked at
    return (await health.ready(request)).status


@pytest.mark.parametrize(("checks", "expected"), [([answered], 200), ([answered, silent], 503), ([], 200)])
async def test_everything_it_stands_on_must_answer(checks: list, expected: int) -> None:  # type: ignore[type-arg]
    assert await status(Health(checks)) == expected


async def test_once_it_is_leaving_nobody_is_sent_to_it() -> None:
    health = Health([answered])
    health.leave()
    assert await status(health) == 503
