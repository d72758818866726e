"""Recovery shares: who holds a part of an epoch's seed, and who asks for the parts, as anybody can check (SPEC 5.9)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from lyhty_wire.contexts import context
from lyhty_wire.directories import Directory
from lyhty_wire.errors import ForgedError, MalformedError
from lyhty_wire.ids import (
    EXPERT_ID_BYTES,
    HASH_BYTES,
    SIGN_KEY_BYTES,
    SIGNATURE_BYTES,
    Commitment,
    Epoch,
    ExpertId,
    InstanceId,
    QueueId,
    SignKey,
    digest,
)
from lyhty_wire.proofs import verify
from lyhty_wire.reader import Reader, u16, u32, u64
from lyhty_wire.wraps import GIVEN_SHARE, SEED_SHARE, TO_EXPERT, Wrap

WAIT_S: Final = 48 * 3600
"""From when a holder's device first saw a request until it gives its share."""
REQUEST_BYTES: Final = 123
LEAST_HOLDERS: Final = 2
MOST_HOLDERS: Final = 255  # a share's position is a byte, and 0 is the secret's own

_VERSION: Final = 1
_MALFORMED: Final = "operation-malformed"
_MOST_SECONDS: Final = 1 << 53  # what a browser counts exactly
_FIRST: Final = 1


