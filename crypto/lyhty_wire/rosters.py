"""Who can read one generation of a case: the signed list, its shape and the rules of who may sign it (SPEC 3.3)."""

import struct
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final, Self

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import (
    NO_EPOCH,
    NO_HASH,
    NO_QUEUE,
    CaseId,
    Commitment,
    Epoch,
    Generation,
    InstanceId,
    QueueId,
    SignKey,
    case_id,
    digest,
)
from lyhty_wire.proofs import verify
from lyhty_wire.wraps import CARD_KEY, CASE_KEY, TO_QUEUE, TO_REPORTER, Wrap

MAX_ENTRIES: Final = 16

_VERSION: Final = 1
_FIRST: Final = Generation(1)
_START: Final = struct.Struct(">B32s32sI32s32sIB")
_ENTRY: Final = struct.Struct(">BHI32s32s")
_END: Final = struct.Struct(">32s64s")


def _malformed(reason: str) -> MalformedError:
    return MalformedError("envelope-malformed", reason)


def _forged(reason: str) -> ForgedError:
    return ForgedError("signature-invalid", reason)


class RosterEntry(Struct, frozen=True):
    """One reader: a queue with its epoch, or the reporter (queue = epoch = 0)."""

    recipient: int
    queue: QueueId
    epoch: Epoch
    kem_digest: bytes
    wrap_digest: bytes

    def __post_init__(self) -> None:
        if self.recipient == TO_QUEUE:
            legal = self.queue > NO_QUEUE and self.epoch > NO_EPOCH
        else:
            legal = self.recipient == TO_REPORTER and self.queue == NO_QUEUE and self.epoch == NO_EPOCH
        if not legal:
            raise _malformed("a roster entry names no possible reader")

    @property
    def place(self) -> tuple[int, int, int]:
        return self.recipient, self.queue, self.epoch


class SignedRoster(Struct, frozen=True):
    """The fields of a roster. Says nothing about trust; only its two children are used."""

    instance: InstanceId
    case: CaseId
    generation: Generation
    commitment: Commitment
    previous: Commitment  # zeros in generation 1
    directory_version: int
    entries: tuple[RosterEntry, ...]
    signer: SignKey
    signature: bytes

    def __post_init__(self) -> None:
        if self.generation < _FIRST:
            raise _malformed("generations count from 1")
        if self.generation == _FIRST and self.previous != NO_HASH:
            raise _malformed("nothing is before generation 1")
        if not 1 <= len(self.entries) <= MAX_ENTRIES:
            raise _malformed("a roster has 1 to 16 entries")
        places = [entry.place for entry in self.entries]
        if any(after <= before for before, after in pairwise(places)):
            raise _malformed("roster entries are sorted and distinct")

    def _unsigned(self) -> bytes:
        start = _START.pack(
            _VERSION, self.instance, self.case, self.generation, self.commitment, self.previous,
            self.directory_version, len(self.entries),
        )  # fmt: skip
        entries = [_ENTRY.pack(e.recipient, e.queue, e.epoch, e.kem_digest, e.wrap_digest) for e in self.entries]
        return b"".join((start, *entries, self.signer))

    def to_sign(self) -> bytes:
        return context("roster") + self._unsigned()

    def encode(self) -> bytes:
        return self._unsigned() + self.signature

    @property
    def queue_entries(self) -> tuple[RosterEntry, ...]:
        return tuple([entry for entry in self.entries if entry.recipient == TO_QUEUE])

    @property
    def queues(self) -> tuple[QueueId, ...]:
        """The queues that can read, each once, in order."""
        return tuple(dict.fromkeys(entry.queue for entry in self.queue_entries))

    @property
    def reporter_entry(self) -> RosterEntry | None:
        return next((entry for entry in self.entries if entry.recipient == TO_REPORTER), None)

    def check_case_wraps(self, wraps: Sequence[Wrap]) -> None:
        """The wraps are exactly those the roster names for its queues, in its order; else MalformedError."""
        wanted = [(CASE_KEY, *e.place, self.generation, self.commitment, e.wrap_digest) for e in self.queue_entries]
        given = [(w.kind, w.recipient, w.queue, w.epoch, w.generation, w.commitment, w.digest()) for w in wraps]
        if wanted != given:
            raise _malformed("the wraps are not those of the roster")

    def check_card_wraps(self, wraps: Sequence[Wrap]) -> None:
        """One card key, wrapped to the same queues and epochs as the case key; else MalformedError."""
        wanted = [(CARD_KEY, *entry.place) for entry in self.queue_entries]
        given = [(wrap.kind, wrap.recipient, wrap.queue, wrap.epoch) for wrap in wraps]
        if wanted != given or len({wrap.commitment for wrap in wraps}) != 1:
            raise _malformed("the card's wraps are not for the roster's queues")

    def check_self_wrap(self, self_wrap: bytes) -> None:
        """The reporter's own copy (in later generations a wrap) is the one the roster names; else MalformedError."""
        entry = self.reporter_entry
        if entry is None or entry.wrap_digest != digest(self_wrap):
            raise _malformed("the reporter's copy is not the one of the roster")


