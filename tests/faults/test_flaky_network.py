"""Wi-Fi that breaks, stalls, crawls and shows pages of its own: each message arrives once, and nobody does anything."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

import pytest

from lyhty_client import channel
from lyhty_client.happenings import Stopped
from lyhty_wire.ids import digest
from tests.faults.history import History, Row, Stored, StoredCase, check
from tests.faults.proxy import FAULTS, Fate, FlakyNetwork, flaky
from tests.faults.storage import Storage
from tests.scenarios.actors import Reporter, reporter
from tests.scenarios.server_process import FAST_SLOT_MS, ServerProcess

SEED: Final = 32
FASTER: Final = 1000 // FAST_SLOT_MS
MESSAGES: Final = 10
"""Of each reporter, the report among them."""
AT_ONCE: Final = 5
"""As many as a machine carries at such a pace without being late, which would look like a bad line."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty times faster than in life, as the slots are fifty times faster."""
    monkeypatch.setattr(channel, "SILENT_S", 0.5)
    monkeypatch.setattr(channel, "LONGEST_RETRY_S", 0.2)
    monkeypatch.setattr(channel, "OPEN_WITHIN_S", 2)


async def tell_all(pupil: Reporter, name: str, history: History) -> None:
    """A report and what follows it, each after the one before has been acknowledged."""
    for number in range(1, MESSAGES + 1):
        text = f"{name}, message {number}"
        act = history.ask(digest(name.encode()), text.encode())
        await (pupil.tells(text) if number == 1 else pupil.writes(text))
        history.acknowledge(act, number)


async def tell_at_once(network: FlakyNetwork, names: list[str], history: History) -> dict[str, Reporter]:
    """They open the site while all is well."""
    network.fates = [Fate.WHOLE]
    async with AsyncExitStack() as stack:
        pupils = {name: await stack.enter_async_context(reporter(network.url)) for name in names}
        network.fates = FAULTS
        network.cut_all()
        await asyncio.gather(*(tell_all(pupil, name, history) for name, pupil in pupils.items()))
    assert not any(isinstance(each, Stopped) for pupil in pupils.values() for each in pupil.happened)
    return pupils


async def read_back(url: str, pupil: Reporter) -> StoredCase:
    """With the phrase, on a line that holds."""
    async with reporter(url, phrase=pupil.phrase) as again:
        await again.comes_back()
        rows = [Row(seq, text.encode()) for seq, text in enumerate(again.texts, 1)]
        return StoredCase(len(rows), rows)


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("impatient")
async def test_every_message_arrives_once_over_a_network_that_does_everything_networks_do(
    own_server: Callable[..., ServerProcess],
    storage: Storage,
    times: Callable[[int, int], int],
    tell: Callable[[str], None],
) -> None:
    server, history = own_server(settings=storage.settings), History()
    pupils: dict[str, Reporter] = {}
    async with flaky(server.url, SEED, [Fate.WHOLE], FASTER) as network:
        for start in range(0, times(500, 50) // MESSAGES, AT_ONCE):
            names = [f"Pupil {number}" for number in range(start, start + AT_ONCE)]
            pupils |= await tell_at_once(network, names, history)
        met = network.met
    read = {digest(name.encode()): await read_back(server.url, pupil) for name, pupil in pupils.items()}
    await asyncio.to_thread(server.stop)

    faults = check(history.acts, Stored(read, frozenset(), len(read)))
    in_tables = storage.read(server.data)
    tell(
        f"{storage.name}: {history.acknowledged} of {len(pupils) * MESSAGES} messages over {met.total()} connections, "
        f"{len(faults)} lost or doubled ({', '.join(f'{fate.value} {met[fate]}' for fate in FAULTS)})"
    )
    assert faults == []
    assert sorted(case.last_seq for case in in_tables.cases.values()) == [MESSAGES] * len(pupils)
    assert all(met[fate] for fate in FAULTS)
