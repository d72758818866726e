"""What a store keeps of recovery shares and may be asked for them (SPEC 9.9). The server can open nothing of it."""

from typing import Protocol

from msgspec import Struct

from lyhty_wire.ids import Epoch, ExpertId, QueueId


class ShareRow(Struct, frozen=True):
    """One holder's: as it was sealed for them, and as they gave it to whoever asks."""

    expert_id: ExpertId
    wrap: bytes
    given: bytes | None = None


class SplitRow(Struct, frozen=True):
    queue: QueueId
    epoch: Epoch
    split: bytes
    shares: tuple[ShareRow, ...]
    """By expert. Of holders who have left there are none any more."""
    used: bool = False
    """Some share of it has been given to somebody, once."""


class RequestRow(Struct, frozen=True):
    queue: QueueId
    request: bytes
    ended_by: ExpertId | None = None
    """None: it is open."""


class Recovery(Struct, frozen=True):
    """All there is: a few rows for each queue."""

    splits: tuple[SplitRow, ...]
    """By queue and epoch."""
    requests: tuple[RequestRow, ...]
    """By queue; the last of each."""


class RecoveryStore(Protocol):
    """Splits of epochs that leave the directory go with the key act, and so do shares and requests of who is no
    coordinator any more."""

    async def recovery(self) -> Recovery: ...

    async def put_split(self, split: SplitRow) -> bool:
        """Whether it is fresh: the same bytes again are no change. It replaces the epoch's last.

        recovery-under-way: somebody asks for the queue, and the epoch has one.
        """

    async def ask_for_shares(self, request: RequestRow) -> bool:
        """Whether it is fresh. recovery-under-way: another is open; recovery-unknown: this one has been ended."""

    async def end_request(self, queue: QueueId, request_hash: bytes, by: ExpertId) -> bool:
        """With the shares given for it. Whether it was open until now. recovery-unknown: it is not here."""

    async def give_shares(
        self, queue: QueueId, request_hash: bytes, holder: ExpertId, shares: tuple[tuple[Epoch, bytes], ...]
    ) -> bool:
        """Whether it is fresh. recovery-unknown: the request is not open, or a share is not the holder's to give."""
