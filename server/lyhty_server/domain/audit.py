"""Which entry may come next in the audit log (SPEC 9.10)."""

from collections.abc import Collection
from dataclasses import dataclass

from lyhty_server.domain.errors import DomainError
from lyhty_wire.audit import Entry, Kind
from lyhty_wire.codes import Code
from lyhty_wire.ids import NO_HEAD, ExpertId, Head, InstanceId, SignKey, digest


@dataclass(frozen=True, slots=True)
class LogEnd:
    """Where the log ends."""

    length: int = 0
    head: Head = NO_HEAD
    directory_version: int = 0


def check_author(entry: Entry, instance: InstanceId, author: ExpertId, sign: SignKey, newest_version: int) -> None:
    """Whoever is signed in signs for themselves, and for no directory that is still to come.

    Raises:
        ForgedError: the signature does not hold.
    """
    if (entry.instance, entry.author) != (instance, author) or entry.directory_version > newest_version:
        raise DomainError(Code.OPERATION_MALFORMED)
    entry.verify(sign)


def check_key_act(entry: Entry, directory: bytes, version: int) -> None:
    check_says(entry, {Kind.KEY_ACT}, digest(directory))
    if entry.directory_version != version:
        raise DomainError(Code.OPERATION_MALFORMED)


def check_says(entry: Entry, kinds: Collection[Kind], subject: bytes) -> None:
    if entry.kind not in kinds or entry.subject != subject:
        raise DomainError(Code.OPERATION_MALFORMED)


def check_follows(entry: Entry, own: Entry | None, end: LogEnd) -> None:
    """`own`: the author's last entry. Another device of theirs, or another act, may have been faster."""
    after = (1, NO_HEAD) if own is None else (own.counter + 1, own.head())
    if (entry.counter, entry.previous_head) != after:
        raise DomainError(Code.COUNTER_CONFLICT)
    if entry.directory_version < end.directory_version:
        raise DomainError(Code.DIRECTORY_OUTDATED)
    if entry.kind is Kind.WITNESS and (entry.length, entry.subject) != (end.length, end.head):
        raise DomainError(Code.COUNTER_CONFLICT)
