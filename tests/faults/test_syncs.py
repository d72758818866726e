"""Every acknowledgement stands behind a data sync of what it acknowledges: seen from outside, in the system calls."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.storage import Storage
from tests.faults.tracing import STRACE, read_log, replies, traced_by, unsynced
from tests.faults.writers import Writers
from tests.provider import Provider
from tests.scenarios.server_process import ServerProcess

needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed")


@needs_strace
@pytest.mark.timeout(900)
async def test_every_acknowledgement_is_preceded_by_a_data_sync(
    own_server: Callable[..., ServerProcess],
    provider: Provider,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
    tmp_path: Path,
) -> None:
    assert STRACE is not None
    log, storage = tmp_path / "calls", Storage("sqlite")
    server = own_server(slot_ms=0, effort=1, settings={"LYHTY_CAPACITY": "1000"}, program=traced_by(STRACE, log))
    async with Writers(server.url, provider) as writers:
        await writers.hear(times(1_000, 100))
    await asyncio.to_thread(server.kill)

    calls = await asyncio.to_thread(read_log, log, server.pid)
    told = [act for act in writers.history.acts if act.answered_at is not None]
    answered = replies(told, calls)
    early = unsynced(answered, calls)
    tell(f"{storage.name}: {len(answered)} acknowledgements seen on the line, {len(early)} of them before their sync")
    assert len(answered) == len(told)
    assert early == []
