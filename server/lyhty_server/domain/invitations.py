"""Which invitation may be made and answered (SPEC 9.2)."""

from collections.abc import Collection
from typing import Final

from lyhty_server.domain.errors import DomainError
from lyhty_wire.codes import Code

# More than any service takes on in a week; a coordinator's page that has gone wild fills no disk.
MAX_WAITING: Final = 100


def check_room(waiting: int) -> None:
    if waiting >= MAX_WAITING:
        raise DomainError(Code.BUSY)


def is_fresh_application(stored: bytes | None, offered: bytes, name: str, names: Collection[str]) -> bool:
    """An invitation is answered once; the same answer again is no news."""
    if stored == offered:
        return False
    if stored is not None or name in names:
        raise DomainError(Code.OBJECT_CONFLICT)
    return True
