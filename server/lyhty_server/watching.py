"""The figures for who watches the server, on a listener of their own. Loaded only where LYHTY_METRICS_PORT is set."""

import asyncio
import contextlib
import os
import resource
import shutil
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import web
from cryptography import x509
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from lyhty_server.api.context import Server
from lyhty_server.api.security import add_headers
from lyhty_server.clock import hour_of
from lyhty_server.config import Config
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.watching import BUGS, GAPS, GAUGES, OWN_FAULTS
from lyhty_server.jobs.rounds import Rounds
from lyhty_server.journal import Journal

LOOK_S: Final = 60.0
"""Between two looks. A scrape reads what the last look wrote, so that asking often tells nothing more exactly."""
LOOKS_KEPT: Final = 5
ANSWER_WITHIN_S: Final = 5.0
DAY_S: Final = 86_400
FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"

Readings = dict[str, float | Mapping[str, float]]
"""By name; with a label, by its value."""


class Watch:
    def __init__(self, server: Server, config: Config, rounds: Rounds, hears: Callable[[], bool | None]) -> None:
        """`hears`: None where there is no bus."""
        self._server = server
        self._rounds = rounds
        self._hears = hears
        self._config = config
        self._started_s = server.clock()
        self._commits: deque[float] = deque(maxlen=LOOKS_KEPT)
        self._slots: deque[float] = deque(maxlen=LOOKS_KEPT)
        self.page = b""

    @property
    def journal(self) -> Journal:
        return self._server.journal

    async def look(self) -> None:
        self.page = _written(await self._read())

    async def look_forever(self) -> None:
        """Until cancelled; `look` once before, as two looks at once leave the older page."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def _read(self) -> Readings:
        server, now_s = self._server, self._server.clock()
        self._commits.append(server.store.slowest_commit_s())
        self._slots.append(server.slots.latest_s())
        hour, body = hour_of(now_s), server.trust.directory.body
        readings: Readings = {
            "lyhty_started_seconds": self._started_s,
            "lyhty_looked_seconds": now_s,
            "lyhty_database_up": await self._database_is_up(),
            "lyhty_round_seconds": self._rounds.done_s.copy(),
            "lyhty_commit_seconds": max(self._commits),
            "lyhty_write_queue_share": server.store.queue_share,
            "lyhty_slot_late_seconds": max(self._slots),
            "lyhty_channels_share": server.room.channels_share,
            "lyhty_held_share": server.room.held_share,
            "lyhty_price_step": server.gate.price_step,
            "lyhty_errors_last_hour": {code: self.journal.faults.told(code, hour) for code in OWN_FAULTS},
            "lyhty_bugs_last_hour": self.journal.faults.told(BUGS, hour),
            "lyhty_memory_bytes": memory_bytes(),
            "lyhty_open_files_share": open_files_share(),
            "lyhty_disk_used_share": disk_used_share(self._config.data),
            "lyhty_directory_days": (body.expires - now_s) // DAY_S,
            "lyhty_root_days": (server.trust.directory.root.body.expires - now_s) // DAY_S,
        }
        hears = self._hears()
        if hears is not None:
            readings |= {"lyhty_bus_up": hears, "lyhty_bus_gaps_last_hour": self.journal.faults.told(GAPS, hour)}
        if self._config.tls_cert is not None:
            until = certificate_until(self._config.tls_cert)
            readings["lyhty_certificate_days"] = (int(until.timestamp()) - now_s) // DAY_S
        return readings

    async def _database_is_up(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._server.store.trust()
        except (DomainError, TimeoutError):
            return False
        return True


WATCH: Final = web.AppKey("watch", Watch)


def watched(
    watch: Watch, host: str, port: int, opened: socket.socket | None
) -> Callable[[web.Application], AsyncIterator[None]]:
    """For an app's `cleanup_ctx`: looks once a minute, and answers `GET /metrics` on the other port, or on the socket
    that is `opened` for it already."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(body=watch.page, headers={"Content-Type": FORMAT})

    async def run(_app: web.Application) -> AsyncIterator[None]:
        metrics = web.Application()
        metrics.router.add_get("/metrics", page)
        metrics.on_response_prepare.append(add_headers)
        runner = web.AppRunner(metrics, access_log=None)
        await runner.setup()
        await watch.look()
        await (web.TCPSite(runner, host, port) if opened is None else web.SockSite(runner, opened)).start()
        looking = asyncio.create_task(watch.look_forever())
        yield
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        await runner.cleanup()

    return run


def memory_bytes() -> int:
    _size, resident, *_others = Path("/proc/self/statm").read_text().split()
    return int(resident) * resource.getpagesize()


def open_files_share() -> float:
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return len(os.listdir("/proc/self/fd")) / most  # noqa: PTH208 - ten thousand names, of which only the number is asked


def disk_used_share(folder: Path) -> float:
    disk = shutil.disk_usage(folder)
    return disk.used / (disk.used + disk.free)  # what only root may use counts as used up, as `df` has it


def certificate_until(path: Path) -> datetime:
    """The first of a chain is the server's own."""
    return x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc.astimezone(UTC)


class _Told(Collector):
    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, value in self._readings.items():
            gauge = GAUGES[name]
            family = GaugeMetricFamily(name, gauge.means, labels=[] if gauge.label is None else [gauge.label])
            for label, one in value.items() if isinstance(value, Mapping) else [(None, value)]:
                family.add_metric([] if label is None else [label], gauge.told(one))
            yield family


def _written(readings: Readings) -> bytes:
    # A registry of its own: the library's usual one tells processor time, which moves by one report.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(readings))
    return generate_latest(registry)
