"""The recovery shares of the store without a disk."""

from msgspec.structs import replace

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.recovery import check_may_renew, check_named, is_fresh_request, is_fresh_split
from lyhty_server.store.people_rows import KeyAct
from lyhty_server.store.recovery_rows import Recovery, RequestRow, SplitRow
from lyhty_wire.codes import Code
from lyhty_wire.ids import Epoch, ExpertId, QueueId
from lyhty_wire.recovery import RecoveryRequest


class MemoryRecovery:
    def __init__(self) -> None:
        super().__init__()
        self._splits: dict[tuple[QueueId, Epoch], SplitRow] = {}
        self._requests: dict[QueueId, RequestRow] = {}

    async def recovery(self) -> Recovery:
        splits = tuple(split for _, split in sorted(self._splits.items()))
        return Recovery(splits, tuple(request for _, request in sorted(self._requests.items())))

    async def put_split(self, split: SplitRow) -> bool:
        at = split.queue, split.epoch
        stored = self._splits.get(at)
        is_fresh = is_fresh_split(
            None if stored is None else stored.split, split.split, is_asked_for=self._is_open(split.queue)
        )
        if is_fresh:
            self._splits[at] = split
        return is_fresh

    async def ask_for_shares(self, request: RequestRow) -> bool:
        stored, is_open = self._requests.get(request.queue), self._is_open(request.queue)
        is_fresh = is_fresh_request(_bytes_of(stored), request.request, is_open=is_open)
        if is_fresh:
            self._requests[request.queue] = request
        return is_fresh

    async def end_request(self, queue: QueueId, request_hash: bytes, by: ExpertId) -> bool:
        stored = self._requests.get(queue)
        check_named(_bytes_of(stored), request_hash)
        was_open = self._is_open(queue)
        if stored is not None and was_open:
            self._requests[queue] = replace(stored, ended_by=by)
            self._take_back(queue)
        return was_open

    async def give_shares(
        self, queue: QueueId, request_hash: bytes, holder: ExpertId, shares: tuple[tuple[Epoch, bytes], ...]
    ) -> bool:
        stored = self._requests.get(queue) if self._is_open(queue) else None
        check_named(_bytes_of(stored), request_hash)
        after = dict(self._splits)
        for epoch, wrap in shares:
            split = after.get((queue, epoch))
            if split is None or all(share.expert_id != holder for share in split.shares):
                raise DomainError(Code.RECOVERY_UNKNOWN)
            given = tuple(replace(share, given=wrap) if share.expert_id == holder else share for share in split.shares)
            after[queue, epoch] = replace(split, shares=given, used=True)
        is_fresh = any(after[at].shares != self._splits[at].shares for at in after)
        self._splits = after
        return is_fresh

    def _keep_to(self, act: KeyAct) -> None:
        coordinators = {expert for expert, member in act.members.items() if member.is_coordinator}
        keep = coordinators - act.renewed.keys()
        self._splits = {
            at: replace(
                split,
                shares=tuple(share for share in split.shares if share.expert_id in keep),
                used=split.used or any(share.expert_id in act.renewed for share in split.shares),
            )
            for at, split in self._splits.items()
            if at not in act.unlisted
        }
        for queue, request in tuple(self._requests.items()):
            if RecoveryRequest.decode(request.request).asker not in coordinators:
                del self._requests[queue]
                self._take_back(queue)

    def _check_renewed(self, act: KeyAct) -> None:
        is_asked_for = any(self._is_open(queue) for queue in self._requests)
        held = {at[0] for at, split in self._splits.items() for one in split.shares if one.expert_id in act.renewed}
        check_may_renew(held, act.members, is_asked_for=is_asked_for)

    def _is_open(self, queue: QueueId) -> bool:
        stored = self._requests.get(queue)
        return stored is not None and stored.ended_by is None

    def _take_back(self, queue: QueueId) -> None:
        for at, split in self._splits.items():
            if at[0] == queue:
                taken = tuple(replace(share, given=None) for share in split.shares)
                self._splits[at] = replace(split, shares=taken)


def _bytes_of(stored: RequestRow | None) -> bytes | None:
    return None if stored is None else stored.request
