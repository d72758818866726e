"""Organisations and agreements, as SQL (SPEC 12.1)."""

from typing import Final

from sqlalchemy import Connection, Table, delete, insert, select

from lyhty_server.store.tables import agreements, organisations
from lyhty_wire.organisation_desk import Organisations
from lyhty_wire.organisations import Agreement, Kind, Organisation

_TOP_DOWN: Final = tuple(Kind)
"""A parent before those below it."""


def all_of(connection: Connection) -> Organisations:
    bodies = connection.execute(select(organisations).order_by(organisations.c.id))
    order = (agreements.c.organisation, agreements.c.funder, agreements.c.begins)
    agreed = connection.execute(select(agreements).order_by(*order))
    return Organisations(
        [
            Organisation(
                row.id, Kind(row.kind), row.name, row.parent, row.pupils,
                None if row.first_grade is None else (row.first_grade, row.last_grade), row.joined, row.left,
            )
            for row in bodies
        ],
        [Agreement(row.funder, row.organisation, row.percent, row.begins, row.ends) for row in agreed],
    )  # fmt: skip


def change(connection: Connection, asked: tuple[Organisations, Organisations]) -> bool:
    before, after = asked
    if all_of(connection) != before:
        return False
    old = {each.id: each for each in before.organisations}
    new = sorted(after.organisations, key=lambda each: _TOP_DOWN.index(each.kind))
    agreed, still = set(before.agreements), set(after.agreements)
    for gone in sorted(agreed - still, key=_key):
        connection.execute(
            delete(agreements).where(
                agreements.c.organisation == gone.organisation,
                agreements.c.funder == gone.funder,
                agreements.c.begins == gone.begins,
            )
        )
    _insert(connection, organisations, [_row(each) for each in new if each.id not in old])
    for each in new:
        if each.id in old and each != old[each.id]:
            connection.execute(organisations.update().where(organisations.c.id == each.id).values(_row(each)))
    _insert(
        connection,
        agreements,
        [
            {name: getattr(each, name) for name in each.__struct_fields__}
            for each in after.agreements
            if each not in agreed
        ],
    )
    return True


def _key(agreement: Agreement) -> tuple[str, str, str]:
    return agreement.organisation, agreement.funder, agreement.begins.isoformat()


def _row(each: Organisation) -> dict[str, object]:
    first, last = each.grades or (None, None)
    return {
        "id": each.id,
        "kind": each.kind.value,
        "name": each.name,
        "parent": each.parent,
        "pupils": each.pupils,
        "first_grade": first,
        "last_grade": last,
        "joined": each.joined,
        "left": each.left,
    }


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
