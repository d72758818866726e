"""What the server tells of itself to who watches it, and in how coarse steps (THREAT_MODEL: what figures tell).

Whoever reads the figures may know that a certain pupil sat at a computer at a certain minute. So a figure tells of
trouble and never of use: nothing counts what people do, and whatever their doings move is told in steps that begin
where trouble begins. Below, an hour with one report reads as an hour with a hundred and as one with none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MIB: Final = 1_048_576
SHARES: Final = (0.5, 0.75, 0.9, 1.0)
BY_THE_CALENDAR: Final = ()
"""Told as it is: only time moves it."""


@dataclass(frozen=True, slots=True)
class Gauge:
    means: str
    steps: tuple[float, ...]
    label: str | None = None

    def told(self, value: float) -> float:
        """The highest step that has been reached; 0 below the first."""
        if self.steps == BY_THE_CALENDAR:
            return value
        return max((step for step in self.steps if step <= value), default=0)


GAUGES: Final[Mapping[str, Gauge]] = {
    "lyhty_started_seconds": Gauge("When this process began, in seconds since 1970.", BY_THE_CALENDAR),
    "lyhty_looked_seconds": Gauge("When these figures were taken, once a minute.", BY_THE_CALENDAR),
    "lyhty_database_up": Gauge("1: the database answered within five seconds.", (1,)),
    "lyhty_bus_up": Gauge("1: the other processes can be heard; told where LYHTY_BUS_URL is set.", (1,)),
    "lyhty_bus_gaps_last_hour": Gauge(
        "How often news of another process were missing, of the last hour.", (1, 10, 100)
    ),
    "lyhty_round_seconds": Gauge("When this process last did this work without a fault.", BY_THE_CALENDAR, "work"),
    "lyhty_commit_seconds": Gauge("The slowest transaction of five minutes.", (0.1, 0.25, 0.5, 1, 2.5, 5)),
    "lyhty_write_queue_share": Gauge("Of the room for writes that wait.", (0.25, 0.5, 0.75, 1.0)),
    "lyhty_slot_late_seconds": Gauge("The latest slot of all channels in five minutes.", (0.1, 0.25, 0.5, 1, 3)),
    "lyhty_channels_share": Gauge("Open pages, of LYHTY_CHANNELS.", SHARES),
    "lyhty_held_share": Gauge("Of the memory for what is half sent or unread.", SHARES),
    "lyhty_price_step": Gauge("How often the work for opening a case has been doubled.", (1, 2, 3)),
    "lyhty_errors_last_hour": Gauge("Answers with this code in the last whole hour.", (10, 100, 1_000, 10_000), "code"),
    "lyhty_bugs_last_hour": Gauge("Bugs met in the last whole hour; the journal says where.", (1, 10, 100, 1_000)),
    "lyhty_memory_bytes": Gauge(
        "Resident memory of this process.", tuple(float(n * MIB) for n in (256, 512, 1024, 2048, 4096, 8192))
    ),
    "lyhty_open_files_share": Gauge("Of the files this process may open.", SHARES),
    "lyhty_disk_used_share": Gauge("Of the disk with the data folder.", (0.8, 0.9, 0.95, 0.99)),
    "lyhty_directory_days": Gauge("Whole days until the directory runs out.", BY_THE_CALENDAR),
    "lyhty_root_days": Gauge("Whole days until the root runs out.", BY_THE_CALENDAR),
    "lyhty_certificate_days": Gauge("Whole days until LYHTY_TLS_CERT runs out.", BY_THE_CALENDAR),
}

OWN_FAULTS: Final = ("busy", "storage-failed")
"""Codes that are the server's doing. What is refused for what somebody did is told of in no figure."""
BUGS: Final = "internal"
GAPS: Final = "bus-gap"
"""Counted once, however many were missing: how many there were is use."""
EACH_MINUTE: Final = ("leases", "promises")
EACH_DAY: Final = ("contributions", "retention", "scrubbing")
"""Works of `jobs/`, which one process does for all; whoever has not done one tells 0 of it."""


class LastHour:
    """Counts by the clock's hours, and tells only of the hour that is over: as coarse as what is stored (SPEC 8)."""

    def __init__(self) -> None:
        self._hour = 0
        self._counts: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def add(self, what: str, hour: int) -> None:
        self._turn(hour)
        self._counts[what] = self._counts.get(what, 0) + 1

    def told(self, what: str, hour: int) -> int:
        self._turn(hour)
        return self._last.get(what, 0)

    def _turn(self, hour: int) -> None:
        if hour != self._hour:
            self._last = self._counts if hour == self._hour + 1 else {}
            self._hour, self._counts = hour, {}
