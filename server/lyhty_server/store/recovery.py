"""Recovery shares in SQL (SPEC 9.9)."""

from collections import defaultdict

from sqlalchemy import Connection, and_, delete, insert, select, update

from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.recovery import check_may_renew, check_named, is_fresh_request, is_fresh_split
from lyhty_server.store.people_rows import KeyAct
from lyhty_server.store.recovery_rows import Recovery, RequestRow, ShareRow, SplitRow
from lyhty_server.store.tables import recovery_requests, recovery_shares, recovery_splits
from lyhty_wire.codes import Code
from lyhty_wire.ids import Epoch, ExpertId, QueueId
from lyhty_wire.recovery import RecoveryRequest

End = tuple[QueueId, bytes, ExpertId]
"""Queue, hash of the request, who ends it."""
Give = tuple[QueueId, bytes, ExpertId, tuple[tuple[Epoch, bytes], ...]]
"""Queue, hash of the request, holder, shares by epoch."""
_SPLITS, _SHARES, _REQUESTS = recovery_splits.c, recovery_shares.c, recovery_requests.c


def recovery(connection: Connection) -> Recovery:
    shares: dict[tuple[int, int], list[ShareRow]] = defaultdict(list)
    for row in connection.execute(select(recovery_shares).order_by(_SHARES.expert_id)):
        shares[row.queue, row.epoch].append(ShareRow(row.expert_id, row.wrap, row.given))
    splits = connection.execute(select(recovery_splits).order_by(_SPLITS.queue, _SPLITS.epoch))
    requests = connection.execute(select(recovery_requests).order_by(_REQUESTS.queue))
    return Recovery(
        tuple(
            SplitRow(row.queue, row.epoch, row.split, tuple(shares[row.queue, row.epoch]), bool(row.used))
            for row in splits
        ),
        tuple(RequestRow(*row) for row in requests),
    )


def put_split(connection: Connection, new: SplitRow) -> bool:
    here = and_(_SPLITS.queue == new.queue, _SPLITS.epoch == new.epoch)
    stored = connection.execute(select(_SPLITS.split).where(here)).scalar_one_or_none()
    request = _request(connection, new.queue)
    if not is_fresh_split(stored, new.split, is_asked_for=request is not None and request.ended_by is None):
        return False
    _forget(connection, new.queue, new.epoch)
    of = {"queue": new.queue, "epoch": new.epoch}
    connection.execute(insert(recovery_splits), {**of, "split": new.split, "used": 0})
    rows = [{**of, "expert_id": each.expert_id, "wrap": each.wrap, "given": None} for each in new.shares]
    connection.execute(insert(recovery_shares), rows)
    return True


def ask(connection: Connection, new: RequestRow) -> bool:
    stored = _request(connection, new.queue)
    is_open = stored is not None and stored.ended_by is None
    if not is_fresh_request(_bytes_of(stored), new.request, is_open=is_open):
        return False
    connection.execute(delete(recovery_requests).where(_REQUESTS.queue == new.queue))
    connection.execute(insert(recovery_requests), {"queue": new.queue, "request": new.request, "ended_by": None})
    return True


def end(connection: Connection, asked: End) -> bool:
    queue, request_hash, by = asked
    stored = _request(connection, queue)
    check_named(_bytes_of(stored), request_hash)
    assert stored is not None  # it has just been named
    if stored.ended_by is not None:
        return False
    connection.execute(update(recovery_requests).where(_REQUESTS.queue == queue).values(ended_by=by))
    _take_back(connection, queue)
    return True


def give(connection: Connection, asked: Give) -> bool:
    queue, request_hash, holder, shares = asked
    stored = _request(connection, queue)
    check_named(_bytes_of(stored) if stored is not None and stored.ended_by is None else None, request_hash)
    own = select(_SHARES.epoch, _SHARES.given).where(_SHARES.queue == queue, _SHARES.expert_id == holder)
    before = {row.epoch: row.given for row in connection.execute(own)}
    if not before.keys() >= {epoch for epoch, _ in shares}:
        raise DomainError(Code.RECOVERY_UNKNOWN)
    for epoch, wrap in shares:
        here = and_(_SHARES.queue == queue, _SHARES.epoch == epoch, _SHARES.expert_id == holder)
        connection.execute(update(recovery_shares).where(here).values(given=wrap))
        split = and_(_SPLITS.queue == queue, _SPLITS.epoch == epoch)
        connection.execute(update(recovery_splits).where(split).values(used=1))
    return any(before[epoch] != wrap for epoch, wrap in shares)


def keep_to(connection: Connection, act: KeyAct) -> None:
    """SPEC 9.9: what a key act leaves of it."""
    for queue, epoch in act.unlisted:
        _forget(connection, queue, epoch)
    # SPEC 9.9: whoever has another kem opens no share that was sealed for the one before, so that another split is due.
    of_renewed = _SHARES.expert_id.in_(list(act.renewed))
    for row in connection.execute(select(recovery_shares).where(of_renewed)).all():
        split = and_(_SPLITS.queue == row.queue, _SPLITS.epoch == row.epoch)
        connection.execute(update(recovery_splits).where(split).values(used=1))
    connection.execute(delete(recovery_shares).where(of_renewed))
    coordinators = [expert for expert, member in act.members.items() if member.is_coordinator]
    connection.execute(delete(recovery_shares).where(_SHARES.expert_id.not_in(coordinators)))
    for row in connection.execute(select(recovery_requests)).all():
        if RecoveryRequest.decode(row.request).asker not in coordinators:
            connection.execute(delete(recovery_requests).where(_REQUESTS.queue == row.queue))
            _take_back(connection, row.queue)


def check_renewed(connection: Connection, act: KeyAct) -> None:
    held = select(_SHARES.queue).where(_SHARES.expert_id.in_(list(act.renewed))).distinct()
    open_requests = connection.execute(select(_REQUESTS.queue).where(_REQUESTS.ended_by.is_(None))).all()
    check_may_renew(connection.execute(held).scalars().all(), act.members, is_asked_for=bool(open_requests))


def _request(connection: Connection, queue: QueueId) -> RequestRow | None:
    row = connection.execute(select(recovery_requests).where(_REQUESTS.queue == queue)).one_or_none()
    return None if row is None else RequestRow(*row)


def _bytes_of(stored: RequestRow | None) -> bytes | None:
    return None if stored is None else stored.request


def _forget(connection: Connection, queue: QueueId, epoch: Epoch) -> None:
    for table in (recovery_shares, recovery_splits):
        connection.execute(delete(table).where(table.c.queue == queue, table.c.epoch == epoch))


def _take_back(connection: Connection, queue: QueueId) -> None:
    connection.execute(update(recovery_shares).where(_SHARES.queue == queue).values(given=None))
