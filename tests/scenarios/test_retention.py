"""A case whose time is over: it goes while the server runs, its experts lose it from their lists, and its reporter, who
comes back too late, hears that it has been erased and not that the words are wrong."""

import asyncio
import sqlite3
from collections.abc import Callable

import pytest

from lyhty_client.errors import ClientError
from lyhty_server.domain.retention import DAY_S
from lyhty_wire.ids import LAWYER, PSYCHOLOGIST
from tests.patience import PATIENCE_S
from tests.provider import Provider
from tests.scenarios.actors import expert, now, reporter
from tests.scenarios.server_process import ServerProcess

MakeServer = Callable[..., ServerProcess]


def let_days_pass(server: ServerProcess, days: int) -> None:
    """While it is stopped: as if all that has happened had happened so long ago."""
    raw = sqlite3.connect(server.data / "lyhty.db")
    raw.execute(
        "INSERT OR REPLACE INTO quiet_cases SELECT case_seq, last_seq, "
        "EXISTS (SELECT 1 FROM closed_cases WHERE closed_cases.case_seq = cases.case_seq), ? FROM cases",
        (now() // DAY_S - days,),
    )
    raw.commit()
    raw.close()


async def writes_down(server: ServerProcess, event: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while event not in await asyncio.to_thread(lambda: server.stderr):
            pass


@pytest.mark.parametrize("days", [{}, {"LYHTY_KEEP_DAYS": "30"}])
async def test_a_closed_case_is_gone_after_its_time_for_everybody(
    own_server: MakeServer, provider: Provider, days: dict[str, str]
) -> None:
    server = own_server(settings=days)
    async with reporter(server.url) as pupil, expert(server.url, provider, provider.lawyer) as lawyer:
        await pupil.tells("They shared a picture of me.")
        held = await lawyer.claims(pupil.case)
        await lawyer.answers(held, did_right="You told somebody.")
        await lawyer.closes(pupil.case)
    server.stop()
    let_days_pass(server, int(days.get("LYHTY_KEEP_DAYS", "90")) + 7)
    server.restart()
    await writes_down(server, "cases-expired")
    async with (
        reporter(server.url, phrase=pupil.phrase) as again,
        expert(server.url, provider, provider.lawyer) as lawyer,
    ):
        with pytest.raises(ClientError, match="case-erased"):
            await again.comes_back()
        with pytest.raises(ClientError, match="case-erased"):
            await lawyer.claims(pupil.case)


async def test_a_case_that_nobody_answered_is_still_in_its_queues_after_half_a_year(
    own_server: MakeServer, provider: Provider
) -> None:
    server = own_server()
    async with (
        reporter(server.url) as pupil,
        reporter(server.url) as other,
        expert(server.url, provider, provider.lawyer) as lawyer,
    ):
        await pupil.tells("They shared a picture of me.", of=[LAWYER, PSYCHOLOGIST])
        await other.tells("They shared a picture of me, too.")
        held = await lawyer.claims(other.case)
        await lawyer.answers(held, did_right="You told somebody.")
    server.stop()
    let_days_pass(server, 180)
    server.restart()
    await writes_down(server, "cases-expired")  # the answered one, which came later
    async with expert(server.url, provider, provider.psychologist) as psychologist:
        assert await psychologist.finds(pupil.case) is not None
