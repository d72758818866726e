"""What the server may write down about itself: a closed list of events with a closed list of fields.

No free text, no address, no user agent, no path, no id of a case. A library that wants to log gets its
logger's name and level written down and nothing else: aiohttp, for one, would name the client's address.
"""

import logging
import sys
import threading
from typing import Final, TextIO

import structlog

from lyhty_server.clock import Clock, hour_of, system_clock
from lyhty_server.domain.watching import BUGS, LastHour

EVENTS: Final[dict[str, frozenset[str]]] = {
    "started": frozenset({"slot_ms", "directory_version"}),
    "stopped": frozenset(),
    "channels-limited-by-files": frozenset({"channels"}),
    "trust-imported": frozenset({"directory_version"}),
    "directory-certified": frozenset({"directory_version"}),
    "internal-error": frozenset({"error_type", "module", "line"}),
    "library-remark": frozenset({"logger", "level"}),
    "leases-lapsed": frozenset({"count"}),
    "promises-missed": frozenset({"count"}),
    "cases-expired": frozenset({"count"}),
    "notices-sent": frozenset({"count"}),
    "notices-refused": frozenset({"count"}),
    "notices-put-off": frozenset({"count"}),
    "bus-found": frozenset(),
    "bus-lost": frozenset(),
    "effort-changed": frozenset({"effort"}),
}


class Journal:
    """Writes only the events above; anything else is a bug and raises."""

    def __init__(self, out: TextIO | None = None, clock: Clock = system_clock) -> None:
        self._clock = clock
        self.faults = LastHour()
        self._logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            structlog.PrintLogger(out or sys.stderr),
            processors=[
                structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:00Z", utc=True),  # the hour is enough
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )

    def write(self, event: str, **fields: str | int) -> None:
        if EVENTS.get(event) != frozenset(fields):
            raise ValueError(f"event {event!r} with fields {sorted(fields)} is not on the list")
        self._logger.info(event, **fields)

    def count(self, fault: str) -> None:
        """For the figures alone; nothing is written."""
        self.faults.add(fault, hour_of(self._clock()))

    def write_error(self, error: BaseException) -> None:
        """The place and the kind of a bug, never its message: messages quote data."""
        self.count(BUGS)
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        module = trace.tb_frame.f_globals.get("__name__", "?") if trace else "?"
        self.write(
            "internal-error",
            error_type=type(error).__name__,
            module=str(module),
            line=trace.tb_lineno if trace else 0,
        )


class _Remarks(logging.Handler):
    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ConnectionError):
            return  # somebody went away in the middle of an answer, which is no bug
        if error is not None:
            self._journal.write_error(error)
        else:
            self._journal.write("library-remark", logger=record.name, level=record.levelname)


def quiet_libraries(journal: Journal) -> None:
    """Route every stdlib log record through the closed list; drop its text."""
    root = logging.getLogger()
    root.handlers[:] = [_Remarks(journal)]
    root.setLevel(logging.WARNING)
    logging.lastResort = None
    threading.excepthook = lambda died: journal.write_error(died.exc_value or SystemExit())
