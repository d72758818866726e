"""Reading a service's audit log from its first entry, and keeping a copy of it (SPEC 9.10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lyhty_client.departure import FASTER, MAX_TRIES
from lyhty_client.errors import ClientError, RefusedError
from lyhty_client.expert import ExpertDesk
from lyhty_crypto.audit import AuditLog, Authors, BrokenLogError, Point
from lyhty_wire.audit import Entry, Kind
from lyhty_wire.desk import AnyBytes, EntryBytes, Seconds
from lyhty_wire.directories import Directory, TrustBundle
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import InstanceId, digest


class Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A copy of a log, with the trust bundle of that moment: who may have signed."""

    made: Seconds
    trust: AnyBytes
    entries: list[EntryBytes]

    @classmethod
    def read(cls, file: Path) -> "Saved":
        try:
            return msgspec.json.decode(file.read_bytes(), type=cls)
        except msgspec.MsgspecError as error:
            raise ClientError("audit-broken", f"{file} is not a copy of a log: {error}") from None

    def write(self, file: Path) -> None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")

    def directory(self, anchor: InstanceId) -> Directory:
        """Verified at the time it was made."""
        return TrustBundle.decode(b64decode(self.trust)).verify(anchor, self.made)


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a log holds, and what is wrong with it there."""

    entries: tuple[Entry, ...]
    point: Point
    broken: BrokenLogError | None
    is_directory_logged: bool
    """Whether some entry is the key act that made the directory. One from the server's own disk has none."""


async def fetch(expert: ExpertDesk) -> Saved:
    """All of it. For coordinators."""
    entries: list[str] = []
    while True:
        page = await expert.desk.audit(len(entries))
        entries += page.entries
        if not page.more or not page.entries:
            break
    # Asked for last: it names whoever has signed until now.
    return Saved(expert.now_s, b64encode(await expert.desk.trust()), entries)


async def witness(expert: ExpertDesk) -> None:
    """Signs where the log ends, having read all of it.

    Raises:
        BrokenLogError: it does not hold, and nothing is signed.
    """
    for tries in range(1, MAX_TRIES + 1):
        await expert.refresh()
        await expert.read_chain()
        instance = expert.expertise.directory.instance
        checked = check(await fetch(expert), instance)
        if checked.broken is not None:
            raise checked.broken
        point = checked.point
        entry = expert.expertise.entry(Kind.WITNESS, point.head, expert.now_s, length=point.length)
        try:
            await expert.desk.witness(entry)
        except RefusedError as refusal:
            if refusal.code not in FASTER or tries == MAX_TRIES:
                raise
            continue
        expert.expertise = expert.expertise.after(entry)
        return


def check(saved: Saved, anchor: InstanceId, earlier: Saved | None = None) -> Checked:
    """`earlier`: a copy from before, which this log must still begin with."""
    directory = saved.directory(anchor)
    seen = None
    if earlier is not None:
        before = _read(earlier.entries, AuditLog(Authors.of(earlier.directory(anchor))))
        if before.broken is not None:
            return _checked(before, earlier)
        seen = before.log.point
    return _checked(_read(saved.entries, AuditLog(Authors.of(directory), seen=seen)), saved)


@dataclass(frozen=True, slots=True)
class _Reading:
    log: AuditLog
    entries: tuple[Entry, ...]
    broken: BrokenLogError | None


def _read(encoded: Iterable[str], log: AuditLog) -> _Reading:
    entries: list[Entry] = []
    try:
        for each in encoded:
            entries.append(log.add(b64decode(each)))  # noqa: PERF401 - those before a break count
        log.end()
    except BrokenLogError as broken:
        return _Reading(log, tuple(entries), broken)
    return _Reading(log, tuple(entries), None)


def _checked(reading: _Reading, saved: Saved) -> Checked:
    directory = digest(TrustBundle.decode(b64decode(saved.trust)).directory)
    is_logged = any(entry.kind is Kind.KEY_ACT and entry.subject == directory for entry in reading.entries)
    return Checked(reading.entries, reading.log.point, reading.broken, is_logged)
