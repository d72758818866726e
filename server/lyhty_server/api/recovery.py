"""Recovery shares at the desk: everybody sees who asks, coordinators give, and the server opens nothing (SPEC 9.9)."""

from lyhty_server.api.asking import AskedByExpert
from lyhty_server.api.context import Server
from lyhty_server.api.routes import Nothing, OfQueue
from lyhty_server.api.shapes import feed_text
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import check_coordinator
from lyhty_server.domain.recovery import check_may_split, check_request, check_split
from lyhty_server.store.recovery_rows import RequestRow, ShareRow, SplitRow
from lyhty_wire import desk
from lyhty_wire.codes import Code
from lyhty_wire.encoding import b64decode, b64encode
from lyhty_wire.ids import HASH_BYTES, Epoch, ExpertId, QueueId
from lyhty_wire.recovery import RecoveryRequest, Split
from lyhty_wire.wraps import Wrap


class RecoveryDesk:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def read(self, asked: AskedByExpert[Nothing, None]) -> desk.Recovery:
        kept = await self._server.store.recovery()
        open_to = {row.queue for row in kept.requests if row.ended_by is None and _asker(row) == asked.expert}
        return desk.Recovery(
            [_split_json(row, asked.expert, is_asker=row.queue in open_to) for row in kept.splits],
            [_request_json(row) for row in kept.requests],
        )

    async def split(self, asked: AskedByExpert[OfQueue, desk.NewSplit]) -> desk.Done:
        directory, queue = self._server.trust.directory, QueueId(asked.params.queue)
        by = self._server.trust.expert(asked.expert)
        check_may_split(queue, by, directory)
        encoded, shares = b64decode(asked.body.split), [b64decode(share) for share in asked.body.shares]
        split = Split.decode(encoded)
        check_split(split, shares, queue, by, directory)
        rows = tuple(ShareRow(holder, wrap) for holder, wrap in zip(split.experts, shares, strict=True))
        if await self._server.store.put_split(SplitRow(queue, split.epoch, encoded, rows)):
            self._tell(queue)
        return desk.Done()

    async def ask(self, asked: AskedByExpert[OfQueue, desk.AskForShares]) -> desk.Done:
        directory, queue = self._server.trust.directory, QueueId(asked.params.queue)
        check_coordinator(directory, asked.expert)
        encoded = b64decode(asked.body.request)
        check_request(RecoveryRequest.decode(encoded), queue, asked.expert, directory)
        if await self._server.store.ask_for_shares(RequestRow(queue, encoded)):
            self._tell(queue)
        return desk.Done()

    async def stop(self, asked: AskedByExpert[OfQueue, desk.StopRequest]) -> desk.Done:
        queue, request_hash = QueueId(asked.params.queue), b64decode(asked.body.request, HASH_BYTES)
        if await self._server.store.end_request(queue, request_hash, asked.expert):
            self._tell(queue)
        return desk.Done()

    async def give(self, asked: AskedByExpert[OfQueue, desk.GiveShares]) -> desk.Done:
        server, queue, holder = self._server, QueueId(asked.params.queue), asked.expert
        check_coordinator(server.trust.directory, holder)
        shares = tuple((Epoch(each.epoch), b64decode(each.wrap)) for each in asked.body.shares)
        splits = {row.epoch: row.split for row in (await server.store.recovery()).splits if row.queue == queue}
        for epoch, wrap in shares:
            if epoch not in splits:
                raise DomainError(Code.RECOVERY_UNKNOWN)
            # SPEC 9.9: what is not the holder's share is refused, so that nobody can only seem to give.
            Split.decode(splits[epoch]).check_given(holder, Wrap.decode(wrap))
        request_hash = b64decode(asked.body.request, HASH_BYTES)
        if await server.store.give_shares(queue, request_hash, holder, shares):
            self._tell(queue)
        return desk.Done()

    def _tell(self, queue: QueueId) -> None:
        self._server.hub.tell_everybody(feed_text(desk.FeedRecovery(queue)))


def _asker(row: RequestRow) -> ExpertId:
    return RecoveryRequest.decode(row.request).asker


def _split_json(row: SplitRow, reader: ExpertId, *, is_asker: bool) -> desk.SplitOfEpoch:
    given = [(share.expert_id, share.given) for share in row.shares if share.given is not None]
    return desk.SplitOfEpoch(
        queue=row.queue,
        epoch=row.epoch,
        split=b64encode(row.split),
        share=next((b64encode(share.wrap) for share in row.shares if share.expert_id == reader), None),
        used=row.used,
        givers=[b64encode(expert) for expert, _ in given],
        given=[desk.GivenShare(b64encode(expert), b64encode(wrap)) for expert, wrap in given] if is_asker else [],
    )


def _request_json(row: RequestRow) -> desk.RequestForShares:
    ended_by = None if row.ended_by is None else b64encode(row.ended_by)
    return desk.RequestForShares(row.queue, b64encode(row.request), ended_by)
