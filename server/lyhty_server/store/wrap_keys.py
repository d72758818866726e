"""What opens a case, sealed once more, on PostgreSQL: there erased rows stay readable until their files are rewritten.

The wraps of all cases are too many to be written anew; the keys they are sealed under are not (`scrubbing`). SQLite
overwrites what it erases: it has no such keys, and its wraps stand as they are.
"""

from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, select

from lyhty_server.randomness import draw
from lyhty_server.store.bulk import insert_rows
from lyhty_server.store.tables import wrap_keys

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
OF_CASE: Final = 0
"""The `room_seq` under which a case's own key is kept."""
SEALS: Final = "lyhty seals"
"""In a connection's `info`: whether its transaction seals. An older server could not read what it writes then."""

WrapKey = bytes | None
"""None: the wraps of this case or room stand as they are."""

_KEY: Final = select(wrap_keys.c.key).where(
    wrap_keys.c.case_seq == bindparam("case_seq"), wrap_keys.c.room_seq == OF_CASE
)


def new_keys(connection: Connection, count: int) -> list[WrapKey]:
    return [draw(KEY_BYTES) if connection.info.get(SEALS, False) else None for _ in range(count)]


def keep_keys(connection: Connection, rows: Iterable[tuple[int, int, WrapKey]]) -> None:
    """With their cases and rooms."""
    kept = [row for row in rows if row[2] is not None]
    insert_rows(connection, wrap_keys, ("case_seq", "room_seq", "key"), kept)


def key_of(connection: Connection, case_seq: int) -> WrapKey:
    key: WrapKey = connection.execute(_KEY, {"case_seq": case_seq}).scalar_one_or_none()
    return key


def seal(key: WrapKey, wrap: bytes) -> bytes:
    if key is None:
        return wrap
    nonce = draw(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, wrap, None)


def unseal(key: WrapKey, stored: bytes) -> bytes:
    return stored if key is None else AESGCM(key).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], None)
