"""Experts' passkeys in SQL."""

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from lyhty_server.store.people_rows import PasskeyRow, check_new_passkey
from lyhty_server.store.tables import passkeys
from lyhty_wire.ids import ExpertId

_OF_EXPERT = (
    select(passkeys)
    .where(passkeys.c.expert_id == bindparam("expert_id"))
    .order_by(passkeys.c.added_hour, passkeys.c.credential_id)
)
_BY_ID = select(passkeys).where(passkeys.c.credential_id == bindparam("credential_id"))


def passkeys_of(connection: Connection, expert_id: ExpertId) -> tuple[PasskeyRow, ...]:
    return tuple(map(_row, connection.execute(_OF_EXPERT, {"expert_id": expert_id}).mappings()))


def passkey(connection: Connection, credential_id: bytes) -> PasskeyRow | None:
    found = connection.execute(_BY_ID, {"credential_id": credential_id}).mappings().one_or_none()
    return None if found is None else _row(found)


def add_passkey(connection: Connection, new: PasskeyRow) -> None:
    known = passkey(connection, new.credential_id)
    check_new_passkey(new, known, len(passkeys_of(connection, new.expert_id)))
    if known is None:
        connection.execute(
            insert(passkeys),
            {
                "credential_id": new.credential_id,
                "expert_id": new.expert_id,
                "public_key": new.public_key,
                "sign_count": new.sign_count,
                "keys": new.keys,
                "added_hour": new.added_hour,
            },
        )


def count_passkey(connection: Connection, used: tuple[bytes, int]) -> None:
    credential_id, sign_count = used
    older = (passkeys.c.credential_id == credential_id) & (passkeys.c.sign_count < sign_count)
    connection.execute(update(passkeys).where(older).values(sign_count=sign_count))


def remove_passkey(connection: Connection, which: tuple[ExpertId, bytes]) -> None:
    expert_id, credential_id = which
    own = (passkeys.c.credential_id == credential_id) & (passkeys.c.expert_id == expert_id)
    connection.execute(delete(passkeys).where(own))


def _row(row: RowMapping) -> PasskeyRow:
    return PasskeyRow(
        credential_id=row["credential_id"],
        expert_id=ExpertId(row["expert_id"]),
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        keys=row["keys"],
        added_hour=row["added_hour"],
    )
