"""Who watches the server sees trouble and never use: no figure tells that somebody asked for help."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from lyhty_server.bus.memory import MemoryBus
from lyhty_server.bus.port import Hear
from lyhty_server.config import Config, ConfigError
from lyhty_server.domain.watching import BY_THE_CALENDAR, EACH_DAY, EACH_MINUTE, GAPS, GAUGES, OWN_FAULTS, LastHour
from lyhty_server.watching import WATCH
from lyhty_wire.codes import Code
from lyhty_wire.hours import HOUR_S
from tests.ports import free_port
from tests.provider import DAY_S, Provider
from tests.raw_channel import RefusedByServerError, raw_channel
from tests.server.api_server import ApiServer, api_server
from tests.writing import write_report

SLOWNESS = ("lyhty_commit_seconds", "lyhty_slot_late_seconds")
LABELS = {"code": set(OWN_FAULTS), "work": {*EACH_MINUTE, *EACH_DAY}}


class Watched:
    """A server that is watched, and whoever watches it."""

    def __init__(self, api: ApiServer, port: int) -> None:
        self.api = api
        self.url = f"http://127.0.0.1:{port}/metrics"

    async def look(self) -> bytes:
        """As it is at this moment, without the wait for the minute to pass."""
        await self.api.app[WATCH].look()
        return await self.scrape()

    async def look_at_use(self) -> list[tuple[str, dict[str, str], float]]:
        """Without the two that tell how slow this machine is at this moment, whatever anybody does."""
        return [one for one in samples(await self.look()) if one[0] not in SLOWNESS]

    async def scrape(self) -> bytes:
        async with self.api.session.get(self.url) as response:
            assert response.status == 200
            return await response.read()

    async def told(self, name: str) -> dict[str, float]:
        return {",".join(labels.values()): value for each, labels, value in samples(await self.look()) if each == name}


def samples(page: bytes) -> list[tuple[str, dict[str, str], float]]:
    families = text_string_to_metric_families(page.decode())
    return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]


class BusThatIsCut(MemoryBus):
    def __init__(self) -> None:
        super().__init__([])

    async def start(self, hear: Hear, changed: Callable[[bool], None]) -> None:
        await super().start(hear, changed)
        self._changed = changed

    def cut(self) -> None:
        self._changed(False)


@pytest.fixture
async def watched(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    port = free_port()
    async with api_server(provider, tmp_path, monkeypatch, slot_ms=20, metrics_port=port) as api:
        watched = Watched(api, port)
        while 0 in (await watched.told("lyhty_round_seconds")).values():
            pass  # until each work has been done once: what time does is not use
        yield watched


async def test_reports_answers_and_whoever_comes_back_leave_every_figure_as_it_was(
    watched: Watched, provider: Provider
) -> None:
    before = await watched.look_at_use()
    for _ in range(12):
        written = write_report(provider.directory)
        async with raw_channel(watched.api.url) as channel:
            await channel.open(written.case, written.keys.auth)
            await channel.put(written.chat("Is anybody there?").envelope)
            during = await watched.look_at_use()
        async with raw_channel(watched.api.url) as channel:
            await channel.resume(written.keys, written.instance)
    assert [during, await watched.look_at_use()] == [before, before]


async def test_picture_words_that_nobody_has_and_refused_calls_leave_every_figure_as_it_was(
    watched: Watched, provider: Provider
) -> None:
    before = await watched.look_at_use()
    for _ in range(12):
        assert (await watched.api.get("/api/nothing")).status == 404
        assert (await watched.api.get("/api/queues/lawyer", "no-token")).status == 401
        stranger = write_report(provider.directory)
        async with raw_channel(watched.api.url) as channel:
            with pytest.raises(RefusedByServerError):
                await channel.resume(stranger.keys, stranger.instance)
    assert await watched.look_at_use() == before


async def test_the_figures_are_those_of_the_list_and_no_others(watched: Watched) -> None:
    told = samples(await watched.look())
    of_others = {"lyhty_certificate_days", "lyhty_bus_up", "lyhty_bus_gaps_last_hour"}
    assert {name for name, _, _ in told} == set(GAUGES) - of_others
    for name, labels, _ in told:
        assert set(labels) == {GAUGES[name].label} - {None}
        assert all(value in LABELS[label] for label, value in labels.items())


async def test_a_scrape_between_two_looks_tells_nothing_new(watched: Watched) -> None:
    page = await watched.look()
    watched.api.clock.now_s += 30
    assert await watched.scrape() == page


@pytest.mark.parametrize("name", [name for name, gauge in GAUGES.items() if gauge.steps != BY_THE_CALENDAR])
def test_what_people_can_move_is_told_in_steps(name: str) -> None:
    steps = GAUGES[name].steps
    assert list(steps) == sorted(set(steps))
    assert steps[0] > 0


@given(st.sampled_from(sorted(GAUGES)), st.floats(0, 2**40))
def test_nothing_is_told_below_the_first_step_and_only_steps_above(name: str, value: float) -> None:
    gauge = GAUGES[name]
    if gauge.steps == BY_THE_CALENDAR:
        assert gauge.told(value) == value
    else:
        assert gauge.told(value) in {0, *(step for step in gauge.steps if step <= value)}
        assert (gauge.told(value) == 0) == (value < gauge.steps[0])


def test_only_codes_that_are_the_servers_own_doing_are_told() -> None:
    assert all(Code.from_text(code).status == 503 for code in OWN_FAULTS)


def test_errors_of_an_hour_are_told_when_it_is_over_and_for_one_hour() -> None:
    faults = LastHour()
    for _ in range(3):
        faults.add("busy", 100)
    assert [faults.told("busy", hour) for hour in (100, 101, 102)] == [0, 3, 0]


def test_an_hour_without_anything_leaves_nothing_of_the_one_before_it() -> None:
    faults = LastHour()
    faults.add("busy", 100)
    assert faults.told("busy", 102) == 0


async def test_a_bug_shows_in_the_next_hour(watched: Watched) -> None:
    watched.api.clock.now_s = int(time.time())
    watched.api.app[WATCH].journal.write_error(RuntimeError("a bug"))
    assert await watched.told("lyhty_bugs_last_hour") == {"": 0}
    watched.api.clock.now_s += HOUR_S
    assert await watched.told("lyhty_bugs_last_hour") == {"": 1}


@pytest.mark.parametrize(("refused", "told"), [(9, 0), (10, 10)])
async def test_ten_refusals_of_an_hour_are_told_and_nine_are_not(watched: Watched, refused: int, told: int) -> None:
    await watched.api.store.close()
    for _ in range(refused):
        assert await watched.api.start_sign_in("somebody") == {"code": "storage-failed"}
    watched.api.clock.now_s = int(time.time()) + HOUR_S
    assert await watched.told("lyhty_errors_last_hour") == {"busy": 0, "storage-failed": told}


async def test_a_database_that_does_not_answer_is_told(watched: Watched) -> None:
    assert await watched.told("lyhty_database_up") == {"": 1}
    await watched.api.store.close()
    assert await watched.told("lyhty_database_up") == {"": 0}


async def test_each_work_tells_when_it_was_last_done_and_keeps_that_while_it_fails(watched: Watched) -> None:
    begun_s = watched.api.clock.now_s
    await watched.api.store.close()
    watched.api.clock.now_s += 3 * HOUR_S
    assert await watched.told("lyhty_round_seconds") == dict.fromkeys((*EACH_MINUTE, *EACH_DAY), begun_s)


async def test_whether_the_others_can_be_heard_is_told_and_what_did_not_come_an_hour_later(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, bus = free_port(), BusThatIsCut()
    async with api_server(provider, tmp_path, monkeypatch, metrics_port=port, bus=bus) as api:
        watched = Watched(api, port)
        await api.journaled.says("bus-found")
        assert await watched.told("lyhty_bus_up") == {"": 1}
        bus.cut()
        watched.api.clock.now_s = int(time.time())
        watched.api.app[WATCH].journal.count(GAPS)
        assert await watched.told("lyhty_bus_up") == {"": 0}
        assert await watched.told("lyhty_bus_gaps_last_hour") == {"": 0}
        watched.api.clock.now_s += HOUR_S
        assert await watched.told("lyhty_bus_gaps_last_hour") == {"": 1}


async def test_the_days_of_the_directory_run_out_and_below_zero(watched: Watched) -> None:
    watched.api.clock.now_s = watched.api.provider.directory_body.expires - 2 * DAY_S
    assert await watched.told("lyhty_directory_days") == {"": 2}
    watched.api.clock.now_s += 2 * DAY_S + 1
    assert await watched.told("lyhty_directory_days") == {"": -1}


async def test_nothing_else_is_answered_on_the_port_of_the_figures(watched: Watched) -> None:
    async with watched.api.session.get(watched.url.replace("/metrics", "/api/trust")) as response:
        assert response.status == 404


def test_who_is_not_watched_does_not_load_the_library() -> None:
    loads = "import lyhty_server.__main__, sys; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0


def test_a_host_of_figures_without_a_port_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="LYHTY_METRICS_PORT"):
        Config.from_environ({"LYHTY_METRICS_HOST": "10.0.0.1"}, tmp_path)


def test_unless_set_the_figures_are_told_to_this_computer_alone(tmp_path: Path) -> None:
    config = Config.from_environ({"LYHTY_METRICS_PORT": "9400"}, tmp_path)
    assert (config.metrics_host, config.metrics_port) == ("127.0.0.1", 9400)
    assert Config.from_environ({}, tmp_path).metrics_port is None
