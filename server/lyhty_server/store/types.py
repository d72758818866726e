"""Column types that mean the same in both databases."""

from typing import Any, Final

from sqlalchemy import BigInteger, types
from sqlalchemy.types import TypeEngine

Integer: Final[TypeEngine[int]] = types.Integer().with_variant(BigInteger(), "postgresql")
"""64 bits, as every INTEGER has in SQLite: PostgreSQL's own ends in 2038, told in seconds."""

String: Final[TypeEngine[str]] = types.String().with_variant(types.String(collation="C"), "postgresql")
"""Compared and sorted byte by byte, as in SQLite: PostgreSQL's own order depends on where it was installed."""


def partial(rows: Any) -> dict[str, Any]:
    """For an index: of these rows alone."""
    return {"sqlite_where": rows, "postgresql_where": rows}