class Roster(SignedRoster, frozen=True):
    """A roster whose signature and signer hold."""

    def added_to(self, previous: "Roster | None") -> QueueId | None:
        """The queue that the reporter let in with this generation (SPEC 3.4)."""
        before = self.queues if previous is None else previous.queues
        return next((queue for queue in self.queues if queue not in before), None)


class UntrustedRoster(SignedRoster, frozen=True):
    """A roster as it arrived. Only a `verify_...` method makes it a `Roster`."""

    @classmethod
    def decode(cls, data: bytes) -> Self:
        if len(data) < _START.size:
            raise _malformed("a roster is longer")
        version, instance, case, generation, commitment, previous, directory, count = _START.unpack_from(data)
        entries_end = _START.size + _ENTRY.size * count
        if version != _VERSION or len(data) != entries_end + _END.size:
            raise _malformed("length or version of a roster")
        entries = tuple(RosterEntry(*fields) for fields in _ENTRY.iter_unpack(data[_START.size : entries_end]))
        signer, signature = _END.unpack_from(data, entries_end)
        return cls(instance, case, generation, commitment, previous, directory, entries, signer, signature)

    def verify_opening(self, instance: InstanceId, case: CaseId | None = None) -> Roster:
        """Generation 1, signed by the key that the case id contains. Without `case`, the roster's own is taken."""
        self.check_opening(instance)
        return self._verify(instance, self.case if case is None else case)

    def check_opening(self, instance: InstanceId) -> None:
        """All of `verify_opening` but the signature: enough where the sender has proved every byte (SPEC 6.4)."""
        if self.generation != _FIRST:
            raise _forged("not the first generation")
        # SPEC 3.3: the case id contains the signer and the first commitment.
        if self.case != case_id(self.signer, self.commitment):
            raise _forged("the case id is not made of signer and commitment")
        if self.instance != instance:
            raise _forged("a roster of another instance")

    def verify_next(
        self, instance: InstanceId, previous: Roster, reporter: SignKey, experts: Collection[SignKey]
    ) -> Roster:
        """The generation after `previous`. May sign: the reporter and the experts of the queues in `previous`."""
        if self.generation != previous.generation + 1 or self.previous != previous.commitment:
            raise _forged("does not follow the roster before it")
        # SPEC 3.3: who has left by the directory of one generation signs no later one.
        if self.directory_version < previous.directory_version:
            raise _forged("an older directory than the generation before")
        # SPEC 3.3: the reporter stays a reader, with the same key.
        before, now = previous.reporter_entry, self.reporter_entry
        if before is None or now is None or now.kem_digest != before.kem_digest:
            raise _forged("not the reporter's key")
        if self.signer != reporter and self.signer not in experts:
            raise _forged("signed by somebody who may not")
        # SPEC 3.4: nobody loses a case, and only its reporter lets one more queue in.
        gone, added = set(previous.queues) - set(self.queues), set(self.queues) - set(previous.queues)
        if gone or len(added) > (1 if self.signer == reporter else 0):
            raise _forged("other queues than before")
        return self._verify(instance, previous.case)

    def verify_signed(self, instance: InstanceId, case: CaseId) -> Roster:
        """Instance, case and signature alone: the caller has a rule of its own for who may sign (SPEC 3.5)."""
        return self._verify(instance, case)

    def _verify(self, instance: InstanceId, case: CaseId) -> Roster:
        if self.instance != instance or self.case != case:
            raise _forged("a roster of another instance or case")
        verify(self.signer, self.signature, self.to_sign())
        return Roster(
            self.instance, self.case, self.generation, self.commitment, self.previous, self.directory_version,
            self.entries, self.signer, self.signature,
        )  # fmt: skip
