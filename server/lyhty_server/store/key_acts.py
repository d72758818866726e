"""A key act: the next directory and all that follows from it, in one transaction (SPEC 9.1)."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, select, update

from lyhty_server.domain.cases import release
from lyhty_server.domain.errors import DomainError
from lyhty_server.domain.key_acts import QueueEpoch, wraps_after
from lyhty_server.store import sessions
from lyhty_server.store.audit import Log
from lyhty_server.store.figures import keep_earlier
from lyhty_server.store.interface import PlaceRow
from lyhty_server.store.invitations import one, withdraw
from lyhty_server.store.people_rows import (
    Accepted,
    ExpertRow,
    KeyAct,
    check_next,
    ended_by,
    fresh_wraps,
    outlived_renewals,
    renewed_accounts,
)
from lyhty_server.store.reads import experts_by_id, in_queue, place_of, renewals_waiting, rows_of_case
from lyhty_server.store.reads import trust as stored_trust
from lyhty_server.store.recovery import check_renewed, keep_to
from lyhty_server.store.tables import (
    OF_QUEUE,
    experts,
    invitations,
    notices,
    on_call,
    passkeys,
    places,
    renewals,
    room_wraps,
    shelf_rooms,
    wraps,
)
from lyhty_server.store.writes import hold_cases_of, put_expert, put_place, put_trust
from lyhty_wire.codes import Code
from lyhty_wire.ids import ExpertId, QueueId

_IN_EPOCH = (
    select(wraps.c.case_seq)
    .where(wraps.c.queue == bindparam("queue"), wraps.c.epoch == bindparam("epoch"), OF_QUEUE)
    .limit(1)
)
_IN_ROOM = (
    select(room_wraps.c.room_seq)
    .where(room_wraps.c.queue == bindparam("queue"), room_wraps.c.epoch == bindparam("epoch"))
    .limit(1)
)
_ON_SHELF = select(shelf_rooms.c.room_seq).where(
    shelf_rooms.c.queue == bindparam("queue"),
    shelf_rooms.c.epoch == bindparam("epoch"),
    shelf_rooms.c.wrap.is_not(None),
)
_HELD = select(places.c.case_seq, places.c.queue, places.c.holder).where(places.c.holder.is_not(None))
_SET_WRAPS = (
    update(experts).where(experts.c.expert_id == bindparam("whose")).values(queue_wraps=bindparam("their_wraps"))
)


def act_on_keys(connection: Connection, act: KeyAct) -> tuple[PlaceRow, ...]:
    check_next(stored_trust(connection), act)
    if epochs_in_use(connection, act.unlisted):
        raise DomainError(Code.EPOCH_IN_USE)
    before = experts_by_id(connection)
    accounts = dict(before)
    if act.accepted is not None:
        accounts[act.accepted.account.expert_id] = _new_account(connection, act.accepted, accounts)
    if not act.members.keys() <= accounts.keys():
        raise DomainError(Code.OPERATION_MALFORMED)
    check_renewed(connection, act)
    waiting = {row.expert_id: row for row in renewals_waiting(connection)}
    accounts |= renewed_accounts(act, accounts, waiting)
    held_after = {
        expert_id: wraps_after(accounts[expert_id].queue_wraps, fresh_wraps(act, expert_id), member)
        for expert_id, member in act.members.items()
    }
    log = Log(connection)
    if act.entry is not None:
        log.check(act.entry)
    # Nothing is refused from here on.
    if act.entry is not None:
        log.add(act.entry)
        log.write()
    put_trust(connection, act.trust)
    if act.accepted is not None:
        put_expert(connection, act.accepted.account)
        if act.accepted.invitation_id is not None:
            withdraw(connection, act.accepted.invitation_id)
    for expert_id in act.renewed:
        put_expert(connection, accounts[expert_id])
        connection.execute(delete(passkeys).where(passkeys.c.expert_id == expert_id))
    for expert_id in outlived_renewals(act, waiting):
        connection.execute(delete(renewals).where(renewals.c.expert_id == expert_id))
    for expert_id, their_wraps in held_after.items():
        if their_wraps != accounts[expert_id].queue_wraps:
            connection.execute(_SET_WRAPS, {"whose": expert_id, "their_wraps": b"".join(their_wraps)})
    for expert_id in accounts.keys() - act.members.keys():
        for table in (experts, on_call, notices, passkeys):
            connection.execute(delete(table).where(table.c.expert_id == expert_id))
    if act.is_new_root:
        connection.execute(delete(invitations))
    keep_to(connection, act)
    keep_earlier(connection, act, before)
    sessions.end(connection, ended_by(act))
    return _let_go(connection, act)


def _new_account(connection: Connection, accepted: Accepted, accounts: Mapping[ExpertId, ExpertRow]) -> ExpertRow:
    if accepted.invitation_id is not None:
        stored = one(connection, accepted.invitation_id, accepted.now_s)
        if stored.application != accepted.application:
            raise DomainError(Code.INVITATION_UNKNOWN)
    new = accepted.account
    if new.expert_id in accounts or any(new.name == account.name for account in accounts.values()):
        raise DomainError(Code.OBJECT_CONFLICT)
    return new


def epochs_in_use(connection: Connection, listed: frozenset[QueueEpoch]) -> frozenset[QueueEpoch]:
    return frozenset(epoch for epoch in listed if _is_in_use(connection, epoch))


def _is_in_use(connection: Connection, epoch: QueueEpoch) -> bool:
    values = dict(zip(("queue", "epoch"), epoch, strict=True))
    return any(connection.execute(query, values).first() is not None for query in (_IN_EPOCH, _IN_ROOM, _ON_SHELF))


def _let_go(connection: Connection, act: KeyAct) -> tuple[PlaceRow, ...]:
    """What somebody held who may not read it any more returns to its queue."""
    returned = []
    held = hold_cases_of(connection, _HELD, {}).order_by(places.c.case_seq, places.c.queue)
    for case_seq, queue, holder in connection.execute(held).all():
        member = act.members.get(ExpertId(holder))
        if member is None or not member.belongs_to(QueueId(queue)):
            row = in_queue(rows_of_case(connection, case_seq), QueueId(queue))
            returned.append(put_place(connection, row, release(place_of(row), ExpertId(holder))))
    return tuple(returned)
