"""Signing one's acts for the audit log, and reading the log so that nothing can be taken out of it (SPEC 9.10).

No I/O: a verifier is given the entries one by one, from the first or from where it last was.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from msgspec.structs import replace

from lyhty_crypto.errors import RefusedError
from lyhty_crypto.keys import SigningKey
from lyhty_wire.audit import HOUR_S, Entry, Kind, log_head
from lyhty_wire.directories import Directory
from lyhty_wire.errors import WireError
from lyhty_wire.ids import NO_HEAD, ExpertId, Head, InstanceId, SignKey


class BrokenLogError(RefusedError):
    """`breach` names what is wrong, `seq` the entry where it shows.

    unreadable: no entry of this instance; stranger: not by an expert, or by one who had left; forged: a signature does
    not hold; gap: an author's entry is missing, moved or repeated; disorder: an older directory after a newer one;
    contradicted: a witness saw another log; shorter, changed: not the log that was seen here before.
    """

    def __init__(self, breach: str, seq: int) -> None:
        super().__init__("audit-broken", f"{breach} at entry {seq}")
        self.breach = breach
        self.seq = seq


@dataclass(frozen=True, slots=True)
class OwnChain:
    """Where an author's own entries end."""

    counter: int = 0
    head: Head = NO_HEAD

    @classmethod
    def after(cls, entry: Entry | None) -> "OwnChain":
        return cls() if entry is None else cls(entry.counter, entry.head())


@dataclass(frozen=True, slots=True)
class Author:
    """Whoever signs entries, and the directory they go by."""

    instance: InstanceId
    expert: ExpertId
    sign: SigningKey
    directory_version: int

    def entry(self, own: OwnChain, kind: Kind, subject: bytes, now_s: int, *, length: int = 0) -> Entry:
        """The next one of their own chain."""
        unsigned = Entry(
            instance=self.instance,
            author=self.expert,
            counter=own.counter + 1,
            directory_version=self.directory_version,
            previous_head=own.head,
            hour=now_s // HOUR_S,
            kind=kind,
            subject=subject,
            length=length,
        )
        return replace(unsigned, signature=self.sign.sign(unsigned.to_sign()))


@dataclass(frozen=True, slots=True)
class Authors:
    """Who may have signed: everybody in the directory, and who has left, until the version they left with."""

    instance: InstanceId
    experts: Mapping[ExpertId, SignKey]
    former: Mapping[ExpertId, tuple[SignKey, int]]

    @classmethod
    def of(cls, directory: Directory) -> "Authors":
        former = {one.id: (one.sign, one.version) for one in directory.former}
        return cls(directory.instance, {expert.id: expert.sign for expert in directory.experts}, former)


@dataclass(frozen=True, slots=True)
class Point:
    """How far a log was read, and all that is needed to go on from there."""

    length: int = 0
    head: Head = NO_HEAD
    directory_version: int = 0
    last: bytes = b""
    """The last entry."""
    authors: Mapping[ExpertId, OwnChain] = field(default_factory=lambda: MappingProxyType({}))


START = Point()


class AuditLog:
    """Takes the log's entries in order, from the first or from `start` on; each has been looked at when `add` returns.

    `seen` is what was verified here before: a log read from its first entry must still have it.
    """

    def __init__(self, authors: Authors, start: Point = START, seen: Point | None = None) -> None:
        self._people = authors
        self._chains = dict(start.authors)
        self._point = start
        self._seen = seen

    @property
    def point(self) -> Point:
        return dataclasses.replace(self._point, authors=dict(self._chains))

    def recall(self, encoded: bytes) -> None:
        """The last entry that was read before must still be there."""
        if encoded != self._point.last:
            raise BrokenLogError("changed", self._point.length)

    def add(self, encoded: bytes) -> Entry:
        """
        Raises:
            BrokenLogError: nothing from here on can be believed.
        """
        seq = self._point.length + 1
        entry = self._decoded(encoded, seq)
        try:
            entry.verify(self._sign_of(entry, seq))
        except WireError:
            raise BrokenLogError("forged", seq) from None
        own = self._chains.get(entry.author, OwnChain())
        if (entry.counter, entry.previous_head) != (own.counter + 1, own.head):
            raise BrokenLogError("gap", seq)
        if entry.directory_version < self._point.directory_version:
            raise BrokenLogError("disorder", seq)
        if entry.kind is Kind.WITNESS and (entry.length, entry.subject) != (seq - 1, self._point.head):
            raise BrokenLogError("contradicted", seq)
        head = log_head(self._point.head, encoded)
        if self._seen is not None and self._seen.length == seq and self._seen.head != head:
            raise BrokenLogError("changed", seq)
        self._chains[entry.author] = OwnChain(entry.counter, entry.head())
        self._point = Point(seq, head, entry.directory_version, encoded)
        return entry

    def end(self) -> None:
        """That was all of it. Raises as above."""
        if self._seen is not None and self._point.length < self._seen.length:
            raise BrokenLogError("shorter", self._point.length + 1)

    def _decoded(self, encoded: bytes, seq: int) -> Entry:
        try:
            entry = Entry.decode(encoded)
        except WireError:
            raise BrokenLogError("unreadable", seq) from None
        if entry.instance != self._people.instance:
            raise BrokenLogError("unreadable", seq)
        return entry

    def _sign_of(self, entry: Entry, seq: int) -> SignKey:
        if entry.author in self._people.experts:
            return self._people.experts[entry.author]
        # Whoever signs themselves out of the directory still acts under the one before.
        went_by = entry.directory_version - (entry.kind is Kind.KEY_ACT)
        sign, left_with = self._people.former.get(entry.author, (None, 0))
        if sign is None or went_by >= left_with:
            raise BrokenLogError("stranger", seq)
        return sign
