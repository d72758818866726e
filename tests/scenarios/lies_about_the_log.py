"""Lies about the audit log: what a malicious server could hand out in its place, each under the name of what is done.

The log that they are told about: the lawyer opens two cases, a coordinator signs a directory and reads the log, the
lawyer opens a third, and the coordinator reads it once more and sees that nothing has happened since but that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from lyhty_crypto.audit import Author, OwnChain
from lyhty_crypto.keys import SigningKey
from lyhty_wire.audit import Entry, Kind
from lyhty_wire.ids import ExpertId
from tests.provider import Provider

SERVERS_KEY: Final = SigningKey(bytes(range(32)))
Log = Sequence[bytes]


@dataclass(frozen=True)
class LogLie:
    name: str
    change: Callable[[Log, Provider], Log]
    breach: str
    needs_memory: bool = False
    """Seen only by who has seen the log before."""

    def __str__(self) -> str:
        return self.name


def _invented(log: Log, author: ExpertId, kind: Kind = Kind.OPENING) -> bytes:
    """Signed with the server's own key, and fitting in every other way."""
    entries = [Entry.decode(each) for each in log]
    own = [entry for entry in entries if entry.author == author]
    chain = OwnChain.after(own[-1] if own else None)
    made: Entry = Author(entries[0].instance, author, SERVERS_KEY, entries[-1].directory_version).entry(
        chain, kind, bytes(32), entries[-1].hour * 3_600
    )
    return made.encode()


def _with_byte(entry: bytes, at: int) -> bytes:
    return entry[:at] + bytes((entry[at] ^ 1,)) + entry[at + 1 :]


def _without(log: Log, who: ExpertId) -> Log:
    return [each for each in log if Entry.decode(each).author != who]


_HOUR_AT: Final = 92  # its last byte
_SUBJECT_AT: Final = 94

LOG_LIES: Final = (
    LogLie("an opening in the middle is left out", lambda log, _: [log[0], *log[2:]], "contradicted"),
    LogLie("the key act is left out", lambda log, _: [*log[:2], *log[3:]], "gap"),
    LogLie("all that one person did is left out", lambda log, of: _without(log, of.lawyer.id), "contradicted"),
    LogLie("two acts of different people change places", lambda log, _: [log[0], log[2], log[1], *log[3:]], "disorder"),
    LogLie("an opening is told twice", lambda log, _: [*log[:2], *log[1:]], "gap"),
    LogLie("an hour is changed", lambda log, _: [_with_byte(log[0], _HOUR_AT), *log[1:]], "forged"),
    LogLie("what was opened is changed", lambda log, _: [_with_byte(log[0], _SUBJECT_AT), *log[1:]], "forged"),
    LogLie(
        "an opening is made up in somebody's name",
        lambda log, of: [*log, _invented(log, of.psychologist.id)],
        "forged",
    ),
    LogLie("somebody is made up", lambda log, _: [*log, _invented(log, ExpertId(bytes(16)))], "stranger"),
    LogLie("a witness is left out before another", lambda log, _: [*log[:3], *log[4:]], "gap"),
    LogLie("the end is cut off", lambda log, _: log[:-1], "shorter", needs_memory=True),
    LogLie("the whole log is gone", lambda _log, _: [], "shorter", needs_memory=True),
    LogLie(
        "an older end is handed out with what the server makes of it",
        lambda log, of: [*log[:2], _invented(log[:2], of.psychologist.id)],
        "forged",
        needs_memory=True,
    ),
)