def threshold_of(holders: int) -> int:
    """More than half, and never one alone."""
    return max(2, holders // 2 + 1)


class Holder(Struct, frozen=True):
    """One coordinator, and the commitment of the share that is sealed to them."""

    expert: ExpertId
    commitment: Commitment


class Split(Struct, frozen=True):
    """An epoch's seed in shares, as signed by somebody who had it. `verify` says whether to believe it."""

    instance: InstanceId
    queue: QueueId
    epoch: Epoch
    directory_version: int
    at: int
    """Seconds since 1970, by the signer's clock: for people to read."""
    holders: tuple[Holder, ...]
    signer: SignKey
    signature: bytes

    def __post_init__(self) -> None:
        if not LEAST_HOLDERS <= len(self.holders) <= MOST_HOLDERS:
            raise MalformedError(_MALFORMED, "shares have 2 to 255 holders")
        if any(after.expert <= before.expert for before, after in pairwise(self.holders)):
            raise MalformedError(_MALFORMED, "holders are sorted and distinct")
        if min(self.queue, self.epoch, self.directory_version) < _FIRST or self.at >= _MOST_SECONDS:
            raise MalformedError(_MALFORMED, "queue, epoch and version count from 1; or a time beyond reading")

    @property
    def threshold(self) -> int:
        return threshold_of(len(self.holders))

    @property
    def experts(self) -> tuple[ExpertId, ...]:
        return tuple(holder.expert for holder in self.holders)

    def position(self, expert: ExpertId) -> int | None:
        """Where the holder's share lies on the polynomial, from 1."""
        return self.experts.index(expert) + 1 if expert in self.experts else None

    def unsigned(self) -> bytes:
        holders = [holder.expert + holder.commitment for holder in self.holders]
        numbers = (u16(self.queue), u32(self.epoch), u32(self.directory_version), u64(self.at))
        counts = bytes((self.threshold, len(self.holders)))
        return b"".join((bytes((_VERSION,)), self.instance, *numbers, counts, *holders, self.signer))

    def to_sign(self) -> bytes:
        return context("recovery-split") + self.unsigned()

    def encode(self) -> bytes:
        return self.unsigned() + self.signature

    def digest(self) -> bytes:
        """What every share of it is bound to."""
        return digest(self.encode())

    @classmethod
    def decode(cls, data: bytes) -> "Split":
        reader = Reader(data, _MALFORMED)
        if reader.u8() != _VERSION:
            raise MalformedError(_MALFORMED, "version of a split")
        instance = InstanceId(reader.take(HASH_BYTES))
        queue, epoch, version, at = QueueId(reader.u16()), Epoch(reader.u32()), reader.u32(), reader.u64()
        threshold, count = reader.u8(), reader.u8()
        holders = tuple(
            [Holder(ExpertId(reader.take(EXPERT_ID_BYTES)), Commitment(reader.take(HASH_BYTES))) for _ in range(count)]
        )
        signer, signature = SignKey(reader.take(SIGN_KEY_BYTES)), reader.take(SIGNATURE_BYTES)
        reader.end()
        split = cls(instance, queue, epoch, version, at, holders, signer, signature)
        # SPEC 5.9: whoever splits a seed does not choose how few can open it.
        if threshold != split.threshold:
            raise MalformedError(_MALFORMED, "a threshold that is not more than half")
        return split

    def verify(self, directory: Directory) -> None:
        """Of an epoch that the directory lists, by somebody of the queue, or a coordinator; else ForgedError."""
        listed = directory.queue(self.queue)
        if self.instance != directory.instance or listed is None or listed.epoch(self.epoch) is None:
            raise ForgedError("signature-invalid", "a split of another instance, queue or epoch")
        coordinators = {expert.sign for expert in directory.experts if expert.coordinator}
        if self.signer not in directory.signers_of([self.queue], self.directory_version) | coordinators:
            raise ForgedError("signature-invalid", "a split by somebody who could not have the seed")
        verify(self.signer, self.signature, self.to_sign())

    def check_shares(self, wraps: Sequence[Wrap]) -> None:
        """One for each holder, in order; else MalformedError."""
        named = [(SEED_SHARE, TO_EXPERT, self.queue, self.epoch, holder.commitment) for holder in self.holders]
        if [_name(wrap) for wrap in wraps] != named:
            raise MalformedError("envelope-malformed", "not the shares that the split names")

    def check_given(self, expert: ExpertId, wrap: Wrap) -> None:
        """The share of that holder, for whoever asks; else MalformedError."""
        position = self.position(expert)
        commitment = None if position is None else self.holders[position - 1].commitment
        if _name(wrap) != (GIVEN_SHARE, TO_EXPERT, self.queue, self.epoch, commitment):
            raise MalformedError("envelope-malformed", "not the share that the split names")


class RecoveryRequest(Struct, frozen=True):
    """A coordinator asks for the shares of a queue. `at`: seconds since 1970, by the asker's clock."""

    instance: InstanceId
    queue: QueueId
    asker: ExpertId
    at: int
    signature: bytes

    def __post_init__(self) -> None:
        if self.queue < _FIRST or not 0 <= self.at < _MOST_SECONDS:
            raise MalformedError(_MALFORMED, "queue or time of a request")

    def unsigned(self) -> bytes:
        return b"".join((bytes((_VERSION,)), self.instance, u16(self.queue), self.asker, u64(self.at)))

    def to_sign(self) -> bytes:
        return context("recovery-request") + self.unsigned()

    def encode(self) -> bytes:
        return self.unsigned() + self.signature

    def digest(self) -> bytes:
        """What every share given for it is bound to."""
        return digest(self.encode())

    @classmethod
    def decode(cls, data: bytes) -> "RecoveryRequest":
        reader = Reader(data, _MALFORMED)
        if reader.u8() != _VERSION:
            raise MalformedError(_MALFORMED, "version of a request")
        request = cls(
            InstanceId(reader.take(HASH_BYTES)), QueueId(reader.u16()), ExpertId(reader.take(EXPERT_ID_BYTES)),
            reader.u64(), reader.take(SIGNATURE_BYTES),
        )  # fmt: skip
        reader.end()
        return request

    def verify(self, directory: Directory) -> None:
        """By a coordinator of the directory, for a queue of it; else ForgedError."""
        asker = directory.expert(self.asker)
        if self.instance != directory.instance or directory.queue(self.queue) is None:
            raise ForgedError("signature-invalid", "a request of another instance or queue")
        if asker is None or not asker.coordinator:
            raise ForgedError("signature-invalid", "a request by somebody who may not ask")
        verify(asker.sign, self.signature, self.to_sign())


def _name(wrap: Wrap) -> tuple[int, int, QueueId, Epoch, Commitment | None]:
    return wrap.kind, wrap.recipient, wrap.queue, wrap.epoch, wrap.commitment
