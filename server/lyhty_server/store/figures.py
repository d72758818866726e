"""Contributions, statistics keys and releases in SQL (SPEC 12.3, 12.4)."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql

from lyhty_server.domain.key_acts import directory_wrap_of
from lyhty_server.store import reports
from lyhty_server.store.figure_rows import ContributionPage, ContributionRow, StatisticsKeyRow, is_fresh
from lyhty_server.store.people_rows import ExpertRow, KeyAct
from lyhty_server.store.tables import contributions, earlier_wraps, releases, statistics_keys
from lyhty_wire.ids import ExpertId

_ROW: Final = select(contributions.c.token, contributions.c.key, contributions.c.sealed)
_PAGE: Final = (
    _ROW.where(contributions.c.token > bindparam("after")).order_by(contributions.c.token).limit(bindparam("limit"))
)
# Of one token, and of one place, the first is kept.
_PUT: Final = postgresql.insert(contributions).on_conflict_do_nothing()
_REMOVE: Final = delete(contributions).where(contributions.c.token == bindparam("whose"))


def put_contributions(connection: Connection, rows: tuple[ContributionRow, ...]) -> None:
    """By token: the order of a batch is not its sender's."""
    connection.execute(_PUT, [_values(row) for row in sorted(rows, key=lambda row: row.token)])


def page(connection: Connection, after: bytes, limit: int) -> ContributionPage:
    found = connection.execute(_PAGE, {"after": after, "limit": limit + 1}).all()
    return ContributionPage(tuple(ContributionRow(*row) for row in found[:limit]), more=len(found) > limit)


def remove_contributions(connection: Connection, tokens: tuple[bytes, ...]) -> None:
    connection.execute(_REMOVE, [{"whose": token} for token in tokens])


def mix_contributions(connection: Connection, _asked: None) -> None:
    rows = [ContributionRow(*row) for row in connection.execute(_ROW.order_by(contributions.c.token))]
    connection.execute(delete(contributions))
    if rows:
        put_contributions(connection, tuple(rows))


def keys(connection: Connection) -> tuple[StatisticsKeyRow, ...]:
    found = connection.execute(select(statistics_keys).order_by(statistics_keys.c.roots))
    return tuple(StatisticsKeyRow(*row) for row in found)


def put_key(connection: Connection, row: StatisticsKeyRow) -> None:
    stored = next((each.statement for each in keys(connection) if each.roots == row.roots), None)
    if is_fresh(stored, row.statement):
        connection.execute(insert(statistics_keys), {"roots": row.roots, "statement": row.statement, "link": row.link})


def put_link(connection: Connection, asked: tuple[int, bytes]) -> None:
    roots, link = asked
    unlinked = (statistics_keys.c.roots == roots) & statistics_keys.c.link.is_(None)
    if connection.execute(update(statistics_keys).where(unlinked).values(link=link)).rowcount:
        connection.execute(delete(earlier_wraps).where(earlier_wraps.c.roots == roots))


def wraps_of(connection: Connection, expert_id: ExpertId) -> tuple[bytes, ...]:
    own = select(earlier_wraps.c.wrap).where(earlier_wraps.c.expert_id == expert_id).order_by(earlier_wraps.c.roots)
    return tuple(connection.execute(own).scalars())


def keep_earlier(connection: Connection, act: KeyAct, before: Mapping[ExpertId, ExpertRow]) -> None:
    """`before`: the accounts as they were before the act."""
    roots = len(act.trust.roots) - 1
    if act.is_new_root and any(row.roots == roots for row in keys(connection)):
        for expert_id, account in before.items():
            wrap = directory_wrap_of(account.queue_wraps)
            if wrap is not None:
                connection.execute(insert(earlier_wraps), {"roots": roots, "expert_id": expert_id, "wrap": wrap})
    keep = {expert for expert, member in act.members.items() if member.is_coordinator} - act.renewed.keys()
    connection.execute(delete(earlier_wraps).where(earlier_wraps.c.expert_id.not_in(list(keep))))


def put_release(connection: Connection, asked: tuple[str, bytes]) -> bool:
    period, encoded = asked
    fresh = is_fresh(release(connection, period), encoded)
    if fresh:
        connection.execute(insert(releases), {"period": period, "document": encoded})
        reports.owe(connection, period)
    return fresh


def released(connection: Connection) -> tuple[str, ...]:
    return tuple(connection.execute(select(releases.c.period).order_by(releases.c.period)).scalars())


def release(connection: Connection, period: str) -> bytes | None:
    found: bytes | None = connection.execute(
        select(releases.c.document).where(releases.c.period == period)
    ).scalar_one_or_none()
    return found


def _values(row: ContributionRow) -> dict[str, bytes]:
    return {"token": row.token, "key": row.key, "sealed": row.sealed}
